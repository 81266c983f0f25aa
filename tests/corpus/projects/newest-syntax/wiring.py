"""Newest."""

from collections.abc import Callable, Mapping

from features.streams import lifespan, router

type Lifespans = list[Callable[[object], object]]
type Named[T] = Mapping[str, T]


def first[T](items: list[T]) -> T:
    match items:
        case [one, *_]:
            return one
        case _:
            raise LookupError(f"nothing in {", ".join(f"{each!r}" for each in items)}")


LIFESPANS: Lifespans = [
    lifespan,
]
MIDDLEWARE: list[object] = []
ROUTERS = [
    router,
]
READINESS: Named[Callable[[], object]] = {}
MIGRATIONS: list[object] = []
