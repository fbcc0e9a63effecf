"""A real, certified OpenID provider (the npm package oidc-provider) for as long as a test needs it."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("openid_provider")
CLIENT_ID, CLIENT_SECRET = "vitrina", "a-client-secret-for-tests"
PEOPLE = {
    "s.karimova": {
        "name": "Сабина Каримова", "preferred_username": "s.karimova", "email": "s.karimova@operator.uz",
        "groups": ["crm-supervisors", "everybody"],
    },
    "guest": {"name": "Guest", "preferred_username": "guest", "groups": ["everybody"]},
}  # fmt: skip


@dataclass(frozen=True)
class OpenIdServer:
    """Where it is."""

    issuer: str


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def openid_server(redirect_uri: str, port: int | None = None) -> Iterator[OpenIdServer]:
    """A running provider that knows us and two people, and tells us when one of them signs out there."""
    node = _node()
    port = port or free_port()
    workspace = redirect_uri.removesuffix("/sign-in/openid/callback")
    client = {
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [redirect_uri],
        "post_logout_redirect_uris": [f"{workspace}/sign-in"],
        "backchannel_logout_uri": f"{workspace}/sign-in/openid/backchannel",
    }  # fmt: skip
    told = json.dumps({"port": port, "client": client, "people": PEOPLE})
    server = subprocess.Popen(
        [node, str(FOLDER / "server.mjs"), told], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        if "listening" not in server.stdout.readline():
            raise RuntimeError("the OpenID provider stopped while starting")
        yield OpenIdServer(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(timeout=20)


def _node() -> str:
    """Path of node with the provider's packages beside it; installs these from the lock file when they are missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node:
        pytest.skip("node is not installed (Debian: apt-get install nodejs npm)")
    if not (FOLDER / "node_modules" / "oidc-provider").exists():
        if not npm:
            pytest.skip("npm is not installed (Debian: apt-get install npm)")
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"the OpenID provider could not be installed: {done.stderr.strip().splitlines()[-1:]}")
    return node
