"""The shape of the code: layers, budgets, light imports. Each prose rule names its check here."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "paxx"
DATA = (SOURCE / "components", SOURCE / "features", SOURCE / "skeletons")

LONGEST_FILE = 250
LONGEST_FUNCTION = 40
LONGEST_COMMAND = 12
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers"}


def modules(*, data: bool) -> list[Path]:
    """Return our own modules, or with `data` the ones that are written into projects."""
    return [
        path
        for path in sorted(SOURCE.rglob("*.py"))
        if any(folder in path.parents for folder in DATA) is data and "checks" not in path.parts
    ]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def identify(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


ALL = modules(data=False) + modules(data=True)


def test_files_stay_within_their_budget() -> None:
    lines = {
        identify(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in ALL
        if "tests" not in path.parts
    }
    assert [name for name, count in lines.items() if count > LONGEST_FILE] == []


def test_functions_stay_within_their_budget() -> None:
    assert [
        f"{identify(path)}:{function.lineno} {function.name}"
        for path in ALL
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ] == []


def test_modules_have_a_docstring() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in ALL}
    assert [
        identify(path) for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)
    ] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [identify(path) for path in ALL if path.stem in FORBIDDEN_NAMES] == []


def test_a_command_only_translates() -> None:
    commands = [
        function
        for path in (SOURCE / "cli").glob("*.py")
        for function in functions(path)
        if any("command" in ast.unparse(each) for each in function.decorator_list)
    ]
    statements = {
        function.name: sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
        for function in commands
    }
    assert [name for name, count in statements.items() if count > LONGEST_COMMAND] == []


def test_the_pipeline_fits_on_one_screen() -> None:
    lines = (SOURCE / "pipeline.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 90


def imported_by(*arguments: str) -> set[str]:
    """Return the modules that running paxx with these arguments imports."""
    code = (
        "import sys; from paxx import cli; code = cli.run(sys.argv[1:]);"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(result.stderr.split())


HEAVY = {
    "tree_sitter",
    "ruamel.yaml",
    "minijinja",
    "questionary",
    "packaging",
    "msgspec",
    "typing_extensions",
}


def test_help_imports_no_parser_and_no_template_engine() -> None:
    assert not imported_by("--help") & HEAVY


def test_listing_imports_no_parser_and_no_template_engine() -> None:
    assert not imported_by("infra", "list") & (HEAVY - {"msgspec", "typing_extensions"})


def test_the_layers_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
