"""Models of pictures on this machine: what they look at, how they learn, what they say."""
