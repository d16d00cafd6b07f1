"""OpenSLO v1 files, read, judged and turned into objectives.

Every error of every file is reported at once, with file, key path and line. Words of our own exist only as
annotations (`slo.openslo.annotations`) and in the `spec` of metric sources (`slo.openslo.metric_source`).
"""

from slo.openslo.annotations import ANNOTATION_PREFIX
from slo.openslo.findings import FileReport, Finding, Lint
from slo.openslo.reader import InvalidOpenSloError, Reading, load_objectives, read_files, read_texts

__all__ = [
    "ANNOTATION_PREFIX",
    "FileReport",
    "Finding",
    "InvalidOpenSloError",
    "Lint",
    "Reading",
    "load_objectives",
    "read_files",
    "read_texts",
]
