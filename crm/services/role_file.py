"""The roles as delivered (`crm/roles.yaml`): what exists at all, and the first version of the matrix."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from crm.errors import CrmError
from vitrina.access.rights import ACTIONS, COLUMN_CLASSES, OBJECTS, Mask, Scope

ROLE_FILE = Path(__file__).resolve().parent.parent / "roles.yaml"


@dataclass(frozen=True)
class Role:
    """One role: its names by language, how far each right reaches, how each column class is shown."""

    code: str
    names: Mapping[str, str]
    grants: Mapping[tuple[str, str], Scope]
    masks: Mapping[str, Mask]

    def name(self, language: str) -> str:
        """The name in a language, else in Russian, else the code."""
        return self.names.get(language) or self.names.get("ru") or self.code


@dataclass(frozen=True)
class RoleFile:
    """`actions` by object, in the order in which people read them, and the delivered roles by code."""

    actions: Mapping[str, tuple[str, ...]]
    roles: Mapping[str, Role]


@lru_cache(maxsize=1)
def delivered() -> RoleFile:
    """The file beside the package, read once and checked. Raises `ValueError` for what it names wrongly."""
    return parse(yaml.safe_load(ROLE_FILE.read_text(encoding="utf-8")))


def parse(content: Mapping[str, Any]) -> RoleFile:
    """A role file's content as values. Raises `ValueError` naming what does not exist."""
    actions = {name: tuple(listed) for name, listed in content["actions"].items()}
    unknown = set(actions) ^ OBJECTS | {action for listed in actions.values() for action in listed} - ACTIONS
    if unknown:
        raise ValueError(f"roles.yaml: objects or actions that do not exist or are not named: {sorted(unknown)}")
    roles = {code: role_from(code, text) for code, text in content["roles"].items()}
    for role in roles.values():
        wrong = [key for key in role.grants if key[1] not in actions.get(key[0], ())]
        if wrong or set(role.masks) - COLUMN_CLASSES:
            raise ValueError(f"roles.yaml: {role.code} names rights or classes that do not exist: {wrong}")
    return RoleFile(MappingProxyType(actions), MappingProxyType(roles))


def role_from(code: str, text: Mapping[str, Any]) -> Role:
    """A role from its plain form. Raises `ValueError` for a scope or mask that does not exist."""
    grants = {
        (name, action): Scope(scope) for name, actions in text["grants"].items() for action, scope in actions.items()
    }
    return Role(code, dict(text["names"]), grants, {name: Mask(mask) for name, mask in text["masks"].items()})


def plain(role: Role) -> dict[str, Any]:
    """The plain form of a role, as the matrix keeps it."""
    grants: dict[str, dict[str, str]] = {}
    for (name, action), scope in sorted(role.grants.items()):
        grants.setdefault(name, {})[action] = scope.value
    masks = {name: mask.value for name, mask in sorted(role.masks.items())}
    return {"names": dict(role.names), "grants": grants, "masks": masks}


def check_right(subject: str, action: str) -> None:
    """Raises `CrmError` for a right that does not exist."""
    if action not in delivered().actions.get(subject, ()):
        raise CrmError("matrix_object", action=action, object=subject)
