#!/bin/sh
# Begins the folder secrets beside this file: passwords and keys that compose.yaml hands to the containers as files.
# What is there already is left as it is, so that it can be run again after an upgrade.
set -eu
cd "$(dirname "$0")"

# Only its owner enters the folder. The files in it can be read by all, since each container has a user of its own.
mkdir -p secrets
chmod 700 secrets
umask 222

is_new() { [ ! -e "secrets/$1" ]; }
random_hex() { od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n'; }
random_key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

if is_new postgres-password && is_new DESKSYNC_DATABASE_URL; then
    password=$(random_hex)
    printf '%s' "$password" >secrets/postgres-password
    printf 'postgresql://desksync:%s@postgres:5432/desksync' "$password" >secrets/DESKSYNC_DATABASE_URL
fi
if is_new rabbitmq-user.conf && is_new DESKSYNC_BROKER_URL; then
    password=$(random_hex)
    printf 'default_user = desksync\ndefault_pass = %s\n' "$password" >secrets/rabbitmq-user.conf
    printf 'amqp://desksync:%s@rabbitmq:5672//' "$password" >secrets/DESKSYNC_BROKER_URL
fi
if is_new DESKSYNC_SECRET_KEYS; then
    printf 'key1:%s' "$(random_key)" >secrets/DESKSYNC_SECRET_KEYS
fi
if is_new grafana-password; then
    random_hex >secrets/grafana-password
fi
for name in DESKSYNC_NEO_ACCESS_KEY DESKSYNC_GOOGLE_CLIENT_SECRET DESKSYNC_OIDC_CLIENT_SECRET; do
    if is_new "$name"; then
        : >"secrets/$name"
        chmod u+w "secrets/$name"
    fi
    [ -s "secrets/$name" ] || echo "secrets/$name is empty: fill it in where it is needed; a trial needs none."
done
echo "Keep a copy of secrets/DESKSYNC_SECRET_KEYS elsewhere: without it everybody has to connect again."
