"""Bootstrap a project, add redis and metrics, run it on real servers and show what it does."""

import argparse
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from demo import project, tour
from demo.application import Application
from demo.words import DemoError, say, step
from servers import OtlpReceiver, Redis, ServerError

DIRECTORY = Path("demo-shop")


def main() -> int:
    """Run the demonstration; 0 when it ended as asked, 1 with the reason when it could not."""
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            show(options.directory.resolve(), stack)
            if not options.exit:
                say("\nRunning until Ctrl-C")
                signal.pause()
    except KeyboardInterrupt:
        say("\nStopped the application and Redis")
    except (DemoError, ServerError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python3 dev.py demo", description=__doc__)
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="(default: ./demo-shop)")
    parser.add_argument("--exit", action="store_true", help="end after the tour")
    return parser.parse_args()


def show(directory: Path, stack: ExitStack) -> None:
    """Make the project and take the tour; the servers run until the stack is left."""
    project.prepare(directory)
    step("Start Redis, a trace receiver and the application")
    redis = stack.enter_context(Redis.start())
    traces = stack.enter_context(OtlpReceiver.start())
    application = stack.enter_context(Application.start(directory, redis, traces))
    say(f"  redis on port {redis.port}, traces on port {traces.grpc_port}, uvicorn main:app")
    tour.health(application.url, redis)
    tour.cached_call(application.url)
    tour.metrics(application.url)
    tour.spans(traces)
    step("Your turn")
    say(f"  project  {directory}\n  open     {application.url}/docs")


if __name__ == "__main__":
    sys.exit(main())
