#!/bin/sh
# Makes sure that the programs are there which tests run, each given as PROGRAM or PROGRAM=PACKAGE. Starts none. As root on Debian
# or Ubuntu it installs what is missing; otherwise it says what to do, and the tests that need them fail.
set -eu
# shellcheck source=scripts/apt.sh
. "${0%/*}/apt.sh"

missing=
for wanted in "$@"; do
    command -v "${wanted%%=*}" >/dev/null || missing="$missing ${wanted##*=}"
done
missing=${missing# }
[ -n "$missing" ] || exit 0
if ! apt_can_install; then
    echo "programs: $missing is not here. On Debian or Ubuntu: sudo apt-get install --no-install-recommends $missing" >&2
    exit 0
fi

echo "programs: installing $missing with apt"
# The names are meant to be split into words.
# shellcheck disable=SC2086
apt_install $missing
