"""Tests of mediaml.samples."""
