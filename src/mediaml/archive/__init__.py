"""Sifting archives: what is found in many files, kept in one store."""
