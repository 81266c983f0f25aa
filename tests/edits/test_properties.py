"""Properties that every insertion has, on files that hypothesis writes."""

import ast
import tomllib
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from paxx.edits import env, python, text, toml, yaml
from tests.edits.drawing import COMMENTS, ENDS, NAMES, check, entries, fewer, quick, sequences


@st.composite
def python_lists(draw: st.DrawFn) -> str:
    indent = draw(st.sampled_from(["    ", "  ", "\t"]))
    inside = draw(sequences("core.{0}.lifespan", indent))
    is_tuple = draw(st.booleans()) and ("," in inside or not inside.strip())
    literal = f"({inside})" if is_tuple else f"[{inside}]"
    return f"import core.cache\nimport core.metrics\n\nX = {literal}" + draw(ENDS)


@quick
@given(python_lists())
def test_items_of_python_lists(content: str) -> None:
    metrics = partial(
        python.add_item, variable="X", item="core.metrics.x", before=["core.zeta.lifespan"]
    )
    cache = partial(
        python.add_item,
        variable="X",
        item="core.cache.x",
        before=["core.metrics.x", "core.zeta.lifespan"],
    )
    ast.parse(check(content, cache, metrics))


@quick
@given(python_lists())
def test_first_items_of_python_lists(content: str) -> None:
    cache = partial(python.add_item, variable="X", item="core.cache.x", first=True)
    metrics = partial(
        python.add_item,
        variable="X",
        item="core.metrics.x",
        first=True,
        first_peers=["core.cache.x"],
    )
    ast.parse(check(content, cache, metrics))


@st.composite
def imports(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from(["", '"""Doc."""\n\n', "# License\n\n"]))
    third = draw(st.sampled_from(["", "import os\n\n", "from fastapi import APIRouter\n\n"]))
    plain = draw(st.lists(NAMES, unique=True, max_size=3).map(sorted))
    own = "".join(f"import core.{name}{draw(COMMENTS)}\n" for name in plain)
    named = draw(st.sampled_from(["", "from core.health import ready\n"]))
    return head + third + own + named + ("\n" if own or named else "") + "x = 1" + draw(ENDS)


@quick
@given(imports())
def test_imports_of_python_modules(content: str) -> None:
    cache = partial(python.add_import, module="core.cache")
    metrics = partial(python.add_import, module="core.metrics")
    ast.parse(check(content, cache, metrics))


@st.composite
def settings_classes(draw: st.DrawFn) -> str:
    indent = draw(st.sampled_from(["    ", "\t"]))
    docstring = draw(st.sampled_from(["", f'{indent}"""Doc."""\n\n']))
    config = draw(st.sampled_from(["", f"{indent}model_config = {{}}\n"]))
    fields = draw(st.one_of(st.just(""), entries("NAME: int = 1", indent)))
    tail = draw(st.sampled_from(["", f"\n{indent}def f(self) -> None: ...\n"]))
    body = docstring + config + fields + tail or f"{indent}pass\n"
    head = "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n"
    return head + body.rstrip("\n") + draw(ENDS)


@quick
@given(settings_classes())
def test_fields_of_settings_classes(content: str) -> None:
    cache = partial(
        python.add_fields,
        comment="Cache",
        fields=[("cache_url", "str", '"x"'), ("cache_time", "int", "1")],
        before=["metrics_enabled", "zeta"],
    )
    metrics = partial(
        python.add_fields,
        comment="Metrics",
        fields=[("metrics_enabled", "bool", "True")],
        before=["zeta"],
    )
    ast.parse(check(content, cache, metrics))


@st.composite
def pyprojects(draw: st.DrawFn) -> str:
    inside = draw(sequences('"{0}>=1"', draw(st.sampled_from(["  ", "    ", "\t"]))))
    inside = inside.replace("Ünï", "uni")
    tail = draw(st.sampled_from(["", "\n\n[tool.x]\na = [1]"]))
    return f'[project]\nname = "shop"\ndependencies = [{inside}]{tail}' + draw(ENDS)


@quick
@given(pyprojects())
def test_dependencies(content: str) -> None:
    redis = partial(toml.add_dependency, requirement="redis>=5.0")
    arq = partial(toml.add_dependency, requirement="Arq[watch]>=0.26")
    tomllib.loads(check(content, redis, arq))


@quick
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


@fewer
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


@fewer
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


@fewer
@given(app_services())
def test_environment_of_the_app_service(content: str) -> None:
    redis = partial(yaml.add_environment, service="app", key="REDIS_URL", value="redis://x")
    otel = partial(yaml.add_environment, service="app", key="OTEL", value="yes")
    check(content, redis, otel)


@fewer
@given(app_services())
def test_dependencies_of_the_app_service(content: str) -> None:
    redis = partial(yaml.add_depends_on, service="app", name="redis", condition="service_healthy")
    jaeger = partial(yaml.add_depends_on, service="app", name="jaeger", condition="service_started")
    check(content, redis, jaeger)


@fewer
@given(app_services())
def test_both_sections_of_the_app_service(content: str) -> None:
    variable = partial(yaml.add_environment, service="app", key="REDIS_URL", value="redis://x")
    redis = partial(yaml.add_depends_on, service="app", name="redis", condition="service_healthy")
    check(content, variable, redis)


@quick
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


@quick
@given(st.lists(st.sampled_from(["a", "b/", "# c", "", "  d  ", "!e"]), max_size=8), st.booleans())
def test_lines_of_text_files(lines: list[str], has_end: bool) -> None:  # noqa: FBT001
    content = "\n".join(lines) + ("\n" if has_end and lines else "")
    first = partial(text.add_line, line=".x", before=[".y", "!e"])
    second = partial(text.add_line, line=".y", before=["!e"])
    check(content, first, second)
