"""What runs on machines: units of systemd, and containers."""

from __future__ import annotations

from nightshift.checks.rows.row import Row

_BY = "job, instance"
_SERVICES = "services"
_CONTAINERS = "containers"
_CADVISOR = "cAdvisor"
_SYSTEMD = "node_exporter (systemd) or systemd_exporter"
_NAMED = 'name!=""'

SYSTEMD_ROWS: tuple[Row, ...] = (
    Row(
        id="systemd.unit_failed",
        family=_SERVICES,
        title="Units of systemd that failed",
        exporter=_SYSTEMD,
        metric="node_systemd_unit_state",
        value=f'max by ({_BY}, name) (min_over_time(node_systemd_unit_state{{state="failed"}}[5m])) == 1 or '
        f'max by ({_BY}, name) (min_over_time(systemd_unit_state{{state="failed"}}[5m])) == 1',
        meaning="1: the unit has been in the state failed for 5 min",
        unit="state",
        labels=("name",),
        headline="{name} has failed on {about}",
        detail="systemd gave up on it: it does not run, or its last run went wrong.",
        remedy="`systemctl status {name}` and `journalctl -u {name} -n 50` on it; when it is mended "
        "`systemctl reset-failed {name}`.",
        yields_to=("node.service", "server.service"),
        same_thing=True,
        runbook="services.md#steps",
    ),
    Row(
        id="systemd.crash_loop",
        family=_SERVICES,
        title="Services that restart again and again",
        exporter=_SYSTEMD,
        metric="node_systemd_service_restart_total",
        value=f"max by ({_BY}, name) (increase(node_systemd_service_restart_total[15m])) or "
        f"max by ({_BY}, name) (increase(systemd_service_restart_total[15m]))",
        meaning="restarts of a service within 15 min",
        warning="restarts_warning",
        labels=("name",),
        headline="{name} keeps crashing on {about}",
        detail="systemd restarted it {value} times within 15 min.",
        remedy="`journalctl -u {name} -n 100` on it shows the last words before each end.",
        yields_to=("systemd.unit_failed",),
        same_thing=True,
        runbook="services.md#steps",
    ),
    Row(
        id="systemd.tasks",
        family=_SERVICES,
        title="Tasks of a unit",
        exporter="systemd_exporter",
        metric="systemd_unit_tasks_current",
        value=f"max by ({_BY}, name) (min_over_time(systemd_unit_tasks_current[5m]) / (systemd_unit_tasks_max > 0))",
        meaning="tasks of a unit as a share of what it may have, at every moment of the last 5 min",
        warning="unit_tasks_warning",
        unit="fraction",
        labels=("name",),
        headline="{name} on {about} has {value} of the tasks that it may",
        detail="At its limit it cannot start a process or thread any more.",
        remedy="`systemctl status {name}` on it; raise `TasksMax=` in `systemctl edit {name}` when it needs them.",
        runbook="services.md#steps",
    ),
    Row(
        id="systemd.socket_refused",
        family=_SERVICES,
        title="Connections that sockets refuse",
        exporter="systemd_exporter",
        metric="systemd_socket_refused_connections_total",
        value=f"sum by ({_BY}, name) (increase(systemd_socket_refused_connections_total[15m])) > 0",
        meaning="connections that a socket unit refused within 15 min",
        labels=("name",),
        headline="{name} on {about} refuses connections",
        detail="{value} within 15 min: it has as many as it may.",
        remedy="`systemctl show {name} -p MaxConnections,NConnections` on it; raise `MaxConnections=`.",
        runbook="services.md#steps",
    ),
)


# Servers whose exporters log in to them and say whether that worked; a scrape target that is up says nothing of it.
_SERVERS = (
    "apache|bind|clickhouse|couchdb|dovecot|elasticsearch|haproxy|influxdb|mariadb|memcached|minio|mongodb|mosquitto|mssql|"
    "mysql|nextcloud|nginx|openldap|opensearch|pg|pgbouncer|phpfpm|pihole|postfix|proxysql|rabbitmq|redis|squid|unbound|"
    "varnish|zookeeper"
)
_UP = f'{{__name__=~"({_SERVERS})_up"}}'

SERVER_ROWS: tuple[Row, ...] = (
    Row(
        id="service.down",
        family=_SERVICES,
        title="Servers that their exporters cannot reach",
        exporter="postgres_exporter, mysqld_exporter, redis_exporter and their like",
        metric="pg_up",
        value=f'max by ({_BY}, service) (label_replace(label_replace({_UP} == 0 and {_UP} offset 2m == 0, "service", '
        '"$1", "__name__", "(.+)_up"), "service", "postgresql", "service", "pg"))',
        meaning="0: an exporter runs and could not reach its server, now and 2 min ago",
        severity="critical",
        unit="state",
        labels=("service",),
        headline="{service} on {about} does not answer its exporter",
        detail="The exporter runs and cannot use the server that it watches: whatever needs that server stands still.",
        remedy="`systemctl status '*{service}*'` (or `docker ps -a`) and its log on {about}: it has stopped, takes no "
        "more connections, or the exporter's login is wrong.",
        runbook="services.md#steps",
    ),
)


def _of_limit(window: str) -> str:
    return (
        f"max by ({_BY}, name) (min_over_time(container_memory_working_set_bytes{{{_NAMED}}}[{window}]) / "
        f"(container_spec_memory_limit_bytes{{{_NAMED}}} > 0))"
    )


