#!/bin/sh
# Make sure that a Redis server is there for the test of shared counting: Debian's package, where we may install it.
set -eu
if command -v redis-server >/dev/null 2>&1; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Redis for the test of limits that servers share"
    export DEBIAN_FRONTEND=noninteractive
    # Installed without being started: the test starts one of its own. A policy that stands there already is left alone.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
    fi
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends redis-server >/dev/null
else
    echo "The test of shared limits needs Redis: install it (Debian: apt-get install redis-server) and run again." >&2
    exit 1
fi
