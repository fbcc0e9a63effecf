"""What happened, in one plain sentence: the measure, its value, what was to be expected, and by how much it differs."""

from collections.abc import Mapping
from typing import Any, Final

from apps.language import speaker, t
from apps.signal_workspace.words import amount, measure_name, measure_of, signed_percent
from crm.services.signals import SignalInfo
from signals.definition import Change, Condition, Missing, Rule, Threshold
from signals.measures import Flow

SIGNS: Final = {">": ">", ">=": "≥", "<": "<", "<=": "≤", "=": "=", "!=": "≠"}


def happened(signal: SignalInfo, rule: Rule | None) -> str:
    """The sentence of a signal. `rule` is the version that raised it; without it the numbers alone are told."""
    told = [_told(each, rule) for each in signal.details.get("conditions", []) if isinstance(each, Mapping)]
    sentence = "; ".join(part for part in told if part)
    return sentence[:1].upper() + sentence[1:] if sentence else _numbers(signal)


def _told(found: Mapping[str, Any], rule: Rule | None) -> str:
    name = str(found.get("measure") or "")
    if not name:
        return ""
    condition = _condition(found, rule)
    words = {"measure": measure_name(name), "value": amount(name, found.get("value"))}
    match found.get("kind"):
        case "state":
            if found.get("baseline") is None:
                return t("{measure}: {value}", **words)
            return t("{measure}: {value}, before that {baseline}", **words, baseline=amount(name, found["baseline"]))
        case "missing" if isinstance(condition, Missing):
            more = {"days": condition.days, "before": condition.before_days}
            return t(
                "{measure}: nothing for {days} days, in the {before} days before that {baseline}",
                measure=words["measure"], baseline=amount(name, found.get("baseline")), **more,
            )  # fmt: skip
        case "threshold":
            return _threshold(name, words, condition)
    return _change(name, words, found, condition)


def _condition(found: Mapping[str, Any], rule: Rule | None) -> Condition | None:
    place = found.get("condition")
    if rule is None or not isinstance(place, int) or not 0 <= place < len(rule.conditions):
        return None
    return rule.conditions[place]


def _threshold(name: str, words: dict[str, str], condition: Condition | None) -> str:
    if not isinstance(condition, Threshold):
        return t("{measure}: {value}", **words)
    limit = f"{SIGNS.get(condition.operator, condition.operator)} {amount(name, condition.value)}"
    if isinstance(measure_of(name), Flow):
        return t("{measure}: {value} in {weeks} weeks (watched: {limit})", **words, weeks=condition.weeks, limit=limit)
    return t("{measure}: {value} (watched: {limit})", **words, limit=limit)


def _change(name: str, words: dict[str, str], found: Mapping[str, Any], condition: Condition | None) -> str:
    expected = found.get("expected") if found.get("expected") is not None else found.get("baseline")
    if expected is None:
        return t("{measure}: {value}", **words)
    told = {**words, "baseline": amount(name, expected), "change": change(found.get("value"), expected)}
    if not isinstance(condition, Change):
        return t("{measure}: {value} instead of {baseline} ({change})", **told)
    weeks = condition.weeks
    if not isinstance(measure_of(name), Flow):
        return t("{measure}: {value}, {weeks} weeks ago {baseline} ({change})", **told, weeks=weeks)
    match condition.against:
        case "norm":
            return t("{measure}: {value} in {weeks} weeks, usually {baseline} ({change})", **told, weeks=weeks)
        case "season":
            return t(
                "{measure}: {value} in {weeks} weeks, usual for this season {baseline} ({change})", **told, weeks=weeks
            )
        case "peers":
            return t("{measure}: {value} in {weeks} weeks, as with others alike {baseline} ({change})",
                     **told, weeks=weeks)  # fmt: skip
    return t("{measure}: {value} in {weeks} weeks, in the {weeks} before that {baseline} ({change})",
             **told, weeks=weeks)  # fmt: skip


def change(value: Any, expected: Any) -> str:
    """The difference: in percent, or as it is where nothing was expected."""
    if not isinstance(value, int | float) or not isinstance(expected, int | float):
        return speaker().date(None)
    if not expected:
        return f"+{speaker().number(value)}" if value > 0 else speaker().number(value)
    return signed_percent(100 * (value - expected) / abs(expected))


def _numbers(signal: SignalInfo) -> str:
    """For a rule in SQL: what it measured."""
    say = speaker()
    if signal.value is None:
        return ""
    told = say.number(signal.value, 0 if float(signal.value).is_integer() else 1)
    if signal.baseline is None:
        return t("measured: {value}", value=told)
    return t("measured: {value} instead of {baseline}", value=told, baseline=say.number(signal.baseline, 1))
