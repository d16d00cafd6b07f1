"""TLS at both doors: our own exporters as clients, and files that cannot be used."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector import CollectorServer, DirectPipeline, TlsFiles, load_tls
from collector.testing import MemoryConsumer
from exporters import Credentials, NotNowError, Signal, connect
from model.errors import InvalidInputError
from tests.services.certificates import Certificates, make_certificates
from tests.unit.collector.messages import body_of


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["plain TLS", "mutual TLS"])
def mutual(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "mutual TLS")


@pytest.fixture
def consumer() -> MemoryConsumer:
    return MemoryConsumer()


@pytest.fixture
def server(certificates: Certificates, consumer: MemoryConsumer, mutual: bool) -> Iterator[CollectorServer]:
    tls = load_tls(certificates.server(mutual=mutual))
    with CollectorServer("127.0.0.1:0", "127.0.0.1:0", DirectPipeline(consumer), tls=tls) as running:
        yield running


def url_of(server: CollectorServer, door: str) -> str:
    return f"grpcs://localhost:{server.grpc_port}" if door == "grpc" else f"https://localhost:{server.http_port}"


def credentials_of(certificates: Certificates, *, client: bool) -> Credentials:
    pair = (certificates.client_certificate, certificates.client_key) if client else (None, None)
    return Credentials(ca_file=certificates.ca, client_certificate=pair[0], client_key=pair[1])


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_agents_deliver_over_tls(server, certificates, consumer, mutual, door):
    client = connect(url_of(server, door), credentials=credentials_of(certificates, client=mutual))
    client.send(Signal.METRICS, body_of(1.0), deadline_s=10)
    client.close()
    assert consumer.values() == [1.0]


@pytest.mark.parametrize("door", ["grpc", "http"])
@pytest.mark.parametrize("mutual", [True])
def test_mutual_tls_keeps_out_who_has_no_certificate(server, certificates, consumer, door):
    client = connect(url_of(server, door), credentials=credentials_of(certificates, client=False))
    with pytest.raises(NotNowError):
        client.attempt(Signal.METRICS, body_of(1.0))
    client.close()
    assert consumer.values() == []


@pytest.mark.parametrize("door", ["grpc", "http"])
@pytest.mark.parametrize("mutual", [False])
def test_an_agent_does_not_talk_to_whom_its_ca_does_not_know(server, door):
    client = connect(url_of(server, door), timeout_s=5)
    with pytest.raises(NotNowError):
        client.attempt(Signal.METRICS, body_of(1.0))
    client.close()


@pytest.mark.parametrize("door", ["grpc", "http"])
@pytest.mark.parametrize("mutual", [False])
def test_old_versions_of_tls_are_not_spoken(server: CollectorServer, certificates: Certificates, door):
    context = ssl.create_default_context(cafile=certificates.ca)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    port = server.grpc_port if door == "grpc" else server.http_port
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


def deliver(server: CollectorServer, door: str, certificates: Certificates, value: float) -> None:
    """Send over a connection of its own, as a client of these certificates."""
    client = connect(url_of(server, door), timeout_s=5, credentials=credentials_of(certificates, client=True))
    try:
        client.attempt(Signal.METRICS, body_of(value))
    finally:
        client.close()


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_renewed_certificates_are_shown_without_a_restart(tmp_path: Path, consumer: MemoryConsumer, door):
    made = {name: tmp_path / name for name in ("old", "new", "used")}
    for folder in made.values():
        folder.mkdir()
    old, new = make_certificates(made["old"]), make_certificates(made["new"])
    for path in made["old"].iterdir():
        (made["used"] / path.name).write_bytes(path.read_bytes())
    files = TlsFiles(**{
        name: made["used"] / file for name, file in
        (("certificate", "server.crt"), ("key", "server.key"), ("client_ca", "ca.crt"))
    })  # fmt: skip
    with CollectorServer("127.0.0.1:0", "127.0.0.1:0", DirectPipeline(consumer), tls=load_tls(files)) as server:
        deliver(server, door, old, 1.0)
        files.certificate.write_bytes(new.certificate.read_bytes())
        deliver(server, door, old, 2.0)  # half of them cannot be used: the old pair serves on
        for name in ("server.key", "ca.crt"):
            (made["used"] / name).write_bytes((made["new"] / name).read_bytes())
        deliver(server, door, new, 3.0)
        with pytest.raises(NotNowError):
            deliver(server, door, old, 4.0)
    assert consumer.values() == [1.0, 2.0, 3.0]


def test_all_files_that_cannot_be_used_are_named(tmp_path: Path):
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    files = TlsFiles(certificate=tmp_path / "no.crt", key=tmp_path / "no.key", client_ca=tmp_path / "ca.pem")
    with pytest.raises(InvalidInputError) as caught:
        load_tls(files)
    said = str(caught.value)
    assert "the certificate" in said
    assert "no.key cannot be read: No such file" in said
    assert "the client CA" in said
    assert "holds no PEM certificate" in said


def test_a_key_of_another_certificate_is_refused(certificates: Certificates):
    files = TlsFiles(certificate=certificates.certificate, key=certificates.client_key)
    with pytest.raises(InvalidInputError, match=r"client\.key is not that of the certificate .*server\.crt"):
        load_tls(files)


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        ("nonsense", None, "holds no PEM certificate"),
        (None, "nonsense", "holds no PEM private key"),
        (None, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "is encrypted"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(certificates: Certificates, tmp_path: Path, certificate, key, words):
    paths = {"certificate": certificates.certificate, "key": certificates.key}
    for name, text in (("certificate", certificate), ("key", key)):
        if text is not None:
            paths[name] = tmp_path / name
            paths[name].write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=words):
        load_tls(TlsFiles(**paths))
