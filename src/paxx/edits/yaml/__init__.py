"""Edit Compose files: services, volumes, images, and sections of the project's own service."""

from paxx.edits.yaml.app_service import add_depends_on, add_environment
from paxx.edits.yaml.connections import connection_problems
from paxx.edits.yaml.images import replace_image
from paxx.edits.yaml.inspection import (
    built_services,
    find_app_service,
    included_files,
    inspect_stack,
    published_ports,
    service_names,
)
from paxx.edits.yaml.removal import (
    remove_depends_on,
    remove_environment,
    remove_service,
    remove_volume,
)
from paxx.edits.yaml.services import add_service, add_volume

__all__ = [
    "add_depends_on",
    "add_environment",
    "add_service",
    "add_volume",
    "built_services",
    "connection_problems",
    "find_app_service",
    "included_files",
    "inspect_stack",
    "published_ports",
    "remove_depends_on",
    "remove_environment",
    "remove_service",
    "remove_volume",
    "replace_image",
    "service_names",
]
