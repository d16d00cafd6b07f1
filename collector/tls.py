"""TLS for both doors: the files an operator names, read and tried before anything listens; later see `tls_renewal`.

TLS 1.2 and 1.3, with forward secrecy and authenticated ciphers only: what both OpenSSL (HTTP) and BoringSSL (gRPC)
speak by default. With a client CA a client must show a certificate of it as well (mutual TLS).
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files: the server's certificate with its chain, its unencrypted key, and whose clients may come."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What the doors need of the files; `client_ca` is empty where clients need no certificate."""

    certificate: bytes
    key: bytes
    client_ca: bytes
    context: ssl.SSLContext
    files: TlsFiles


def load_tls(files: TlsFiles) -> Tls:
    """Read the files. Raises InvalidInputError that names all of them that cannot be used, and why."""
    named = {"certificate": files.certificate, "key": files.key}
    if files.client_ca is not None:
        named["client CA"] = files.client_ca
    found: dict[str, bytes] = {}
    flaws = list(_read(named, found))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if {"certificate", "key"} <= found.keys():
        flaws += _load_pair(context, files)
    if "client CA" in found:
        flaws += _load_client_ca(context, found["client CA"], named["client CA"])
    if flaws:
        raise InvalidInputError("; ".join(flaws), place="TLS", remedy="give PEM files that belong together")
    return Tls(
        certificate=found["certificate"],
        key=found["key"],
        client_ca=found.get("client CA", b""),
        context=context,
        files=files,
    )


def _read(named: dict[str, Path], found: dict[str, bytes]) -> Iterator[str]:
    for what, path in named.items():
        try:
            found[what] = path.read_bytes()
        except OSError as exc:
            yield f"the {what} {path} cannot be read: {exc.strerror}"


def _load_pair(context: ssl.SSLContext, files: TlsFiles) -> Iterator[str]:
    try:
        # The password stands for "there is none to ask for": OpenSSL would otherwise ask on the terminal.
        context.load_cert_chain(files.certificate, files.key, password=b"")
    except ssl.SSLError as exc:
        if exc.reason == "KEY_VALUES_MISMATCH":
            yield f"the key {files.key} is not that of the certificate {files.certificate}"
        else:
            yield from _find_flaws(files) or (f"{files.certificate} and {files.key} cannot be used: {exc.reason}",)


def _find_flaws(files: TlsFiles) -> list[str]:
    flaws = []
    if not _is_certificate(files.certificate.read_bytes()):
        flaws.append(f"{files.certificate} holds no PEM certificate")
    key = files.key.read_bytes()
    if b"ENCRYPTED" in key:
        flaws.append(f"the key {files.key} is encrypted; write it without a passphrase, readable by Herald alone")
    elif b"PRIVATE KEY-----" not in key:
        flaws.append(f"{files.key} holds no PEM private key")
    return flaws


def _load_client_ca(context: ssl.SSLContext, pem: bytes, path: Path) -> Iterator[str]:
    try:
        context.load_verify_locations(cadata=pem.decode("ascii"))
    except (ssl.SSLError, ValueError):
        yield f"the client CA {path} holds no PEM certificate"
        return
    context.verify_mode = ssl.CERT_REQUIRED


def _is_certificate(pem: bytes) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cadata=pem.decode("ascii"))
    except (ssl.SSLError, ValueError):
        return False
    return True
