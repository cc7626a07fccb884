"""A page on which a person judges what was found, or labels what nobody has labelled yet."""
