"""Checks of what the library answers, for tests of the library and of what is built on it."""

from tracer.testing.sameness import assert_same
from tracer.testing.verification import FormulaMismatch, verify_formula

__all__ = ["FormulaMismatch", "assert_same", "verify_formula"]


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
