"""Sounds in long recordings: events of ESC-10 in mixtures, and syllables in the song of finches.

    python benchmarks/events.py

Mixtures: two recordings of three minutes with events of ESC-10's fold 5 in quiet noise. Learned: folds 1 to 4,
`LocalAudioModel(network="yamnet")`, then `model.detect(path)` as it is. The baseline asks the same model about
windows of 5 s (its clips) or 1 s, half overlapping, takes the likeliest label where its calibrated probability
reaches one half, and merges adjacent windows of one label: what one would write first. All that `detect` does
otherwise was chosen on mixtures of training folds (docs/decisions/0007).

Finches: syllables of about 0.08 s against the gaps of about 0.1 s between them. The cnn hears 0.05 s at once (half a
gap of the training recording), learns from one recording of Bengalese finch song and is measured on the other.
"""

from __future__ import annotations

import time

import data
import mediaml as mm

COLLAR = 0.5
BASELINE_PROBABILITY = 0.5
BASELINES = (5.0, 1.0)  # seconds of a window, half overlapping
LEARNED_SECONDS = 120.0
LONG = data.ROOT / "audio_long"


def main() -> None:
    csv = data.table("esc10.csv")
    data.say_machine()
    sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
    model = mm.LocalAudioModel(network="yamnet").fit(sounds.where(fold=[1, 2, 3, 4]), progress=False)
    recordings = sorted((LONG / "mixtures").glob("*.ogg"))
    truth = mm.AudioDataset.from_annotations(LONG / "mixtures", [table_of(one) for one in recordings])
    began = time.perf_counter()
    found = [model.detect(one, progress=False) for one in recordings]
    spent = time.perf_counter() - began
    compared = {"detect": found}
    for seconds in BASELINES:
        compared[f"baseline, windows of {seconds:g} s"] = [baseline(model, one, seconds) for one in recordings]
    for name, timelines in compared.items():
        print(f"mixtures, {name}: {figures(mm.evaluate_events(timelines, truth, collar=COLLAR))}")
    print(f"detect ran at {sum(one.duration for one in found) / spent:.0f} times real time", flush=True)
    finches()


def table_of(recording):
    return recording.with_suffix("").with_name(recording.stem + ".Table.1.selections.txt")


def figures(report: mm.EventReport) -> str:
    return (
        f"events by onset ({report.collar:g} s) F1 {report.event_f1:.3f} (precision {report.event_precision:.2f}, "
        f"recall {report.event_recall:.2f}), events by overlap F1 {report.iou_f1:.3f}, "
        f"segments of {report.resolution:g} s F1 {report.segment_f1:.3f}"
    )


def baseline(model: mm.LocalAudioModel, recording, seconds: float) -> mm.Timeline:
    """Windows over a threshold, merged where they touch."""
    whole = mm.AudioDataset.from_table(one_row(recording), root="/", label_column=None)
    clips = list(whole.segments(seconds, hop=seconds / 2))
    events: list[mm.Event] = []
    open_events: dict[str, mm.Event] = {}
    for clip, answer in zip(clips, model.predict(clips), strict=True):
        best = answer.alternatives[0]
        if best.confidence < BASELINE_PROBABILITY:
            continue
        before = open_events.get(best.label)
        start = clip.segment.start
        if before is not None and start <= before.segment.end:
            start = before.segment.start
            events.remove(before)
        event = mm.Event(
            label=best.label, segment=mm.Segment(start=start, end=clip.segment.end), confidence=best.confidence
        )
        open_events[best.label] = event
        events.append(event)
    return mm.Timeline(source=str(recording), duration=clips[-1].segment.end, events=tuple(events), labels=model.labels)


def one_row(recording):
    import pandas as pd

    return pd.DataFrame({"path": [str(recording)]})


def finches() -> None:
    learn, test = (LONG / "finch" / f"finch_{name}.ogg" for name in "ab")
    song = mm.AudioDataset.from_annotations([learn], [table_of(learn)])
    windows = song.relabel(dict.fromkeys(song.labels, "syllable")).segments(0.05, hop=0.025)
    builder = mm.SpectrogramBuilder(
        sample_rate=22050, n_fft=256, hop_length=110, mel_bands=48, fmin=500, fmax=10000, clip_seconds=0.05
    )
    model = mm.LocalAudioModel(builder, network="cnn", multi_label=True, epochs=6, batch_size=128)
    frame = windows.labelled.frame
    early = frame["start"] < LEARNED_SECONDS  # the rest of the recording to choose on; the test is another recording
    model.fit(
        mm.AudioDataset(frame[early]),
        mm.AudioDataset(frame[~early]),
        background=windows.unlabelled,
        progress=False,
    )
    timeline = model.detect(test, hop=0.01, minimum_seconds=0.02, gap_seconds=0.0, progress=False)
    truth = mm.AudioDataset.from_annotations([test], [table_of(test)])
    truth = truth.relabel(dict.fromkeys(truth.labels, "syllable"))
    report = mm.evaluate_events(timeline, truth, collar=0.03, resolution=0.02)
    print(f"finches, syllable against gap: {figures(report)}; {len(timeline)} found of {len(truth)}")


if __name__ == "__main__":
    main()
