"""The whole life of the operator, drawn once from the seed; a run only reveals it up to a day."""

from dataclasses import dataclass

import numpy as np

from simulator.agreements import Terms, build_terms
from simulator.behaviour import Behaviour, build_behaviour
from simulator.months import Clock
from simulator.options import SimulationOptions
from simulator.parties import Parties, build_parties
from simulator.staff import Staff, build_staff
from simulator.subscriptions import Subscriptions, build_subscriptions


@dataclass(frozen=True)
class Timeline:
    """A pure function of seed, customers, months and start; nothing here knows the last visible day."""

    seed: int
    months: int
    clock: Clock
    staff: Staff
    parties: Parties
    subscriptions: Subscriptions
    behaviour: Behaviour
    terms: Terms

    @property
    def organisations(self) -> np.ndarray:
        """Customer numbers of organisations."""
        return np.flatnonzero(self.parties.organisation)


def build_timeline(options: SimulationOptions) -> Timeline:
    """Draw the operator that these options describe."""
    if options.start is None:
        raise ValueError("the start must be settled")
    clock, seed = Clock(options.start), options.seed
    staff = build_staff(seed, options.customers, clock, options.months)
    parties = build_parties(seed, options.customers, options.months, options.horizon_months, clock, staff)
    horizon_day = clock.month_days(options.horizon_months)[0]
    subs = build_subscriptions(seed, parties, options.months, horizon_day)
    behaviour = build_behaviour(seed, subs, parties.organisation[subs.customer], options.months, clock)
    terms = build_terms(seed, parties, subs.agreement_customer, horizon_day)
    return Timeline(seed, options.months, clock, staff, parties, subs, behaviour, terms)
