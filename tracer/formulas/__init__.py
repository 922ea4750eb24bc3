"""Formulas: traced tensors as terms, and the notations that terms are written in."""
