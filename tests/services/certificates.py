"""A certificate authority of the test's own, for `localhost` and 127.0.0.1."""

from dataclasses import dataclass
from pathlib import Path

import trustme

from collector import TlsFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """PEM files of a server, of a client, and of the CA that issued both."""

    ca: Path
    certificate: Path
    key: Path
    client_certificate: Path
    client_key: Path

    def server(self, *, mutual: bool = False) -> TlsFiles:
        """Return what the doors are given."""
        return TlsFiles(certificate=self.certificate, key=self.key, client_ca=self.ca if mutual else None)


def make_certificates(folder: Path) -> Certificates:
    """Issue certificates into an existing folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    for name, issued in (
        ("server", authority.issue_cert("localhost", "127.0.0.1")),
        ("client", authority.issue_cert("agent.example")),
    ):
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(folder / f"{name}.crt")
    return Certificates(
        ca=folder / "ca.crt",
        certificate=folder / "server.crt",
        key=folder / "server.key",
        client_certificate=folder / "client.crt",
        client_key=folder / "client.key",
    )
