"""YAML as Herald's own files and its users' are read: plain values only, by libyaml where PyYAML was built with it.

The two parsers accept the same texts and build the same values; libyaml is some ten times faster, which is what
every process that reads the registry or the faults waits for at its start.
"""

from typing import Any, Final

import yaml

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> Any:
    """Return the content of a YAML document. Raises yaml.YAMLError if it is none."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  # both loaders are safe ones
