"""Foreign SQL reads, and does nothing else."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from model.cancellation import Cancellation, CancelledError
from model.errors import DatabaseUnavailableError, HeraldError, InvalidInputError
from store import QueryRunner, connect, run_readonly
from tests.integration.telemetry import ACTIVE_QUERIES, at, batch, query_all, t2


def test_columns_come_with_what_they_hold(database, writer):
    writer.write("spool-1", [batch(1, [(t2(), at(1), 0, 0.25)])])
    table = run_readonly(database, 'select time, device, value, value > 1 as high from metric."quantum.memory.t2";')
    assert [(c.name, c.kind) for c in table.columns] == [
        ("time", "time"), ("device", "string"), ("value", "number"), ("high", "boolean"),
    ]  # fmt: skip
    assert table.rows[0][1:] == ("mem-delft", 0.25, False)


def test_exact_numbers_come_as_floats(database):
    assert run_readonly(database, "select 1.5::numeric, array[1, 2]").rows == [(1.5, [1, 2])]


def test_rows_beyond_the_limit_are_cut(database):
    table = run_readonly(database, "select * from generate_series(1, 100)", row_limit=10)
    assert (len(table.rows), table.truncated) == (10, True)


def test_a_query_without_parameters_may_hold_percent_signs(database):
    assert run_readonly(database, "select 'a' like '%a%' as found").rows == [(True,)]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("select * from nowhere", 'relation "nowhere" does not exist'),
        ("selekt 1", "syntax error"),
        ("", "syntax error"),
        ("select 1; select 2", "multiple commands"),
        ("insert into pin (reason) values ('x')", "syntax error"),
        ("with gone as (delete from point returning 1) select * from gone", "data-modifying"),
        ("reset role", "syntax error"),
        ("do $$ begin null; end $$", "syntax error"),
        ("select set_config('role', 'none', true)", "permission denied"),
        ("select pg_read_file('/etc/hostname')", "permission denied"),
        ("select pg_catalog.lo_create(0)", "read-only transaction"),
        ("select pg_sleep(5)", "took longer than 0.2 s"),
        ("select 1 / 0", "division by zero"),
    ],
)
def test_anything_else_is_refused_in_the_databases_words(database, statement, why):
    with pytest.raises(InvalidInputError, match=why):
        run_readonly(database, statement, timeout_s=0.2)


def test_a_database_that_goes_away_before_the_role_is_taken_is_told_as_that(database, monkeypatch):
    def die(url, *, application):
        connection = connect(url, application=application)
        query_all(url, f"select pg_terminate_backend({connection.info.backend_pid}, 5000)")
        return connection

    monkeypatch.setattr("store.query.connect", die)
    with pytest.raises(DatabaseUnavailableError, match="does not answer"):
        run_readonly(database, "select 1")


def test_the_reader_cannot_write_even_outside_of_the_runner(database):
    grants = (
        "select distinct privilege_type from information_schema.role_table_grants where grantee = 'herald_reader'"
    )
    assert query_all(database, grants) == [("SELECT",)]


def test_many_threads_may_ask_at_once(database):
    runner = QueryRunner(database, connections=2)
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda n: runner.read_table(f"select {n}", row_limit=1, timeout_s=5).rows[0][0], range(50))
        assert list(answers) == list(range(50))
    runner.close()


def test_a_connection_that_died_while_idle_is_replaced(database):
    runner = QueryRunner(database, connections=1)
    runner.read_table("select 1", row_limit=1, timeout_s=5)
    query_all(
        database, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'herald query'"
    )
    assert runner.read_table("select 2", row_limit=1, timeout_s=5).rows == [(2,)]
    runner.close()


def test_a_database_that_was_never_migrated_says_so(empty_database):
    with pytest.raises(HeraldError, match=r"herald db migrate|does not exist|permission denied"):
        run_readonly(empty_database, "select * from slo.status")


def test_a_database_that_is_gone_is_unavailable(database):
    with pytest.raises(DatabaseUnavailableError, match="does not answer"):
        run_readonly(database.replace("dbname=herald_", "dbname=gone_"), "select 1")


def test_a_query_that_nobody_waits_for_any_more_is_not_begun(database):
    runner, left = QueryRunner(database, connections=1), Cancellation()
    left.cancel()
    with pytest.raises(CancelledError, match="nobody waits"):
        runner.read_table("select pg_sleep(5)", row_limit=1, timeout_s=5, cancellation=left)
    runner.close()


def test_a_query_that_is_left_while_it_runs_says_so_and_its_connection_is_used_again(database):
    runner, left = QueryRunner(database, connections=1), Cancellation()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(runner.read_table, "select pg_sleep(60)", row_limit=1, timeout_s=60, cancellation=left)
        while query_all(database, ACTIVE_QUERIES) == [(0,)]:
            pass
        left.cancel()
        with pytest.raises(CancelledError, match="nobody waits"):
            answer.result()
    assert runner.read_table("select 2", row_limit=1, timeout_s=5).rows == [(2,)]
    runner.close()


def test_leaving_after_the_answer_ends_nothing(database):
    runner, left = QueryRunner(database, connections=1), Cancellation()
    runner.read_table("select 1", row_limit=1, timeout_s=5, cancellation=left)
    left.cancel()
    assert runner.read_table("select 2", row_limit=1, timeout_s=5).rows == [(2,)]
    runner.close()
