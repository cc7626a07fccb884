"""Datasets: files, labels, segments, splits and checks."""
