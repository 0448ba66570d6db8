"""The owner of a sweep: one Snapshot, the checks over it, causes, and what changed since the last one."""
