"""What is wrong with a rule is told in the segments' way, so that one screen shows both."""

from segments.errors import DefinitionError, Path, Problem

__all__ = ["DefinitionError", "Path", "Problem"]
