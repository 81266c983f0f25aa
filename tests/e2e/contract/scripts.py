"""Examples of documentation as scripts that run."""


def as_script(example: str, then: str = 'print("ran")', before: str = "") -> str:
    """Return a script that runs `before`, then the example and `then` within a coroutine."""
    lines = "\n".join(f"    {line}" for line in (example + "\n" + then).splitlines())
    return f"import asyncio\n{before}\n\nasync def main():\n{lines}\n\nasyncio.run(main())\n"
