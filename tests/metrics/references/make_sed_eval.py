"""Make sed_eval.json: what sed_eval says of the cases of `tests/metrics/test_events.py`.

sed_eval is no dependency of mediaml; this runs once, in an environment of its own:

    python3.11 -m venv /tmp/sed_eval
    /tmp/sed_eval/bin/pip install sed_eval==0.2.1 "numpy<2" "setuptools<81"
    /tmp/sed_eval/bin/python tests/metrics/references/make_sed_eval.py

The numbers here were made with sed_eval 0.2.1, dcase_util 0.2.20 and numpy 1.26.4 (the file says so, too:
`made_with`). Inputs and answers are stored together: every event as its label, start and end.
"""

from __future__ import annotations

import json
import math
import random
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dcase_util  # type: ignore[import-not-found]
import sed_eval  # type: ignore[import-not-found]

FILE = Path(__file__).with_name("sed_eval.json")
COLLARS = (0.1, 0.2, 0.5, 2.0)
RESOLUTIONS = (0.1, 0.25, 1.0, 3.0)

Event = tuple[str, float, float]
Recording = dict[str, list[Event]]


def by_time(event: Event) -> tuple[float, float, str]:
    return event[1], event[2], event[0]


def random_events(dice: random.Random, labels: str, most: int, seconds: float, grid: float) -> list[Event]:
    """Events on a grid (so that many touch, begin together or lie on the edge of a segment), or anywhere (grid 0)."""
    found = []
    for _ in range(dice.randint(0, most)):
        start, length = dice.uniform(0, seconds), dice.expovariate(1 / 2)
        if grid:
            start, length = round(round(start / grid) * grid, 6), max(1, round(length / grid)) * grid
        found.append((dice.choice(labels), round(start, 6), round(start + length, 6)))
    return sorted(found, key=by_time)


def noisy(dice: random.Random, truth: list[Event], labels: str) -> list[Event]:
    """What a model might find: most events, a little beside, some under another label, some in pieces."""
    found = []
    for label, start, end in truth:
        if dice.random() < 0.2:
            continue
        heard = dice.choice(labels) if dice.random() < 0.2 else label
        first = max(0.0, start + dice.gauss(0, 0.2))
        last = max(first + 0.01, end + dice.gauss(0, 0.4))
        pieces = [(first, last)] if dice.random() < 0.8 else [(first, (first + last) / 2), ((first + last) / 2, last)]
        found += [(heard, round(a, 6), round(b, 6)) for a, b in pieces]
    return sorted(found, key=by_time)


def random_case(seed: int) -> list[Recording]:
    dice = random.Random(seed)
    labels = "abcde"[: dice.randint(1, 5)]
    seconds, grid = dice.choice([10.0, 60.0]), dice.choice([0.0, 0.05, 0.5])
    recordings = []
    for _ in range(dice.choice([1, 1, 2, 4])):
        truth = random_events(dice, labels, dice.choice([3, 12, 25]), seconds, grid)
        found = noisy(dice, truth, labels) if dice.random() < 0.7 else random_events(dice, labels, 12, seconds, grid)
        recordings.append({"truth": truth, "found": found})
    return recordings


