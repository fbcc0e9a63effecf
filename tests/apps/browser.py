"""A real headless Chromium and a real server for tests that only a browser can decide."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.apps.people import open_session
from vitrina.settings import REPOSITORY

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

# A deep link first asks for health under its own path; Streamlit answers 404 by design and goes on.
EXPECTED = re.compile(r"404 \(Not Found\)|Infinite extent for field")


def chromium() -> str:
    """Path of Chromium; installs Debian's when it is missing and we may, else skips the test saying why."""
    if not CHROMIUM.exists() and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"check": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], **quiet)
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return str(CHROMIUM)


@contextmanager
def watched_tab(address: str, home: Path, login: str, height: int = 900) -> Iterator[Any]:
    """A tab of somebody signed in; fails at the end if the console complained or the page asked another host."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        tab = browser.new_page(viewport={"width": 1440, "height": height})
        token, _ = open_session(home, login)
        tab.context.add_cookies([{"name": "vitrina_session", "value": token, "url": address}])
        troubles: list[str] = []
        tab.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        tab.on("pageerror", lambda e: troubles.append(str(e)))
        own = (address, "data:", "blob:", "ws:")
        tab.on("request", lambda r: None if r.url.startswith(own) else troubles.append(r.url))
        yield tab
        browser.close()
        assert [trouble for trouble in troubles if not EXPECTED.search(trouble)] == []


@contextmanager
def served(home: Path, **settings: str) -> Iterator[str]:
    """The workspace's server over `home` on a free port; gives its address and stops it at the end.

    `settings` are further variables of its environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "apps" / "server.py")]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    server = subprocess.Popen(
        command,
        env={**os.environ, "FORWARDED_ALLOW_IPS": "", "VITRINA_HOME": str(home), **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(360):
        if server.poll() is not None:
            raise RuntimeError("the workspace's server stopped while starting")
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()  # noqa: S310
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError("the workspace's server did not answer in three minutes")
