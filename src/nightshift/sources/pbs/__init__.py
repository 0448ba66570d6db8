"""Proxmox Backup Server."""
