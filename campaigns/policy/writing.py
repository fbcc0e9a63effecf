"""From a policy to its document, with every setting written out; `parse(dump(policy))` is the policy again."""

import hashlib
import json
from typing import Any

from campaigns.policy import nodes
from campaigns.policy.nodes import Cap, Gap, Policy, Quiet, Scope


def dump(policy: Policy) -> dict[str, Any]:
    """The JSON document of a policy."""
    return {
        "version": nodes.VERSION, "timezone": policy.timezone, "caps": [dump_cap(each) for each in policy.caps],
        "gaps": [dump_gap(each) for each in policy.gaps], "quiet": _quiet(policy.quiet),
        "consent": list(policy.consent), "exclude_segments": list(policy.exclude_segments),
        "channel_priority": list(policy.channel_priority), "when_capped": policy.when_capped,
        "defer_days": policy.defer_days,
    }  # fmt: skip


def fingerprint(policy: Policy) -> str:
    """64 hexadecimal digits, equal for policies that differ only in the order of what has none."""
    plain = dump(policy)
    plain["caps"] = sorted(map(_unordered, plain["caps"]), key=_text)
    plain["gaps"] = sorted(map(_unordered, plain["gaps"]), key=_text)
    plain["quiet"] = _unordered(plain["quiet"]) if plain["quiet"] else None
    for name in ("consent", "exclude_segments"):
        plain[name] = sorted(plain[name])
    return hashlib.sha256(_text(plain).encode()).hexdigest()


def dump_cap(cap: Cap) -> dict[str, Any]:
    """The document of one cap."""
    return {"per": cap.per, "at_most": cap.at_most, **_scope(cap.scope), "of": cap.of, "window": cap.window}


def dump_gap(gap: Gap) -> dict[str, Any]:
    """The document of one gap."""
    return {"minutes": gap.minutes, **_scope(gap.scope), "of": gap.of}


def _quiet(quiet: Quiet | None) -> dict[str, Any] | None:
    if quiet is None:
        return None
    return {
        "from": f"{quiet.start:%H:%M}", "to": f"{quiet.end:%H:%M}", "weekdays": list(quiet.weekdays),
        "holidays": quiet.holidays, "by_region": dict(quiet.by_region), **_scope(quiet.scope),
    }  # fmt: skip


def _scope(scope: Scope) -> dict[str, Any]:
    return {
        "channels": list(scope.channels) if scope.channels is not None else None,
        "categories": list(scope.categories) if scope.categories is not None else None,
    }


def _unordered(plain: dict[str, Any]) -> dict[str, Any]:
    return {
        name: sorted(value) if name in ("channels", "categories") and value is not None else value
        for name, value in plain.items()
    }


def _text(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
