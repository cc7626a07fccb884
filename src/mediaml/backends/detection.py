"""Sounds in long recordings: windows with overlap, their scores, and the events that these make; in flat memory."""

from __future__ import annotations
