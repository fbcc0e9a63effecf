"""The sentences of campaigns by code; `crm.messages` takes them into its own tables."""

MESSAGES: dict[str, str] = {
    "campaign_unknown": "There is no campaign {campaign}, or you may not see it.",
    "campaign_out_of_reach": "Your role does not let you change this campaign.",
    "campaign_administer": "Your role does not let you administer campaigns.",
    "campaign_key_taken": "There is a campaign with the key {key} already.",
    "campaign_changed": "{login} saved this campaign in the meantime. Nothing was overwritten: look again, then save.",
    "campaign_stage": "This cannot be done at the stage where the campaign stands.",
    "campaign_locked": "While a campaign runs its content stays as it is; pause it first.",
    "campaign_over": "This campaign is over: its content stays as it is; make a copy.",
    "campaign_kind": "A campaign is targeted, mass or trigger; not {kind}.",
    "campaign_category": "Messages are marketing, service or collection; not {category}.",
    "campaign_customer_type": "Customers are persons, organisations or (empty) both; not {customer_type}.",
    "campaign_priority": "A priority is a number from 1 to 100.",
    "campaign_dates": "The last day is not before the first.",
    "campaign_audience": "An audience is a segment, or conditions of its own, and says how often a customer enters.",
    "campaign_channel": "There is no channel {channel}.",
    "campaign_part": "A campaign has no part {part}.",
    "campaign_not_approved": "What would run is not what was approved: ask for approval.",
    "campaign_segment_changed": "These segments have changed since the approval: {segments}. Ask for approval again.",
    "campaign_ended": "The last day of the campaign is over: {day}.",
    "campaign_no_conclusion": "Write down the conclusions first.",
    "campaign_text_missing": "Write a few words.",
    "campaign_version_unknown": "There is no version {version} of this campaign.",
    "approval_own": "Nobody approves what he wrote or changed himself.",
    "approval_twice": "You have approved a step of this version already; the next one is somebody else's.",
    "approval_not_yours": "This step is for somebody else: {step}.",
    "approval_none": "Nothing waits for an approval here.",
    "approval_moved": "The content has changed since you looked at it: look again.",
    "approval_nobody": "Nobody who may approve is there for the step “{step}”.",
    "route_unknown": "There is no approval route {route}.",
    "route_key_taken": "There is an approval route with the key {key} already.",
    "route_changed": "{login} saved this route in the meantime. Nothing was overwritten: look again, then save.",
    "template_unknown": "There is no template {template}.",
    "template_key_taken": "There is a template with the key {key} already.",
    "template_changed": "{login} saved this template in the meantime. Nothing was overwritten: look again, then save.",
    "template_archived": "In the archive, to be brought back first: {template}.",
    "template_published": "There is no draft: everything is published.",
    "template_version_unknown": "There is no version {version} of this template.",
    "template_channel": "Templates are for SMS, e-mail, Telegram, push and calls; not {channel}.",
    "template_in_use": "The template is in use by: {campaigns}.",
    "policy_unknown": "There is no contact policy of the version {version}.",
    "policy_past": "A policy begins today or later, since earlier contacts were judged by the one before.",
    "policy_same": "This is the policy that is in force then: nothing would change.",
    "policy_none": "There is no contact policy in force on {day}.",
    "cost_past": "The price of a channel begins on {day} or later, since earlier months are settled.",
    "cost_missing": "There is no price of the channel {channel} on {day}.",
    "budget_amount": "An amount is from 0 on, with at most four decimals.",
    "budget_period": "Months begin on their first day, quarters in January, April, July and October, years in January.",
    "budget_limit_changed": "{login} saved this limit in the meantime. Nothing was overwritten: look again, then save.",
    "budget_limit_below": "{reserved} are set aside in this period already: the limit cannot be lower.",
    "budget_no_limit": "No budget covers {channel} in {month}.",
    "budget_overrun": "The budget does not hold: {channel} in {month} needs {amount}, {free} are free.",
    "budget_line_twice": "The same channel and month stand twice: {channel}, {month}.",
    "budget_line_used": "{amount} are spent or promised for {channel} in {month}: the need cannot be lower.",
    "budget_overdraft": "The campaign has {free} left for {channel}; {amount} are needed.",
    "budget_key_reused": "{key} was charged with another amount before.",
    "budget_invoice": "An invoice is for what was spent: {spent} were, {invoiced} are invoiced.",
    "media_line": "A line of a media plan needs a code of its own, a channel, and days within the campaign.",
    "media_file_empty": "The file {file} has no rows.",
    "media_file_columns": "The first row of {file} does not name these columns: {columns}.",
    "media_file_twice": "This file was loaded on {day} already.",
    "media_report_booked": "The costs of this report are booked already: it stays.",
    "media_report_unknown": "There is no such report of the agency.",
    "kpi_wrong": "A figure to reach needs a code, a name, a target and a direction, each code once.",
}

