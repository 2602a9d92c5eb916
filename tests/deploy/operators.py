"""The part of other people's Kubernetes types that our manifests use, for which no Python package has a description.

Written from the references of the RabbitMQ Cluster Operator (rabbitmq.com/v1beta1) and of CloudNativePG (postgresql.cnpg.io/v1).
A field that is not here is refused, so that a mistyped one is seen; whoever needs another one adds it with its type.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Named(_Strict):
    name: str
    namespace: str | None = None
    labels: dict[str, str] = {}


class _Resources(_Strict):
    requests: dict[Literal["cpu", "memory"], str]
    limits: dict[Literal["cpu", "memory"], str]


class _Persistence(_Strict):
    storage: str
    storageClassName: str | None = None  # noqa: N815 - Kubernetes' spelling


class _Rabbit(_Strict):
    additionalConfig: str = ""  # noqa: N815 - the same
    additionalPlugins: list[str] = []  # noqa: N815 - the same


class _Template(_Strict):
    spec: dict[str, Any]  # What Kubernetes itself checks when the operator makes the pods.


class _StatefulSetSpec(_Strict):
    template: _Template


class _StatefulSet(_Strict):
    spec: _StatefulSetSpec


class _Override(_Strict):
    statefulSet: _StatefulSet  # noqa: N815 - the same


class _RabbitmqClusterSpec(_Strict):
    replicas: int = Field(ge=1)
    image: str
    delayStartSeconds: int = 30  # noqa: N815 - the same
    terminationGracePeriodSeconds: int  # noqa: N815 - the same
    persistence: _Persistence
    resources: _Resources
    rabbitmq: _Rabbit
    affinity: dict[Literal["podAntiAffinity"], dict[str, Any]]
    override: _Override


class RabbitmqCluster(_Strict):
    """A cluster of RabbitMQ nodes."""

    apiVersion: Literal["rabbitmq.com/v1beta1"]  # noqa: N815 - the same
    kind: Literal["RabbitmqCluster"]
    metadata: _Named
    spec: _RabbitmqClusterSpec


class _Initdb(_Strict):
    database: str
    owner: str
    dataChecksums: bool  # noqa: N815 - the same


class _Bootstrap(_Strict):
    initdb: _Initdb


class _Synchronous(_Strict):
    method: Literal["any", "first"]
    number: int = Field(ge=1)


class _PostgreSQL(_Strict):
    parameters: dict[str, str]
    synchronous: _Synchronous


class _Storage(_Strict):
    size: str
    storageClass: str | None = None  # noqa: N815 - the same


class _PodAffinity(_Strict):
    enablePodAntiAffinity: bool  # noqa: N815 - the same
    podAntiAffinityType: Literal["preferred", "required"]  # noqa: N815 - the same
    topologyKey: str  # noqa: N815 - the same


class _ClusterSpec(_Strict):
    instances: int = Field(ge=1)
    imageName: str  # noqa: N815 - the same
    bootstrap: _Bootstrap
    postgresql: _PostgreSQL
    storage: _Storage
    resources: _Resources
    affinity: _PodAffinity


class Cluster(_Strict):
    """A cluster of PostgreSQL instances."""

    apiVersion: Literal["postgresql.cnpg.io/v1"]  # noqa: N815 - the same
    kind: Literal["Cluster"]
    metadata: _Named
    spec: _ClusterSpec
