"""The commands that create features and remove them: what is particular about their plans."""

from collections.abc import Iterable
from pathlib import Path

from paxx import catalog, pipeline
from paxx.changes import Plan, Report
from paxx.feature import bundled
from paxx.feature import removal as outgoing
from paxx.feature.request import Request
from paxx.options import Options
from paxx.plan import addition, removal
from paxx.project import Project


def create(directory: Path, request: Request, options: Options) -> Report:
    """Create a feature in the project that holds `directory`."""

    def build(target: Project) -> Plan:
        return addition.build(target, request.components(target), catalog.load_all())

    return pipeline.change("feature create", directory, build, options)


def add(directory: Path, names: Iterable[str], options: Options) -> Report:
    """Add bundled features to the project that holds `directory`."""

    def build(target: Project) -> Plan:
        return addition.build(target, bundled.components(target, names), catalog.load_all())

    return pipeline.change("feature add", directory, build, options)


def remove(directory: Path, names: Iterable[str], options: Options) -> Report:
    """Remove created features, and what nobody builds on afterwards."""

    def build(target: Project) -> Plan:
        chosen = outgoing.components(target, names, options)
        planned = removal.build(target, chosen, catalog.load_all())
        return outgoing.with_migrations(target, chosen, planned)

    return pipeline.change("feature remove", directory, build, options)
