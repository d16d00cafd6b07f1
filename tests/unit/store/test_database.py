"""What is said of a database that does not answer, and what is never said."""

import psycopg
import pytest

from model.errors import DatabaseUnavailableError, DirectoryNotWritableError, HeraldError, InvalidInputError
from store.database import connect, render_url, translated
from store.sockets import socket_directory, socket_url

SECRET = "postgresql://herald:s3cret@localhost:1/telemetry?options=-c%20geqo%3Doff"


def test_a_url_is_rendered_without_its_password():
    assert render_url(SECRET) == "postgresql://herald@localhost:1/telemetry"


def test_a_database_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(DatabaseUnavailableError, match=r"localhost:1/telemetry does not answer: .*refused") as caught:
        connect(SECRET)
    assert "s3cret" not in str(caught.value)


def test_what_is_no_url_is_refused():
    with pytest.raises(InvalidInputError, match="cannot be used as a database URL"):
        connect("mysql:somewhere")


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("25006", DatabaseUnavailableError),
        ("42501", DatabaseUnavailableError),
        ("42P01", DatabaseUnavailableError),
        ("XX000", DatabaseUnavailableError),
        ("53100", DatabaseUnavailableError),
        ("57P01", DatabaseUnavailableError),
        ("22003", HeraldError),
        ("23505", HeraldError),
    ],
)
def test_only_what_is_not_the_datas_fault_may_be_tried_again(state, error):
    with pytest.raises(HeraldError) as caught, translated(SECRET):
        raise psycopg.errors.lookup(state)
    assert type(caught.value) is error


@pytest.mark.parametrize("state", ["42P01", "42703"])
def test_a_database_that_lacks_a_table_or_column_is_to_be_migrated(state):
    with pytest.raises(DatabaseUnavailableError, match="herald db migrate"), translated(SECRET):
        raise psycopg.errors.lookup(state)


def test_the_socket_of_a_short_path_lies_beside_the_data(tmp_path):
    host = str(tmp_path / "run").replace("/", "%2F")
    assert socket_url(socket_directory(tmp_path), "db") == f"postgresql://herald@/db?host={host}"


def test_the_socket_of_a_long_path_fits_into_an_address(tmp_path):
    directory = socket_directory(tmp_path / ("x" * 100))
    assert len(str(directory / ".s.PGSQL.5432.lock")) <= 107
    directory.rmdir()


def test_a_socket_directory_that_others_may_enter_is_refused(tmp_path):
    (tmp_path / "run").mkdir(mode=0o755)
    with pytest.raises(DirectoryNotWritableError, match="not a directory of this user alone"):
        socket_directory(tmp_path)
