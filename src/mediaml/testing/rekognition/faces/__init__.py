"""Face collections of the offline AWS."""
