"""Synthetic recordings: something to recognise before there are recordings of one's own."""

from mediaml.samples.recordings import LABELS, noise, recording, silence, write_recordings

__all__ = ["LABELS", "noise", "recording", "silence", "write_recordings"]
