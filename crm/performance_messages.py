"""The sentences of plans and bonuses by code: refusals, notices, rows of a file, mistakes of a scheme."""

MESSAGES: dict[str, str] = {
    "plan_unknown": "There is no such plan, or it is not open to you.",
    "plan_exists": "There is a plan of this department for this period already.",
    "plan_period": "A month begins on its first day, a quarter with January, April, July or October; not {start}.",
    "plan_out_of_reach": "Your role does not reach this plan.",
    "plan_changed": "{login} saved this plan in the meantime. Nothing was overwritten: look at it, then save again.",
    "plan_subject": "{subject} does not belong to the department of this plan.",
    "plan_kpi": "There is no indicator {kpi}.",
    "plan_amount": "A figure of the plan is too large.",
    "plan_empty": "The plan has no figures yet.",
    "plan_state": "The plan has moved on in the meantime: look at its state.",
    "plan_own_approval": "Nobody approves a plan that he wrote or submitted himself.",
    "plan_elsewhere": "These employees have a figure in another approved plan of the period: {employees}.",
    "plan_no_history": "History does not reach far enough for {month}.",
    "plan_file_empty": "The file {file} has no rows.",
    "plan_file_columns": "The first row of {file} does not name these columns: {columns}.",
    "scheme_name": "A scheme needs a name, and a key of small letters, digits and dashes.",
    "scheme_dates": "The version before begins on {day}: the next one cannot begin earlier.",
}

NOTICES: dict[str, str] = {
    "plan_submitted": "{login} asks for approval of the plan of “{department}” for {period}.",
    "plan_approved": "{login} approved the plan of “{department}” for {period}.",
    "plan_returned": "{login} returned the plan of “{department}” for {period}.",
}

# What is wrong with a row of a file with a plan.
LOADING: dict[str, str] = {
    "plan_row_period": "“{value}” is not a month of this plan",
    "plan_row_subject": "“{value}” is nobody and no department of this plan",
    "plan_row_kpi": "There is no indicator “{value}”",
    "plan_row_amount": "“{value}” is no figure (pieces are whole, money has at most two decimals)",
    "plan_row_twice": "The same figure stands in row {row}",
    "plan_row_sum": "The parts below add up to {sum}",
}

# What is wrong in a bonus scheme, at its place.
SCHEME: dict[str, str] = {
    "version": "The version of the document has to be 1.",
    "period": "The period is month or quarter.",
    "base": "The base is an amount or a share of the salary.",
    "positions": "Positions are a list of codes.",
    "kpis": "Name at least one indicator.",
    "kpi": "“{kpi}” is no indicator, or stands twice.",
    "weights": "The weights have to add up to 100, not {sum}.",
    "map": "Here names with values are expected.",
    "number": "A number from {least} to {most} is expected.",
}

# What happened to a plan, for its history.
EVENTS: dict[str, str] = {
    "saved": "Figures saved",
    "submitted": "Submitted for approval",
    "approved": "Approved",
    "returned": "Returned",
}

# All that pages say of them, for the catalogues.
WORDS = (LOADING, SCHEME, EVENTS)
