"""JSON has no number that is not finite."""

import json
import math

from model.json_text import finite


def test_what_is_no_finite_number_is_null_however_deep_it_lies():
    told = {"share": math.nan, "points": [(0, 1.5), (1, math.inf), (2, -math.inf)], "name": "nan", "count": 3}
    assert json.loads(json.dumps(finite(told), allow_nan=False)) == {
        "share": None,
        "points": [[0, 1.5], [1, None], [2, None]],
        "name": "nan",
        "count": 3,
    }
