"""`python -m nightshift_lab`."""

from nightshift_lab.main import main

main()
