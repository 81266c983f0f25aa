"""Compose files that hypothesis writes, and edits of them."""

import pytest
from hypothesis import strategies as st

from paxx.edits.yaml import service_names
from tests.edits.properties.drawing import COMMENTS, ENDS, NAMES, Pair, entries, reversible

SERVICES: Pair = (
    reversible(
        "yaml.add_service",
        name="redis",
        block="image: redis:8\nports:\n  - '1:1'",
        before=["zeta"],
    ),
    reversible("yaml.add_service", name="jaeger", block="image: jaeger", before=["redis", "zeta"]),
)
VOLUMES: Pair = (
    reversible("yaml.add_volume", name="redis-data", before=["z"]),
    reversible("yaml.add_volume", name="minio-data", block="driver: x", before=["redis-data"]),
)
ENVIRONMENT: Pair = (
    reversible("yaml.add_environment", service="app", key="REDIS_URL", value="redis://x"),
    reversible("yaml.add_environment", service="app", key="OTEL", value="yes"),
)
DEPENDS_ON: Pair = (
    reversible("yaml.add_depends_on", service="app", name="redis", condition="service_healthy"),
    reversible("yaml.add_depends_on", service="app", name="jaeger", condition="service_started"),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    step = draw(st.sampled_from(["  ", "    "]))
    comment = draw(COMMENTS)
    body = draw(
        st.sampled_from(
            [
                "image: x",
                "command: |-\n{1}echo\n\n{1}# no comment",
                "<<: *x",
                "depends_on:\n{1}- db\n{0}# of this",
                "environment: {{A: b}}",
            ]
        )
    ).format(step * 2, step * 3)
    service = f"NAME:{comment}\n{step * 2}{body}"
    services = draw(entries(service, step))
    tail = draw(st.sampled_from(["", "\n# disks\nvolumes:\n  a:\n", "networks: {}\n"]))
    content = f"x-x: &x\n{step}restart: always\n\nservices:\n{services}{tail}"
    return content.rstrip("\n") + draw(ENDS)


@st.composite
def app_services(draw: st.DrawFn) -> str:
    section = draw(st.sampled_from(["environment", "depends_on", "labels"]))
    form = draw(st.sampled_from(["NAME: x", "- NAME", "flow"]))
    if form == "flow":
        names = draw(st.lists(NAMES, unique=True, max_size=3))
        value = f" [{', '.join(names)}]\n"
    else:
        indent = draw(st.sampled_from(["      ", "        "]))
        value = draw(COMMENTS) + "\n" + draw(entries(form, indent))
    other = draw(st.sampled_from(["", "    # about the port\n    ports: []\n"]))
    content = f"services:\n  app:\n    build: .\n    {section}:{value}{other}"
    return content.rstrip("\n") + draw(ENDS)


EDITS = [
    pytest.param(files(), SERVICES, service_names, id="services"),
    pytest.param(files(), VOLUMES, service_names, id="volumes"),
    pytest.param(app_services(), ENVIRONMENT, service_names, id="environment"),
    pytest.param(app_services(), DEPENDS_ON, service_names, id="depends-on"),
    pytest.param(
        app_services(), (ENVIRONMENT[0], DEPENDS_ON[0]), service_names, id="both-sections"
    ),
]
"""Files, two edits of them, and what parses them."""
