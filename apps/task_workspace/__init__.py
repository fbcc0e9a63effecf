"""Tasks as pages show them: lists by when they are due, a month's calendar, the form. Not here: what may be done with a
task (`crm.services.tasks`)."""
