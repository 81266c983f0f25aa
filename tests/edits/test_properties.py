"""Properties that every insertion has, on files that hypothesis writes."""

import tomllib
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from paxx.edits import env, text, toml, yaml
from tests.edits.properties.drawing import COMMENTS, ENDS, NAMES, check, entries, sequences


@st.composite
def pyprojects(draw: st.DrawFn) -> str:
    inside = draw(sequences('"{0}>=1"', draw(st.sampled_from(["  ", "    ", "\t"]))))
    inside = inside.replace("Ünï", "uni")
    tail = draw(st.sampled_from(["", "\n\n[tool.x]\na = [1]"]))
    return f'[project]\nname = "shop"\ndependencies = [{inside}]{tail}' + draw(ENDS)


@given(pyprojects())
def test_dependencies(content: str) -> None:
    redis = partial(toml.add_dependency, requirement="redis>=5.0")
    arq = partial(toml.add_dependency, requirement="Arq[watch]>=0.26")
    tomllib.loads(check(content, redis, arq))


@given(pyprojects())
def test_dependencies_of_a_group_that_is_not_there(content: str) -> None:
    redis = partial(toml.add_dependency, requirement="redis>=5.0", group="dev")
    arq = partial(toml.add_dependency, requirement="arq", group="dev")
    tomllib.loads(check(content, redis, arq))


@st.composite
def compose_files(draw: st.DrawFn) -> str:
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


@given(compose_files())
def test_services(content: str) -> None:
    redis = partial(
        yaml.add_service,
        name="redis",
        block="image: redis:8\nports:\n  - '1:1'",
        before=["zeta"],
    )
    jaeger = partial(
        yaml.add_service, name="jaeger", block="image: jaeger", before=["redis", "zeta"]
    )
    both = check(content, redis, jaeger)
    assert {"redis", "jaeger", *yaml.service_names(content)} == set(yaml.service_names(both))


@given(compose_files())
def test_volumes(content: str) -> None:
    redis = partial(yaml.add_volume, name="redis-data", before=["z"])
    minio = partial(yaml.add_volume, name="minio-data", block="driver: x", before=["redis-data"])
    check(content, redis, minio)


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


@given(app_services())
def test_environment_of_the_app_service(content: str) -> None:
    redis = partial(yaml.add_environment, service="app", key="REDIS_URL", value="redis://x")
    otel = partial(yaml.add_environment, service="app", key="OTEL", value="yes")
    check(content, redis, otel)


@given(app_services())
def test_dependencies_of_the_app_service(content: str) -> None:
    redis = partial(yaml.add_depends_on, service="app", name="redis", condition="service_healthy")
    jaeger = partial(yaml.add_depends_on, service="app", name="jaeger", condition="service_started")
    check(content, redis, jaeger)


@given(app_services())
def test_both_sections_of_the_app_service(content: str) -> None:
    variable = partial(yaml.add_environment, service="app", key="REDIS_URL", value="redis://x")
    redis = partial(yaml.add_depends_on, service="app", name="redis", condition="service_healthy")
    check(content, variable, redis)


@given(st.one_of(st.just(""), entries("NAME_KEY=1", "")), ENDS)
def test_variables_of_dotenv_files(lines: str, end: str) -> None:
    content = (lines.rstrip("\n") + end).replace("Ünï", "uni")
    redis = partial(
        env.add_variables,
        comment="Redis",
        variables=[("REDIS_URL", "redis://x", "where"), ("REDIS_PREFIX", "it's", "")],
        before=["zeta_KEY"],
    )
    metrics = partial(
        env.add_variables,
        comment="Metrics",
        variables=[("METRICS", "true", "")],
        before=["REDIS_URL", "REDIS_PREFIX", "zeta_KEY"],
    )
    check(content, redis, metrics)


@given(st.lists(st.sampled_from(["a", "b/", "# c", "", "  d  ", "!e"]), max_size=8), st.booleans())
def test_lines_of_text_files(lines: list[str], has_end: bool) -> None:  # noqa: FBT001
    content = "\n".join(lines) + ("\n" if has_end and lines else "")
    first = partial(text.add_line, line=".x", before=[".y", "!e"])
    second = partial(text.add_line, line=".y", before=["!e"])
    check(content, first, second)
