"""Sentences: what is asked for by their form, and by several words together, where no single word says it."""
