"""Checks of what the library answers, for tests of the library and of what is built on it."""

from importlib import import_module

from tracer.testing.gradients import check_gradients, check_rule, check_vjp
from tracer.testing.mismatch import GradientMismatch
from tracer.testing.reports import GradientReport
from tracer.testing.sameness import assert_same
from tracer.testing.verification import FormulaMismatch, verify_formula

__all__ = [
    "FormulaMismatch", "GradientMismatch", "GradientReport", "adapters", "assert_same", "check_gradients",
    "check_rule", "check_vjp", "strategies", "verify_formula",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Modules are imported when they are asked for: ``strategies`` needs hypothesis."""
    if name in ("adapters", "strategies"):
        return import_module(f"tracer.testing.{name}")
    raise AttributeError(f"module 'tracer.testing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
