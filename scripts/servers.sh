#!/bin/sh
# Makes sure that the tests find a RabbitMQ and a PostgreSQL. Starts neither: the tests run private ones in temporary folders.
# As root on Debian or Ubuntu it installs what is missing; otherwise it says what to do. ROOT is where programs are looked for.
# With the word "programs" only installed ones count, and neither Docker nor a server that somebody has named.
set -eu
# shellcheck source=scripts/apt.sh
. "${0%/*}/apt.sh"

root=${ROOT:-}
programs=${1:-}

has_docker() { [ -z "$programs" ] && command -v docker >/dev/null && docker info >/dev/null 2>&1; }
is_named() { [ -z "$programs" ] && [ -n "$1" ]; }
has_rabbitmq() {
    is_named "${DESKSYNC_TEST_BROKER_URL:-}" || [ -x "${DESKSYNC_TEST_RABBITMQ_HOME:-$root}/usr/lib/rabbitmq/bin/rabbitmq-server" ]
}
has_postgresql() {
    is_named "${DESKSYNC_TEST_DATABASE_URL:-}" && return
    for initdb in "$root"/usr/lib/postgresql/*/bin/initdb; do
        [ -x "$initdb" ] && return
    done
    bindir=$(pg_config --bindir 2>/dev/null) && [ -x "$root$bindir/initdb" ]
}

missing=
has_rabbitmq || missing="rabbitmq-server"
has_postgresql || missing="$missing postgresql"
missing=${missing# }
if [ -z "$missing" ] || has_docker; then
    exit 0
fi

if ! apt_can_install; then
    cat >&2 <<TEXT
servers: $missing is needed, which is not here. One of these helps:
         - on Debian or Ubuntu:  sudo apt-get install --no-install-recommends $missing
         - for tests: start Docker
         - for tests: name servers that may be used: DESKSYNC_TEST_DATABASE_URL=postgresql://... DESKSYNC_TEST_BROKER_URL=amqp://...
         Tests that need no server run with: make check
TEXT
    exit 1
fi

echo "servers: installing $missing with apt"
# The names are meant to be split into words.
# shellcheck disable=SC2086
apt_install $missing
