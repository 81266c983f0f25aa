"""Edit Python files: imports, items of module-level literals, fields of the Settings class."""

from paxx.edits.python.field_removal import remove_fields
from paxx.edits.python.fields import add_fields, field_default
from paxx.edits.python.imports import add_import, remove_import
from paxx.edits.python.items import add_item, remove_item
from paxx.edits.python.references import references
from paxx.edits.python.settings_class import defines_settings, settings_bases_elsewhere
from paxx.edits.python.variables import settings_variables

__all__ = [
    "add_fields",
    "add_import",
    "add_item",
    "defines_settings",
    "field_default",
    "references",
    "remove_fields",
    "remove_import",
    "remove_item",
    "settings_bases_elsewhere",
    "settings_variables",
]
