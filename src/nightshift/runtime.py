"""Composition root: settings in, ready parts out."""
