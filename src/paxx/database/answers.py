"""What the project's side tells of its database; `database` is where it is, without a password."""

import msgspec


class Revision(msgspec.Struct, frozen=True):
    """A revision: what it follows, and its file."""

    revision: str
    message: str
    down: tuple[str, ...]
    path: str

    def __str__(self) -> str:
        return f"{self.revision} {self.message}".rstrip()


class Applied(Revision, frozen=True):
    """A revision that was run, in either direction."""

    milliseconds: float


class Reverted(Revision, frozen=True):
    """A revision to take back and what that drops; None where it cannot be told."""

    drops: tuple[str, ...] | None


class Draft(Revision, frozen=True):
    """A revision that is written, or would be."""

    content: str


class Hazard(msgspec.Struct, frozen=True):
    """An operation of a new revision that loses data, may fail, or locks a large table.

    `before` and `after` are types; of an index `after` is its name.
    """

    kind: str
    table: str
    column: str | None = None
    rows: int | None = None
    before: str | None = None
    after: str | None = None


class Candidate(msgspec.Struct, frozen=True):
    """A revision that may have been meant."""

    revision: str
    message: str

    def __str__(self) -> str:
        return f"`{self.revision}` ({self.message})" if self.message else f"`{self.revision}`"


class Session(msgspec.Struct, frozen=True):
    """A session of PostgreSQL that holds a lock; `seconds` is how long it is in its state.

    `query` is the beginning of the last one, without texts; empty for a session of another user.
    """

    pid: int
    user: str = ""
    application: str = ""
    state: str = ""
    seconds: int = 0
    query: str = ""

    def __str__(self) -> str:
        facts = [f"user `{self.user}`"] if self.user else []
        if self.application:
            facts.append(f"application `{self.application}`")
        if self.state:
            facts.append(f"{self.state} for {self.seconds} s")
        if self.query:
            facts.append(f"last query `{self.query}`")
        return f"session {self.pid}: {', '.join(facts)}" if facts else f"session {self.pid}"


class Failure(msgspec.Struct, frozen=True):
    """Why there is no answer: a kind, and the facts that belong to it.

    Of a migration `left` is what of it is in the database all the same, `dropped` what a reset has
    dropped for good, `at` the revisions that the database is at now; None where that is not known.
    `reached` is a revision as one may name it, as far as steps lead without a choice.
    """

    kind: str
    text: str = ""
    path: str | None = None
    line: int | None = None
    database: str = ""
    revisions: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    holder: str = ""
    seconds: float = 0
    revision: str = ""
    message: str = ""
    statement: str = ""
    before: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    at: tuple[str, ...] | None = None
    reached: str = ""
    sessions: tuple[Session, ...] = ()
    unversioned: tuple[str, ...] = ()


class Status(msgspec.Struct, frozen=True):
    """What a database has; `differences` are None where it is not at the one head.

    `not_compared` is what they say nothing about; `unversioned` are tables of the models in a
    database for which no revision is recorded.
    """

    database: str
    current: tuple[str, ...]
    heads: tuple[Revision, ...]
    pending: tuple[Revision, ...]
    unknown: tuple[str, ...]
    differences: tuple[str, ...] | None
    not_compared: tuple[str, ...]
    unversioned: tuple[str, ...] = ()

    @property
    def is_in_step(self) -> bool:
        """Tell whether there is nothing to apply, and nothing to write a revision of."""
        return self.differences == ()


class History(msgspec.Struct, frozen=True):
    """All revisions, the newest first; `current` is None where the database does not tell."""

    heads: tuple[str, ...]
    revisions: tuple[Revision, ...]
    current: tuple[str, ...] | None
    problem: Failure | None


class Written(msgspec.Struct, frozen=True):
    """Revisions that are written, or would be; `problem` is a hook that failed afterwards."""

    database: str | None
    written: tuple[Draft, ...]
    not_compared: tuple[str, ...]
    warnings: tuple[Hazard, ...]
    problem: str | None


class Moved(msgspec.Struct, frozen=True):
    """What moved a database to other revisions, or the SQL where it was only asked for."""

    database: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    revisions: tuple[Applied, ...]
    sql: str | None
    dropped: tuple[str, ...] = ()


class Losses(msgspec.Struct, frozen=True):
    """What a downgrade would take back."""

    database: str
    before: tuple[str, ...]
    revisions: tuple[Reverted, ...]


class TakenBack(msgspec.Struct, frozen=True):
    """What a downgrade did, or what it would drop where that was not agreed to."""

    losses: Losses | None
    moved: Moved | None


class Contents(msgspec.Struct, frozen=True):
    """What a reset would drop; `environment` is None where the settings do not have it.

    `outside` is what PostgreSQL drops with the objects in schemas that are not the project's.
    """

    database: str
    environment: str | None
    host: str | None
    is_file: bool
    objects: tuple[str, ...]
    outside: tuple[str, ...] = ()


class Address(msgspec.Struct, frozen=True):
    """How to reach a database, its password included."""

    dialect: str
    host: str | None
    port: int | None
    user: str | None
    password: str | None
    name: str | None
    is_file: bool
    ssl: str | None
