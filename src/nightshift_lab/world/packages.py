"""Packages of the nodes and backup servers: what is installed, and what waits to be."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True)
class Package:
    """`candidate` is the version that `apt` would install; None: nothing newer."""

    name: str
    title: str
    installed: str
    candidate: str | None = None
    section: str = "admin"
    origin: str = "Proxmox"
    priority: str = "optional"


PVE_9_PACKAGES = (
    Package("proxmox-ve", "Proxmox Virtual Environment", "9.1.0"),
    Package("pve-manager", "Proxmox Virtual Environment Management Tools", "9.1.4", "9.1.6"),
    Package("proxmox-kernel-6.17", "Latest Proxmox Kernel Image", "6.17.4-1", "6.17.6-1", "kernel"),
    Package("qemu-server", "Qemu Server Tools", "9.1.3", "9.1.4"),
    Package("pve-qemu-kvm", "Full virtualization on x86 hardware", "10.1.2-5"),
    Package("lxc-pve", "Linux containers userspace tools", "6.0.5-3"),
    Package("pve-container", "Proxmox VE Container management tool", "6.0.18"),
    Package("pve-ha-manager", "Proxmox VE HA Manager", "5.0.8"),
    Package("corosync", "cluster engine daemon and utilities", "3.1.9-pve2"),
    Package("pve-cluster", "Proxmox Cluster Filesystem", "9.0.7"),
    Package("zfsutils-linux", "command-line tools to manage OpenZFS filesystems", "2.3.4-pve1"),
    Package("proxmox-backup-client", "Proxmox Backup Client tools", "4.1.0-1", "4.1.1-1"),
    Package("libpve-storage-perl", "Proxmox VE storage management library", "9.1.0"),
    Package(
        "openssl",
        "Secure Sockets Layer toolkit - cryptographic utility",
        "3.5.4-1~deb13u1",
        "3.5.4-1~deb13u2",
        "utils",
        "Debian",
    ),
)
PVE_8_PACKAGES = (
    Package("proxmox-ve", "Proxmox Virtual Environment", "8.4.0"),
    Package("pve-manager", "Proxmox Virtual Environment Management Tools", "8.4.14", "8.4.16"),
    Package("proxmox-kernel-6.8", "Latest Proxmox Kernel Image", "6.8.12-16", "6.8.12-18", "kernel"),
    Package("qemu-server", "Qemu Server Tools", "8.4.5"),
    Package("pve-qemu-kvm", "Full virtualization on x86 hardware", "9.2.0-7"),
    Package("lxc-pve", "Linux containers userspace tools", "6.0.0-1"),
    Package("pve-container", "Proxmox VE Container management tool", "5.3.3"),
    Package("pve-ha-manager", "Proxmox VE HA Manager", "4.0.7"),
    Package("corosync", "cluster engine daemon and utilities", "3.1.9-pve1"),
    Package("pve-cluster", "Proxmox Cluster Filesystem", "8.1.2"),
    Package("zfsutils-linux", "command-line tools to manage OpenZFS filesystems", "2.2.8-pve1"),
    Package("proxmox-backup-client", "Proxmox Backup Client tools", "3.4.7-1"),
    Package("libpve-storage-perl", "Proxmox VE storage management library", "8.3.7"),
    Package(
        "openssl",
        "Secure Sockets Layer toolkit - cryptographic utility",
        "3.0.17-1~deb12u2",
        "3.0.17-1~deb12u3",
        "utils",
        "Debian",
    ),
)
PBS_4_PACKAGES = (
    Package("proxmox-backup-server", "Proxmox Backup Server daemon with tools and GUI", "4.1.2-1", "4.1.4-1"),
    Package("proxmox-backup-client", "Proxmox Backup Client tools", "4.1.2-1", "4.1.4-1"),
    Package("proxmox-kernel-6.17", "Latest Proxmox Kernel Image", "6.17.4-1", None, "kernel"),
    Package("zfsutils-linux", "command-line tools to manage OpenZFS filesystems", "2.3.4-pve1"),
)
PBS_3_PACKAGES = (
    Package("proxmox-backup-server", "Proxmox Backup Server daemon with tools and GUI", "3.4.8-1"),
    Package("proxmox-backup-client", "Proxmox Backup Client tools", "3.4.8-1"),
    Package("proxmox-kernel-6.8", "Latest Proxmox Kernel Image", "6.8.12-16", "6.8.12-18", "kernel"),
    Package("zfsutils-linux", "command-line tools to manage OpenZFS filesystems", "2.2.8-pve1"),
)


def packages_of(major: int) -> tuple[Package, ...]:
    """Of a node with that release of PVE."""
    return PVE_9_PACKAGES if major >= 9 else PVE_8_PACKAGES


def repository_trouble(world: World, node: str, t: float) -> str:
    """What keeps a node from learning of updates: `enterprise` (401, no subscription), `malformed`, or nothing."""
    return str(world.condition(f"node/{node}", "repository", t, ""))


def apt_log(trouble: str) -> tuple[str, ...]:
    """What `apt-get update` says as a task, night after night."""
    begin = ("starting apt-get update",)
    if trouble == "malformed":
        path = "/etc/apt/sources.list.d/proxmox.sources"
        return (*begin, f"E: Malformed entry 1 in sources file {path} (URI)", f"TASK ERROR: {APT_FAILED}")
    hits = (
        "Hit:1 http://debian.mirror.example/debian trixie InRelease",
        "Hit:2 http://security.mirror.example/debian-security trixie-security InRelease",
    )
    if trouble == "enterprise":
        address = "https://enterprise.proxmox.com/debian/pve"
        return (
            *begin, *hits,
            f"Err:3 {address} trixie InRelease", "  401  Unauthorized [IP: 198.51.100.80 443]",
            "Reading package lists...",
            f"E: Failed to fetch {address}/dists/trixie/InRelease  401  Unauthorized [IP: 198.51.100.80 443]",
            f"E: The repository '{address} trixie InRelease' is not signed.",
            f"TASK ERROR: {APT_FAILED}",
        )  # fmt: skip
    return (*begin, "Hit:3 http://download.proxmox.com/debian/pve trixie InRelease", *hits,
            "Reading package lists...", "TASK OK")  # fmt: skip


APT_FAILED = "command 'apt-get update' failed: exit code 100"
