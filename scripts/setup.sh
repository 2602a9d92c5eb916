#!/bin/sh
# Makes .venv with everything that DeskSync needs, at the versions and hashes of requirements/dev.txt.
# A second run finds the stamp and does nothing; it needs no network then. PYTHON chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."

say() { echo "setup: $*"; }
fail() {
    echo "setup: $1" >&2
    shift
    for line in "$@"; do echo "       $line" >&2; done
    exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

can() { "$python" -c "$1" >/dev/null 2>&1; }

python=$(find_python)
[ -n "$python" ] || fail "Python 3.11 or newer was not found (${PYTHON:-python3, python3.11 and so on})." \
    "On Debian 12, Ubuntu 24.04 or newer: apt-get install python3 python3-venv" \
    "Elsewhere install it in your own way, and say where it is: make setup PYTHON=/path/to/python3"

# Whatever the environment was made from: when one of it changes, the environment is out of date. The folder is one of it because
# an environment cannot be moved.
stamp=$("$python" - "$PWD" <<'PYTHON'
import hashlib, pathlib, sys
found = hashlib.sha256(f"{sys.version} {sys.argv[1]}".encode())
for name in ("requirements/dev.txt", "pyproject.toml", "scripts/setup.sh"):
    found.update(pathlib.Path(name).read_bytes())
print(found.hexdigest())
PYTHON
)
if [ "$(cat .venv/setup-stamp 2>/dev/null || true)" = "$stamp" ]; then
    exit 0
fi

# An environment of the same Python in the same folder is brought up to date, which is quicker; what it holds beyond the list goes.
base="$("$python" -c 'import sys; print(sys.version)') in $PWD"
is_usable() { [ "$(cat .venv/base-stamp 2>/dev/null || true)" = "$base" ] && .venv/bin/python -c '' 2>/dev/null; }

make_environment() {
    rm -rf .venv
    if can 'import ensurepip, venv'; then
        "$python" -m venv .venv
    elif can 'import venv, pip; assert tuple(map(int, pip.__version__.split(".")[:2])) >= (22, 3)'; then
        # Debian keeps ensurepip in a package of its own. The pip that is there can install into an environment without one.
        "$python" -m venv --without-pip .venv
    elif can 'import virtualenv'; then
        "$python" -m virtualenv -q .venv
    elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing python3-venv with apt"
        apt-get -qq update
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3-venv >/dev/null
        can 'import ensurepip' || fail "$python still cannot make environments." \
            "Install the venv package that belongs to it, for example python3.12-venv."
        "$python" -m venv .venv
    else
        fail "$python has neither venv nor pip nor virtualenv, and an environment needs one of them." \
            "On Debian or Ubuntu: sudo apt-get install python3-venv"
    fi
}

pip() {
    if .venv/bin/python -c 'import pip' 2>/dev/null; then
        .venv/bin/python -m pip "$@"
    else
        "$python" -m pip --python .venv/bin/python "$@"
    fi
}

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

surplus() {
    .venv/bin/python - <<'PYTHON'
import re
from importlib.metadata import distributions
from pathlib import Path
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
wanted = {plain(name) for name in re.findall(r"^([A-Za-z0-9._-]+)", Path("requirements/dev.txt").read_text(), re.M)}
held = {plain(one.metadata["Name"]) for one in distributions()}
print(*sorted(held - wanted - {"pip", "setuptools", "wheel"}))
PYTHON
}

if is_usable; then
    say "bringing .venv up to date"
    rm -f .venv/setup-stamp
    # The names are split at blanks on purpose.
    # shellcheck disable=SC2046
    [ -z "$(surplus)" ] || pip uninstall -q -y $(surplus)
else
    say "making .venv with $("$python" --version); this takes a minute once"
    make_environment
fi
pip install -q --require-hashes -r requirements/dev.txt ||
    fail "The packages could not be installed; the lines above say why." "The first setup needs a network, later ones do not."
pip install -q --no-deps --no-build-isolation --no-index --editable .
echo "$base" >.venv/base-stamp
echo "$stamp" >.venv/setup-stamp
say "done"
