"""Builds the Kubernetes overlays as `kubectl apply --kustomize` does, and looks into what comes out."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project.files import ROOT

OVERLAYS = ROOT / "deploy" / "kubernetes" / "overlays"

Manifest = dict[str, Any]


@cache
def built(overlay: str) -> tuple[Manifest, ...]:
    """Return every object of an overlay."""
    done = subprocess.run(  # noqa: S603 - tools of this machine on our own files
        [*_kustomize(), OVERLAYS / overlay], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(overlay: str, *kinds: str) -> list[Manifest]:
    """Return the objects of these kinds."""
    return [one for one in built(overlay) if one["kind"] in kinds]


def named(overlay: str, kind: str, name: str) -> Manifest:
    """Return the object of this kind and name, or with this name and a hash of its content behind it."""
    [found] = [one for one in of_kind(overlay, kind) if one["metadata"]["name"].startswith(name)]
    return found


def called(one: Manifest) -> str:
    """Return what to call an object when a test fails."""
    return f"{one['kind']} {one['metadata']['name']}"


def pods(overlay: str) -> Iterator[tuple[str, Manifest]]:
    """Yield what each pod is made from: labels and spec, with the name of what makes it."""
    for one in of_kind(overlay, "Deployment", "Job"):
        yield called(one), one["spec"]["template"]


def containers(pod: Manifest) -> list[Manifest]:
    """Return all containers of a pod, those that only begin it too."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def settings_of(overlay: str) -> Mapping[str, str]:
    """Return the settings that every program of an overlay gets from its ConfigMap."""
    settings: Mapping[str, str] = named(overlay, "ConfigMap", "desksync-settings")["data"]
    return settings


def secret_files(pod: Manifest) -> list[tuple[str, str, str]]:
    """Return secret, key and file name of everything under `/run/secrets` of a pod."""
    return [
        (source["secret"]["name"], item["key"], item["path"])
        for volume in pod["spec"]["volumes"]
        for source in volume.get("projected", {}).get("sources", [])
        for item in source["secret"]["items"]
    ]


def _kustomize() -> list[str | Path]:
    if kubectl := shutil.which("kubectl"):
        return [kubectl, "kustomize"]
    if kustomize := shutil.which("kustomize"):
        return [kustomize, "build"]
    if os.environ.get("CI"):
        pytest.fail("The Kubernetes overlays are built with kubectl or kustomize, and neither is here.")
    pytest.skip("needs kubectl or kustomize")
