"""Who can reach a door: without TLS and a proof of who sends, only programs of this machine may."""

from collections.abc import Iterable

from collector.addresses import Address
from model.errors import InvalidInputError
from model.hosts import is_loopback


def is_local(address: Address) -> bool:
    """Return whether only this machine can reach the address."""
    return is_loopback(address.host)


def find_exposures(addresses: Iterable[Address], *, encrypted: bool, authenticated: bool) -> str:
    """Return what is open to the network on these addresses, as one sentence; empty if nothing is."""
    reachable = [str(address) for address in addresses if not is_local(address)]
    if not reachable or (encrypted and authenticated):
        return ""
    lacking = [*(() if encrypted else ("TLS",)), *(() if authenticated else ("tokens",))]
    return f"{' and '.join(reachable)} can be reached from other machines, without {' and without '.join(lacking)}"


def refuse_exposure(exposures: str) -> None:
    """Raise InvalidInputError if there is an exposure that nobody asked for."""
    if exposures:
        raise InvalidInputError(
            exposures,
            remedy="give --tls-certificate and --tls-key, and --require-token or --client-ca;"
            " or listen on 127.0.0.1; or accept it with --allow-insecure",
        )
