"""What the demonstration prints, and how it fails."""


class DemoError(RuntimeError):
    """The demonstration cannot go on; the message says why and what to do."""


def step(title: str) -> None:
    """Print the heading of a step."""
    say(f"\n{title}")


def say(text: str) -> None:
    """Print at once, because the reader waits for the next step."""
    print(text, flush=True)  # noqa: T201
