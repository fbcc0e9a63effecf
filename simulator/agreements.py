"""Terms of organisations' agreements: for whole years, renewed before they end or a little late, by leavers never."""

from dataclasses import dataclass

import numpy as np

from simulator.months import NEVER
from simulator.parties import Parties
from simulator.randomness import pick, stream

TERM_DAYS = np.array([365, 2 * 365, 3 * 365])
TERM_SHARES = [60.0, 28.0, 12.0]
EARLIEST, LATEST = 45, -15
"""Days before the end at which a renewal is signed; below zero it comes late and the agreement runs on meanwhile."""
LEAVING_DAYS = 60
"""Who leaves so soon does not renew any more."""


@dataclass(frozen=True)
class Terms:
    """Renewals by agreement number and term, as day numbers; NEVER where there is none, and everywhere for persons."""

    agreement: np.ndarray
    renewed: np.ndarray
    ends: np.ndarray
    first_end: np.ndarray

    def end_on(self, until: int) -> np.ndarray:
        """The day on which each agreement ends by what was signed up to a day; NEVER without a fixed term."""
        last = self.first_end.copy()
        signed = self.renewed <= until
        np.maximum.at(last, self.agreement[signed], self.ends[signed])
        return last


def build_terms(seed: int, parties: Parties, agreement_customer: np.ndarray, horizon_day: int) -> Terms:
    """Draw the terms of all agreements up to the end of the timeline."""
    rng = stream(seed, "agreement terms")
    fixed = np.flatnonzero(parties.organisation[agreement_customer])
    term = TERM_DAYS[pick(rng, len(fixed), TERM_SHARES)]
    signed, left = parties.created[agreement_customer[fixed]], parties.churn.day[agreement_customer[fixed]]
    most = int((horizon_day - signed.min(initial=0)) // TERM_DAYS[0]) + 1
    old_end = signed[:, None] + np.arange(1, most + 1) * term[:, None]
    renewed = old_end - rng.integers(LATEST, EARLIEST + 1, old_end.shape)
    happens = (renewed <= horizon_day) & (renewed < left[:, None] - LEAVING_DAYS)
    first_end = np.full(len(agreement_customer), NEVER, dtype=np.int64)
    first_end[fixed] = signed + term
    place, _ = np.nonzero(happens)
    return Terms(fixed[place], renewed[happens], (old_end + term[:, None])[happens], first_end)
