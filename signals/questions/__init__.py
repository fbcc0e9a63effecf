"""What one can ask of rules; every question is a function of a source of SQL and of what was compiled."""

from signals.questions.found import found
from signals.questions.replay import Replay, replay

__all__ = ["Replay", "found", "replay"]
