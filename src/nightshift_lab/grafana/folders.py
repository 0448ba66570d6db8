"""The folders that alert rules are filed in, and where their runbooks are."""

from __future__ import annotations

from nightshift_lab.grafana.rule import Folder

HOSTS = Folder("fe2k8hosts", "Hosts")
PROXMOX = Folder("fe2k8proxmox", "Proxmox")
BACKUPS = Folder("fe2k8backups", "Backups")
MONITORING = Folder("fe2k8monitoring", "Monitoring")
HARDWARE = Folder("fe2k8hardware", "Hardware")
SERVICES = Folder("fe2k8services", "Services")
FOLDERS = (HOSTS, PROXMOX, BACKUPS, MONITORING, HARDWARE, SERVICES)

RUNBOOKS = "https://wiki.home.example/runbooks"
