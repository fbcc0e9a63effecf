"""The sender's desk: whom messages are for, what they say, and the contact policy in force, on the one way out.

Whatever put a message into the outbox: who is no participant, belongs to a control group, or was held back gets none.
"""

import datetime as dt
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.flow import STOPPED
from campaigns.policy import Allowed, Deferred, Policy, Request, Standing, decide, parse
from campaigns.policy import Contact as PolicyContact
from crm.database import Database
from crm.delivery import charging
from crm.delivery.desk import Go, Later, Never, Person, Ruling, Text
from crm.models import Campaign, CampaignParticipant
from crm.services.campaign_runs.values import Arm
from crm.services.campaigns import costs, templates
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.policies import policy_in_force
from crm.services.campaigns.templates import TemplateVersion
from crm.services.campaigns.values import Stage
from crm.services.delivery.storing import chunks
from crm.services.delivery.values import Charge, Contact, Medium, Waiting
from signals.forecast.holidays import public_holidays
from vitrina.campaign_runs.plan import Known, People

LATER: Final = dt.timedelta(minutes=1)
# A text in another language is better than none.
STANDS_IN: Final = ("ru", "uz", "en")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class RunDesk:
    """The desk of a database; `people` are the marts. Safe for several senders in threads."""

    def __init__(self, database: Database, people: People, clock: Callable[[], dt.datetime] = _now) -> None:
        self._database, self._people, self._clock = database, people, clock
        self._batch = threading.local()

    def people(self, messages: Sequence[Waiting]) -> Mapping[int, Person]:
        """Whom messages go to; texts of their campaigns are read with it."""
        customers = sorted({each.customer_id for each in messages})
        today = local_day(self._clock())
        with self._database.read() as session:
            keys = sorted({each.campaign for each in messages})
            self._batch.texts = {key: templates.texts_of_campaign(session, key) for key in keys}
            self._batch.prices = costs.prices(session, today)
            policy = parse(policy_in_force(session, today).document)
        self._batch.memory = policy.memory
        self._batch.known = self._people.known(customers, policy.exclude_segments)
        found = {}
        for each in messages:
            known = self._batch.known.get(each.customer_id)
            if known is not None:
                found[each.message_id] = Person(known.addresses.get(each.channel), known.language, known.values)
        return found

    def text(self, message: Waiting, language: str) -> Text | None:
        """The approved text; of a call its script."""
        if message.channel == Medium.CALL:
            return Text(str(message.details.get("script", "")), language=language)
        version: TemplateVersion | None = self._batch.texts.get(message.campaign, {}).get(message.template)
        for each in (language, *STANDS_IN):
            if version is not None and each in version.variants:
                found = version.variants[each]
                return Text(found.text, found.subject, found.html, each, str(version.number))
        return None

    def rulings(self, session: Session, messages: Sequence[Waiting], now: dt.datetime) -> "PolicyRulings":
        """The policy in force, the stages of campaigns, and how everybody stands in them."""
        day = local_day(now)
        policy = parse(policy_in_force(session, day).document)
        keys = {each.campaign for each in messages}
        found = session.execute(select(Campaign.key, Campaign.stage).where(Campaign.key.in_(keys)))
        stages = dict(found.tuples().all())
        holidays = public_holidays(day, day + dt.timedelta(days=policy.defer_days + 2))
        return PolicyRulings(
            policy, now, stages, _places(session, messages), getattr(self._batch, "known", {}), holidays
        )

    def memory(self) -> dt.timedelta:
        """How far back the policy of the batch looks."""
        memory: dt.timedelta = self._batch.memory
        return memory

    def price(self, channel: str, parts: int, now: dt.datetime) -> Decimal:
        """The price in force when the batch was taken, by the number of parts. Without a price it costs nothing."""
        prices: Mapping[str, Decimal] = getattr(self._batch, "prices", {})
        return prices.get(channel, Decimal(0)) * parts

    def hold(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> Collection[str]:
        """Promise money out of the campaign's budget."""
        return charging.hold(session, charges, now)

    def book(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        """Spend what was promised."""
        charging.book(session, charges, now)

    def give_back(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        """Take promises back."""
        charging.give_back(session, charges, now)


@dataclass(frozen=True)
class PolicyRulings:
    """`campaigns.policy.decide` for a batch of messages at one moment."""

    policy: Policy
    now: dt.datetime
    stages: Mapping[str, str]
    places: Mapping[tuple[str, int], tuple[str, bool, str]]
    known: Mapping[int, Known]
    holidays: frozenset[dt.date]

    def ruling(self, message: Waiting, past: Sequence[Contact]) -> Ruling:
        """Whether the message may go now."""
        stage = self.stages.get(message.campaign)
        if stage == Stage.PAUSED:
            return Later(self.now + LATER, "campaign_paused")
        if stage != Stage.RUNNING:
            return Never("campaign_stopped")
        arm, is_held, state = self.places.get((message.campaign, message.customer_id), ("", False, ""))
        if not arm:
            return Never("not_in_campaign")
        if state == STOPPED:
            return Never("taken_out")
        if is_held:
            return Later(self.now + LATER, "held_back")
        verdict = decide(self.policy, self._request(message), map(_contact, past), self._standing(message, arm))
        if isinstance(verdict, Allowed):
            return Go()
        if isinstance(verdict, Deferred):
            return Later(verdict.until, verdict.reason, verdict.values)
        return Never(verdict.reason, verdict.values)

    def _request(self, message: Waiting) -> Request:
        known = self.known.get(message.customer_id)
        return Request(
            message.customer_id, message.cluster_id, message.channel, message.category, message.campaign,
            message.priority, self.now, known.region if known else None, str(message.message_id),
        )  # fmt: skip

    def _standing(self, message: Waiting, arm: str) -> Standing:
        known = self.known.get(message.customer_id)
        consents = frozenset({message.category} if known and known.consents else ())
        controls = frozenset() if arm == Arm.CONTACTED else frozenset({message.campaign})
        return Standing(consents, segments=known.segments if known else frozenset(), controls=controls,
                        holidays=self.holidays)  # fmt: skip


def _places(session: Session, messages: Sequence[Waiting]) -> Mapping[tuple[str, int], tuple[str, bool, str]]:
    """(campaign, customer) → arm, whether he is held back, and his state."""
    found: dict[tuple[str, int], tuple[str, bool, str]] = {}
    columns = (
        CampaignParticipant.campaign, CampaignParticipant.customer_id, CampaignParticipant.arm,
        CampaignParticipant.is_held, CampaignParticipant.state,
    )  # fmt: skip
    for campaign in sorted({each.campaign for each in messages}):
        for ids in chunks([each.customer_id for each in messages if each.campaign == campaign]):
            where = (CampaignParticipant.campaign == campaign, CampaignParticipant.customer_id.in_(ids))
            for key, customer, arm, is_held, state in session.execute(select(*columns).where(*where)):
                found[key, customer] = arm, is_held, state
    return found


def _contact(each: Contact) -> PolicyContact:
    return PolicyContact(
        str(each.contact_id), each.customer_id, each.cluster_id, each.channel, each.category, each.campaign_key, each.at
    )  # fmt: skip
