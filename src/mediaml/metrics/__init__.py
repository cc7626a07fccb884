"""Truth and predictions to figures: one file per kind of task."""
