#!/bin/sh
# Makes sure that the tests find prometheus and promtool, which judge the alert rules and the queries of the dashboards.
# Starts neither: the tests run a private one in a temporary folder. As root on Debian or Ubuntu it installs what is missing;
# otherwise it says what to do, and the tests that need them fail.
set -eu

if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "prometheus: prometheus and promtool are not here. On Debian or Ubuntu: sudo apt-get install --no-install-recommends prometheus" >&2
    exit 0
fi

echo "prometheus: installing it with apt"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    # Debian starts services when it installs them. Nobody asked for that.
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends prometheus >/dev/null
