"""Frozen nouns of the domain. No I/O, no clock, no event loop."""
