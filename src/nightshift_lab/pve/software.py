"""PVE's endpoints of a node's software: packages, repositories, services, certificates, clock, subscription."""

from __future__ import annotations

import hashlib

import numpy as np

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.nodes import node_state
from nightshift_lab.world.certificates import node_certificates
from nightshift_lab.world.packages import Package, packages_of, repository_trouble
from nightshift_lab.world.services import PVE_SERVICES, Service, active_state, service_state

_ORIGINS = {"Proxmox": "http://download.proxmox.com/debian/pve", "Debian": "http://debian.mirror.example/debian"}


def _packages(call: Call) -> tuple[Package, ...]:
    return packages_of(call.release.major)


def _package(package: Package) -> dict[str, Data]:
    return {
        "Package": package.name,
        "Title": package.title,
        "Description": f"{package.title}.\n This package is part of the system.",
        "Section": package.section,
        "Priority": package.priority,
        "Origin": package.origin,
        "Arch": "amd64",
        "OldVersion": package.installed,
        "Version": package.candidate or package.installed,
    }


_LIBRARIES = (
    *("libavahi", "libcurl4t64", "libexpat1", "libfreetype6", "libglib2.0", "libgnutls30t64", "libicu76", "libkrb5"),
    *("libldap2", "libnss3", "libpam", "libpng16-16t64", "libpython3.13", "libsqlite3", "libssh2-1t64", "libsystemd"),
    *("libtiff6", "libuv1t64", "libvpx9", "libxml2", "libxslt1.1", "libzstd1", "bind9", "dbus", "gnupg", "grub"),
    *("intel-microcode", "linux-libc", "openssh", "python3.13", "rsync", "samba", "tzdata"),
)
_PARTS = ("", "-common", "-data", "-bin", "-modules", "-utils", "-client")


def _further(number: int) -> str:
    """The name of some package more."""
    return f"{_LIBRARIES[number % len(_LIBRARIES)]}{_PARTS[number // len(_LIBRARIES) % len(_PARTS)]}"


def updates(call: Call) -> Data:
    """What `apt` knew when it looked last; nothing new while a repository refuses."""
    node = node_state(call).node.name
    if repository_trouble(call.world, node, call.at):
        return []
    waiting = [package for package in _packages(call) if package.candidate]
    count = call.world.condition(f"node/{node}", "updates", call.at, len(waiting))
    rows = [_package(package) for package in waiting[:count]]
    while len(rows) < count:
        name = _further(len(rows))
        rows.append(_package(Package(name, f"{name} of Debian", "2.1-3", "2.1-3+deb13u1", "libs", "Debian")))
    return rows


def versions(call: Call) -> Data:
    node = node_state(call).node.name
    kernel = call.world.condition(f"node/{node}", "kernel", call.at, call.release.kernel)
    rows = []
    for package in _packages(call):
        row = _package(package) | {"CurrentState": "Installed"}
        if package.name == "pve-manager":
            row |= {
                "ManagerVersion": f"{call.release.version}/{call.release.repoid}",
                "OldVersion": call.release.version,
            }
        if package.name == "proxmox-ve":
            row["RunningKernel"] = kernel
        rows.append(row)
    return rows


def repositories(call: Call) -> Data:
    """No subscription: the enterprise repository is off, the free one is on."""
    node = node_state(call).node.name
    suite = call.release.debian
    trouble = repository_trouble(call.world, node, call.at)
    enterprise = int(trouble == "enterprise")
    rows = [
        _repository(_ORIGINS["Debian"], suite, ["main", "contrib"]),
        _repository(_ORIGINS["Proxmox"], suite, ["pve-no-subscription"], enabled=1 - enterprise),
        _repository("https://enterprise.proxmox.com/debian/pve", suite, ["pve-enterprise"], enabled=enterprise),
    ]
    path = "/etc/apt/sources.list.d/proxmox.sources"
    problem = "" if trouble != "malformed" else "malformed entry 1 in deb822 file: missing value for key 'URIs'"
    return {
        "digest": hashlib.sha1(f"{node}{suite}".encode(), usedforsecurity=False).hexdigest(),
        "errors": [{"path": path, "error": problem}] if problem else [],
        "files": [{"path": path, "file-type": "sources", "digest": [17, 201, 4], "repositories": rows}],
        "infos": [],
        "standard-repos": [
            {"handle": "enterprise", "name": "Enterprise", "status": enterprise},
            {"handle": "no-subscription", "name": "No-Subscription", "status": 1 - enterprise},
        ],
    }


def _repository(uri: str, suite: str, components: list[str], *, enabled: int = 1) -> dict[str, Data]:
    return {
        "Types": ["deb"],
        "URIs": [uri],
        "Suites": [suite],
        "Components": components,
        "Enabled": enabled,
        "FileType": "sources",
    }


def services(call: Call) -> Data:
    node = node_state(call).node.name
    return [_service(call, node, service) for service in PVE_SERVICES if service.since <= call.release.major]


def service(call: Call) -> Data:
    node = node_state(call).node.name
    for known in PVE_SERVICES:
        if known.name == call.path["service"] and known.since <= call.release.major:
            return _service(call, node, known)
    problem = f"value '{call.path['service']}' does not have a value in the enumeration"
    raise Refusal(400, "Parameter verification failed.", {"service": problem})


def _service(call: Call, node: str, known: Service) -> dict[str, Data]:
    state = service_state(call.world, node, known, call.at, standalone=call.world.cluster.standalone)
    return {
        "name": known.name,
        "service": known.name,
        "desc": known.description,
        "state": state,
        "active-state": active_state(state),
        "unit-state": known.unit_state,
    }


def certificates(call: Call) -> Data:
    node = node_state(call).node
    answering = next((state.node.name for state in call.inventory.nodes.values() if state.online), "")
    rows = []
    for facts in node_certificates(call.world, node.name, node.ip, call.at):
        served_here = facts.filename == "pve-ssl.pem" and node.name == answering and call.fingerprint
        rows.append(
            {
                "filename": facts.filename,
                "fingerprint": call.fingerprint if served_here else facts.fingerprint,
                "subject": facts.subject,
                "issuer": facts.issuer,
                "san": list(facts.names),
                "notbefore": facts.not_before,
                "notafter": facts.not_after,
                "public-key-type": facts.key_type,
                "public-key-bits": facts.key_bits,
            }
        )
    return rows


def clock(call: Call) -> Data:
    """The node's own clock, as far off as it is."""
    node = node_state(call).node.name
    right = np.zeros(1)
    off = call.world.bent(f"node/{node}", "clock_offset_s", np.array([call.at]), right, float("nan"))
    told = int(call.at + float(off[0]))
    return {"time": told, "localtime": told, "timezone": "UTC"}


def subscription(call: Call) -> Data:
    """As a homelab has it: none."""
    name = node_state(call).node.name
    return {
        "status": "notfound",
        "message": "There is no subscription key",
        "serverid": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest().upper(),
        "url": "https://www.proxmox.com/en/proxmox-virtual-environment/pricing",
    }
