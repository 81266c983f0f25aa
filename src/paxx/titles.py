"""What people call the parts of a project: components, features, the code that features share."""

from collections.abc import Iterable

FEATURE = "features."
"""What the name of a feature begins with among the components of a project."""

SHARED = "crud"
"""The component that every created feature requires; it comes and goes with them."""


def is_infrastructure(name: str) -> bool:
    """Return whether a user knows the component by this name."""
    return name != SHARED and not name.startswith(FEATURE)


def title(name: str) -> str:
    """Return what a message calls a component."""
    if name == SHARED:
        return "the code that features share"
    if name.startswith(FEATURE):
        return f"feature `{name.removeprefix(FEATURE)}`"
    return f"`{name}`"


def titles(names: Iterable[str]) -> str:
    """Return what a message calls several components; shared code is implied by a feature."""
    names = list(names)
    is_implied = any(name.startswith(FEATURE) for name in names)
    return ", ".join(title(name) for name in names if not (is_implied and name == SHARED))
