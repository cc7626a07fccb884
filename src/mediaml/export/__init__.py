"""Timelines and reels as files for people and their programs."""
