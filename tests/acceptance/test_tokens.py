"""`herald token` and `herald audit` with a running collector: made, used, revoked, and told afterwards."""

import json
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from collector import TlsFiles
from exporters import Credentials, NotNowError, Signal, TokenFile, connect
from herald.cli import main
from herald.settings import DataDirectory
from herald.wiring import CollectorBounds, DoorSettings, run_collector
from model import names
from model.errors import InvalidInputError
from store import connect as connect_database
from tests.acceptance.collecting import CollectorProcess, running_collector
from tests.acceptance.running import eventually
from tests.services.certificates import Certificates, make_certificates
from tests.services.databases import MigratedDatabases
from tests.unit.collector.messages import gauge, metrics_request


@pytest.fixture(scope="module")
def database(databases: MigratedDatabases, embedded_server_url: str) -> Iterator[str]:
    with databases.on(embedded_server_url) as url:
        yield url


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def collector(
    database: str, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CollectorProcess]:
    """A collector as a site would run it: TLS, tokens."""
    options = (f"--tls-certificate={certificates.certificate}", f"--tls-key={certificates.key}", "--require-token")
    with running_collector(tmp_path_factory.mktemp("collector"), database, *options, ca=certificates.ca) as running:
        yield running


class Called(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    stdout: str
    stderr: str


Call = Callable[..., Called]


@pytest.fixture
def herald(database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The command line in this process, on the database: quicker than one of its own, and as real."""

    def call(*arguments: str) -> Called:
        monkeypatch.setattr(sys, "argv", ["herald", *arguments, f"--database={database}"])
        with pytest.raises(SystemExit) as ended:
            main()
        return Called(int(ended.value.code or 0), *capsys.readouterr())

    return call


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_a_token_is_made_used_and_revoked(
    database: str, collector: CollectorProcess, certificates: Certificates, tmp_path: Path, herald: Call, door
):
    file = tmp_path / "token"
    file.write_text(herald("token", "create", door, "--tenant=lab", "--site=delft").stdout, encoding="utf-8")
    url = collector.grpc_url if door == "grpc" else collector.http_url
    client = connect(url, credentials=Credentials(token=TokenFile(file), ca_file=certificates.ca))
    message = metrics_request(gauge([1.0], name=f"token.{door}", time_ns=time.time_ns()))
    claimed = message.resource_metrics[0].resource.attributes
    claimed.add(key=names.ATTR_TENANT_ID).value.string_value = "other"
    point = message.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[0]
    point.attributes.add(key=names.ATTR_SITE_ID).value.string_value = "elsewhere"
    client.send(Signal.METRICS, message.SerializeToString(), deadline_s=20)
    query = f"select tenant, site from series where metric = 'token.{door}'"
    with connect_database(database) as connection:
        assert eventually(lambda: connection.execute(query.encode()).fetchall(), "the point is stored") == [
            ("lab", "delft")
        ]
    assert herald("token", "revoke", door, "--as=ada").status == 0

    def is_refused() -> bool:
        try:
            client.attempt(Signal.METRICS, message.SerializeToString())
        except NotNowError as exc:
            return "not known, or was revoked" in str(exc)
        return False

    assert eventually(is_refused, "the revocation takes effect")
    client.close()


def test_the_secret_goes_to_stdout_and_everything_else_to_stderr(herald: Call):
    made = herald("token", "create", "quiet", "--tenant=lab", "--any-site")
    (secret,) = made.stdout.splitlines()
    assert secret.startswith("herald_")
    assert secret not in made.stderr
    assert "not shown again" in made.stderr


def test_what_was_done_is_told_by_list_and_audit(herald: Call):
    herald("token", "create", "told", "--tenant=lab", "--site=hague", "--expires=90d")
    herald("token", "revoke", "told", "--as=ada")
    listed = json.loads(herald("token", "list", "--all", "--json").stdout)
    (token,) = [t for t in listed["tokens"] if t["name"] == "told"]
    assert (token["state"], token["tenant"], token["site"]) == ("revoked", "lab", "hague")
    audit = json.loads(herald("audit", "--json").stdout)
    newest, before = [e for e in audit["entries"] if e["subject"] == "told"]
    assert (newest["action"], before["action"]) == ("token.change", "token.add")
    assert newest["actor"] == f"ada ({before['actor']})"
    assert "token.change" in herald("audit").stdout
    assert "told" in herald("token", "list", "--all").stdout
    assert "told" not in herald("token", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["token", "create", "x", "--tenant=lab"], "where may it send from? — give one of --site and --any-site"),
        (["token", "create", "x", "--tenant=lab", "--site=a", "--any-site"], "give one of --site and --any-site"),
        (["token", "create", "", "--tenant=lab", "--site=a"], "NAME: write 1 to 100 printable characters"),
        (["token", "create", "x", "--tenant=a\nb", "--site=a"], "--tenant: write 1 to 100 printable characters"),
        (["token", "create", "x", "--tenant=lab", "--site=a", "--expires=soon"], "'soon' is not a duration"),
        (["token", "revoke", "nobody"], "there is no token 'nobody'"),
        (["collect", "--tls-key=x"], "TLS needs both --tls-certificate and --tls-key"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(herald: Call, arguments, words):
    refused = herald(*arguments)
    assert (refused.status, refused.stdout) == (2, "")
    assert words in refused.stderr


@pytest.mark.parametrize(
    ("doors", "words"),
    [
        (DoorSettings(grpc="0.0.0.0:0", http=None), "0.0.0.0:0 can be reached from other machines, without TLS and"),
        (
            DoorSettings(grpc=None, http="[::]:0", require_token=True),
            "[::]:0 can be reached from other machines, without TLS —",
        ),
        (
            DoorSettings(grpc=None, http="127.0.0.1:0", tls=TlsFiles(certificate=Path("no.crt"), key=Path("no.key"))),
            "no.key cannot be read: No such file",
        ),
    ],
)
def test_doors_that_cannot_be_are_refused_before_anything_starts(tmp_path: Path, doors, words):
    with pytest.raises(InvalidInputError) as refused:
        run_collector(
            doors=doors,
            bounds=CollectorBounds(),
            data=DataDirectory(tmp_path),
            database="unused",
            stop=threading.Event(),
        )
    assert words in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_an_open_door_is_possible_but_warned_of(database: str, tmp_path: Path):
    with running_collector(tmp_path, database, "--grpc=0.0.0.0:0", "--allow-insecure") as collector:
        assert (
            "WARNING: 0.0.0.0:0 can be reached from other machines, without TLS and without tokens" in collector.said
        )


def test_the_collector_remembers_tokens_where_nobody_else_reads_them(collector: CollectorProcess):
    memory = collector.data / "tokens.json"
    assert stat.S_IMODE(memory.stat().st_mode) == 0o600


def test_operators_see_how_old_the_tokens_are(collector: CollectorProcess):
    assert "herald_collector_token_age_seconds " in collector.read("/metrics")
