"""Conditions and groups of conditions in words.

A clause is what stands after «у которых» / «которые» / "whose" / "who"; the pronoun is a message of its own, so that a
language without such pronouns says none, and it is repeated only where it changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from segments.catalogue import Catalogue, Entity, Field
from segments.definition import AttributeRule, EventRule, Group, ListRule, Node, RelatedRule, SegmentRule, Window
from segments.sentence.words import Speaker, ValueLabel, field_label, label_of, listed, several, value, window

Name = Callable[[str, str], str | None]
WHOSE, WHO_HAD, WHO_HAVE = "whose {clause}", "who had {clause}", "who have {clause}"
WHO_ARE, FOR_WHOM = "who are {clause}", "for whom {clause}"
_NUMBERS = {
    "=": "{what} is exactly {value}", "!=": "{what} is not {value}", "<": "{what} is less than {value}",
    "<=": "{what} is at most {value}", ">": "{what} is more than {value}", ">=": "{what} is at least {value}",
    "between": "{what} is from {low} to {high}", "notBetween": "{what} is not from {low} to {high}",
}  # fmt: skip
_CODES = {
    "=": "{what} is {value}", "!=": "{what} is not {value}", "in": "{what} is {value}",
    "notIn": "{what} is none of ({values})", "contains": "{what} contains {value}",
    "doesNotContain": "{what} does not contain {value}", "beginsWith": "{what} begins with {value}",
    "doesNotBeginWith": "{what} does not begin with {value}", "endsWith": "{what} ends with {value}",
    "doesNotEndWith": "{what} does not end with {value}", "null": "{what} is not known", "notNull": "{what} is known",
}  # fmt: skip
_DATES = {
    "<": "{what} is before {value}", "<=": "{what} is not after {value}", ">": "{what} is after {value}",
    ">=": "{what} is not before {value}", "between": "{what} is between {low} and {high}",
    "notBetween": "{what} is not between {low} and {high}", "within": "{what} falls within {window}",
    "notWithin": "{what} falls outside {window}",
}  # fmt: skip
_COUNTS = {
    "=": "exactly {value} {things}", "!=": "any number of {things} but {value}", "<": "fewer than {value} {things}",
    "<=": "at most {value} {things}", ">": "more than {value} {things}", ">=": "at least {value} {things}",
    "between": "from {low} to {high} {things}", "notBetween": "fewer than {low} or more than {high} {things}",
    "in": "{things} numbering {value}", "notIn": "{things} numbering none of ({values})",
}  # fmt: skip
_AMOUNTS = {
    "sum": "sum of {things}", "average": "average amount of {things}",
    "minimum": "smallest amount of {things}", "maximum": "largest amount of {things}",
}  # fmt: skip
_MEASURES = {
    "sum": "total of “{field}” over {things}", "average": "average of “{field}” over {things}",
    "minimum": "smallest “{field}” of {things}", "maximum": "largest “{field}” of {things}",
    "days": "number of days with {things}", "first": "first day of {things}", "last": "last day of {things}",
}  # fmt: skip
# Russian has two forms: «не было платежей», «были платежи»; the catalogue of texts keeps them apart.
_NAMES = {
    "usage": "daily usage records", "usage_months": "monthly usage records", "payments": "payments",
    "charges": "charges", "invoices": "invoices", "interactions": "interactions", "einvoices": "e-invoices",
    "subscriptions": "subscriptions", "agreements": "agreements", "accounts": "billing accounts", "devices": "devices",
    "contacts": "contact persons", "legal_statuses": "legal statuses", "group_companies": "companies of the group",
}  # fmt: skip
_THINGS = {name: f"of {things}" for name, things in _NAMES.items()}
_SOME = {name: f"some {things}" for name, things in _NAMES.items()}
_COUNT = Field("count", "integer")
_DAY = Field("day", "date")
PRONOUNS = {each: each for each in (WHOSE, WHO_HAD, WHO_HAVE, WHO_ARE, FOR_WHOM)}
TABLES = (_NUMBERS, _CODES, _DATES, _COUNTS, _AMOUNTS, _MEASURES, _THINGS, _SOME, PRONOUNS)
Clause = tuple[str, str]


@dataclass(frozen=True)
class Clauses:
    """Says nodes; `owner` is the event or object whose fields are spoken of inside `where`."""

    catalogue: Catalogue
    speaker: Speaker
    value_label: ValueLabel | None = None
    name: Name | None = None
    owner: Entity | None = None

    def inside(self, rule: Any) -> "Clauses":
        """The same for the `where` of an event or related rule."""
        event = isinstance(rule, EventRule)
        known = self.catalogue.events if event else self.catalogue.related
        found = known.get(rule.event if event else rule.entity)
        return replace(self, owner=found or Entity("", "", "", "", {}))

    def spoken(self, group: Group) -> str:
        """The clauses of a whole group with their pronouns; empty where nothing counts."""
        while not group.negated and len(kept := _kept(group)) == 1 and isinstance(kept[0], Group):
            group = kept[0]
        if group.negated and _kept(group):
            return self._with_pronouns([self._clause(group)], "and")
        return self._with_pronouns([self._clause(each) for each in _kept(group)], group.combinator)

    def alone(self, node: Node) -> str:
        """One node without a pronoun before it; a group with them."""
        if isinstance(node, Group):
            return self.spoken(node)
        return self._clause(node)[1]

    def _with_pronouns(self, clauses: list[Clause], combinator: str) -> str:
        said, before = [], None
        for pronoun, clause in clauses:
            prefix = self.speaker.text(pronoun, clause="")
            said.append(clause if self.owner or prefix == before else self.speaker.text(pronoun, clause=clause))
            before = prefix
        return listed(self.speaker, said, combinator)

    def _clause(self, node: Node) -> Clause:
        match node:
            case Group():
                return self._bracketed(node)
            case AttributeRule():
                return WHOSE, self._or_unknown(self._attribute(node), node.nulls)
            case EventRule():
                pronoun, clause = self._event(node)
                return pronoun, self._or_unknown(clause, node.nulls)
            case RelatedRule():
                return WHO_HAVE, self._related(node)
            case SegmentRule():
                return WHO_ARE, self._membership("segment", node.segment, node.operator)
            case ListRule():
                return WHO_ARE, self._membership("list", node.list_key, node.operator)

    def _bracketed(self, group: Group) -> Clause:
        kept = _kept(group)
        if group.negated:
            inside = self._with_pronouns([self._clause(each) for each in kept], group.combinator)
            return FOR_WHOM, self.speaker.text("it is not true that ({conditions})", conditions=inside)
        if len(kept) == 1:
            return self._clause(kept[0])
        said = [self._clause(each) for each in kept]
        if len({self.speaker.text(pronoun, clause="") for pronoun, _ in said}) == 1:
            return said[0][0], f"({listed(self.speaker, [clause for _, clause in said], group.combinator)})"
        return "{clause}", f"({self._with_pronouns(said, group.combinator)})"

    def _or_unknown(self, clause: str, nulls: str) -> str:
        return self.speaker.text("{clause} (or this is not known)", clause=clause) if nulls == "in" else clause

    def _attribute(self, rule: AttributeRule) -> str:
        fields: Mapping[str, Field] = self.owner.fields if self.owner else self.catalogue.attributes
        field = fields.get(rule.field) or (None if self.owner else self.catalogue.attribute(rule.field))
        what = field_label(field, rule.field, self.speaker)
        if rule.value_source == "field":
            other = fields.get(str(rule.value))
            return self._said(
                _pattern(field, rule.operator), what, value=label_of(other, str(rule.value), self.speaker)
            )
        return self._compared(field, rule.operator, rule.value, what)

    def _compared(self, field: Field | None, operator: str, given: Any, what: str) -> str:
        pattern = _pattern(field, operator)
        if operator in ("within", "notWithin"):
            return self._said(pattern, what, window=window(self.speaker, given))
        if operator in ("between", "notBetween"):
            low, high = (value(self.speaker, field, each, self.value_label) for each in given)
            return self._said(pattern, what, low=low, high=high)
        if operator in ("in", "notIn"):
            said = several(self.speaker, field, given, self.value_label)
            return self._said(pattern, what, value=listed(self.speaker, said, "or"), values=", ".join(said))
        return self._said(pattern, what, value=value(self.speaker, field, given, self.value_label))

    def _said(self, pattern: str, what: str, **values: str) -> str:
        return self.speaker.text(pattern, what=what, **values)

    def _event(self, rule: EventRule) -> Clause:
        entity = self.catalogue.events.get(rule.event)
        if rule.function == "stopped":
            return WHO_HAD, self._stopped(rule, entity)
        things = self._things(entity, rule.event) + self._filter(rule)
        if rule.function == "never" or (rule.function == "count" and _is_none(rule.operator, rule.value)):
            return WHO_HAD, self._within(rule.window, "no {things} within {window}", "no {things} ever", things=things)
        if rule.function != "count":
            return WHOSE, self._measured(rule, entity, things)
        if _is_some(rule.operator, rule.value):
            some = self._some(entity, rule.event) + self._filter(rule)
            return WHO_HAD, self._within(rule.window, "{things} within {window}", "{things} at some time", things=some)
        counted = self._counted(rule.operator, rule.value, things)
        return WHO_HAD, self._within(rule.window, "{counted} within {window}", "{counted} in all", counted=counted)

    def _stopped(self, rule: EventRule, entity: Entity | None) -> str:
        some, period = self._some(entity, rule.event) + self._filter(rule), window(self.speaker, rule.window)
        if rule.before is None or rule.before.kind == "all":
            return self.speaker.text("{things} before, but none within {window}", things=some, window=period)
        before = window(self.speaker, rule.before)
        said = "{things} within {before}, but none within {window}"
        return self.speaker.text(said, things=some, before=before, window=period)

    def _within(self, period: Window, limited: str, ever: str, **values: str) -> str:
        if period.kind == "all":
            return self.speaker.text(ever, **values)
        return self.speaker.text(limited, window=window(self.speaker, period), **values)

    def _measured(self, rule: EventRule, entity: Entity | None, things: str) -> str:
        field = entity.fields.get(rule.field or "") if entity else None
        is_date = rule.function in ("first", "last")
        if rule.function in _AMOUNTS and rule.field == "amount":
            what = self.speaker.text(_AMOUNTS[rule.function], things=things)
        elif rule.function == "days":
            some = self._some(entity, rule.event) + self._filter(rule)
            what = self.speaker.text(_MEASURES["days"], things=some)
        elif is_date:
            what = self.speaker.text(_MEASURES[rule.function], things=things)
        else:
            named = field_label(field, rule.field or "", self.speaker)
            what = self.speaker.text(_MEASURES[rule.function], field=named, things=things)
        if rule.window.kind != "all":
            what = self.speaker.text("{what} within {window}", what=what, window=window(self.speaker, rule.window))
        return self._compared(_DAY if is_date else field or _COUNT, str(rule.operator), rule.value, what)

    def _related(self, rule: RelatedRule) -> str:
        entity = self.catalogue.related.get(rule.entity)
        some, where = self._some(entity, rule.entity), self._filter(rule)
        if rule.quantifier == "all" and where:
            conditions = where.strip().removeprefix("(").removesuffix(")")
            return self.speaker.text("{things}, for each of which ({conditions})", things=some, conditions=conditions)
        if rule.quantifier in ("any", "all") or _is_some(rule.operator, rule.value):
            return self.speaker.text("there are {things}", things=some + where)
        things = self._things(entity, rule.entity) + where
        if rule.quantifier == "none" or _is_none(rule.operator, rule.value):
            return self.speaker.text("there are no {things}", things=things)
        return self._counted(rule.operator, rule.value, things)

    def _counted(self, operator: str | None, given: Any, things: str) -> str:
        pattern = _COUNTS.get(str(operator), _COUNTS["="])
        if operator in ("between", "notBetween"):
            low, high = (value(self.speaker, _COUNT, each, None) for each in given)
            return self.speaker.text(pattern, low=low, high=high, things=things)
        if operator in ("in", "notIn"):
            said = several(self.speaker, _COUNT, given, None)
            listing = {"value": listed(self.speaker, said, "or"), "values": ", ".join(said)}
            return self.speaker.text(pattern, things=things, **listing)
        return self.speaker.text(pattern, value=value(self.speaker, _COUNT, given, None), things=things)

    def _things(self, entity: Entity | None, name: str) -> str:
        if entity is not None and name in _THINGS:
            return self.speaker.text(_THINGS[name])
        return self.speaker.text("records of “{name}”", name=label_of(entity, name, self.speaker))

    def _some(self, entity: Entity | None, name: str) -> str:
        if entity is not None and name in _SOME:
            return self.speaker.text(_SOME[name])
        return self.speaker.text("records “{name}”", name=label_of(entity, name, self.speaker))

    def _filter(self, rule: EventRule | RelatedRule) -> str:
        if rule.where is None or not _kept(rule.where):
            return ""
        return f" ({self.inside(rule).spoken(rule.where)})"

    def _membership(self, kind: str, key: str, operator: str) -> str:
        name = (self.name(kind, key) if self.name is not None else None) or key
        if kind == "segment":
            pattern = "in the segment “{name}”" if operator == "in" else "not in the segment “{name}”"
        else:
            pattern = "in the list “{name}”" if operator == "in" else "not in the list “{name}”"
        return self.speaker.text(pattern, name=name)


def _kept(group: Group) -> list[Node]:
    """What counts of a group."""
    return [each for each in group.rules if not each.disabled and (not isinstance(each, Group) or _kept(each))]


def _pattern(field: Field | None, operator: str) -> str:
    family = field.family if field is not None else "text"
    own = {"number": _NUMBERS, "date": _DATES}.get(family, {})
    return own.get(operator) or _CODES.get(operator) or _DATES.get(operator) or _NUMBERS[operator]


def _is_none(operator: str | None, given: Any) -> bool:
    return (operator, given) in (("=", 0), ("<=", 0), ("<", 1))


def _is_some(operator: str | None, given: Any) -> bool:
    return (operator, given) in ((">=", 1), (">", 0), ("!=", 0))
