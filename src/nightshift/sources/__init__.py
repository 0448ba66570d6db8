"""Typed, read-only clients of the watched systems. They return facts and raise SourceErrors.

`transport` is the one HTTP door; what each API sends stays in the `models` of its package.
"""

from nightshift.sources.connection import Auth, BasicLogin, BearerToken, Connection, PbsToken, PveToken, Tls
from nightshift.sources.grafana.client import GrafanaClient, GrafanaViewer
from nightshift.sources.pages import Permissions, TaskPage
from nightshift.sources.pbs.client import PbsClient
from nightshift.sources.prometheus.client import MetricMetadata, PrometheusClient
from nightshift.sources.proxmox.answers import ClusterStatus, NodeMember, NodeStatus, Resources
from nightshift.sources.proxmox.client import ProxmoxClient
from nightshift.sources.sources import Client, Sources
from nightshift.sources.transport import Patience, Transport

__all__ = [
    "Auth",
    "BasicLogin",
    "BearerToken",
    "Client",
    "ClusterStatus",
    "Connection",
    "GrafanaClient",
    "GrafanaViewer",
    "MetricMetadata",
    "NodeMember",
    "NodeStatus",
    "Patience",
    "PbsClient",
    "PbsToken",
    "Permissions",
    "PrometheusClient",
    "ProxmoxClient",
    "PveToken",
    "Resources",
    "Sources",
    "TaskPage",
    "Tls",
    "Transport",
]
