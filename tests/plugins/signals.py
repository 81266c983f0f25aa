"""Default signals for the programs that tests start, whatever the starting shell ignores."""

import signal

INHERITED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


def pytest_configure() -> None:
    """Give each ignored signal a handler that does nothing.

    `nohup` ignores SIGHUP, a background job of a script SIGINT and SIGQUIT, and every child
    inherits that. A handler is not inherited, and lets this run outlive the signals as before.
    """
    for number in INHERITED:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
