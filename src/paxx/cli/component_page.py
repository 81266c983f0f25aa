"""The page of one component, for people or as one JSON document."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from paxx.cli import document, markdown, streams
from paxx.cli.width import hanging, wrapped
from paxx.description import Description

_SHOWN = ("Usage", "In production")
"""Sections of the documentation; what else is in it is shown as it is in this project."""


def show(description: Description, *, as_json: bool) -> int:
    """Show what a component adds, how it is used and run, and return the exit code."""
    if as_json:
        streams.write(document.of_facts("infra show", {"component": _data(description)}))
    else:
        streams.page(_lines(description))
    return 0


def _data(page: Description) -> dict[str, Any]:
    keys = ("name", "default", "description")
    settings = [dict(zip(keys, each, strict=True)) for each in page.settings]
    links = [{"title": title, "url": url} for title, url in page.links.items()]
    return asdict(page) | {"settings": settings, "links": links}


def _lines(page: Description) -> Iterator[str]:
    state = page.state if page.state == "available" else f"{page.state} {page.version}"
    yield streams.styled(page.name, f" ({state})", bold=True)
    yield from wrapped(page.summary, hang=0)
    yield from _section("Adds", hanging(_added(page)))
    if page.settings:
        rows = [("VARIABLE", "DEFAULT", "MEANING"), *page.settings]
        yield from _section("Settings", hanging(rows))
    sections = dict(_sections(page.documentation))
    for heading in _SHOWN:
        if heading in sections:
            yield from _section(heading, markdown.lines(sections[heading]))
    if page.links:
        yield from _section("Links", hanging(page.links.items()))


def _added(page: Description) -> Iterator[tuple[str, str]]:
    yield "files", ", ".join(page.files)
    for heading, names in (
        ("requires", page.requires),
        ("services", page.services),
        ("dependencies", page.dependencies),
    ):
        if names:
            yield heading, ", ".join(names)


def _section(heading: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield streams.styled(heading.upper(), bold=True)
    yield from lines


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for section in text.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        yield heading.strip(), body.strip()
