"""Pictures: their files, their rows, and what is wrong with them."""
