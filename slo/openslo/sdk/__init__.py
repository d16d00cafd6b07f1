"""What the reference Go SDK of OpenSLO v1 (github.com/OpenSLO/go-sdk v0.9.2) accepts, and what it refuses where.

`shapes` says which fields there are, `node` how the SDK decodes them, `rules` what it validates. The verdict and the
field paths are the SDK's; where it stops at the first error of a file, everything is found at once. With
`herald slo check --strict` this is the judge; without, what only the SDK refuses is a lint.
"""

from slo.openslo.sdk.checks import is_start_time, is_time_zone
from slo.openslo.sdk.node import find_blank_documents
from slo.openslo.sdk.rules import check_object
from slo.openslo.sdk.shapes import KINDS, PARTS, field_paths

__all__ = ["KINDS", "PARTS", "check_object", "field_paths", "find_blank_documents", "is_start_time", "is_time_zone"]
