"""What the figures of campaigns claim, held against planted truths.

    python -m benchmarks.campaigns_proof [--campaigns 500]

Simulated campaigns with a planted effect per segment and variant (tests/campaign_truth/worlds.py), judged by
`campaigns.effect.measure`. Every share is printed with its binomial interval (Wilson, 95 %). Leaves with an error when
a claim does not hold: coverage whose interval lies below 94 %, false alarms or claims whose interval lies above 5 %,
estimates off the truth by more than 3.3 standard errors, a planted fault that was not found.
"""

import argparse
import sys
import time
from dataclasses import replace

import numpy as np

from campaigns.effect import Estimate, wilson
from tests.campaign_truth.trials import ADJUSTED, BOUGHT, REVENUE, Trial, false_claims, faults_found, trial
from tests.campaign_truth.worlds import Settings

CUSTOMERS = Settings(members=4_000)
HOUSEHOLDS = replace(CUSTOMERS, clustered=True)
KINDS = (("share, customers", CUSTOMERS, BOUGHT), ("share, households", HOUSEHOLDS, BOUGHT),
         ("heavy-tailed revenue, customers", CUSTOMERS, REVENUE),
         ("heavy-tailed revenue, households", HOUSEHOLDS, REVENUE),
         ("revenue by CUPED, customers", CUSTOMERS, ADJUSTED),
         ("revenue by CUPED, households", HOUSEHOLDS, ADJUSTED))  # fmt: skip


class _Proof:
    def __init__(self, campaigns: int) -> None:
        self.numbers, self.failed = range(campaigns), 0

    def told(self, name: str, hits: float, count: int, *, least: float = 0.0, most: float = 1.0) -> None:
        """One line: a share with its interval, and whether it may be what it should be."""
        found = wilson(hits, count)
        holds = (found.high or 0.0) >= least and (found.low or 0.0) <= most
        self._line(f"{name:52} {_percent(found)}  of {count:6,}", holds)

    def _line(self, text: str, holds: bool) -> None:
        self.failed += not holds
        print(f"{text}   {'holds' if holds else 'DOES NOT HOLD'}", flush=True)

    def coverage(self) -> dict[str, Trial]:
        """Intervals and the planted truth, then A/A."""
        print("95 % intervals that hold the planted truth")
        found = {}
        for name, settings, outcome in KINDS:
            found[name] = trial(settings, outcome, self.numbers)
            self.told(name, found[name].held.sum(), len(found[name].held), least=0.94)
        parts = trial(replace(CUSTOMERS, members=10_000), BOUGHT, self.numbers[::4], by_segment=True)
        self.told("share by segment", parts.segments.sum(), len(parts.segments), least=0.94)
        self.told("share by segment, drawn together", parts.shrunk.sum(), len(parts.shrunk), least=0.93)
        print("campaigns without an effect (A/A) that alarm")
        for name, settings, outcome in KINDS:
            alarms = trial(replace(settings, effect=False), outcome, self.numbers).claimed
            self.told(name, alarms.sum(), len(alarms), most=0.05)
        return found

    def cuped(self, found: dict[str, Trial]) -> None:
        """Narrower, and on the truth."""
        print("CUPED against the plain estimate, the same campaigns")
        for who in ("customers", "households"):
            plain, adjusted = found[f"heavy-tailed revenue, {who}"], found[f"revenue by CUPED, {who}"]
            ratio = float(np.mean(adjusted.widths) / np.mean(plain.widths))
            error = adjusted.errors.mean() / (adjusted.errors.std(ddof=1) / np.sqrt(len(adjusted.errors)))
            text = f"{who:24} width {ratio:.2f} of the plain one; mean error {adjusted.errors.mean():+.4f}"
            self._line(f"{text} ({error:+.1f} standard errors)", ratio < 0.9 and abs(error) < 3.3)

    def faults(self) -> None:
        """Splits that lost customers."""
        print("splits called faulty, of 20,000 members each (sound ones: at most one in a thousand)")
        settings, few = replace(CUSTOMERS, members=20_000), self.numbers[: max(20, len(self.numbers) // 10)]
        for lost, told, least in ((10, False, 0.99), (2, True, 0.99), (0.5, True, 0.95)):
            name = f"{lost} % of the contacted lost, " + ("beginning known" if told else "only shares known")
            self.told(name, faults_found(settings, lost, few, told=told), len(few), least=least)
        sound = faults_found(CUSTOMERS, 0, self.numbers, told=True)
        self.told("nobody lost", sound, len(self.numbers), most=0.001)

    def families(self) -> None:
        """Ten variants that do nothing."""
        print("campaigns of 10 variants without an effect in which anything is claimed of any of them")
        for name, settings in (("customers", CUSTOMERS), ("households", HOUSEHOLDS)):
            ten = replace(settings, members=8_000, variants=10, control_pct=30, effect=False)
            claims, winners = false_claims(ten, BOUGHT, self.numbers)
            self.told(f"{name}: better or worse than control", claims, len(self.numbers), most=0.05)
            self.told(f"{name}: a winner", winners, len(self.numbers), most=0.05)


def _percent(found: Estimate) -> str:
    return f"{100 * (found.value or 0):6.2f} % ({100 * (found.low or 0):5.2f} to {100 * (found.high or 0):5.2f})"


def main() -> None:
    """Ask everything, print, leave with an error when a claim fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--campaigns", type=int, default=500)
    proof, started = _Proof(parser.parse_args().campaigns), time.perf_counter()
    found = proof.coverage()
    proof.cuped(found)
    proof.faults()
    proof.families()
    print(f"{time.perf_counter() - started:.0f} s")
    sys.exit(f"{proof.failed} claims do not hold" if proof.failed else 0)


if __name__ == "__main__":
    main()
