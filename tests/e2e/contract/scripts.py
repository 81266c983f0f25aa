"""Examples of documentation as scripts that run."""

# How long a busy machine takes is not what the examples are about.
PATIENT = """
import core.arq, core.cache, core.redis
for module in (core.arq, core.cache, core.redis):
    for name in vars(module).keys() & {"CONNECT_TIMEOUT", "CALL_TIMEOUT"}:
        setattr(module, name, 60.0)
"""


def as_script(example: str, then: str = 'print("ran")', before: str = "") -> str:
    """Return a script that runs `before`, then the example and `then` within a coroutine."""
    lines = "\n".join(f"    {line}" for line in (example + "\n" + then).splitlines())
    return (
        f"import asyncio\n{PATIENT}{before}\n\nasync def main():\n{lines}\n\nasyncio.run(main())\n"
    )
