"""`paxx test` and `paxx lint`: the tools of the project, called as they are."""

import pytest

from tests.harness import Run
from tests.running.conftest import Workbench, write_program

LINT = [
    ["uv", "run", "ruff", "check", "."],
    ["uv", "run", "ruff", "format", "--check", "."],
    ["uv", "run", "mypy", "."],
]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-k", "name", "-x"),
        ("--", "-x"),
        ("-x", "--help"),
        ("--json", "-vh"),
        ("tests/a b.py::test_ä", "-k", "a or 'b'", "--no-such-option=1"),
    ],
    ids=" ".join,
)
def test_arguments_of_pytest_are_passed_on_untouched(
    workbench: Workbench, arguments: tuple[str, ...]
) -> None:
    workbench.recorder("uv")
    assert workbench.run("test", *arguments).code == 0
    assert workbench.calls == [["uv", "run", "pytest", *arguments]]


@pytest.mark.parametrize("code", [1, 2, 5])
def test_the_exit_code_is_that_of_pytest(workbench: Workbench, code: int) -> None:
    workbench.recorder("uv", run_pytest=(code, "", ""))
    assert workbench.run("test").code == code


def test_what_is_run_is_told_so_that_it_can_be_copied(workbench: Workbench) -> None:
    workbench.recorder("uv")
    outcome = workbench.run("test", "-k", "a or b")
    assert outcome.stderr == "running `uv run pytest -k 'a or b'`\n"
    assert outcome.stdout == ""


def test_secrets_among_the_arguments_are_passed_on_and_not_told(workbench: Workbench) -> None:
    workbench.recorder("uv")
    (workbench.shop / ".env").write_text("PAYMENT_TOKEN=tr0ub4dor\n")
    url = "postgresql://shop:hunter2@host/shop"
    outcome = workbench.run("test", "--db", url, "-k", "tr0ub4dor")
    assert outcome.stderr == (
        "running `uv run pytest --db postgresql://shop:***@host/shop -k ***`\n"
    )
    assert workbench.calls[0][3:] == ["--db", url, "-k", "tr0ub4dor"]


def test_without_uv_the_program_of_the_environment_is_run(workbench: Workbench) -> None:
    workbench.recorder("pytest")
    text = (workbench.programs / "pytest").read_text()
    for name in ("python", "pytest"):
        write_program(workbench.shop / ".venv/bin" / name, text)
    outcome = workbench.run("test", "-x")
    assert outcome.stderr == "running `.venv/bin/pytest -x`\n"
    assert workbench.calls == [["pytest", "-x"]]


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_in_front_is_ours(workbench: Workbench, word: str) -> None:
    outcome = workbench.run("test", word)
    assert outcome.code == 0
    assert "Usage: paxx test [ARGUMENT...]" in outcome.stdout


def test_without_an_environment_it_is_told_how_to_make_one(workbench: Workbench) -> None:
    outcome = workbench.run("test", "--json")
    assert (outcome.code, outcome.stdout) == (4, "")
    assert outcome.stderr.startswith("error: the project has no environment\nhint: `uv sync`")


@pytest.mark.parametrize("command", ["test", "lint", "shell", "start", "routes"])
def test_outside_a_project_nothing_is_run(
    run: Run,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("nowhere"))
    assert run(command).code == 3


def test_lint_runs_what_the_ci_of_the_project_runs(workbench: Workbench) -> None:
    workbench.recorder("uv")
    assert workbench.run("lint").code == 0
    assert workbench.calls == LINT
    for page in ("README.md", ".github/workflows/ci.yml"):
        text = (workbench.shop / page).read_text()
        assert all(" ".join(words) in text for words in workbench.calls), page


def test_lint_goes_on_behind_a_failure_and_tells_the_first(workbench: Workbench) -> None:
    workbench.recorder("uv", run_ruff_format=(1, "", ""), run_mypy=(2, "", ""))
    assert workbench.run("lint").code == 1
    assert workbench.calls == LINT


def test_lint_that_fixes_does_not_only_look(workbench: Workbench) -> None:
    workbench.recorder("uv")
    assert workbench.run("lint", "--fix").code == 0
    assert [words[2:] for words in workbench.calls] == [
        ["ruff", "check", "--fix-only", "."],
        ["ruff", "format", "."],
        ["ruff", "check", "."],
        ["mypy", "."],
    ]


def test_lint_that_is_interrupted_runs_nothing_more(workbench: Workbench) -> None:
    workbench.script("uv", "#!/bin/sh\nkill -INT $PPID\necho once\nexit 130\n")
    outcome = workbench.run("lint")
    assert outcome.code == 130
    assert outcome.stderr.count("running") == 1


def test_the_shell_is_a_script_that_the_project_runs(workbench: Workbench) -> None:
    workbench.recorder("uv", run_python=(1, "", ""))
    assert workbench.run("shell").code == 1
    [[*words, script]] = workbench.calls
    assert words == ["uv", "run", "python"]
    assert script.endswith("shell.py")
