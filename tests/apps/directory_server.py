"""A real slapd with the memberOf overlay, a few people and groups, for as long as a test needs it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BASE = "dc=operator,dc=uz"
SERVICE_DN, SERVICE_PASSWORD = f"cn=service,{BASE}", "service-Secret-1"
MARKETING = f"cn=crm-marketing,ou=groups,{BASE}"
SUPERVISORS = f"cn=crm-supervisors,ou=groups,{BASE}"
PASSWORDS = {"n.yusupova": "Directory-Secret-7", "b.aliyev": "Other-Secret-9", "d*": "Star-Secret-3"}
SCHEMAS = Path("/etc/ldap/schema")
CONFIG = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
pidfile {home}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
database mdb
suffix "{base}"
rootdn "{service}"
rootpw {password}
directory {home}/data
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by * none
"""
ENTRIES = """
dn: {base}
objectClass: dcObject
objectClass: organization
o: Operator
dc: operator

dn: ou=people,{base}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{base}
objectClass: organizationalUnit
ou: groups

dn: uid=n.yusupova,ou=people,{base}
objectClass: inetOrgPerson
uid: n.yusupova
cn: Нигора Юсупова
sn: Юсупова
mail: n.yusupova@operator.uz
userPassword: {nigora}

dn: uid=b.aliyev,ou=people,{base}
objectClass: inetOrgPerson
uid: b.aliyev
cn: Bobur Aliyev
sn: Aliyev
userPassword: {bobur}

dn: cn=crm-marketing,ou=groups,{base}
objectClass: groupOfNames
cn: crm-marketing
member: uid=n.yusupova,ou=people,{base}

dn: cn=crm-supervisors,ou=groups,{base}
objectClass: groupOfNames
cn: crm-supervisors
member: uid=n.yusupova,ou=people,{base}
"""


def slapd() -> str:
    """Path of slapd; installs Debian's when it is missing and we may, else skips the test saying why."""
    found = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin:/usr/local/sbin")
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"check": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "slapd"], env=environment, **quiet)
        found = shutil.which("slapd", path="/usr/sbin:/usr/bin")
    if not found:
        pytest.skip("slapd is not installed (Debian: apt-get install slapd)")
    return found


@contextmanager
def directory(home: Path) -> Iterator[str]:
    """A running directory with two people and two groups; gives its address."""
    program = slapd()
    (home / "data").mkdir(parents=True)
    config = home / "slapd.conf"
    names = {"schemas": SCHEMAS, "home": home, "base": BASE, "service": SERVICE_DN, "password": SERVICE_PASSWORD}
    config.write_text(CONFIG.format(**names), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # In the foreground, or it would leave the test's process group.
    server = subprocess.Popen(
        [program, "-h", f"ldap://127.0.0.1:{port}", "-f", str(config), "-d", "0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port, server)
        _fill(f"ldap://127.0.0.1:{port}")
        yield f"ldap://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _fill(url: str) -> None:
    """Over the protocol and not with slapadd, since the memberOf overlay works on live changes only."""
    from ldap3 import Connection

    text = ENTRIES.format(base=BASE, nigora=PASSWORDS["n.yusupova"], bobur=PASSWORDS["b.aliyev"])
    with Connection(url, user=SERVICE_DN, password=SERVICE_PASSWORD) as service:
        for block in text.strip().split("\n\n"):
            lines = [line.split(": ", 1) for line in block.splitlines()]
            attributes: dict[str, list[str]] = {}
            for name, value in lines[1:]:
                attributes.setdefault(name, []).append(value)
            assert service.add(lines[0][1], attributes=attributes), service.result


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if server.poll() is not None:
            raise RuntimeError("slapd stopped while starting")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("slapd did not answer in ten seconds")
