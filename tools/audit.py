"""Known vulnerabilities of the locked dependencies: exits with 1 when there are some, 2 when nobody could be asked.

    python tools/audit.py [--advisories FOLDER] [LOCK]

Asks the vulnerability services of PyPI and of OSV. Where neither can be reached, as inside an operator's network, give
it a copy of the PyPA advisory database (github.com/pypa/advisory-database), whose entries are in OSV's format.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

SERVICES = ("pypi", "osv")


def main() -> int:
    """Ask, tell, and say by the exit code what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--advisories", type=Path, help="a copy of the PyPA advisory database, instead of a service")
    parser.add_argument("lock", type=Path, nargs="?", default=Path("requirements.lock"))
    given = parser.parse_args()
    if given.advisories:
        return told([f"{name} {version} {advisory}" for name, version, advisory in known(given.lock, given.advisories)])
    reasons = {}
    for service in SERVICES:
        found, reasons[service] = asked(service, given.lock)
        if found is not None:
            return told(found)
    print("No vulnerability service could be asked, so nothing is known either way:", file=sys.stderr)
    for service, reason in reasons.items():
        print(f"  {service}: {reason}", file=sys.stderr)
    print("Give a copy of the advisory database: make audit ADVISORIES=folder", file=sys.stderr)
    return 2


def told(found: list[str]) -> int:
    """Print what was found; the exit code."""
    print("\n".join(sorted(found)) or "No known vulnerabilities.")
    return 1 if found else 0


def asked(service: str, lock: Path) -> tuple[list[str] | None, str]:
    """What a service knows of the locked packages; None, and why, when it did not answer for all of them."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip", "--strict",
               "-s", service, "--timeout", "10", "--progress-spinner", "off", "-f", "json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = done.stderr.strip().splitlines() or ["no answer"]
        return None, lines[-1][:200]
    return [f"{each['name']} {each['version']} {bad['id']}" for each in packages for bad in each["vulns"]], ""


def known(lock: Path, advisories: Path) -> Iterator[tuple[str, str, str]]:
    """Name, version and advisory of each locked package that an advisory of the folder names."""
    folders = {canonicalize_name(path.name): path for path in (advisories / "vulns").iterdir() if path.is_dir()}
    if not folders:
        raise SystemExit(f"{advisories}/vulns holds no advisories")
    for name, version in locked(lock):
        for path in sorted(folders[name].glob("*.yaml")) if name in folders else ():
            entry = yaml.safe_load(path.read_text(encoding="utf-8"))
            if not entry.get("withdrawn") and is_affected(Version(version), name, entry):
                yield name, version, entry["id"]


def locked(lock: Path) -> list[tuple[str, str]]:
    """Packages of a lock file with their versions."""
    found = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [(canonicalize_name(name), version) for name, version in found]


def is_affected(version: Version, name: str, entry: dict[str, Any]) -> bool:
    """Whether an advisory is about this version: it names it, or one of its ranges holds it."""
    ours = [each for each in entry.get("affected", ()) if canonicalize_name(each["package"]["name"]) == name]
    if any(str(version) in each.get("versions", ()) for each in ours):
        return True
    ranges = [each for part in ours for each in part.get("ranges", ()) if each["type"] == "ECOSYSTEM"]
    return any(_holds(version, each["events"]) for each in ranges)


def _holds(version: Version, events: list[dict[str, str]]) -> bool:
    inside = False
    for event in sorted(events, key=lambda each: _version(next(iter(each.values())))):
        ((kind, text),) = event.items()
        if kind == "introduced" and version >= _version(text):
            inside = True
        elif (kind == "fixed" and version >= _version(text)) or (kind == "last_affected" and version > _version(text)):
            inside = False
    return inside


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


if __name__ == "__main__":
    sys.exit(main())
