"""Stretches of files as files of their own, copied where they can be."""
