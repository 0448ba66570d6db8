"""Benchmarks, run by hand or by `make bench` as `python -m bench.NAME [--json]`; never part of the test run."""
