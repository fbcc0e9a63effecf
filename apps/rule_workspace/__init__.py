"""Rules of signals without IT: their list, templates, the form, the past, and their life. Not here: what a rule means
(`signals`), and who may do what (`crm.services.signals`)."""
