"""What keeps services of a Compose file from working together, in words."""

from collections.abc import Iterator, Sequence

from paxx.edits.yaml import inheritance
from paxx.edits.yaml.inspection import disabled_by
from paxx.edits.yaml.networks import DEFAULT, HOST, Attachment, Services, attachment, reaches


def connection_problems(text: str, app: str, names: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong between the application's own service and others that it works with."""
    services = inheritance.services(text)
    for name in names:
        if name not in services:
            continue
        if inheritance.extended(inheritance.sections(services, name)) == app:
            yield from _inherited(services, app, name)
            continue
        if attachment(services, app).mode != HOST and not reaches(services, app, name):
            yield (
                f"`{app}` is on {_listed(attachment(services, app))} and does not reach `{name}`,"
                f" which is on {_listed(attachment(services, name))}"
            )
        cause = disabled_by(text, app, name)
        if cause:
            yield f"`{name}` has {cause}: `{app}` may run without it"


def _inherited(services: Services, app: str, name: str) -> Iterator[str]:
    if inheritance.extends_another_file(inheritance.chain(services, app)):
        yield (
            f"`{app}` extends a service of another file: check that `{name}` inherits nothing from"
            " there that can exist only once"
        )
    if "entrypoint" in inheritance.sections(services, app):
        yield f"`{name}` inherits the entrypoint of `{app}`: check that it runs its `command`"


def _listed(place: Attachment) -> str:
    if place.mode:
        return f"`network_mode: {place.mode}`"
    if place.networks == (DEFAULT,):
        return "the default network"
    return ", ".join(f"`{name}`" for name in place.networks)
