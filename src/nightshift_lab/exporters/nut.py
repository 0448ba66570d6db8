"""What nut_exporter says of the UPS whose cable ends in a node; a charge is a percentage."""

from __future__ import annotations

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures, single

JOB = "nut"
_FLAGS = ("OL", "OB", "LB", "RB", "CHRG", "DISCHRG")


def nut_exporter(figures: Figures, owner: str) -> list[Family]:
    """All families of the node `owner` (`node/<name>`)."""
    families: list[Family] = []
    for ups in figures.world.cluster.upses:
        if f"node/{ups.served_by}" != owner:
            continue
        entity = f"ups/{ups.name}"
        status = Family("network_ups_tools_ups_status", "gauge", "UPS Status Code (ups.status)")
        told = [str(words).split() for words in figures.world.conditions(entity, "status", figures.times, "OL")]
        for flag in _FLAGS:
            status.add(np.array([float(flag in words) for words in told]), ups=ups.name, flag=flag)
        values = {
            "battery_charge": ("Battery charge (percent of full)", 100.0 * figures.of(entity, "battery_charge")),
            "battery_runtime": ("Battery runtime (seconds)", np.floor(figures.of(entity, "runtime_s"))),
            "ups_load": ("Load on UPS (percent of full)", np.round(100.0 * figures.of(entity, "load_fraction"))),
            "input_voltage": ("Input voltage (V)", np.round(figures.of(entity, "input_voltage"), 1)),
        }
        families += [
            single(f"network_ups_tools_{name}", "gauge", text, np.round(series, 1), ups=ups.name)
            for name, (text, series) in values.items()
        ]
        families.append(status)
    return families
