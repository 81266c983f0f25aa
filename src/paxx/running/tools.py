"""The commands with which a project is checked, as in its README and its CI."""

Words = tuple[str, ...]


def of_lint(*, fix: bool) -> tuple[Words, ...]:
    """Return the program and arguments of each; with `fix` those that correct files go first.

    What is reported is what is left once everything is corrected and formatted.
    """
    if fix:
        corrections: tuple[Words, ...] = (
            ("ruff", "check", "--fix-only", "."),
            ("ruff", "format", "."),
        )
        return *corrections, ("ruff", "check", "."), ("mypy", ".")
    return ("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy", ".")
