"""`python -m rexpand`: the command line."""

from rexpand.cli.main import run

run()
