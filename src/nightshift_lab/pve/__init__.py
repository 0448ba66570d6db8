"""The Proxmox VE API of the simulated cluster."""

from nightshift_lab.pve.permissions import ADMIN, AUDITOR
from nightshift_lab.pve.server import PveServer

__all__ = ["ADMIN", "AUDITOR", "PveServer"]
