"""The features of a project, for people or as one JSON document."""

from collections.abc import Iterator

from paxx.cli import document, streams
from paxx.feature.listing import Listing


def show(listing: Listing, *, as_json: bool) -> int:
    """Show the features, and return the exit code."""
    if as_json:
        streams.write(document.of_features(listing))
        return 0
    for line in _lines(listing):
        streams.write(line)
    return 0


def _lines(listing: Listing) -> Iterator[str]:
    if not listing.features:
        yield f"no features in `{listing.root}`; `paxx feature create --help` shows how to make one"
    for feature in listing.features:
        tables = ", ".join(feature.tables)
        yield f"{feature.name} ({feature.state})" + (f": table {tables}" if tables else "")
        if not feature.mounted:
            add = "" if feature.state == "own" else f": `paxx feature add {feature.name}` adds it"
            yield f"  not mounted: `ROUTERS` in `wiring.py` lacks its router{add}"
        for route in feature.routes:
            yield f"  {route.method:9} {route.path}"