EDGES: dict[str, list[Recording]] = {
    "nothing found": [{"truth": [("a", 0.5, 1.5), ("b", 2, 3)], "found": []}],
    "nothing there": [{"truth": [], "found": [("a", 0.5, 1.5), ("b", 2, 3)]}],
    "nothing at all in one of two recordings": [
        {"truth": [("a", 1, 2)], "found": [("a", 1.05, 2)]},
        {"truth": [], "found": []},
    ],
    "the same": [{"truth": [("a", 1, 2), ("b", 1, 2)], "found": [("a", 1, 2), ("b", 1, 2)]}],
    "touching events": [{"truth": [("a", 0, 1), ("a", 1, 2), ("a", 2, 3)], "found": [("a", 0, 3)]}],
    "found in pieces that touch": [{"truth": [("a", 0, 3)], "found": [("a", 0, 1), ("a", 1, 2), ("a", 2, 3)]}],
    "one found for two": [{"truth": [("a", 1.0, 2), ("a", 1.15, 2)], "found": [("a", 1.1, 2)]}],
    "two in a chain, of which greed would lose one": [
        {"truth": [("a", 1.0, 2), ("a", 1.15, 2)], "found": [("a", 0.85, 2), ("a", 1.1, 2)]}
    ],
    "another label in its place": [{"truth": [("a", 1, 2), ("b", 5, 6)], "found": [("b", 1.1, 2), ("a", 5, 6)]}],
    "one label in no truth": [{"truth": [("a", 1, 2)], "found": [("a", 1, 2), ("z", 8, 9)]}],
    "exactly the collar apart, in numbers that are not exact": [
        {"truth": [("a", 0.5, 1), ("a", 2.0, 3), ("a", 7.5, 8)], "found": [("a", 0.7, 1), ("a", 2.2, 3), ("a", 8.0, 9)]}
    ],
    "edges of segments": [
        {"truth": [("a", 0.3, 0.7), ("b", 1.0, 2.0), ("a", 2.999999, 3.000001)], "found": [("a", 0.1, 0.3)]}
    ],
    "found beyond the last true event": [{"truth": [("a", 0, 0.5)], "found": [("a", 0, 0.5), ("a", 9.9, 10.05)]}],
    "events without length": [{"truth": [("a", 1.0, 1.0), ("a", 2.5, 2.5)], "found": [("a", 1.0, 1.0), ("a", 3, 3)]}],
    "no sound at all, twice": [{"truth": [("a", 0, 5)], "found": [("a", 0, 5)]}] * 2,
}


def listed(events: list[Event]) -> Any:
    return dcase_util.containers.MetaDataContainer(
        [{"event_label": label, "onset": float(start), "offset": float(end)} for label, start, end in events]
    )


def plain(value: Any) -> Any:
    """Numbers that JSON has; None for what is not a number."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    number = float(value)
    return number if math.isfinite(number) else None


def answer(metric: Any, counts: dict[str, str], recordings: list[Recording]) -> dict[str, Any]:
    """What a metric of sed_eval says of recordings, and the counts that it says it from."""
    for recording in recordings:
        metric.evaluate(listed(recording["truth"]), listed(recording["found"]))
    together = {ours: metric.overall[theirs] for ours, theirs in counts.items()}
    return plain(
        {
            "counts": together,
            **metric.overall_f_measure(),
            "error_rate": metric.overall_error_rate()["error_rate"],
            "per_label": {
                label: {
                    "truths": metric.class_wise[label]["Nref"],
                    "found": metric.class_wise[label]["Nsys"],
                    "hits": metric.class_wise[label]["Ntp"],
                    **metric.class_wise_f_measure(label),
                    "error_rate": metric.class_wise_error_rate(label)["error_rate"],
                }
                for label in metric.event_label_list
            },
        }
    )


def evaluated(name: str, recordings: list[Recording]) -> dict[str, Any]:
    labels = sorted({event[0] for recording in recordings for side in recording.values() for event in side})
    same = {"truths": "Nref", "found": "Nsys", "hits": "Ntp"}
    events = {**same, "substitutions": "Nsubs", "deletions": "Nfn", "insertions": "Nfp"}
    segments = {**same, "substitutions": "S", "deletions": "D", "insertions": "I"}
    onset_only = {"evaluate_onset": True, "evaluate_offset": False, "event_matching_type": "optimal"}
    based = sed_eval.sound_event
    return {
        "name": name,
        "recordings": recordings,
        "event": {
            str(collar): answer(based.EventBasedMetrics(labels, t_collar=collar, **onset_only), events, recordings)
            for collar in COLLARS
        },
        "segment": {
            str(seconds): answer(based.SegmentBasedMetrics(labels, time_resolution=seconds), segments, recordings)
            for seconds in RESOLUTIONS
        },
    }


def main() -> None:
    cases = [*EDGES.items(), *((f"random {seed}", random_case(seed)) for seed in range(36))]
    found = {
        "made_with": {name: version(name) for name in ("sed_eval", "dcase_util", "numpy")},
        "cases": [
            evaluated(name, recordings)
            for name, recordings in cases
            if any(side for recording in recordings for side in recording.values())
        ],
    }
    FILE.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
