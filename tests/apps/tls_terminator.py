"""A real nginx or Caddy with a certificate of its own before the workspace: the documentation's samples as they are."""

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

SAMPLES = REPOSITORY / "docs" / "samples"
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
def terminator(kind: str, folder: Path, port: int, behind: int) -> Iterator[str]:
    """TLS on `port` of 127.0.0.1 by nginx or caddy, passed on to port `behind`; gives the public address."""
    key, certificate = _certificate(folder)
    command, environment = (_nginx if kind == "nginx" else _caddy)(folder, port, behind, key, certificate)
    with (folder / "out.log").open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        address = f"https://127.0.0.1:{port}"
        try:
            _wait(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _certificate(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "crt.pem"
    subprocess.run(
        [_program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


def _nginx(folder: Path, port: int, behind: int, key: Path, certificate: Path) -> tuple[list[str], dict[str, str]]:
    nginx = _program("nginx", "nginx-light")
    server = _with(
        SAMPLES / "nginx.conf",
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("listen 80", f"listen 127.0.0.1:{free_port()}"),
        ("/etc/ssl/vitrina.crt", str(certificate)), ("/etc/ssl/vitrina.key", str(key)),
        ("127.0.0.1:8501", f"127.0.0.1:{behind}"),
    )  # fmt: skip
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, temporary=temporary, server=server), encoding="utf-8")
    return [nginx, "-c", f"{folder}/nginx.conf", "-p", str(folder), "-g", "daemon off;"], dict(os.environ)


def _caddy(folder: Path, port: int, behind: int, key: Path, certificate: Path) -> tuple[list[str], dict[str, str]]:
    """The sample, on a port and with a certificate of our own: an authority would have to reach us for its."""
    caddy = _program("caddy", "caddy")
    site = f"https://127.0.0.1:{port} {{\n\ttls {certificate} {key}"
    server = _with(SAMPLES / "Caddyfile", (f"\n{NAME} {{", f"\n{site}"), ("127.0.0.1:8501", f"127.0.0.1:{behind}"))
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(options + server, encoding="utf-8")
    command = [caddy, "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]
    return command, {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}


def _with(sample: Path, *replaced: tuple[str, str]) -> str:
    """A sample with these pieces replaced; each of them must be there."""
    text = sample.read_text(encoding="utf-8")
    for told, real in replaced:
        assert told in text, told
        text = text.replace(told, real)
    return text


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise RuntimeError("the terminator stopped while starting")
        try:
            httpx.get(f"{address}/_stcore/health", verify=False)  # noqa: S501
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError("the terminator did not answer in ten seconds")
