"""Which hosts only this machine can reach; a door that is open to others wants to know who comes."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host; a name other than localhost may be anything."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
