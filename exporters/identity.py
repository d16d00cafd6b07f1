"""Who sends: the resource and scope that Herald's own telemetry carries, the same live and in virtual time.

The same identity on both roads makes history and live points one series.
"""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from model import names
from model.attributes import Attributes, attributes

SCOPE: Final = "herald.exporters"
_DISTRIBUTION: Final = "herald-slo"

# OpenTelemetry's own resource keys; the vocabulary in `model/` names only what is ours.
_SERVICE_NAME: Final = "service.name"
_SERVICE_INSTANCE_ID: Final = "service.instance.id"


@cache
def scope_version() -> str:
    """Return the version of Herald that sends."""
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:  # run from a bare checkout
        return "0"


def agent_resource(site: str) -> Attributes:
    """Return the resource of the agent of one site."""
    return attributes({_SERVICE_NAME: "herald-agent", _SERVICE_INSTANCE_ID: site, names.ATTR_SITE_ID: site})


def import_resource(source: str) -> Attributes:
    """Return the resource of values read from foreign files, e.g. `ibm-properties`; they have no site."""
    return attributes({_SERVICE_NAME: "herald-import", _SERVICE_INSTANCE_ID: source})
