"""YAML as Herald's own files and its users' are read and written: plain values only, by libyaml where PyYAML has it.

Both ways accept the same texts, build the same values and write the same bytes; libyaml is some ten times faster,
which is what every process that reads the registry or the faults waits for at its start.
"""

from typing import Any, Final

import yaml

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH: Final = 110


def parse_yaml(text: str) -> Any:
    """Return the content of a YAML document. Raises yaml.YAMLError if it is none."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  # both loaders are safe ones


def render_yaml(document: object) -> str:
    """Return a document as text, keys in their own order. Raises yaml.YAMLError for what is no plain value."""
    return str(yaml.dump(document, Dumper=_DUMPER, sort_keys=False, width=_WIDTH, allow_unicode=True))
