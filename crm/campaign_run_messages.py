"""What running campaigns refuse and tell of, by code. Catalogues are keyed by the English text."""

MESSAGES: dict[str, str] = {
    "campaign_not_begun": "The campaign {campaign} has not begun.",
    "freeze_taken_over": "Another process writes this audience now.",
    "trigger_event": "An event names a campaign that runs and takes events, a source, a number of its own, a customer.",
}

# What keeps a campaign from starting.
READINESS: dict[str, str] = {
    "early": "The campaign begins on {day}.",
    "segment": "The segment {segment} is not in use.",
    "held": "The size of the segment “{segment}” is not believed: somebody has to look at it first.",
    "text": "The template {template} has no text in: {languages}.",
    "channel": "The channel {channel} is not set up.",
    "money": "No money is set aside for the channel {channel}.",
}

# Why a message stands where it stands, beside those of delivery and of the policy.
REASONS: dict[str, str] = {
    "campaign_paused": "The campaign is paused.",
    "campaign_stopped": "The campaign is over.",
    "not_in_campaign": "The customer takes no part in the campaign.",
    "held_back": "This part of the audience is held back.",
    "reached_already": "The customer was reached by another way before.",
    "taken_out": "The customer was taken out of the campaign.",
    "flow_changed": "The changed flow does not send it any more.",
}
