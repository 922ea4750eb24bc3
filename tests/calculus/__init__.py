"""Closed forms of derivatives, checked against textbook formulas."""
