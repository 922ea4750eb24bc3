"""What a check that found nothing wrong knows."""

from __future__ import annotations

from typing import NamedTuple


class GradientReport(NamedTuple):
    """What is known of a gradient rule that was found right.

    Attributes
    ----------
    reason : str
        The proof in words; empty where there is none.
    points : int
        At how many points the rule agrees with the derivative.
    digits : float
        How many digits agree at the worst of them.
    seconds : float
        How long it took.
    """

    reason: str
    points: int
    digits: float
    seconds: float

    @property
    def proved(self) -> bool:
        """Whether the rule is right at all points at which it is finite, by a proof."""
        return bool(self.reason)

    def __str__(self) -> str:
        known = f"{self.points} points to {self.digits:.0f} digits, in {self.seconds:.2g} s"
        return f"proved: {self.reason}; right at {known}" if self.reason else f"right at {known}"
