#!/usr/bin/env bash
# Brings the real servers that the tests drive: PostgreSQL, headless Chromium, slapd, nginx and Caddy from the system's packages, and an
# OpenID provider from its locked npm packages.
# Without root or apt it only says what is missing; the tests that need it then skip with that reason.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
PATH=$PATH:/usr/sbin command -v slapd >/dev/null || missing+=(slapd)
PATH=$PATH:/usr/sbin command -v nginx >/dev/null || missing+=(nginx-light)
command -v caddy >/dev/null || missing+=(caddy)
command -v openssl >/dev/null || missing+=(openssl)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)

if [ ${#missing[@]} -eq 0 ]; then
    :
elif [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # A cluster of its own would start at install; the tests start theirs.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    fi
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}" >/dev/null
else
    echo "Not installed here: ${missing[*]} (install them to run every test)." >&2
fi

provider="$(dirname "$0")/../tests/apps/openid_provider"
if command -v npm >/dev/null && [ ! -d "$provider/node_modules/oidc-provider" ]; then
    (cd "$provider" && npm ci --no-audit --no-fund --ignore-scripts --silent) || echo "The OpenID provider of the tests could not be installed." >&2
fi
