"""How the people behind the peers take messages: whether they reach them, and whether they answer. The same for the
same address and text, so that a run can be repeated."""

import hashlib
from dataclasses import dataclass
from typing import Literal

Fate = Literal["delivered", "failed"]


@dataclass(frozen=True)
class Conduct:
    """Shares from 0 to 1. `seconds`: how long the slowest report takes."""

    delivered: float = 0.96
    answer: float = 0.03
    stop: float = 0.005
    opened: float = 0.25
    seconds: float = 2.0
    seed: int = 7

    def chance(self, what: str, address: str, text: str = "") -> float:
        """A number from 0 to 1, the same every time it is asked for."""
        mark = hashlib.sha256(f"{self.seed}:{what}:{address}:{text}".encode("utf-8", "replace")).digest()
        return int.from_bytes(mark[:8], "big") / 2**64

    def fate(self, address: str, text: str) -> Fate:
        """Whether it reaches the person."""
        return "delivered" if self.chance("fate", address, text) < self.delivered else "failed"

    def answers(self, address: str, text: str) -> str | None:
        """What the person writes back, if he does."""
        roll = self.chance("answer", address, text)
        if roll < self.stop:
            return "STOP"
        return "Ha, qiziqarli" if roll < self.stop + self.answer else None

    def opens(self, address: str, text: str) -> bool:
        """Whether the person opens what he was sent."""
        return self.chance("open", address, text) < self.opened
