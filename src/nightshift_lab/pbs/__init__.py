"""The Proxmox Backup Server API of the simulated homelab."""

from nightshift_lab.pbs.permissions import AUDIT, PBS_ADMIN
from nightshift_lab.pbs.server import PbsServer

__all__ = ["AUDIT", "PBS_ADMIN", "PbsServer"]
