"""A private PostgreSQL server in a temporary folder, for tests; stopped and gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def postgres_binaries() -> Path:
    """Folder of initdb and postgres, newest version first. Skips the test, saying why, when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")


@contextmanager
def running_postgres() -> Iterator[str]:
    """An SQLAlchemy URL of a fresh, empty server that listens on a local port. Needs no rights of root.

    Its data lies in a folder of its own and not below pytest's: any other pytest of the same user takes from pytest's
    folder the rights that the server's user needs there.
    """
    binaries = postgres_binaries()
    with tempfile.TemporaryDirectory(prefix="postgres-for-tests-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        user = _server_user(data)
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "tester", "--auth=trust", "--encoding=UTF8", "--no-sync"],
            check=True, capture_output=True, **user,
        )  # fmt: skip
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        control = [binaries / "pg_ctl", "-D", data, "-w", "-t", "60"]
        start = [*control, "-o", options, "-l", data / "log", "start"]
        subprocess.run(start, check=True, capture_output=True, **user)
        try:
            yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, **user)


def _server_user(data: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`, who must reach the folder."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    account = pwd.getpwnam(name)
    for path in (data.parent, data):
        os.chown(path, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": data}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
