"""What the user asks for when a feature is created."""

from dataclasses import dataclass

from paxx.catalog import Component
from paxx.feature import creation, fields, names
from paxx.project import Project


@dataclass(frozen=True, slots=True)
class Request:
    """A name and fields as they are typed, and the words for one and several where given."""

    name: str
    fields: tuple[str, ...]
    singular: str | None = None
    plural: str | None = None

    def components(self, project: Project) -> tuple[Component, ...]:
        """Return what comes into the project; raises as `names`, `fields` and `creation` do."""
        described = fields.parse(self.fields)
        called = names.parse(self.name, self.singular, self.plural)
        return creation.components(project, called, described)
