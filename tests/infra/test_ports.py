from infra.local.ports import is_free, listen


def test_a_port_that_is_held_is_nobody_else_s() -> None:
    held = listen(0)
    assert held is not None
    with held:
        port = held.getsockname()[1]
        assert listen(port) is None
        assert not is_free(port)
    assert is_free(port)
