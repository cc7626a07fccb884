"""From items to spectrograms, for networks and for people."""
