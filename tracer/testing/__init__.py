"""Checks of what the library answers, for tests of the library and of what is built on it."""

from tracer.testing.verification import FormulaMismatch, verify_formula

__all__ = ["FormulaMismatch", "verify_formula"]
