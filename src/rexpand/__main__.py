"""`python -m rexpand`: the command line."""

from rexpand.cli.main import run

if __name__ == "__main__":
    run()
