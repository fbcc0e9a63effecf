"""A real nginx with a certificate of its own in front of the workspace: the sample of the documentation as it is."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.apps.openid_server import free_port
from vitrina.settings import REPOSITORY

SAMPLE = REPOSITORY / "docs" / "samples" / "nginx.conf"
NAME = "vitrina.example.uz"
MAIN = """pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
access_log off;
{temporary}
{server}
}}
"""


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"check": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", package], **quiet)
        found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {package})")
    return found


@contextmanager
def terminator(folder: Path, port: int, behind: int) -> Iterator[str]:
    """TLS on `port` of 127.0.0.1, passed on to port `behind`; gives the public address."""
    nginx, openssl = _program("nginx", "nginx-light"), _program("openssl", "openssl")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
         "-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1", "-keyout", folder / "key.pem",
         "-out", folder / "crt.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = SAMPLE.read_text(encoding="utf-8")
    for told, real in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("listen 80", f"listen 127.0.0.1:{free_port()}"),
        ("/etc/ssl/vitrina.crt", str(folder / "crt.pem")), ("/etc/ssl/vitrina.key", str(folder / "key.pem")),
        ("127.0.0.1:8501", f"127.0.0.1:{behind}"),
    ):  # fmt: skip
        assert told in server, told
        server = server.replace(told, real)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, temporary=temporary, server=server), encoding="utf-8")
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-g", "daemon off;"])
    address = f"https://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise RuntimeError("nginx stopped while starting")
        try:
            httpx.get(f"{address}/_stcore/health", verify=False)  # noqa: S501
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError("nginx did not answer in ten seconds")
