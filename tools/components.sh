#!/usr/bin/env bash
# Builds the browser side of the workspace's own components (apps/components/*) from their locked npm packages.
# Takes the machine's node, or node's wheel in .venv where there is none. Without a package registry it says so and
# leaves the rest of the workspace as it is: the pages that need a component tell what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

fits() { command -v node >/dev/null && command -v npm >/dev/null && node -e 'process.exit(+(process.versions.node.split(".")[0] < 18))'; }
PATH="$PATH:$PWD/.venv/bin"
if ! fits; then
    echo "Installing node for the build of the workspace's components ..."
    .venv/bin/python -m uv pip install --quiet --require-hashes -r tools/node.lock --python .venv/bin/python
    PATH="$PWD/.venv/bin:$PATH"
fi

for folder in apps/components/*/; do
    [ -e "$folder/package-lock.json" ] || continue
    echo "Building ${folder%/} ..."
    if ! (cd "$folder" && npm ci --no-audit --no-fund --silent && npm run --silent build && touch build/.built); then
        echo "${folder%/} could not be built: npm's packages were not to be had. Run make setup again when they are." >&2
    fi
done
