"""The command line: a thin face that runs everything in its own process. `main.py` is the way in."""
