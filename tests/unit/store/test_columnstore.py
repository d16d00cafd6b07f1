"""The columnstore is used where the database says that it has one, and nowhere else."""

import pytest

from store.columnstore import choose_statements
from store.database import Capabilities


@pytest.mark.parametrize(
    "capabilities",
    [
        Capabilities(server_version=160000),
        Capabilities(server_version=170000, timescale="2.19.3", licence="apache"),
        Capabilities(server_version=170000, timescale="2.19.3", licence="timescale", community=False),
        Capabilities(server_version=170000, timescale="2.17.2", licence="timescale", community=True),
    ],
    ids=["plain", "apache", "module not loaded", "too old"],
)
def test_a_database_without_columnstore_stays_as_it_is(capabilities):
    assert choose_statements(capabilities) == ()


@pytest.mark.parametrize("version", ["2.18.0", "2.29.2", "3.0.1", "2.30.0-dev"])
def test_the_community_build_keeps_old_weeks_as_columns(version):
    statements = choose_statements(
        Capabilities(server_version=170000, timescale=version, licence="timescale", community=True)
    )
    assert [sum(word in statement for statement in statements) for word in ("enable_columnstore", "call add_")] == [
        2,
        2,
    ]
