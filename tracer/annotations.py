"""Shapes and dtypes that annotations of parameters state as jaxtyping has it: ``x: Float[Array, "n m"]``.

Annotations are objects, of which ``dim_str`` and ``dtypes`` are read, or their source, as under
``from __future__ import annotations``. Source is parsed and never evaluated; jaxtyping is never imported.
"""

from __future__ import annotations

import ast
import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import sympy

from tracer.dtypes import DTYPES, DType, float64
from tracer.nest import shown
from tracer.shapes import Dim, Shape, show, symbolic_dimension

KINDS = {
    **dict.fromkeys(("Float", "Inexact", "Real", "Num", "Shaped"), "float64"),
    **dict.fromkeys(("Int", "Integer"), "int64"),
    **{name.capitalize(): name for name in DTYPES},
}
"""The dtype that is meant where an annotation allows several, by the names of jaxtyping's types."""

_ARITHMETIC: Mapping[type[ast.operator], Callable[[sympy.Expr, sympy.Expr], sympy.Expr]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


class Annotation(NamedTuple):
    """What an annotation says of an array.

    Attributes
    ----------
    sizes : tuple of str
        What is written for each axis: ``"n"``, ``"3"``, ``"n+1"``, ``"*batch"``.
    dtype : DType or None
        None where it is one that tensors do not have.
    text : str
        The annotation as messages show it.
    """

    sizes: tuple[str, ...]
    dtype: DType | None
    text: str

    def shape(self, parameter: str, known: Mapping[str, Dim]) -> Shape:
        """The shape of a placeholder, with the sizes that are known in place of names.

        Raises
        ------
        ValueError
            If the annotation leaves the number of axes open, or has an axis without a name.
        """
        found = [_dimension(size, known) for size in self.sizes]
        for size, dim in zip(self.sizes, found):
            if dim is None:
                raise ValueError(
                    f"{parameter} is annotated {self.text}, and an argument that is left out needs a shape: {size!r} "
                    "is no single size; write names, numbers or sums of them, such as 'n m+1 3', or give the argument"
                )
        return tuple(dim for dim in found if dim is not None)


def annotation_of(parameter: inspect.Parameter, scope: Mapping[str, object]) -> Annotation | None:
    """What the annotation of a parameter says of an array; None if it says nothing.

    ``scope`` are the globals of the function, in which the name of an annotation is looked up.

    Examples
    --------
    >>> def f(x: 'Float[Array, "n 3"]'): ...
    >>> annotation_of(inspect.signature(f).parameters["x"], {})
    Annotation(sizes=('n', '3'), dtype='float64', text='Float[Array, "n 3"]')
    """
    given = parameter.annotation
    while isinstance(given, str):
        node = _parsed(given)
        if isinstance(node, ast.Subscript):
            return _of_source(node, given)
        given = node.value if isinstance(node, ast.Constant) else scope.get(getattr(node, "id", ""))
    dimensions, dtypes = getattr(given, "dim_str", None), getattr(given, "dtypes", None)
    if not isinstance(dimensions, str):
        return None
    allowed = dtypes if isinstance(dtypes, (tuple, list)) else (float64,)
    dtype = next((DTYPES[d] for d in ("float64", "float32", "int64", "int32", "bool") if d in allowed), None)
    return Annotation(_sizes(dimensions), dtype, getattr(given, "__name__", "") or shown(given))


def _parsed(text: str) -> ast.expr | None:
    """The syntax of an expression; None if it is none."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of_source(node: ast.Subscript, text: str) -> Annotation | None:
    """What ``Float[Array, "n m"]`` says, of its syntax."""
    if not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
        return None
    kind = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    sizes = node.slice.elts[1]
    if not isinstance(sizes, ast.Constant) or not isinstance(sizes.value, str):
        return None
    return Annotation(_sizes(sizes.value), DTYPES.get(KINDS.get(kind, "")), text)


def _sizes(text: str) -> tuple[str, ...]:
    """What is written for each axis; a name before an equals sign is for readers alone: ``"rows=4" -> ("4",)``."""
    return tuple(word.rpartition("=")[2] for word in text.split())


def _dimension(size: str, known: Mapping[str, Dim]) -> Dim | None:
    """The size of an axis; None if what is written is no single size: ``"*batch"``, ``"..."``, ``"#n"`` or ``"_"``."""
    if size.startswith("_"):
        return None
    try:
        found = _evaluated(_parsed(size), known)
    except RecursionError:
        return None
    return int(found) if found is not None and found.is_Integer else found


def _evaluated(node: ast.expr | None, known: Mapping[str, Dim]) -> sympy.Expr | None:
    """The value of a sum, difference, product or quotient of names and integers."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return sympy.Integer(node.value)
    if isinstance(node, ast.Name):
        return sympy.sympify(known.get(node.id, symbolic_dimension(node.id)))
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = _evaluated(node.left, known), _evaluated(node.right, known)
        if left is not None and right is not None:
            return _ARITHMETIC[type(node.op)](left, right)
    return None


def sizes_of(given: Sequence[tuple[str, Annotation, Shape]]) -> dict[str, Dim]:
    """The sizes by name, of the arrays that are given: parameters, their annotations and shapes.

    Raises
    ------
    ValueError
        If an array contradicts its annotation, or a name would have two sizes.

    Examples
    --------
    >>> matrix = Annotation(("n", "m"), None, 'Float[Array, "n m"]')
    >>> sizes_of([("A", matrix, (3, 4))])
    {'n': 3, 'm': 4}
    """
    known: dict[str, Dim] = {}
    owners: dict[str, str] = {}
    stated = [(p, a, s) for p, a, s in given if not any(size.startswith(("*", "...")) for size in a.sizes)]
    for parameter, annotation, shape in stated:
        if len(shape) != len(annotation.sizes):
            raise ValueError(
                f"{parameter} is annotated {annotation.text}, of rank {len(annotation.sizes)}, and was given the shape "
                f"{show(shape)}"
            )
        for size, dim in zip(annotation.sizes, shape):
            if size.isidentifier() and not size.startswith("_"):
                known.setdefault(size, dim)
                owners.setdefault(size, f"{parameter} of shape {show(shape)}")
    for parameter, annotation, shape in stated:
        for size, dim in zip(annotation.sizes, shape):
            wanted = _dimension(size, known)
            if wanted is None or wanted == dim or not _names(size) <= known.keys():
                continue
            by = [f"{name} is {known[name]} in {owners[name]}" for name in sorted(_names(size))]
            raise ValueError(
                f"{parameter} is annotated {annotation.text}, and was given the shape {show(shape)}: "
                + "; ".join([f"the size {size} is {dim} in it" if by else f"a size is {dim} and not {size}", *by])
            )
    return known


def _names(size: str) -> set[str]:
    """The names in what is written for an axis."""
    return {n.id for n in ast.walk(ast.parse(size, mode="eval")) if isinstance(n, ast.Name)}
