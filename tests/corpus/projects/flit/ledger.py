"""Double entries, each once."""

__version__ = "1.4"


def main() -> None:
    import uvicorn

    uvicorn.run("main:app")
