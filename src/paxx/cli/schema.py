"""`paxx schema`: print the JSON Schema of what `--json` prints."""

from pathlib import Path

import click

FILE = Path(__file__).parents[1] / "schema.json"


@click.command()
def schema() -> int:
    """Print the JSON Schema of every document that `--json` prints."""
    from paxx.cli import streams

    streams.write(FILE.read_text(encoding="utf-8").rstrip())
    return 0
