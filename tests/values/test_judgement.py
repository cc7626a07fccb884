"""Verdicts of a person."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mediaml.values.judgement import Judgement

GIVEN = {"id": "a", "source": "/a.wav", "sense": "heard", "start": 1.0, "end": 2.0, "label": "dog"}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"verdict": "rejected", "judged": "dog"}, "what was rejected has no label"),
        ({"verdict": "accepted", "judged": None}, "has a label, or boxes"),
        ({"verdict": "accepted", "judged": ""}, "at least 1 character"),
        ({"verdict": "accepted", "judged": "dog", "end": 0.5}, r"cannot end \(0\.5 s\) before it starts"),
        ({"verdict": "maybe", "judged": "dog"}, "accepted"),
        ({"verdict": "accepted", "judged": "dog", "start": float("nan")}, "finite"),
    ],
)
def test_a_verdict_says_one_thing(changed: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Judgement.model_validate({**GIVEN, **changed})


def test_boxes_say_what_it_is_without_a_label() -> None:
    box = {"label": "dog", "left": 1, "top": 2, "width": 3, "height": 4}

    one = Judgement.model_validate({**GIVEN, "verdict": "accepted", "judged": None, "boxes": [box]})

    assert one.boxes is not None
    assert one.boxes[0].right == 4
