"""What the page says of a flow: each step in a sentence, what is wrong where, what can be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from apps.campaign_workspace.words import channel_name, department_names
from apps.data import segment_catalogue
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.payload import value_label, vocabulary
from apps.segment_workspace.places import mended, said
from apps.services import services
from apps.snapshot import reader
from campaigns.flow import CHANNELS, Flow, Known, check, parse
from campaigns.flow.sentence import phrase, port_label
from crm.services import segments as kept_segments
from crm.services import signals as kept_signals
from crm.services.campaigns import templates as kept_templates
from crm.services.campaigns.template_reading import LANGUAGES
from segments.errors import DefinitionError, Problem

_NEEDED = ("ru", "uz")


@dataclass(frozen=True)
class Choices:
    """What a flow may name, by key: its templates (with their channel and languages), segments, rules, departments."""

    templates: Mapping[str, tuple[str, str, frozenset[str]]]
    segments: Mapping[str, str]
    rules: Mapping[str, str]
    departments: Mapping[str, str]

    def known(self) -> Known:
        """For the check of a flow."""
        texts = {(key, channel): languages for key, (_, channel, languages) in self.templates.items()}
        return Known(texts, _NEEDED, frozenset(self.segments), frozenset(self.rules), None, frozenset(self.departments))

    def name(self, kind: str, key: str) -> str | None:
        """What the thing of a key is called."""
        if kind == "template":
            return self.templates[key][0] if key in self.templates else None
        found = {"segment": self.segments, "rule": self.rules, "department": self.departments}.get(kind, {})
        return found.get(key)

    def payload(self) -> dict[str, list[dict[str, str]]]:
        """For the browser's pick lists."""

        def listed(found: Mapping[str, str]) -> list[dict[str, str]]:
            return [{"value": key, "label": name} for key, name in sorted(found.items(), key=lambda each: each[1])]

        texts = [
            {"value": key, "label": name, "channel": channel} for key, (name, channel, _) in self.templates.items()
        ]  # fmt: skip
        return {
            "channels": [{"value": each, "label": channel_name(each)} for each in CHANNELS], "templates": texts,
            "segments": listed(self.segments), "rules": listed(self.rules), "registers": [],
            "departments": listed(self.departments),
        }  # fmt: skip


def choices() -> Choices:
    """What is published and may be named now."""
    rights = person().rights
    with services().database.read() as session:
        texts = kept_templates.templates(session, published=True)
        segments = kept_segments.segments(session, rights)
        rules = kept_signals.rules(session, rights)
    return Choices(
        {each.key: (each.name, each.channel, frozenset(each.variants) & frozenset(LANGUAGES)) for each in texts},
        {each.key: each.name for each in segments if each.published is not None},
        {each.key: each.name for each in rules if each.published is not None},
        department_names(),
    )


@dataclass(frozen=True)
class Told:
    """Sentences by node, problems by node ("" for the flow as a whole), and whether it could be read at all."""

    phrases: Mapping[str, str]
    problems: Mapping[str, list[str]]
    flow: Flow | None


def told(document: Mapping[str, Any], known: Choices) -> Told:
    """Read a document, say its steps and what is wrong with them."""
    try:
        flow = parse(document)
    except DefinitionError as error:
        return Told({}, _placed(error.problems, None), None)
    return Told(phrases(flow, known), _placed(check(flow, known.known()), flow), flow)


def phrases(flow: Flow, known: Choices) -> dict[str, str]:
    """Each step in a sentence."""
    catalogue = segment_catalogue.catalogue(reader())
    say = partial(phrase, speaker=speaker(), name=known.name, catalogue=catalogue, value_label=_label)
    short = {node.id: say(node) for node in flow.nodes}
    return {node.id: say(node, node_label=short.get) for node in flow.nodes}


def _label(field: Any, value: Any) -> str | None:
    return value_label(field.name, value) if vocabulary(field.name) else None


def _placed(problems: tuple[Problem, ...], flow: Flow | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in problems:
        is_node = len(each.path) >= 2 and each.path[0] == "nodes" and isinstance(each.path[1], str)
        place = str(each.path[1]) if is_node else ""
        line = problem_said(each, flow)
        if line not in found.setdefault(place, []):
            found[place].append(line)
    return found


def problem_said(problem: Problem, flow: Flow | None = None) -> str:
    """What is wrong, and how it may be mended, with codes as the screen calls them."""
    shown = _named(problem, flow)
    return " ".join(filter(None, (said(shown), mended(shown))))


def _named(problem: Problem, flow: Flow | None) -> Problem:
    """Codes in a problem's sentence as the screen calls them."""
    values = dict(problem.values)
    node = flow.by_id.get(str(problem.path[1])) if flow is not None and len(problem.path) > 1 else None
    if "port" in values and node is not None:
        values["port"] = port_label(node.data, str(values["port"]), speaker())
    if "channel" in values:
        values["channel"] = channel_name(str(values["channel"]))
    if "language" in values:
        values["language"] = {"ru": t("Russian"), "uz": t("Uzbek"), "en": t("English")}.get(
            str(values["language"]), str(values["language"])
        )
    return replace(problem, values=values)
