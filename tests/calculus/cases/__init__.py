"""The cases, by family."""

from ..case import CASES, Case
from . import arrays, attention, cookbook, gaussian, losses, networks, objectives, papers, scalars, second_order  # noqa: F401

__all__ = ["CASES", "Case"]
