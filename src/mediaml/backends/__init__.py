"""Where models run. Siblings never import each other."""
