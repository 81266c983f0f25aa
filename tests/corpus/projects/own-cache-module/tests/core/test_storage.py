def test_storage() -> None:
    assert True