NOTICES: dict[str, str] = {
    "campaign_approval_asked": "{login} asks for your approval of the campaign “{campaign}”: {step}.",
    "campaign_approval_overdue": "Overdue approval of the campaign “{campaign}”: {step}.",
    "campaign_approved": "The campaign “{campaign}” is approved.",
    "campaign_returned": "{login} returned the campaign “{campaign}”: {comment}",
    "campaign_approval_dropped": "{login} changed the campaign “{campaign}”: approval has to be asked for again.",
    "campaign_running": "{login} started the campaign “{campaign}”.",
    "campaign_paused": "{login} paused the campaign “{campaign}”.",
    "campaign_completed": "The campaign “{campaign}” is completed.",
    "campaign_analysed": "The analysis of the campaign “{campaign}” is finished.",
    "campaign_stopped": "{login} stopped the campaign “{campaign}”.",
    "campaign_yours": "The campaign “{campaign}” is yours from now on.",
    "campaign_comment": "{login} commented on the campaign “{campaign}”.",
}
NOTICE_KINDS: dict[str, str] = {
    "campaign_approval_asked": "Campaigns that wait for my approval",
    "campaign_approval_overdue": "Overdue approvals of campaigns",
    "campaign_approved": "My campaigns approved",
    "campaign_returned": "My campaigns returned",
    "campaign_approval_dropped": "Campaigns changed after their approval",
    "campaign_running": "My campaigns started",
    "campaign_paused": "My campaigns paused",
    "campaign_completed": "My campaigns completed",
    "campaign_analysed": "My campaigns analysed",
    "campaign_stopped": "My campaigns stopped",
    "campaign_yours": "Campaigns handed over to me",
    "campaign_comment": "Comments on my campaigns",
}

STAGES: dict[str, str] = {
    "concept": "Concept", "design": "Design", "approval": "In approval", "ready": "Ready to start",
    "running": "Running campaign", "paused": "Paused campaign", "completed": "Completed", "analysed": "Analysed",
    "stopped": "Stopped",
}  # fmt: skip
TRANSITIONS: dict[str, str] = {
    "created": "Created", "copied": "Copied", "design": "Begin the design", "rethink": "Back to the concept",
    "submit": "Ask for approval", "withdraw": "Take back from approval", "return_to_design": "Return to the design",
    "return_to_concept": "Return to the concept", "approved": "All have approved", "step_approved": "Step approved",
    "redesign": "Change what was approved", "approval_dropped": "Changed after the approval", "start": "Start",
    "pause": "Pause", "resume": "Go on", "complete": "Complete", "analyse": "Analysis finished",
    "stop": "Stop for good",
}  # fmt: skip
KINDS: dict[str, str] = {
    "targeted": "Targeted campaign", "mass": "Mass-reach campaign", "trigger": "Trigger campaign",
}  # fmt: skip
CATEGORIES: dict[str, str] = {
    "marketing": "Marketing message", "service": "Service message", "collection": "Debt collection",
}  # fmt: skip
CHANNELS: dict[str, str] = {
    "sms": "SMS", "email": "E-mail channel", "telegram": "Telegram", "push": "Push",
    "call": "Calls by the contact centre", "tv": "TV", "radio": "Radio", "outdoor": "Outdoor advertising",
    "digital": "Digital channels", "press": "Press", "office": "Advertising in offices", "other": "Other channels",
}  # fmt: skip
PARTS: dict[str, str] = {
    "concept": "Concept", "audience": "Audience", "content": "Content", "media_plan": "Media plan", "budget": "Budget",
    "result": "Results",
}  # fmt: skip
STEP_STATES: dict[str, str] = {
    "waiting": "Waits for the step before", "open": "Waits for a decision", "approved": "Approved",
    "returned": "Returned", "withdrawn": "Withdrawn",
}  # fmt: skip
# What a campaign lacks before approval can be asked for.
MISSING: dict[str, str] = {
    "goal": "The goal is missing.",
    "dates": "First and last day are missing.",
    "responsible": "Nobody is responsible yet.",
    "kpis": "There are no figures to reach.",
    "audience": "The audience is missing.",
    "segment": "There is no published segment “{segment}”.",
    "flow": "The flow is missing.",
    "media_plan": "The media plan is missing.",
    "budget": "The media plan costs money on “{channel}”, and the budget has no line for it.",
    "budget_flow": "Messages by “{channel}” cost money, and the budget has no line for it.",
}
PRICE_MODELS: dict[str, str] = {
    "fixed": "Fixed price", "cpm": "Per thousand impressions", "cpc": "Per click", "cpa": "Per action",
    "spot": "Per spot", "day": "Per day",
}  # fmt: skip
LEDGER: dict[str, str] = {
    "reserve": "Reserved", "release": "Released", "commit": "Promised", "uncommit": "Promise taken back",
    "spend": "Spent", "invoice": "Invoiced",
}  # fmt: skip
VERDICTS: dict[str, str] = {
    "effective": "It worked", "mixed": "It worked in part", "ineffective": "It did not work",
    "unclear": "No evidence either way",
}  # fmt: skip
# What is wrong with a row of an agency's file.
ROW_PROBLEMS: dict[str, str] = {
    "code": "There is no line “{value}” in the media plan",
    "date": "“{value}” is no date",
    "date_outside": "{value} is outside of the days of the line",
    "count": "“{value}” is no count of zero or more",
    "amount": "“{value}” is no amount of zero or more",
    "empty": "Nothing is reported",
    "twice": "The same line and day stand in row {row}",
    "reported": "The line and day are reported in {file} already",
    "clicks": "There are more clicks than impressions",
    "channel": "There is no channel “{value}”",
    "price_model": "There is no price model “{value}”",
    "text": "A value is missing",
}
# What is wrong in an approval route, a template, a policy at its place.
PROBLEMS: dict[str, str] = {
    "parameter": "There is no parameter “{value}” of campaigns.",
    "test": "“{value}” cannot be asked of {parameter}.",
    "value": "“{value}” is no value of {parameter}.",
    "steps": "A route has from 1 to {limit} steps.",
    "step_who": "A step names a role or an employee.",
    "step_role": "The role “{value}” may not administer campaigns, so it cannot approve.",
    "step_employee": "There is no employee “{value}” who works here.",
    "step_parts": "A step is about concept, audience, content, media_plan or budget.",
    "step_days": "A deadline is from 1 to 60 days.",
    "unknown_field": "There is no field “{value}”.",
    "shape": "This is not of the form that is expected here.",
    "languages": "A template needs a text in at least one language of: {languages}.",
    "language": "There is no language “{value}”.",
    "text_missing": "The text is missing.",
    "subject_missing": "An e-mail needs a subject.",
    "too_long": "At most {limit} characters.",
}

