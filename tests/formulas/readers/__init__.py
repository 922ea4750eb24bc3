"""Readers of formulas as text, which know notation and nothing of the library."""
