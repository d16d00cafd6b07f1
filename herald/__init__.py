"""The doors: the command line, settings, the supervisor, and the only place that wires the parts together."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("herald-slo")
except PackageNotFoundError:  # run from a source tree that was never installed
    VERSION = "0.0.0"

__all__ = ["VERSION"]
