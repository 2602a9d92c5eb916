#!/bin/sh
# Makes sure that the tests find curl and jq, with which the lines of docs/api.md are run. As root on Debian or Ubuntu it installs
# what is missing; otherwise it says what to do, and the test that needs them fails.
set -eu
# shellcheck source=scripts/apt.sh
. "${0%/*}/apt.sh"

if command -v curl >/dev/null && command -v jq >/dev/null; then
    exit 0
fi
if ! apt_can_install; then
    echo "curl: curl or jq is not here. On Debian or Ubuntu: sudo apt-get install --no-install-recommends curl jq" >&2
    exit 0
fi

echo "curl: installing it and jq with apt"
apt_install curl jq
