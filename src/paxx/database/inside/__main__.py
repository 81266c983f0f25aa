"""Answer one question about the database; run in the root of a project, with the question."""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

# In place of this folder: for as long as our own modules are imported, then never again.
sys.path[0] = str(Path(__file__).parents[3])

from paxx.database.inside import (  # noqa: E402
    channel,
    failures,
    moving,
    resetting,
    state,
    watch,
    writing,
)

sys.path[0] = str(Path.cwd())

ACTIONS = {
    "status": state.status,
    "stamp": state.stamp,
    "history": state.history,
    "address": state.address,
    "migrate": writing.migrate,
    "merge": writing.merge,
    "upgrade": moving.upgrade,
    "downgrade": moving.downgrade,
    "sql": moving.sql,
    "contents": resetting.contents,
    "reset": resetting.reset,
}


def complain(thread: threading.ExceptHookArgs) -> None:
    """Show the error of a thread; a driver that cannot connect is told of in the answer."""
    if not watch.now.connecting:
        threading.__excepthook__(thread)


def main() -> None:
    """Answer on what is now the standard output, which the project does not get to write to."""
    # SIGINT is how paxx asks for a rollback; a background job inherits that it is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        channel.use(answers)
        talk = channel.Talk(sys.stderr)
        sys.stdout = sys.stderr = talk
        threading.excepthook = complain
        question: dict[str, Any] = json.loads(sys.argv[1])
        try:
            answer = ACTIONS[question.pop("action")](question)
        except BaseException as error:  # noqa: BLE001 - whatever the project raises
            channel.tell("failure", failures.of(error))
        else:
            channel.tell("answer", answer)
    talk.end()
    os._exit(0)  # a thread of the project may still be waiting for a server


if __name__ == "__main__":
    main()
