#!/bin/sh
# Makes sure that the tests find prometheus and promtool, which judge the alert rules and the queries of the dashboards.
# Starts neither: the tests run a private one in a temporary folder. As root on Debian or Ubuntu it installs what is missing;
# otherwise it says what to do, and the tests that need them fail.
set -eu
# shellcheck source=scripts/apt.sh
. "${0%/*}/apt.sh"

if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
    exit 0
fi
if ! apt_can_install; then
    echo "prometheus: prometheus and promtool are not here. On Debian or Ubuntu: sudo apt-get install --no-install-recommends prometheus" >&2
    exit 0
fi

echo "prometheus: installing it with apt"
apt_install prometheus
