"""What is asked from outside: pages, names, pings and certificates.

A page that answers 401 or 404 to a probe that allows it is meant so: only an error of the server itself is judged.
"""

from __future__ import annotations

from nightshift.checks.rows.row import Row, at_every_probe, highest

_BY = "job, instance"
_PROBES = "probes"
_BLACKBOX = "blackbox_exporter"
_SSL = "ssl_exporter"

ROWS: tuple[Row, ...] = (
    Row(
        id="probe.failed",
        family=_PROBES,
        title="Probes from outside",
        exporter=_BLACKBOX,
        metric="probe_success",
        value=f"max by ({_BY}) ({at_every_probe('probe_success', 'max_over_time(%s) == 0')})",
        meaning="0: every probe of the last 3 min failed, two at least",
        severity="critical",
        unit="state",
        about="target",
        headline="{instance} does not answer",
        detail="Every probe of the last minutes failed: whoever uses it is cut off.",
        remedy="`curl -vk {instance}` (or `dig @{instance}`) from another machine shows at which step it fails: name, "
        "connection, certificate or answer. The blackbox_exporter's page `/` keeps the log of the last probes.",
        runbook="probe-failed.md#steps",
    ),
    Row(
        id="probe.http_error",
        family=_PROBES,
        title="Pages that answer with an error",
        exporter=_BLACKBOX,
        metric="probe_http_status_code",
        value=f"max by ({_BY}) ({at_every_probe('probe_http_status_code', 'min_over_time(%s) >= 500')}) and on ({_BY}) "
        f"max by ({_BY}) (last_over_time(probe_success[11m])) == 1",
        meaning="the HTTP status, where it was an error at every probe of the last 3 min, two at least, though the "
        "probe allows it",
        unit="state",
        about="target",
        headline="{instance} answers with an error ({value})",
        detail="The probe counts as a success, for its module allows this status; a server that fails serves nobody.",
        remedy="`curl -vk {instance}`; when the status is meant, say so in the module's `valid_status_codes` and leave "
        "this check out for it.",
        yields_to=("probe.failed",),
        runbook="probe-failed.md#steps",
    ),
    Row(
        id="probe.unsteady",
        family=_PROBES,
        title="Probes that fail now and then",
        exporter=_BLACKBOX,
        metric="probe_success",
        value=f"min by ({_BY}) (avg_over_time(probe_success[1d])) and on ({_BY}) max by ({_BY}) (probe_success) == 1 "
        f"and on ({_BY}) max by ({_BY}) (count_over_time(probe_success[1h] offset 23h)) > 0 and on ({_BY}) "
        f"max by ({_BY}) (changes(probe_success[1d])) > 5",
        meaning="the share of the probes of the last day that succeeded, where it was away three times or more and "
        "answers now",
        worse="below",
        warning="probe_uptime_warning",
        unit="fraction",
        about="target",
        headline="{instance} answered {value} of the time within a day",
        detail="It answers now, but was away again and again.",
        remedy="Look at `probe_success` of it over the day: many small gaps are the network, or a service that "
        "restarts for want of memory.",
        runbook="probe-failed.md#steps",
    ),
    Row(
        id="probe.outage_over",
        family=_PROBES,
        title="Outages of the last day that are over",
        exporter=_BLACKBOX,
        metric="probe_success",
        value=f"max by ({_BY}) (time() - max_over_time(timestamp(probe_success == 0)[1d:5m])) and on ({_BY}) "
        f"max by ({_BY}) (avg_over_time(probe_success[1d])) < 0.99 and on ({_BY}) "
        f"max by ({_BY}) (min_over_time(probe_success[10m])) == 1 and on ({_BY}) "
        f"max by ({_BY}) (count_over_time(probe_success[1h] offset 23h)) > 0",
        meaning="seconds since a probe failed last, where it was away for more than a quarter of an hour in the last "
        "day and has answered for 10 min",
        severity="info",
        unit="seconds",
        about="target",
        headline="{instance} was away within the last day, and has answered again for {value}",
        detail="The outage is over; for 10 min at least every probe has succeeded.",
        remedy="`probe_success` of it over the day tells when it began; the logs of that time tell why.",
        yields_to=("probe.unsteady",),
        runbook="probe-failed.md#steps",
    ),
    Row(
        id="probe.slow",
        family=_PROBES,
        title="Probes that take long",
        exporter=_BLACKBOX,
        metric="probe_duration_seconds",
        value=f"max by ({_BY}) (avg_over_time(probe_duration_seconds[10m])) and on ({_BY}) "
        f"max by ({_BY}) (min_over_time(probe_success[10m])) == 1",
        meaning="seconds that a probe took on average over the last 10 min, where all succeeded",
        warning="probe_duration_warning_s",
        unit="seconds",
        about="target",
        headline="{instance} answers slowly ({value})",
        detail="On average it took {value} over the last 10 min.",
        remedy="`probe_http_duration_seconds` (or `probe_dns_lookup_time_seconds`) tells which step takes the time.",
        runbook="probe-failed.md#steps",
    ),
    Row(
        id="probe.slow_ping",
        family=_PROBES,
        title="Pings that take long",
        exporter=_BLACKBOX,
        metric="probe_icmp_duration_seconds",
        value=f'max by ({_BY}) (avg_over_time(probe_icmp_duration_seconds{{phase="rtt"}}[10m])) and on ({_BY}) '
        f"max by ({_BY}) (min_over_time(probe_success[10m])) == 1",
        meaning="seconds for there and back, on average over the last 10 min, where all pings came back",
        warning="ping_warning_s",
        unit="seconds",
        about="target",
        headline="Pings to {instance} take {value}",
        detail="That is the mean of the last 10 min: the way to it is overloaded.",
        remedy="`mtr {instance}` shows the hop.",
        yields_to=("probe.slow",),
        runbook="probe-failed.md#steps",
    ),
    Row(
        id="probe.certificate",
        family=_PROBES,
        title="Certificates of what is probed",
        exporter=_BLACKBOX,
        metric="probe_ssl_earliest_cert_expiry",
        value=f"min by ({_BY}) ((last_over_time(probe_ssl_earliest_cert_expiry[1h]) > 0) - time()) / 86400",
        meaning="days until the first certificate of the chain ends; below 0 it has ended",
        worse="below",
        warning="certificate_warning_days",
        critical="certificate_critical_days",
        unit="expiry",
        headline="The certificate of {instance} {value}",
        detail="After that every client refuses it. ACME renews at 30 days: this one was not renewed.",
        remedy="`openssl s_client -connect HOST:443 </dev/null | openssl x509 -noout -dates -issuer` "
        "shows which it is; "
        "see the log of what renews it (certbot, traefik, caddy, `pvenode acme cert renew`).",
        yields_to=("node.certificate",),
        runbook="web-certificate.md#steps",
    ),
    Row(
        id="probe.reload_failed",
        family=_PROBES,
        title="Configuration of blackbox_exporter",
        exporter=_BLACKBOX,
        metric="blackbox_exporter_config_last_reload_successful",
        value=f"max by ({_BY}) ({highest('blackbox_exporter_config_last_reload_successful', '2m')}) == 0",
        meaning="0: the last reload failed, and none has succeeded for 2 min",
        unit="state",
        about="target",
        headline="blackbox_exporter {instance} runs with an old configuration",
        detail="Its last reload failed: probes go by what it read before.",
        remedy="`blackbox_exporter --config.check --config.file=/etc/prometheus/blackbox.yml` names the line.",
        runbook="probe-failed.md#steps",
    ),
    Row(
        id="tls.probe_failed",
        family=_PROBES,
        title="TLS that cannot be set up",
        exporter=_SSL,
        metric="ssl_probe_success",
        value=f"max by ({_BY}) ({at_every_probe('ssl_probe_success', 'max_over_time(%s) == 0')})",
        meaning="0: every attempt of the last 3 min failed, two at least",
        severity="critical",
        unit="state",
        about="target",
        headline="No TLS connection to {instance}",
        detail="Every attempt of the last minutes failed: it is away, or its certificate is not valid for its name.",
        remedy="`openssl s_client -connect {instance} -servername NAME </dev/null` shows the reason.",
        yields_to=("probe.failed",),
        runbook="web-certificate.md#steps",
    ),
    Row(
        id="tls.revoked",
        family=_PROBES,
        title="Certificates that were revoked",
        exporter=_SSL,
        metric="ssl_ocsp_response_status",
        value=f"max by ({_BY}) (ssl_ocsp_response_status) == 1",
        meaning="1: the issuer says that the certificate is revoked",
        severity="critical",
        unit="state",
        about="target",
        headline="The certificate of {instance} was revoked",
        detail="Clients that ask the issuer refuse it.",
        remedy="Have a new one issued, and find out who revoked the old one and why.",
        runbook="web-certificate.md#steps",
    ),
    Row(
        id="tls.certificate",
        family=_PROBES,
        title="Certificates that ssl_exporter reads",
        exporter=_SSL,
        metric="ssl_verified_cert_not_after",
        value=f'min by ({_BY}) (ssl_verified_cert_not_after{{chain_no="0"}} - time()) / 86400',
        meaning="days until the first certificate of the chain ends; below 0 it has ended",
        worse="below",
        warning="certificate_warning_days",
        critical="certificate_critical_days",
        unit="expiry",
        headline="The certificate of {instance} {value}",
        detail="After that every client refuses it. ACME renews at 30 days: this one was not renewed.",
        remedy="`openssl s_client -connect {instance} </dev/null | openssl x509 -noout -dates -issuer`; see the log of "
        "what renews it.",
        yields_to=("probe.certificate", "node.certificate"),
        runbook="web-certificate.md#steps",
    ),
)
