"""The commands with which a project is checked, as in its README and its CI."""

Words = tuple[str, ...]


def of_lint(*, fix: bool) -> tuple[Words, ...]:
    """Return the program and arguments of each; with `fix` those that correct files go first."""
    if fix:
        return ("ruff", "check", "--fix", "."), ("ruff", "format", "."), ("mypy", ".")
    return ("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy", ".")
