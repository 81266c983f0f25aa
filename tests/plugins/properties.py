"""How many examples hypothesis draws for a property, and the count of those that passed."""

from collections.abc import Generator
from functools import wraps
from typing import Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.plugins.no_skips import ON_CI

_ANYWHERE = settings(
    deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("local", _ANYWHERE, max_examples=100)
settings.register_profile("ci", _ANYWHERE, max_examples=1000)
settings.load_profile("ci" if ON_CI else "local")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Record the number of examples for the summary of the run."""
    test: Any = getattr(item, "obj", None)
    if not is_hypothesis_test(test):
        return (yield)
    handle, passed = test.hypothesis, 0
    property_ = handle.inner_test

    @wraps(property_)
    def counted(*arguments: Any, **named: Any) -> None:
        nonlocal passed
        property_(*arguments, **named)
        passed += 1

    handle.inner_test = counted
    try:
        return (yield)
    finally:
        handle.inner_test = property_
        item.user_properties.append(("examples", passed))
