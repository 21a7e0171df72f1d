"""`python -m cpmi` is the program `cpmi`."""

from cpmi.cli import main

main()