CONTAINER_ROWS: tuple[Row, ...] = (
    Row(
        id="container.restarting",
        family=_CONTAINERS,
        title="Containers that restart again and again",
        exporter=_CADVISOR,
        metric="container_start_time_seconds",
        value=f"max by ({_BY}, name) (changes(container_start_time_seconds{{{_NAMED}}}[1h]))",
        meaning="restarts of a container within 1 h",
        warning="restarts_warning",
        labels=("name",),
        headline="Container {name} on {about} keeps restarting",
        detail="It was started anew {value} times within 1 h.",
        remedy="`docker logs --tail 100 {name}` and `docker inspect {name} --format '{{{{.State}}}}'` on it.",
        runbook="docker-host.md#steps",
    ),
    Row(
        id="container.gone",
        family=_CONTAINERS,
        title="Containers that are gone",
        exporter=_CADVISOR,
        metric="container_last_seen",
        value=f"max by ({_BY}, name) (time() - last_over_time(container_last_seen{{{_NAMED}}}[1h]) > 300) "
        f"and on ({_BY}) max by ({_BY}) (up == 1)",
        meaning="seconds since a container of the last hour was seen, where more than 5 min",
        severity="info",
        unit="seconds",
        labels=("name",),
        headline="Container {name} on {about} is gone",
        detail="It was there within the last hour and has not been seen for {value}. Stopped by hand it is meant so.",
        remedy="`docker ps -a --filter name={name}` and `docker logs --tail 100 {name}` on it.",
        runbook="docker-host.md#steps",
    ),
    Row(
        id="container.memory",
        family=_CONTAINERS,
        title="Containers at the limit of their memory",
        exporter=_CADVISOR,
        metric="container_memory_working_set_bytes",
        value=_of_limit("5m"),
        meaning="what a container uses as a share of its limit, at every moment of the last 5 min",
        warning="container_memory_warning",
        unit="fraction",
        labels=("name",),
        headline="Container {name} on {about} uses {value} of its memory",
        detail="At its limit the kernel kills it.",
        remedy="`docker stats --no-stream {name}` on it; raise `mem_limit`, or find what grows.",
        runbook="docker-host.md#steps",
    ),
    Row(
        id="container.oom",
        family=_CONTAINERS,
        title="Containers that were killed for memory",
        exporter=_CADVISOR,
        metric="container_oom_events_total",
        value=f"max by ({_BY}, name) (increase(container_oom_events_total{{{_NAMED}}}[1h])) > 0",
        meaning="processes of a container that the kernel killed for memory within 1 h",
        labels=("name",),
        headline="Container {name} on {about} runs out of memory",
        detail="The kernel killed {value} of its processes within 1 h.",
        remedy="`docker inspect {name} --format '{{{{.HostConfig.Memory}}}}'` on it tells its limit; raise it, or find "
        "what grows.",
        runbook="docker-host.md#steps",
    ),
    Row(
        id="container.cpu",
        family=_CONTAINERS,
        title="Containers at the limit of their processor time",
        exporter=_CADVISOR,
        metric="container_cpu_cfs_throttled_periods_total",
        value=f"max by ({_BY}, name) (rate(container_cpu_cfs_throttled_periods_total{{{_NAMED}}}[15m]) / "
        f"(rate(container_cpu_cfs_periods_total{{{_NAMED}}}[15m]) > 0.5) and "
        f"container_cpu_cfs_periods_total{{{_NAMED}}} offset 14m)",
        meaning="the share of periods of the last 15 min in which a container was held back by its limit",
        warning="container_throttled_warning",
        unit="fraction",
        labels=("name",),
        headline="Container {name} on {about} is held back by its processor limit",
        detail="It was held back in {value} of the periods of the last 15 min: it is slower than it could be.",
        remedy="Raise `cpus` of it, or take the limit away.",
        runbook="docker-host.md#steps",
    ),
    Row(
        id="container.unhealthy",
        family=_CONTAINERS,
        title="Containers that call themselves unhealthy",
        exporter=_CADVISOR,
        metric="container_health_state",
        value=f"max by ({_BY}, name) (max_over_time(container_health_state{{{_NAMED}}}[5m]) == 0 and "
        f"max_over_time(container_health_state{{{_NAMED}}}[1d:10m]) == 1)",
        meaning="0: its own health check has failed for 5 min (older versions say 0 of containers without "
        "one, so that it "
        "has to have been healthy within the day)",
        unit="state",
        labels=("name",),
        headline="Container {name} on {about} is unhealthy",
        detail="Its own health check has failed for 5 min.",
        remedy="`docker inspect {name} --format '{{{{json .State.Health}}}}'` on it shows what the check said.",
        runbook="docker-host.md#steps",
    ),
    Row(
        id="container.inodes",
        family=_CONTAINERS,
        title="Inodes of containers",
        exporter=_CADVISOR,
        metric="container_fs_inodes_free",
        value=f"min by ({_BY}, name) (container_fs_inodes_free{{{_NAMED}}} / "
        f"(container_fs_inodes_total{{{_NAMED}}} > 0))",
        meaning="the share of inodes that is left where a container writes",
        worse="below",
        warning="inodes_warning",
        critical="inodes_critical",
        unit="fraction",
        labels=("name",),
        headline="Container {name} on {about} has {value} of its inodes left",
        detail="When none is left it cannot make a file.",
        remedy="`docker exec {name} df -i` on it; find the folder with the many small files.",
        yields_to=("host.inodes", "filesystem.full"),
        runbook="docker-host.md#steps",
    ),
)

ROWS: tuple[Row, ...] = (*SYSTEMD_ROWS, *SERVER_ROWS, *CONTAINER_ROWS)
