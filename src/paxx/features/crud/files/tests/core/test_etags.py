"""Which versions `If-Match` allows to be changed."""

import pytest

from core.etags import PreconditionFailedError, check, etag


@pytest.mark.parametrize("header", ["*", '"3"', '"2","3"', '"2" ,\t"3"', 'W/"3", "3"'])
def test_a_version_that_is_named_may_be_changed(header: str) -> None:
    check(header, 3)


@pytest.mark.parametrize("header", ['"2"', '"33"', 'W/"3"', "3", '"3', "", ",", '"2, 3"'])
def test_another_version_may_not(header: str) -> None:
    with pytest.raises(PreconditionFailedError) as caught:
        check(header, 3)
    assert (caught.value.status, caught.value.members) == (412, {"version": 3})


def test_a_tag_allows_its_version_alone() -> None:
    check(etag(3), 3)
    with pytest.raises(PreconditionFailedError):
        check(etag(3), 4)
