"""The variables of a field, as the project's own class reads them."""

from types import SimpleNamespace
from typing import Any

import pytest

from paxx.doctor.probe import variables

CHOICES = SimpleNamespace(choices=["A", SimpleNamespace(path=["B", 0])])


@pytest.mark.parametrize(
    ("config", "alias", "names"),
    [
        ({}, None, ["REDIS_URL"]),
        ({"env_prefix": "p_"}, None, ["P_REDIS_URL"]),
        ({"env_prefix": "p_", "case_sensitive": True}, None, ["p_redis_url"]),
        ({"env_prefix": "P_"}, "CACHE", ["CACHE"]),
        ({"env_prefix": "P_", "env_prefix_target": "all"}, "CACHE", ["P_CACHE"]),
        ({"env_prefix": "P_", "env_prefix_target": "alias"}, None, ["REDIS_URL"]),
        ({}, CHOICES, ["A", "B"]),
        ({"populate_by_name": True}, "CACHE", ["REDIS_URL", "CACHE"]),
        ({"validate_by_name": True}, "CACHE", ["REDIS_URL", "CACHE"]),
        ({"validate_by_alias": False}, "CACHE", ["REDIS_URL"]),
    ],
)
def test_names_follow_the_rule_of_the_class(
    config: dict[str, Any], alias: object, names: list[str]
) -> None:
    field = SimpleNamespace(validation_alias=alias)
    cls = SimpleNamespace(model_config=config, model_fields={"redis_url": field})
    assert variables.names_of(cls, "redis_url") == names
