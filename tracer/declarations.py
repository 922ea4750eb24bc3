"""What can be declared of a source: the one table that placeholders, grammars, rules of formulas and points read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Declaration(NamedTuple):
    """What a word says of a source.

    Attributes
    ----------
    meaning : str
        In words, after the name of the source.
    rank : int
        The fewest axes that it can be said of.
    square : bool
        Whether the last two axes, if there are two, have to be equal.
    implies : tuple of str
        Further words that hold then.
    """

    meaning: str
    rank: int = 0
    square: bool = False
    implies: tuple[str, ...] = ()


DECLARATIONS: Mapping[str, Declaration] = {
    "symmetric": Declaration("is its own transpose", square=True),
    "diagonal": Declaration("is zero beside its diagonal", square=True, implies=("symmetric",)),
    "orthogonal": Declaration("has its transpose for its inverse", square=True),
    "positive_definite": Declaration("is symmetric with positive eigenvalues", square=True, implies=("symmetric",)),
    "stochastic": Declaration("is not negative and sums to one along its last axis", rank=1, implies=("nonnegative",)),
    "unit": Declaration("has the Euclidean norm one along its last axis", rank=1),
    "positive": Declaration("is more than zero", implies=("nonnegative", "nonzero")),
    "negative": Declaration("is less than zero", implies=("nonpositive", "nonzero")),
    "nonnegative": Declaration("is zero or more"),
    "nonpositive": Declaration("is zero or less"),
    "nonzero": Declaration("is not zero"),
    "integer": Declaration("is a whole number"),
    "real": Declaration("is real, as every source is"),
}
"""What is known of a source that is declared to be something, element by element or as a matrix."""


def as_assumed(word: str) -> str:
    """The word that says of a source what is not declared, but assumed for a while."""
    return f"assumed {word}"


DECLARING: Mapping[str, frozenset[str]] = {
    fact: frozenset(
        said
        for name, row in DECLARATIONS.items()
        if name == fact or fact in row.implies
        for said in (name, as_assumed(name))
    )
    for fact in DECLARATIONS
}
"""For each fact, the words that say it: ``symmetric`` is declared by ``positive_definite`` as well."""

OF_SQUARES = tuple(name for name, row in DECLARATIONS.items() if row.square)
"""What only square matrices can be."""


def is_declared(fact: str, words: Iterable[str]) -> bool:
    """Whether words declare a fact.

    Examples
    --------
    >>> is_declared("symmetric", ["diagonal"]), is_declared("positive", ["nonnegative"])
    (True, False)
    """
    return not DECLARING[fact].isdisjoint(words)