KPI_NAMES: dict[str, str] = {
    "reach": "Customers reached", "delivered_pct": "Share of delivered", "interest_pct": "Share of interested",
    "conversions": "Conversions", "conversion_pct": "Conversion", "lift_pct": "Lift against the control group",
    "revenue": "Additional revenue", "romi_pct": "Return on marketing investment (ROMI)",
    "sac": "Cost of one acquired customer", "churn_pct": "Churn among those reached",
}  # fmt: skip
PLACEHOLDER_LABELS: dict[str, str] = {
    "first_name": "First name", "middle_name": "Patronymic", "last_name": "Last name",
    "full_name": "Full name, or that of the organisation", "short_name": "Short name of the organisation",
    "manager_name": "Name of the account manager", "region": "Code of the region", "number": "Main phone number",
    "tariff": "Main tariff", "monthly_fee": "Monthly fee of the main tariff", "bundle_mb": "Megabytes in the bundle",
    "bundle_minutes": "Minutes in the bundle", "data_mb": "Megabytes used last month",
    "charges": "Charges of last month", "debt": "Debt", "debt_overdue": "Overdue debt",
    "last_payment": "Amount of the last payment", "last_payment_date": "Day of the last payment",
    "agreement_end": "Day on which the agreement ends", "tenure_months": "Months as a customer",
}  # fmt: skip
BRIEF: dict[str, str] = {
    "name": "Campaign", "goal": "Goal", "description": "Description", "starts_on": "First day", "ends_on": "Last day",
    "audience_size": "Size of the audience", "channels": "Channels of the campaign", "regions": "Regions",
    "reach": "Expected reach", "cost": "Budget, soʻm", "responsible": "Responsible",
}  # fmt: skip

# All that pages say of them, for the catalogues.
WORDS: tuple[dict[str, str], ...] = (
    STAGES, TRANSITIONS, KINDS, CATEGORIES, CHANNELS, PARTS, STEP_STATES, MISSING, PRICE_MODELS, LEDGER, VERDICTS,
    ROW_PROBLEMS, PROBLEMS, NOTICE_KINDS, KPI_NAMES, PLACEHOLDER_LABELS, BRIEF,
)  # fmt: skip
