"""`python -m nightshift.cli`: the command line where the console script is not on PATH, as for the demo's children."""

from __future__ import annotations

from nightshift.cli.main import main

main()
