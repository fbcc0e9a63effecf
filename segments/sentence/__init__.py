"""A definition in words, as a person would say it, in the reader's language.

«Клиенты, у которых задолженность больше 100 000 сум и за последние 30 дней не было платежей». Words come from a
`Speaker`; labels of fields, events and objects from the catalogue; labels of codes and names of segments and lists from
whoever asks, since this package reads nothing. What is disabled is not said.
"""

from segments.catalogue import Catalogue
from segments.definition import Definition, Group, Node
from segments.errors import Path
from segments.sentence.clauses import Clauses, Name
from segments.sentence.messages import MESSAGES
from segments.sentence.words import Speaker, ValueLabel

__all__ = ["MESSAGES", "Speaker", "phrase", "sentence"]


def sentence(
    definition: Definition,
    catalogue: Catalogue,
    speaker: Speaker,
    value_label: ValueLabel | None = None,
    name: Name | None = None,
) -> str:
    """The whole definition as one sentence without a full stop.

    `value_label(field, code)` gives the label of a code, or None; `name(kind, key)` what the segment or list (`kind`)
    of that key is called, or None.
    """
    if definition.root is None:
        return speaker.text("Customers chosen by an SQL query")
    conditions = Clauses(catalogue, speaker, value_label, name).spoken(definition.root)
    return (
        speaker.text("Customers {conditions}", conditions=conditions) if conditions else speaker.text("All customers")
    )


def phrase(
    definition: Definition,
    path: Path,
    catalogue: Catalogue,
    speaker: Speaker,
    value_label: ValueLabel | None = None,
    name: Name | None = None,
) -> str:
    """One condition or group of it, by its path such as ("root", "rules", 2, "where", "rules", 0).

    Raises `KeyError` when the definition has no such place.
    """
    if path[:1] != ("root",):
        raise KeyError(path)
    clauses = Clauses(catalogue, speaker, value_label, name)
    node: Node | None = definition.root
    for step, place in zip(path[1:], (*path[2:], None), strict=False):
        if isinstance(step, int):
            continue
        if step == "rules" and isinstance(node, Group) and isinstance(place, int) and place < len(node.rules):
            node = node.rules[place]
        elif step == "where" and getattr(node, "where", None) is not None:
            clauses = clauses.inside(node)
            node = node.where  # type: ignore[union-attr]
        else:
            raise KeyError(path)
    if node is None:
        raise KeyError(path)
    said = clauses.alone(node)
    return said[:1].upper() + said[1:] if said else speaker.text("All customers")
