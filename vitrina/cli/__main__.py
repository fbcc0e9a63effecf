"""Allows `python -m vitrina.cli`."""

from vitrina.cli.main import main

main()
