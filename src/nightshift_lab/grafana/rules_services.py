"""Alert rules about what people notice: probes, certificates, containers. Data."""

from __future__ import annotations

from nightshift_lab.grafana.folders import RUNBOOKS, SERVICES
from nightshift_lab.grafana.rule import AlertRule

SERVICE_RULES: tuple[AlertRule, ...] = (
    AlertRule(
        uid="services-probe",
        title="ProbeFailed",
        folder=SERVICES,
        group="probes",
        expr="probe_success",
        comparison="lt",
        threshold=1,
        for_s=180,
        severity="critical",
        summary="{{ $labels.instance }} does not work",
        description="Asked for through DNS and the proxy. If many fail at once, look at what they share.",
        runbook_url=f"{RUNBOOKS}/service-down",
    ),
    AlertRule(
        uid="services-node-certificate",
        title="NodeCertificateExpiresSoon",
        folder=SERVICES,
        group="certificates",
        expr='(probe_ssl_earliest_cert_expiry{instance=~"https://[0-9.]+:.+"} - time()) / 86400',
        comparison="lt",
        threshold=12,
        for_s=3600,
        severity="warning",
        summary="The certificate of {{ $labels.instance }} ends in {{ $value }} days",
        description="Proxmox renews its own two weeks before the end; this time it did not.",
        runbook_url=f"{RUNBOOKS}/certificate",
    ),
    AlertRule(
        uid="services-container-restarts",
        title="ContainerRestarting",
        folder=SERVICES,
        group="containers",
        expr='changes(container_start_time_seconds{name!=""}[1h])',
        comparison="gt",
        threshold=2,
        for_s=0,
        severity="warning",
        summary="Container {{ $labels.name }} on {{ $labels.instance }} started {{ $value }} times within an hour",
        description="docker logs {{ $labels.name }} tells why.",
    ),
)
