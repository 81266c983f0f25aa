"""Run one server in the foreground: `python -m servers redis|postgres|s3|otlp`."""

import argparse
import signal
import sys
from contextlib import ExitStack

from servers import S3, OtlpReceiver, Postgres, Redis, ServerError, Span


def main() -> int:
    """Start the server, print where it listens and wait for Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m servers", description=__doc__)
    parser.add_argument("server", choices=["redis", "postgres", "s3", "otlp"])
    parser.add_argument("--port", type=int, help="instead of a free one; for otlp, gRPC's")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            print(_start(stack, options.server, options.port), flush=True)  # noqa: T201
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except ServerError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _start(stack: ExitStack, server: str, port: int | None) -> str:
    if server == "redis":
        return stack.enter_context(Redis.start(port=port)).url
    if server == "postgres":
        return stack.enter_context(Postgres.start(port=port)).url
    if server == "s3":
        s3 = stack.enter_context(S3.start(port=port))
        return "\n".join(f"{name}={value}" for name, value in s3.settings.items())
    receiver = stack.enter_context(OtlpReceiver.start(grpc_port=port or 0, on_span=_show))
    return f"{receiver.grpc_endpoint} (gRPC), {receiver.http_endpoint} (HTTP)"


def _show(span: Span) -> None:
    milliseconds = (span["end"] - span["start"]) / 1e6
    print(f"{span['trace_id']} {milliseconds:8.1f} ms  {span['name']}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
