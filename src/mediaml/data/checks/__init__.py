"""What `AudioDataset.check` looks for: a file for each kind of question."""
