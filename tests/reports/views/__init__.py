"""Views of values in a notebook."""
