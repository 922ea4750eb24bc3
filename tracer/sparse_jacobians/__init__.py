"""Jacobians most of whose elements are zero: their patterns, and their other elements in few passes."""
