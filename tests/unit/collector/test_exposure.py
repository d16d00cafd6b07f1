import pytest

from collector import Address, find_exposures, is_local, refuse_exposure
from model.errors import InvalidInputError

HERE, THERE = Address("127.0.0.1", 4317), Address("0.0.0.0", 4318)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("localhost.example", False),
    ],
)
def test_only_loopback_is_this_machine(host, local):
    assert is_local(Address(host, 4317)) is local


@pytest.mark.parametrize(
    ("encrypted", "authenticated", "lacking"),
    [(False, False, "without TLS and without tokens"), (True, False, "without tokens"), (False, True, "without TLS")],
)
def test_a_door_to_the_network_lacks_what_it_lacks(encrypted, authenticated, lacking):
    found = find_exposures([HERE, THERE], encrypted=encrypted, authenticated=authenticated)
    assert found == f"0.0.0.0:4318 can be reached from other machines, {lacking}"
    with pytest.raises(InvalidInputError, match="accept it with --allow-insecure"):
        refuse_exposure(found)


@pytest.mark.parametrize(("addresses", "guarded"), [([HERE], False), ([HERE, THERE], True), ([], False)])
def test_nothing_is_exposed_where_nobody_comes_in_unseen(addresses, guarded):
    found = find_exposures(addresses, encrypted=guarded, authenticated=guarded)
    assert found == ""
    refuse_exposure(found)
