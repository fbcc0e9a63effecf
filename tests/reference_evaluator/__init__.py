"""A second, independent reading of what a segment means, on polars frames: the engine is held to it.

Written from the format's description, sharing nothing with the compiler, and for plainness rather than speed: every
condition becomes a set of customers, groups are set operations.
"""

from tests.reference_evaluator.evaluator import World, members

__all__ = ["World", "members"]
