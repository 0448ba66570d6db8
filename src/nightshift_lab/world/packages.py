"""Packages of the nodes and backup servers: what is installed, and what waits to be."""

from __future__ import annotations

from dataclasses import dataclass


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
