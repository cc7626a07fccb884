"""Networks that see: arrays in, arrays out. Like ``runtime``, it knows no dataset and no file of the user's."""
