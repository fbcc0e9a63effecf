"""What delivery refuses and tells of, by code. Catalogues are keyed by the English text."""

MESSAGES: dict[str, str] = {
    "message_unknown": "There is no such message.",
    "message_not_uncertain": "Only a message whose hand-over broke off is sent again by hand.",
    "response_not_open": "This response has been placed already.",
    "opt_out_unknown": "There is no such opt-out.",
    "landing_address": "The button of a page leads to an address that begins with https://.",
    "landing_text": "A page needs a title, a text and the words on its button.",
    "template_error": "The text cannot be read as a template: {problem}",
    "placeholder_unknown": "There is no placeholder {name}.",
    "template_forbidden": "Only placeholders, conditions and the listed filters are allowed in a text: {problem}",
}

# Why a message stands where it stands, by the code that is kept with it.
REASONS: dict[str, str] = {
    "expired": "Its time ran out before it could be sent.",
    "opted_out": "The customer wants no more messages.",
    "no_address": "No address of the customer is known for this channel.",
    "bad_address": "The address cannot be used in this channel.",
    "no_template": "The template has no text in this language.",
    "template_error": "The text could not be made for this customer.",
    "too_long": "The text is too long for this channel.",
    "budget": "The budget does not allow it.",
    "hand_over_broken": "The connection broke at the hand-over; the channel's own word is awaited.",
    "channel_trouble": "The channel did not answer; it is tried again.",
    "throttled": "The channel asked for a slower pace.",
    "gave_up": "The channel refused it as often as is tried.",
    "rejected": "The channel refused it.",
    "not_delivered": "It was not delivered.",
    "sent_again": "Somebody had it sent again.",
}
