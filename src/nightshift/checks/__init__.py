"""What can be wrong, decided by pure functions: one file a family, one function a check, an explicit registry.

`registry.CHECKS` lists them, `judge.run_checks` runs them over a Snapshot, `thresholds.Thresholds` holds every limit.
"""
