"""The services of a project: what to ask of them, and what the answers mean."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from paxx import catalog, next_steps
from paxx import project as projects
from paxx.catalog import Component
from paxx.doctor.facts import Answer, Facts, Migrations, Question
from paxx.doctor.findings import Finding, info, ok, problem
from paxx.environment import compose_program
from paxx.project import Project

_LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Service:
    """A readiness check or, where there is none to ask, a component with the address of a server.

    `settings` hold the addresses; `step` is what the component says comes next after adding it.
    """

    settings: tuple[str, ...]
    step: str | None = None


DATABASE = Service(("database_url",))
"""Every project has it, and no component brings it."""


@dataclass(frozen=True, slots=True)
class Services:
    """What is asked: `checks` by their names, `reached` by the setting with the address."""

    checks: Mapping[str, Service]
    reached: Mapping[str, tuple[str, Service]]
    live: tuple[str, ...]

    @property
    def question(self) -> Question:
        """Return what to ask the probe."""
        asked = [*self.checks.values(), *(service for _, service in self.reached.values())]
        servers = dict.fromkeys(name for service in asked for name in service.settings)
        return Question(tuple(servers), tuple(self.reached), self.live)


def of(project: Project) -> Services:
    """Return the services of the project: its database, and those of the components it has."""
    checks = {"database": DATABASE}
    reached: dict[str, tuple[str, Service]] = {}
    live: list[str] = []
    present = projects.installed(project)
    for name in present:
        if name in catalog.names():
            component = catalog.load(name)
            service = _service(component, project, present)
            asked = list(_checks(component, live=False))
            checks |= dict.fromkeys(asked, service)
            live += _checks(component, live=True)
            reached |= {} if asked else dict.fromkeys(service.settings, (name, service))
    return Services(checks, reached, tuple(live))


def _service(component: Component, project: Project, present: Iterable[str]) -> Service:
    settings = tuple(each.name for each in component.manifest.settings if each.server)
    return Service(settings, next(next_steps.of_component(component, project, present), None))


def _checks(component: Component, *, live: bool) -> Iterator[str]:
    for each in component.manifest.wiring:
        if each.list == "READINESS" and each.live is live and each.name:
            yield each.name


def answering(services: Services, facts: Facts, ports: Mapping[int, str]) -> set[str]:
    """Return the services of the Compose file that answered, on this machine."""
    asked = {
        name: (services.checks.get(name, Service(())), answer)
        for name, answer in facts.checks.items()
    }
    asked |= {name: (services.reached[name][1], answer) for name, answer in facts.reached.items()}
    found = {
        _published(facts.addresses.get(setting, ""), ports)
        for service, answer in asked.values()
        if answer.error is None
        for setting in service.settings
    }
    return found - {""}


def findings(services: Services, facts: Facts, ports: Mapping[int, str]) -> Iterator[Finding]:
    """Yield what every service answered, and whether migrations are pending."""
    for name, answer in facts.checks.items():
        service = services.checks.get(name, Service(()))
        yield _finding(name, answer, _Place(service, facts.addresses, ports))
    for setting, answer in facts.reached.items():
        name, service = services.reached[setting]
        yield _finding(name, answer, _Place(service, facts.addresses, ports))
    if facts.migrations is not None:
        yield from _migrations(facts.migrations, facts.checks.get("database"))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a service should answer."""

    service: Service
    addresses: Mapping[str, str]
    ports: Mapping[int, str]

    def __str__(self) -> str:
        known = [self.addresses[each] for each in self.service.settings if each in self.addresses]
        return f" at {', '.join(known)}" if known else ""

    @property
    def way_out(self) -> str:
        """Return how to start it or to name another."""
        hints = []
        compose = compose_program()
        known = [each for each in self.service.settings if each in self.addresses]
        for setting in known:
            container = _published(self.addresses[setting], self.ports)
            if container and compose:
                hints.append(f"`{compose} up -d {container}` starts it here")
        if known:
            listed = " and ".join(f"`{each.upper()}`" for each in known)
            return ", or ".join([*hints, f"set {listed} to where it is"])
        if self.service.step:
            return self.service.step
        return "it is the check of this name in `READINESS` of `wiring.py`"


def _published(address: str, ports: Mapping[int, str]) -> str:
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        port = parts.port
    except ValueError:
        return ""
    return ports.get(port or 0, "") if parts.hostname in _LOCAL else ""


def _finding(name: str, answer: Answer, place: _Place) -> Finding:
    if answer.refused is not None:
        path = answer.refused.path
        if answer.refused.permitted:
            return info(name, f"not asked, because that writes to `{path}`")
        return problem(name, f"may not write to `{path}`", f"`chmod u+w {path}` permits it")
    if answer.error is None:
        return ok(name, f"answers{place}", answer.milliseconds)
    message = f"does not answer{place}: {answer.error}"
    return problem(name, message, place.way_out, answer.milliseconds)


def _migrations(found: Migrations, database: Answer | None) -> Iterator[Finding]:
    if found.error is not None:
        if database is None or database.error is None:  # else it is told already
            yield problem("migrations", found.error, "`paxx db status` says more")
    elif found.strange:
        listed = ", ".join(f"`{each}`" for each in found.strange)
        message = f"the database is at {listed}, which this project does not have"
        yield problem("migrations", message, "use the branch that has it, or another database")
    elif found.heads > 1:
        message = f"there are {found.heads} heads"
        yield problem("migrations", message, "`paxx db merge` joins them")
    elif found.pending:
        hint = "`paxx db upgrade` applies them"
        yield problem("migrations", f"{found.pending} pending", hint)
    else:
        yield ok("migrations", "none is pending")
