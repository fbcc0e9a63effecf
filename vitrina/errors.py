"""Errors that a person may read: a sentence that says what is wrong and what mends it."""


class UserError(RuntimeError):
    """Shown as it is, without a traceback. Everything else is a fault of ours and goes to the log."""
