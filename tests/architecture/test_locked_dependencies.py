"""What is installed is what was locked, file by file; and the audit finds what an advisory is about."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADVISORY = """id: PYSEC-2024-48
affected:
- package: {name: Black, ecosystem: PyPI}
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: "0"
    - fixed: 24.3.0
    - introduced: 25.1.0
"""


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Packages of a lock file: version, and the hashes of the files that may be installed."""
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)
    found = {}
    for entry in (each for each in entries if not each.startswith("#")):
        head = re.match(r"([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", entry)
        assert head, entry[:80]
        found[canonicalize_name(head[1])] = (head[2], re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry))
    return found


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["dependencies"]),
        ("requirements-dev.lock", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]),
    ],
)
def test_every_dependency_is_locked_to_a_version_that_it_asks_for_with_hashes(lock: str, wanted: list[str]) -> None:
    found = locked(lock)
    assert len(found) > len(wanted)
    assert [name for name, (_, hashes) in found.items() if not hashes] == []
    for requirement in map(Requirement, wanted):
        version, _ = found[canonicalize_name(requirement.name)]
        assert Version(version) in requirement.specifier, requirement


def test_both_locks_name_the_same_versions() -> None:
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: version for name, (version, _) in runtime.items() if development[name][0] != version} == {}


def test_nothing_is_installed_without_its_hash() -> None:
    assert "--require-hashes" in (REPOSITORY / "tools" / "setup.sh").read_text(encoding="utf-8")


@pytest.mark.parametrize(("version", "is_bad"), [("24.2.0", True), ("24.3.0", False), ("25.1.0", True)])
def test_the_audit_without_a_network_finds_what_an_advisory_is_about(
    tmp_path: Path, version: str, is_bad: bool
) -> None:
    (tmp_path / "vulns" / "black").mkdir(parents=True)
    (tmp_path / "vulns" / "black" / "PYSEC-2024-48.yaml").write_text(ADVISORY, encoding="utf-8")
    lock = tmp_path / "some.lock"
    lock.write_text(f"black[d]=={version} \\\n    --hash=sha256:{'0' * 64}\nclick==8.1.7\n", encoding="utf-8")
    command = [sys.executable, REPOSITORY / "tools" / "audit.py", "--advisories", tmp_path, lock]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, f"black {version} PYSEC-2024-48" in done.stdout) == (int(is_bad), is_bad), done.stderr
