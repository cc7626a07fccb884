"""Frozen values without input or output: what the rest of mediaml hands around."""
