"""The work that one reading of a formula may do.

Work is counted in constructions of terms, tries of rules and nodes of expressions, never in seconds, so that a
formula is given or refused on every machine alike.
"""

from __future__ import annotations

from math import inf

from tracer.progress import tick
from tracer.terms.failures import TooLong

TOLD = 500
"""After so much work what is watching is told."""


class Budget:
    """Work that is counted, and refused beyond a limit.

    Attributes
    ----------
    limit, spent : int
        The work that may be done, and what has been.
    subject : str
        Whose formula is read, for the error.

    Examples
    --------
    >>> budget = Budget(100, "loss")
    >>> budget.spend(60)
    >>> budget.spent
    60
    """

    __slots__ = ("_next", "limit", "spent", "subject")

    def __init__(self, limit: float = inf, subject: str = "a term") -> None:
        self.limit = limit
        self.subject = subject
        self.spent = 0
        self._next = min(limit, TOLD)

    def spend(self, work: int) -> None:
        """Count work.

        Raises
        ------
        TooLong
            If it is more than the limit; the message names the form that has none.
        """
        self.spent += work
        if self.spent > self._next:
            self._look()

    def _look(self) -> None:
        """Tell what was done since the last look, or refuse more."""
        tick(int(self.spent - self._next) + TOLD)
        self._next = min(self.limit, self.spent + TOLD)
        if self.spent > self.limit:
            raise TooLong(
                f"the closed form of {self.subject} takes more than {self.limit} steps of work to find; "
                'the form "steps" has no limit: tracer.formula(tensor, form="steps")'
            )
