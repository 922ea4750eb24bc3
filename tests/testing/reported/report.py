"""What a report of a wrong gradient says, written down as functions."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Report(NamedTuple):
    """A report: the operation's formula in tracer, the rule as it was, as it has to be, and the inputs to check at.

    ``present`` is the operation in the framework of the report, as a function of its module and of arrays; None where
    this machine can't run it, as a kernel of a GPU.
    """

    thread: str
    operation: str
    fault: str
    forward: Callable[..., Any]
    wrong: Callable[..., Any]
    mended: Callable[..., Any]
    inputs: tuple[Any, ...]
    present: Callable[..., Any] | None = None

    @property
    def address(self) -> str:
        repository, number = self.thread.split("#")
        return f"https://github.com/{repository}/issues/{number}"

    @property
    def framework(self) -> str:
        return {"pytorch": "PyTorch", "jax-ml": "JAX", "tensorflow": "TensorFlow"}[self.thread.split("/")[0]]
