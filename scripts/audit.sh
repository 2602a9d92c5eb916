#!/bin/sh
# Has checkov look at the Dockerfile and at what both Kubernetes overlays tell a cluster. It is large and pins half of what it needs,
# so it has an environment of its own, .venv-audit, made when it is missing or when requirements/audit.txt has changed.
set -eu
cd "$(dirname "$0")/.."

command -v kubectl >/dev/null || {
    echo "audit: kubectl builds the overlays, and is not here" >&2
    exit 1
}

stamp=.venv-audit/requirements.txt
if ! cmp -s requirements/audit.txt "$stamp"; then
    echo "audit: making .venv-audit; this takes a minute once"
    rm -rf .venv-audit
    .venv/bin/uv venv --quiet --python .venv/bin/python .venv-audit
    .venv/bin/uv pip sync --quiet --python .venv-audit/bin/python --require-hashes requirements/audit.txt
    cp requirements/audit.txt "$stamp"
fi

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
for overlay in trial production; do
    mkdir "$built/$overlay"
    kubectl kustomize "deploy/kubernetes/overlays/$overlay" >"$built/$overlay/$overlay.yaml"
done
cp deploy/docker/Dockerfile "$built/production/"

look() {
    .venv-audit/bin/checkov --directory "$built/$1" --framework kubernetes dockerfile --skip-download --quiet --compact --skip-check "$2"
}

# CKV_K8S_43 wants digests: whoever installs adds them, since only they know what they have pulled and looked at.
# CKV_K8S_15 wants every image pulled anew: ours are exact versions, which are not made twice.
always=CKV_K8S_43,CKV_K8S_15
look production "$always"

# In the trial PostgreSQL and RabbitMQ run as the users that their images have, and read a password of the trial from a variable.
look trial "$always,CKV_K8S_35,CKV_K8S_40"
echo "audit: nothing found"
