"""`paxx feature`: describe a domain in a line and get its code, take it out again."""

from pathlib import Path
from typing import Any

import click

from paxx.cli import options, suggestions


@click.group()
def feature() -> None:
    """Create or add the features of a project, and take them out again."""


@feature.command("list")
@options.as_json
def list_features(*, as_json: bool) -> int:
    """List the features of this project, with their tables and routes."""
    from paxx.cli import feature_list
    from paxx.feature import listing

    return feature_list.show(listing.of(Path.cwd()), as_json=as_json)


@feature.command()
@click.argument("name")
@click.argument(
    "fields",
    metavar="[FIELD:TYPE[:MODIFIER]...]...",
    nargs=-1,
    shell_complete=suggestions.fields,
)
@click.option("--singular", metavar="WORD", help="What one of them is called.")
@click.option("--plural", metavar="WORD", help="What several of them are called.")
@options.of_a_change
def create(name: str, fields: tuple[str, ...], **flags: Any) -> int:
    """Write a feature: model, schemas, service, routes, tests.

    \b
    Types: str, text, int, bigint, float, decimal(p,s), bool, date, datetime,
    uuid, json, email, url, enum(a|b), ref:FEATURE, point (with postgis).
    Modifiers: unique, index, optional, default=VALUE, length=N;
    for references: restrict, cascade, set_null.

    \b
    paxx feature create products 'name:str(80):unique' 'price:decimal(10,2):index'
    """
    from paxx.cli import output
    from paxx.feature import pipeline
    from paxx.feature.request import Request

    words = (flags.pop("singular"), flags.pop("plural"))
    request = Request(name, fields, *words)
    report = pipeline.create(Path.cwd(), request, options.chosen(flags))
    return output.show_report(report, options.form(flags))


@feature.command()
@click.argument(
    "names", metavar="NAME...", nargs=-1, required=True, shell_complete=suggestions.bundled
)
@options.of_a_change
def add(names: tuple[str, ...], **flags: bool) -> int:
    """Add features that paxx ships whole.

    \b
    example_products: products with a stock, to read and to copy from; routes,
    rules and tests, a cached report with redis, a background task with arq.
    """
    from paxx.cli import output
    from paxx.feature import pipeline

    report = pipeline.add(Path.cwd(), names, options.chosen(flags))
    return output.show_report(report, options.form(flags))


@feature.command()
@click.argument(
    "names", metavar="NAME...", nargs=-1, required=True, shell_complete=suggestions.created
)
@options.of_a_change
@options.cascade
@options.force
def remove(names: tuple[str, ...], **flags: bool) -> int:
    """Remove features; what you changed stays.

    Migrations stay, and are named: what a database has been through is history.
    """
    from paxx.cli import output
    from paxx.feature import pipeline

    report = pipeline.remove(Path.cwd(), names, options.chosen(flags))
    return output.show_report(report, options.form(flags))
