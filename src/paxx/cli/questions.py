"""Ask for what is missing on a terminal; without one nothing is asked."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from paxx import catalog, names, uv
from paxx.cli.streams import printable
from paxx.errors import UsageError
from paxx.skeleton import NewProject
from paxx.titles import titles

DEFAULT_PYTHON = f"3.{sys.version_info.minor}"
"""The one that runs paxx: it is on this machine."""

_PYTHONS = tuple(f"3.{minor}" for minor in range(11, 20))


@dataclass(frozen=True, slots=True)
class Answers:
    """What the command line says; None where it says nothing."""

    name: str | None = None
    description: str | None = None
    author: str | None = None
    components: str | None = None
    python: str | None = None
    output_dir: Path = Path()
    example: bool = False
    force: bool = False


def on_terminal() -> bool:
    """Tell whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm_requirements(*, yes: bool, ask: bool) -> Callable[[tuple[str, ...]], bool]:
    """Return a function that asks whether to add the components that others need."""

    def confirm(needed: tuple[str, ...]) -> bool:
        if yes or not (ask and on_terminal()):
            return yes
        import click

        return click.confirm(
            printable(f"This needs {titles(needed)}. Add it as well?"), default=True, err=True
        )

    return confirm


def another_port(wanted: int) -> Callable[[str, int], bool]:
    """Return a function that asks whether to take another port than the one that is taken."""

    def confirm(holder: str, free: int) -> bool:
        if not on_terminal():
            return False
        import click

        question = printable(f"Port {wanted} is taken by {holder}. Take {free}?")
        return click.confirm(question, default=True, err=True)

    return confirm


def confirm_loss(*, yes: bool, ask: bool) -> Callable[[str], bool]:
    """Return a function that reports a data loss and asks whether to continue.

    It raises UsageError where the answer on a terminal is no.
    """

    def confirm(loss: str) -> bool:
        if yes or not (ask and on_terminal()):
            return yes
        import click

        question = printable(f"{loss[:1].upper()}{loss[1:]}. Continue?")
        if not click.confirm(question, default=False, err=True):
            raise UsageError("nothing was done")
        return True

    return confirm


def check_deletion(*, yes: bool) -> None:
    """Raise UsageError unless somebody agrees to lose the data in the volumes."""
    if yes:
        return
    if not on_terminal():
        raise UsageError(
            "this deletes the volumes and all data in them", hint="pass `--yes` to confirm"
        )
    import click

    if not click.confirm("Delete the volumes and all data in them?", default=False, err=True):
        raise UsageError("nothing was done", hint="without `-v` the volumes stay")


def check_one_of(*, names: bool, every: bool, finish: bool, abort: bool) -> None:
    """Raise UsageError unless the command line says exactly one thing to upgrade."""
    if sum((names, every, finish, abort)) != 1:
        raise UsageError(
            "say what to upgrade: names of components, or one of `--all`, `--continue`, `--abort`",
            hint="`paxx infra list` shows what is installed and what is newer",
        )


def new_project(answers: Answers, *, ask: bool) -> tuple[NewProject, tuple[str, ...]]:
    """Return the project to write and the components to add to it.

    Raises UsageError for an answer that is missing or does not do.
    """
    ask = ask and on_terminal()
    name = answers.name or _ask_name(ask=ask)
    root = answers.output_dir.resolve()
    parsed = names.parse(root.name if name == "." else name)
    description = answers.description
    if description is None:
        description = _ask_text("Description", ask=ask)
    components = answers.components
    chosen = _ask_components(ask=ask) if components is None else _split(components)
    project_root = root if name == "." else root / parsed.name
    project = NewProject(
        root=project_root,
        name=parsed.name,
        slug=parsed.slug,
        description=_one_line(description, "description"),
        author=_one_line(answers.author or "", "author"),
        python=_python(answers.python, project_root),
        example=answers.example,
        force=answers.force,
    )
    return project, chosen


def _ask_name(*, ask: bool) -> str:
    if not ask:
        raise UsageError("the name of the project is missing", hint="`paxx bootstrap NAME`")
    import questionary

    return str(questionary.text("Name of the project:", validate=_name_problem).unsafe_ask())


def _name_problem(text: str) -> bool | str:
    try:
        names.parse(text)
    except UsageError as error:
        return f"{error.message} ({error.hint})"
    return True


def _ask_text(question: str, *, ask: bool) -> str:
    if not ask:
        return ""
    import questionary

    return str(questionary.text(f"{question}:").unsafe_ask())


def _ask_components(*, ask: bool) -> tuple[str, ...]:
    if not ask:
        return ()
    import questionary

    choices = [
        questionary.Choice(f"{each.name:10} {each.manifest.summary}", value=each.name)
        for each in catalog.load_all()
    ]
    return tuple(questionary.checkbox("Components to add:", choices=choices).unsafe_ask())


def _split(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _one_line(text: str, what: str) -> str:
    # These end up inside quotes in pyproject.toml and in Python.
    if re.search(r'[\x00-\x1f\x7f"\\]', text):
        raise UsageError(f"the {what} may not hold quotes, backslashes or control characters")
    return text.strip()


def _python(given: str | None, root: Path) -> str:
    """Return the Python of the project; in a uv workspace one that all members allow."""
    if given is not None and not re.fullmatch(r"3\.(1[1-9]|[2-9]\d)", given):
        raise UsageError(
            f"`--python {given}` does not do", hint="give a version such as 3.12, 3.11 or newer"
        )
    workspace = uv.workspace_of(root)
    if workspace is None:
        return given or DEFAULT_PYTHON
    wanted = (DEFAULT_PYTHON, *_PYTHONS) if given is None else (given,)
    found = next((each for each in wanted if uv.allows(workspace, each)), None)
    if found is None:
        raise UsageError(
            f"the uv workspace `{workspace}` does not allow Python {', '.join(wanted)}",
            hint="pass a version that `requires-python` of its members allows: `--python 3.12`",
        )
    return found
