"""A fault's course over time is a pure function of the moment and of the injection."""

import numpy as np
import pytest

from hwsim.shapes import Form, Shape
from model.clock import SECOND_NS

START_NS = 1_800_000_000 * SECOND_NS
EVERY_FORM = [
    Shape(),
    Shape(form=Form.RAMP, over_s=600),
    Shape(form=Form.DRIFT, over_s=3600),
    Shape(form=Form.BURST, period_s=300, on_s=60),
    Shape(form=Form.OSCILLATION, period_s=900),
    Shape(form=Form.INTERMITTENT, period_s=300, on_s=60),
]


def level(shape: Shape, *seconds: float, lasts_s: float | None = 7200, key: str = "a") -> list[float]:
    times_ns = START_NS + np.array(seconds) * SECOND_NS
    end_ns = None if lasts_s is None else START_NS + round(lasts_s * SECOND_NS)
    levels: list[float] = shape.level(times_ns.astype(np.int64), START_NS, end_ns, key).tolist()
    return levels


@pytest.mark.parametrize("shape", EVERY_FORM, ids=lambda shape: shape.form)
def test_nothing_is_at_work_before_the_start_and_after_the_end(shape):
    assert level(shape, -600, -1, 0, 7201, 9000) == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (EVERY_FORM[0], [1, 1, 1]),
        (EVERY_FORM[1], [0.25, 1, 1]),
        (EVERY_FORM[2], [150 / 3600, 0.5, 1]),
        (EVERY_FORM[3], [0, 1, 1]),
        (EVERY_FORM[4], [0.25, 1, 1]),
    ],
    ids=lambda case: getattr(case, "form", ""),
)
def test_a_form_takes_its_course(shape, expected):
    moments = {Form.OSCILLATION: (150, 450, 1350)}.get(shape.form, (150, 1800, 3600))
    assert level(shape, *moments) == pytest.approx(expected)


def test_an_intermittent_fault_is_on_for_its_share_of_every_period():
    seconds = np.arange(1, 7201)
    on = np.array(level(EVERY_FORM[5], *seconds)).reshape(-1, 300).sum(axis=1)
    assert np.abs(on - 60).max() <= 1


def test_intermittent_faults_of_two_injections_are_not_in_step():
    seconds = range(1, 7201)
    assert level(EVERY_FORM[5], *seconds, key="a") != level(EVERY_FORM[5], *seconds, key="b")


def test_a_fading_effect_dies_out_with_its_time_constant():
    shape = Shape(fade_s=100)
    assert level(shape, 7200, 7300, 7400) == pytest.approx([1, np.exp(-1), np.exp(-2)])
    assert level(shape, 7200 + shape.outlasts_ns() / SECOND_NS)[0] < 2e-6


def test_a_fault_without_an_end_goes_on():
    assert level(Shape(), 1e6, lasts_s=None) == [1]
