"""The grammars of expressions, which of them a text is in, and ``parse``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from tracer.expressions import ExpressionError, Reader, checked_assumptions, names_in
from tracer.matrix_grammar import MatrixReader, names_in_matrices
from tracer.nest import shown
from tracer.shapes import Shape, ShapeLike, as_shape
from tracer.tensor import Tensor


class Parsed(NamedTuple):
    """An expression that was read.

    Attributes
    ----------
    tensor : Tensor
        Its value.
    sources : dict of str to Tensor
        The placeholders of its names, in order of their first appearance.

    Examples
    --------
    >>> import tracer
    >>> parsed = tracer.parse("x'*y")
    >>> parsed.tensor.formula(), list(parsed.sources)
    (x.T*y, ['x', 'y'])
    """

    tensor: Tensor
    sources: dict[str, Tensor]


class Grammar(NamedTuple):
    """The reader of a grammar, and what finds the names in a text."""

    reader: Callable[..., Reader | MatrixReader]
    names_in: Callable[[str], list[str]]


GRAMMARS: Mapping[str, Grammar] = {
    "numpy": Grammar(Reader, names_in),
    "matrix": Grammar(MatrixReader, names_in_matrices),
}

_LITERALS = re.compile(r"(?<=[(,=\[])\s*'[^']*'|(?<![\w.)\]'])\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
"""Strings, which NumPy's grammar has in calls alone, and numbers: in ``1./x`` the point belongs to the number."""

_MATRIX_SIGNS = re.compile(r"'|\.[*/^]|(?<![\w.])(?:norm1|norm2|tr|vector|matrix)\s*\(")


def grammar_of(*texts: str) -> str:
    """The grammar of texts, by the signs that only one of them has.

    Examples
    --------
    >>> grammar_of("x'*A*x"), grammar_of("1./x + einsum('ii->i', A)")
    ('matrix', 'numpy')
    """
    return "matrix" if any(_MATRIX_SIGNS.search(_LITERALS.sub("(0", text)) for text in texts) else "numpy"


def parse(
    text: str,
    shapes: Mapping[str, ShapeLike] | None = None,
    grammar: str | None = None,
    assume: Mapping[str, str | Iterable[str]] | None = None,
) -> Parsed:
    """The tensor of an expression, and its sources.

    Parameters
    ----------
    text : str
        The expression, in one of two grammars. ``"numpy"`` has Python's operators, ``A @ x`` and ``A.T``. ``"matrix"``
        is that of matrixcalculus.org: ``A*x`` is the product of matrices, ``A'`` the transpose, ``.*``, ``./`` and
        ``.^`` work by elements, and ``vector(1)``, ``matrix(0)`` and ``eye`` have the sizes that fit.
    shapes : mapping of str to tuple, optional
        The shapes of sources. In the grammar of NumPy any other is a scalar. In that of matrices a name that begins
        with a to g is a scalar, with h to z a vector, with a capital a matrix, of the sizes that fit.
    grammar : {"numpy", "matrix"}, optional
        By default ``"matrix"`` where the text has one of ``'``, ``.*``, ``./``, ``.^``, ``norm1(``, ``norm2(``,
        ``tr(``, ``vector(``, ``matrix(``.
    assume : mapping of str to str or iterable of str, optional
        What is known of sources, as for :func:`placeholder`: ``{"A": "symmetric"}``.

    Returns
    -------
    Parsed
        A pair of the tensor and a dict of the sources by name.

    Raises
    ------
    TypeError
        If it is no text.
    ValueError
        If the text is not of the grammar, sizes in it do not fit, or something is declared of a name that it lacks.

    Notes
    -----
    The text is never evaluated by Python, so that it may come from a stranger.

    Examples
    --------
    >>> import tracer
    >>> loss, sources = tracer.parse("norm2(A*x - y)^2")
    >>> tracer.gradients(loss, sources["x"])[0].formula()
    2*A.T*(A*x - y)
    >>> loss, sources = tracer.parse("x'*A*x", assume={"A": "symmetric"})
    >>> tracer.gradients(loss, sources["x"])[0].formula()
    2*A*x
    >>> tracer.parse("sum(X @ w)", shapes={"X": ("n", 3), "w": 3}).sources["X"].shape
    (n, 3)
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression is a text such as norm2(x)^2, got {shown(text)}")
    given = {} if assume is None else {name: [said] if isinstance(said, str) else said for name, said in assume.items()}
    reader = reader_of(
        grammar or grammar_of(text),
        {name: as_shape(shape) for name, shape in (shapes or {}).items()},
        assumed={
            name: checked_assumptions(word for text in said for word in re.split(r"[\s,]+", text.strip()))
            for name, said in given.items()
        },
    )
    tensor = reader.read(text)
    require_sources(reader, [*reader.shapes, *reader.assumed])
    return Parsed(tensor, reader.sources)


def reader_of(
    grammar: str,
    shapes: Mapping[str, Shape],
    stopped: Collection[str] = (),
    assumed: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Reader | MatrixReader:
    """The reader of a grammar."""
    if grammar not in GRAMMARS:
        raise ExpressionError(f"there is no grammar {shown(grammar)}; it is one of {', '.join(GRAMMARS)}")
    return GRAMMARS[grammar].reader(shapes, stopped, assumed)


def require_sources(reader: Reader | MatrixReader, names: Iterable[str]) -> None:
    """Refuse names of which an expression that was read has no source."""
    for name in names:
        if name not in reader.sources:
            raise ExpressionError(
                f"the expression has no source {name!r}; its sources are: {', '.join(reader.sources) or 'none'}"
            )
