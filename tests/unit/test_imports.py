"""The folders import each other as the design says, and each foreign library has one seam."""

from pathlib import Path

import pytest

from tests.unit.import_table import OURS, offences

ROOT = Path(__file__).parents[2]

REFUSED = {
    "a later stage": ("model/a.py", "import slo", "model may not import slo"),
    "a dotted import": ("slo/a.py", "import store.reader", "slo may not import store"),
    "an import in a function": ("collector/a.py", "def f():\n    from store import Writer", "may not import store"),
    "an import for types only": (
        "slo/a.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from store import Reader",
        "slo may not import store",
    ),
    "an import by name": ("web/a.py", "import importlib\nimportlib.import_module('store')", "may not import store"),
    "an import by computed name": ("web/a.py", "__import__('st' + 'ore')", "only known when it runs"),
    "relative beyond the package": ("slo/a.py", "from .. import store", "slo may not import store"),
    "relative with a module": ("slo/deep/a.py", "from ...store import reader", "slo may not import store"),
    "the simulator from the SDK exporter": ("exporters/sdk.py", "import hwsim", "only in exporters/simulated.py"),
    "a second seam for the database": ("web/a.py", "import psycopg.rows", "psycopg is imported only in store/"),
    "a second seam for qutip": ("exporters/a.py", "from qutip import Qobj", "qutip is imported only in hwsim/"),
    "a second seam for grafanalib": ("web/a.py", "import grafanalib.core", "only in dashboards/"),
    "grpc beside its seam": ("collector/http.py", "import grpc", "only in collector/otlp_grpc.py"),
    "the tests": ("herald/a.py", "import tests.services", "the product imports tests"),
    "a nameless concept": ("slo/utils.py", "", "no module may be called utils"),
    "a nameless folder": ("store/common/a.py", "", "no module may be called common"),
    "a file too long": ("slo/a.py", "x = 1\n" * 351, "351 lines, more than 350"),
}

ALLOWED = {
    "the shared words": ("slo/a.py", "import model.points"),
    "its own package": ("slo/a.py", "from . import windows\nfrom slo.budget import x"),
    "a name that only looks like ours": ("slo/a.py", "import sloths, storefront"),
    "the simulator behind its seam": ("exporters/simulated.py", "from hwsim import build_sites"),
    "everything, where the parts are wired": ("herald/wiring.py", "import store, collector, web, hwsim"),
    "grpc in its seam": ("collector/otlp_grpc.py", "import grpc"),
    "a long generated file": ("web/generated/a.py", "x = 1\n" * 351),
}


def tree(folder: Path, place: str, text: str) -> Path:
    path = folder / place
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return folder


def test_the_product_keeps_the_import_table():
    assert offences(ROOT) == []


def test_every_package_stands_in_the_table():
    packages = {path.parent.name for path in ROOT.glob("*/py.typed")}
    assert packages == set(OURS)


@pytest.mark.parametrize(("place", "text", "message"), REFUSED.values(), ids=REFUSED)
def test_the_table_refuses(tmp_path: Path, place: str, text: str, message: str):
    found = offences(tree(tmp_path, place, text))
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(("place", "text"), ALLOWED.values(), ids=ALLOWED)
def test_the_table_allows(tmp_path: Path, place: str, text: str):
    assert offences(tree(tmp_path, place, text)) == []
