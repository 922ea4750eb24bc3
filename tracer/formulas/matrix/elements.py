"""Functions of elements: a scalar expression in bound variables, and the matrices whose elements these are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from typing import Protocol

import sympy
from sympy.core.relational import Relational
from sympy.matrices.expressions import MatrixSymbol
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.matrix.bodies import VARIABLE, compare, piecewise, variable
from tracer.formulas.matrix.classes import ElementwiseApplyFunction, ElementwiseMap, OneMatrix
from tracer.formulas.matrix.constructors import raise_scalar, scalar_product
from tracer.formulas.matrix.signs import Signs, clear_divisors, is_even, place_number, scale_summands
from tracer.shapes import Dim, Shape
from tracer.terms import record as T
from tracer.terms.choices import MIRRORED
from tracer.terms.decomposition import factors_of, read_repeated, split_scale
from tracer.terms.facts import facts_of, is_condition
from tracer.terms.fillings import read_filling
from tracer.terms.normalise import Normaliser
from tracer.terms.number_powers import open_powers
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.record import Call, Product, Source, Sum, Term, is_call, operands


class Write(Protocol):
    """The writer of a formula, as functions of elements see it.

    Attributes
    ----------
    terms : Normaliser
        What brings terms that are made on the way into normal form.
    signs : Signs
        The signs of the sums of the formula.
    """

    terms: Normaliser
    signs: Signs

    def __call__(self, t: Term) -> sympy.Expr:
        """A term as a matrix or a number."""


def write_function(write: Write, t: Call) -> sympy.Expr:
    """A function of elements as a matrix: ``exp(2*A) + B`` is a Lambda of x and y, applied to A and B."""
    opened = open_powers(write.terms, t)
    if opened is not t:
        return write(opened)
    if not t.shape:
        return write_body(write, t, {})
    t = _balance(write, t)
    if len(t.args) == 1 and not is_condition(t.args[0]):
        x = VARIABLE
        return ElementwiseApplyFunction(sympy.Lambda(x, t.head(x, evaluate=False)), write(t.args[0]))
    leaves: dict[Term, sympy.Symbol] = {}
    body = write_body(write, t, leaves, whole=_list_repeated(t) | list_filled(t))
    free = body.free_symbols
    used = {u: x for u, x in leaves.items() if x in free} or dict([*leaves.items()][:1])
    variables, matrices = tuple(used.values()), [write(u) for u in used]
    if len(matrices) == 1:
        return ElementwiseApplyFunction(sympy.Lambda(variables, body), matrices[0])
    return ElementwiseMap(sympy.Lambda(variables, body), *matrices)


def write_condition(write: Write, t: Product) -> sympy.Expr:
    """A condition that is repeated along axes, or has them in another order."""
    leaves: dict[Term, sympy.Symbol] = {}
    body = write_body(write, t, leaves)
    if not leaves:
        return ElementwiseApplyFunction(sympy.Lambda(VARIABLE, body), OneMatrix(*matrix_shape(t.shape)))
    return ElementwiseMap(sympy.Lambda(tuple(leaves.values()), body), *map(write, leaves))


def list_filled(t: Term) -> set[Term]:
    """What stands at some places among a number within a function: blocks, which are matrices."""
    return {u for u in T.subterms(t, _list_elements) if read_filling(u) is not None}


def _list_repeated(t: Term) -> set[Term]:
    """The functions that are written several times in one of elements, and whose arguments are written only there.

    In ``where(exp(A) > 1, exp(A), B)`` it is ``exp(A)``: what is made of A is made of that.
    """
    below: dict[Term, list[Term]] = {}

    def look_below(u: Term) -> list[Term]:
        below[u] = _list_elements(u)
        return below[u]

    terms = [*T.subterms(t, look_below)]
    functions = [v for inner in below.values() for v in inner if below[v]]
    if len(set(functions)) == len(functions):
        return set()
    counts: Counter[Term] = Counter({t: 1})
    for u in reversed(terms):
        for v in below[u]:
            counts[v] += counts[u]
    return {
        u
        for u, inner in below.items()
        if counts[u] > 1 and inner and isinstance(u, Call) and not is_condition(u)
        if all(counts[v] == counts[u] * inner.count(v) for v in inner)
    }


def _list_elements(t: Term) -> list[Term]:
    """The terms whose elements are the arguments of a function of elements, without numbers."""
    if isinstance(t, Product):
        below = [u for u, labels, _ in t.factors] if all(i == t.out for _, i, _ in t.factors) else []
    else:
        below = [*t.children] if T.is_elementwise(t) else []
    return [u for u in below if T.constant_value(u) is None]


def write_body(
    write: Write, t: Term, leaves: dict[Term, sympy.Symbol], deep: bool = False, whole: Set[Term] = frozenset()
) -> sympy.Expr:
    """A scalar expression of the elements of leaves, to which variables are given as they are met.

    ``exp(2*A) + B`` is ``exp(2*x) + y`` with the leaves A for x and B for y. A sum of matrices is a leaf unless one of
    them is constant; ``deep`` takes sums apart but those of which a number made of arrays is a part, as a mean is. What
    is ``whole`` is a leaf.
    """
    if t in whole:
        return leaves.setdefault(t, variable(len(leaves)))

    def write_part(u: Term) -> sympy.Expr:
        return write_body(write, u, leaves, deep, whole)

    t = open_powers(write.terms, t)
    if isinstance(t, Call) and t.elementwise:
        t = _balance(write, t)
        whole = whole | _list_compared(t.head, t.args)
        args = list(map(write_part, t.args))
        if t.head is sympy.Piecewise:
            return piecewise(zip(args[::2], [*args[1::2], sympy.true]))
        return _apply(t.head, args)
    if not t.shape:
        return write(t)
    condition = _repeat_arguments(write, t)
    if condition is not None:
        head, repeated = condition
        whole = whole | _list_compared(head, repeated)
        return _apply(head, list(map(write_part, repeated)))
    value = T.constant_value(t)
    if value is not None:
        return value
    scale, core = split_scale(t)
    if isinstance(t, Product):
        inside = {k for _, labels, _ in t.factors for k in labels}
        distinct = len(set(t.out)) == len(t.out)
        if inside.isdisjoint(t.out) and distinct:
            return write(T.product(t.scale, t.factors, ()))
        if scale is not ONE:
            if scale.could_extract_minus_sign() and isinstance(core, Sum) and write.signs.is_turned(core):
                scale, core = -scale, scale_summands(MINUS, core)
            elif isinstance(core, Sum):
                scale, core = place_number(scale, core)
            elif isinstance(core, Product):
                scale, core = clear_divisors(scale, core)
                scale, core = write.signs.turn_difference(scale, core)
            return scalar_product(scale, write_part(core))
        if distinct and not isinstance(core, Source) and all(i == t.out or not i for _, i, _ in t.factors):
            turned = [(_turn_hidden(write, u, e), i, e) for u, i, e in t.factors]
            return scalar_product(*(raise_scalar(write_part(u) if i else write(u), e) for u, i, e in turned))
    apart = deep and not (isinstance(t, Sum) and any(is_number_of_arrays(u) for _, u in t.terms))
    if isinstance(t, Sum) and (apart or any(T.constant_value(u) is not None for _, u in t.terms)):
        return sympy.Add(*(scalar_product(c, write_part(u)) for c, u in t.terms), evaluate=False)
    if t not in leaves:
        leaves[t] = variable(len(leaves))
    return leaves[t]


def is_number_of_arrays(t: Term) -> bool:
    """Whether a summand is a number, the same everywhere, that is made of what has axes."""
    _, factors, out, _ = factors_of(t)
    inside = {k for _, labels, _ in factors for k in labels}
    return inside.isdisjoint(out) and any(isinstance(u, Source) and u.shape for u in T.subterms(t))


def _turn_hidden(write: Write, t: Term, power: sympy.Expr) -> Term:
    """A difference under an even power with the sign that it has elsewhere."""
    if not power.is_even or not isinstance(t, Sum) or not write.signs.turn_hidden(t):
        return t
    return scale_summands(MINUS, t)


def _balance(write: Write, t: Call) -> Call:
    """A function as it is written: an even one of a difference with the sign that it has elsewhere.

    A relation of a difference and zero is one of its parts, ``a > b``, and a size stands on the left of one; so does
    what several relations compare.
    """
    if is_even(t) and write.signs.turn_hidden(t.args[0]):
        return T.call(t.head, [T.scaled(-1, t.args[0])])
    if t.head in (sympy.And, sympy.Or):
        return T.call(t.head, _face_shared(t.args))
    if not issubclass(t.head, Relational):
        return t
    if t.head in MIRRORED and is_call(t.args[1], sympy.Abs) and not is_call(t.args[0], sympy.Abs):
        return T.call(MIRRORED[t.head], t.args[::-1])
    if not T.is_zero(t.args[1]):
        return t
    scale, core = split_scale(t.args[0])
    rows = [(scale * c, u) for c, u in core.terms] if isinstance(core, Sum) else []
    left = [(c, u) for c, u in rows if not c.could_extract_minus_sign()]
    right = [(-c, u) for c, u in rows if c.could_extract_minus_sign()]
    numbers = [row for row in left if T.constant_value(row[1]) is not None]
    if len(left) > len(numbers):
        left = [row for row in left if row not in numbers]
        right += [(-c, u) for c, u in numbers]
    if not right:
        return t
    sides = [write.terms.add(side) if side else T.number(0, t.shape) for side in (left, right)]
    turned = T.constant_value(sides[0]) is not None or is_call(sides[1], sympy.Abs)
    return T.call(MIRRORED[t.head], sides[::-1]) if turned and t.head in MIRRORED else T.call(t.head, sides)


def _face_shared(conditions: Sequence[Term]) -> list[Term]:
    """Relations with the term on the left that they share: ``x > a, b > x -> x > a, x < b``."""
    sides = (u for c in conditions if is_call(c, *MIRRORED) for u in operands(c))
    counts = Counter(u for u in sides if T.constant_value(u) is None)
    faced = []
    for c in conditions:
        if isinstance(c, Call) and c.head in MIRRORED and counts[c.args[1]] > max(1, counts[c.args[0]]):
            c = T.call(MIRRORED[c.head], c.args[::-1])
        faced.append(c)
    return faced


def _list_compared(head: type[sympy.Basic], args: Sequence[Term]) -> set[Term]:
    """What a relation compares with the greatest or the least of it.

    It is written as it is written there: of elements that are computed in another order none may be the greatest.
    """
    if not issubclass(head, Relational) or not args[0].shape:
        return set()
    return {a for a, b in (args, args[::-1]) if is_call(read_repeated(b)[0], "reduce_max", "reduce_min")}


def _repeat_arguments(write: Write, t: Term) -> tuple[type[sympy.Basic], list[Term]] | None:
    """A condition that is repeated along axes, as its head and its arguments repeated; None for every other term."""
    if not isinstance(t, Product) or not t.factors or not is_condition(t):
        return None
    inner, labels, _ = t.factors[0]
    if not isinstance(inner, Call):
        return None
    sizes = dict(enumerate(t.sizes))
    return inner.head, [write.terms.product(T.ONE, [(a, labels, T.ONE)], t.out, sizes) for a in inner.args]


def _apply(head: type[sympy.Basic], args: Sequence[sympy.Expr]) -> sympy.Expr:
    """A function, not evaluated but where it compares numbers."""
    return compare(head, args) if issubclass(head, Relational) else head(*args, evaluate=False)


def matrix_shape(shape: Shape) -> tuple[Dim, Dim]:
    """The rows and columns that a shape has in matrix notation: a vector is a column."""
    return (shape[0], 1) if len(shape) == 1 else (shape[0], shape[1])


def find_complement(n: Normaliser, u: Term) -> Term | None:
    """What ``sigmoid(-z)`` is one without: it is written ``1 - sigmoid(z)`` where ``sigmoid(z)`` stands beside it."""
    if not isinstance(u, Call) or not facts_of(u.head).complement:
        return None
    scale, _ = split_scale(u.args[0])
    return n.call(u.head, [n.scaled(-1, u.args[0])]) if scale.could_extract_minus_sign() else None


def write_source(t: Source) -> sympy.Expr:
    """The symbol of a source."""
    if not t.shape:
        known = {"positive": True} if "positive" in t.assumptions else {"real": True}
        return sympy.Symbol(t.name, **known)
    if len(t.shape) > 2:
        return ArraySymbol(t.name, t.shape)
    return MatrixSymbol(t.name, *matrix_shape(t.shape))
