#!/usr/bin/env bash
# Makes .venv from a lock file (first argument; requirements.lock unless told). Needs Python 3.11 or newer with venv; says what is missing where it cannot go on.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=${1:-requirements.lock}

python=""
for candidate in python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { echo "Vitrina needs Python 3.11, 3.12 or 3.13; none was found on the PATH." >&2; exit 1; }
"$python" -c 'import ensurepip' 2>/dev/null || { echo "Python's venv module is missing: install the python3-venv package of your system." >&2; exit 1; }

[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"
echo "Installing the locked dependencies into .venv ..."
.venv/bin/python -m uv pip install --quiet --require-hashes -r "$lock" --python .venv/bin/python
# The checkout itself goes on the path; an editable install would need the network for its build back end.
.venv/bin/python - <<'PY'
import pathlib, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "vitrina_checkout.pth").write_text(f"{pathlib.Path.cwd()}\n")
PY
