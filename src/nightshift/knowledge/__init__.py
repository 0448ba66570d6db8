"""Runbooks: Markdown in folders, split into sections that can be quoted, and a search that can say "there is none"."""
