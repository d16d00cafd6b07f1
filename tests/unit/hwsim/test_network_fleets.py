"""Bad descriptions of links, chains and QKD pairs: all offences together, each with its place."""

import pytest

from hwsim import load_fleet
from model.errors import InvalidInputError

BAD = """
sites:
  - id: delft
    devices:
      - {kind: controller, id: ctl}
      - {kind: link, id: one-end, preset: trapped_ion, controlled_by: ctl, ends: [mem], length_km: 1.0}
      - {kind: link, id: nowhere, preset: trapped_ion, controlled_by: ctl, ends: [atlantis, ctl],
         length_km: -1.0, protocol: three_click}
      - {kind: link, id: wild, preset: nv, ends: [ctl, ctl], length_km: 0.0, protocol: spdc,
         override: {visibility: 1.2, modes: 0.5}}
      - {kind: repeater, id: short, controlled_by: ctl, links: [nowhere], purification: prayer}
      - {kind: qkd, id: dark, preset: modern, controlled_by: ctl, length_km: 1.0, override: {decoy_photons: 0.9}}
"""
CHAIN = """
sites:
  - id: delft
    devices:
      - {kind: controller, id: ctl}
      - {kind: memory, id: mem-a, preset: trapped_ion, slots: 4, jobs_per_s: 5.0, controlled_by: ctl}
      - {kind: memory, id: mem-b, preset: trapped_ion, slots: 4, jobs_per_s: 5.0, controlled_by: ctl}
      - {kind: link, id: near, preset: nv, ends: [mem-a, mem-a], length_km: 1, protocol: spdc, controlled_by: ctl}
      - {kind: link, id: far, preset: nv, ends: [mem-b, mem-b], length_km: 1, protocol: spdc, controlled_by: ctl}
      - {kind: repeater, id: chain, controlled_by: ctl, links: [LINKS]}
"""


@pytest.fixture(scope="module")
def offences(tmp_path_factory):
    path = tmp_path_factory.mktemp("fleet") / "bad.yaml"
    path.write_text(BAD)
    with pytest.raises(InvalidInputError, match=r"bad\.yaml") as caught:
        load_fleet(path)
    return str(caught.value)


@pytest.mark.parametrize(
    "offence",
    [
        r'devices[1].ends = ["mem"]: must name two memory banks, or one twice',
        r"devices[2].length_km = -1.0: must be at least 0",
        r"devices[2].protocol = three_click: must be one of two_click, single_click, spdc",
        r"devices[2] = atlantis: must name only memory of the fleet",
        r"devices[3].controlled_by: is missing: a link needs a controller",
        r"devices[3].override.visibility = 1.2: must be at most 1",
        r"devices[3].override.modes = 0.5: must be at least 1",
        r'devices[4].links = ["nowhere"]: must name at least two links',
        r"devices[4].purification = prayer: must be one of dejmps, bbpssw",
        r"devices[5].override.decoy_photons = 0.9: must be more than 0 and less than signal_photons",
    ],
)
def test_every_offence_of_a_bad_fleet_is_told_at_once(offences, offence):
    assert offence in offences


@pytest.mark.parametrize(
    ("links", "rule"),
    [
        (
            "near, far",
            r'links = \["near", "far"\]: near and far follow one another and must end at a common memory bank',
        ),
        ("near, near", r'links = \["near", "near"\]: must name every link once'),
    ],
)
def test_the_links_of_a_chain_follow_one_another(tmp_path, links, rule):
    path = tmp_path / "chain.yaml"
    path.write_text(CHAIN.replace("LINKS", links))
    with pytest.raises(InvalidInputError, match=rule):
        load_fleet(path)
