"""A prompt with the application, its settings, a session and the models; `await` works in it.

Run in the root of a project, on a terminal or with statements on the standard input. Needs the
standard library and what the project has.
"""

import ast
import asyncio
import code
import importlib.util
import inspect
import linecache
import os
import pkgutil
import sys
import traceback
import types
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# The project, in place of this folder.
sys.path[0] = os.getcwd()  # noqa: PTH109 - this is before anything else

TYPED = "<console>"
READ = "<stdin>"


class Console(code.InteractiveConsole):
    """Runs everything on one event loop, which goes on while a statement runs."""

    def __init__(self, names: "dict[str, Any]", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(names, filename=TYPED)
        self.names = names
        self.loop = loop
        self.compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def runcode(self, code: types.CodeType) -> None:
        """Run a statement; an exception is shown, and the prompt comes again."""
        try:
            self.run(code)
        except KeyboardInterrupt:
            self.write("KeyboardInterrupt\n")
        except Exception as error:  # noqa: BLE001 - whatever was typed
            show(error)

    def run(self, code: types.CodeType) -> None:
        """Run code to its end, whether it awaits or not."""
        task = self.loop.create_task(_run(types.FunctionType(code, self.names)))
        try:
            self.loop.run_until_complete(task)
        finally:
            if not task.done():  # Ctrl-C
                task.cancel()
                self.loop.run_until_complete(asyncio.wait([task]))


async def _run(function: types.FunctionType) -> None:
    # Within the loop, so that a statement may start tasks without waiting for them.
    result = function()
    if inspect.iscoroutine(result):
        await result


def show(error: BaseException) -> None:
    """Print an exception from where the user's own code begins."""
    own = (TYPED, READ, os.path.join(sys.path[0], ""))  # noqa: PTH118 - ends with a separator
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(own):
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace)


def models() -> "Iterator[tuple[str, type]]":
    """Yield the models of the project, sorted by name; the first of several with one name."""
    features = import_module("features")
    for package in pkgutil.iter_modules(features.__path__, "features."):
        if package.ispkg and importlib.util.find_spec(f"{package.name}.models"):
            import_module(f"{package.name}.models")
    found: dict[str, type] = {}
    for mapper in import_module("db.database").Base.registry.mappers:
        found.setdefault(mapper.class_.__name__, mapper.class_)
    yield from sorted(found.items())


def names() -> "dict[str, Any]":
    """Return what is there without an import."""
    own = {
        "app": import_module("main").app,
        "settings": import_module("settings").settings,
        "session": import_module("db.database").session_factory(),
        "select": import_module("sqlalchemy").select,
    }
    return {**{name: model for name, model in models() if name not in own}, **own}


def banner(known: "dict[str, Any]") -> str:
    """Return what is shown before the first prompt."""
    classes = [name for name, value in known.items() if name[0] != "_" and isinstance(value, type)]
    lines = [
        f"Python {sys.version.split()[0]}; `await` works at the prompt",
        "app, settings, select, session (what you do not commit is rolled back)",
    ]
    return "\n".join([*lines, f"models: {', '.join(classes)}"] if classes else lines)


def prompt(console: Console) -> int:
    """Read statements from a terminal until its end."""
    try:
        import readline  # noqa: PLC0415 - not on Windows
        import rlcompleter  # noqa: PLC0415
    except ImportError:
        pass
    else:
        readline.set_completer(rlcompleter.Completer(console.names).complete)
        readline.parse_and_bind("tab: complete")
    console.interact(banner(console.names), exitmsg="")
    return 0


def script(console: Console, text: str) -> int:
    """Run the statements of a text; return 1 for one that raised."""
    linecache.cache[READ] = len(text), None, text.splitlines(keepends=True), READ
    try:
        console.run(compile(text, READ, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
    except Exception as error:  # noqa: BLE001 - whatever was written
        show(error)
        return 1
    return 0


def main() -> int:
    """Open the session, run what is typed or read, close the session and the connections."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        known = {"__name__": "__console__", "__builtins__": __builtins__, **names()}
    except Exception as error:  # noqa: BLE001 - whatever the project raises
        show(error)
        return 1
    session = known["session"]
    console = Console(known, loop)
    try:
        return prompt(console) if sys.stdin.isatty() else script(console, sys.stdin.read())
    finally:
        loop.run_until_complete(session.close())
        loop.run_until_complete(import_module("db.database").engine.dispose())
        loop.close()


if __name__ == "__main__":
    sys.exit(main())
