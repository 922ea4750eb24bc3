"""Parts of formulas that stand several times in them, each of which is written once and called by a name.

A part may stand in a formula as it is, transposed or with the other sign, and among the factors of a product: in
``A*X*w`` stands ``X*w``. The part that saves most operations is named first, and the formulas are looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence, Set
from dataclasses import dataclass, field

import sympy
from sympy.matrices.expressions import Inverse, MatrixSymbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.tensor.array.expressions import Reshape

from tracer.formulas.counting import count_written
from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ArrayElementwiseApplyFunc, ArrayMap
from tracer.formulas.matrix.array_products import ArrayAdd, Axes, Einsum, multiply_arrays, scale_array
from tracer.formulas.matrix.array_reductions import ArraySoftmax
from tracer.formulas.matrix.bodies import is_even
from tracer.formulas.matrix.classes import (
    ElementwiseApplyFunction,
    ElementwiseMap,
    HadamardPower,
    HadamardProduct,
    MatAdd,
    MatMul,
)
from tracer.formulas.matrix.closed_parts import list_closed, replace_closed
from tracer.formulas.matrix.constructors import MatrixAlgebra, is_constant
from tracer.formulas.matrix.length import LEAVES
from tracer.formulas.matrix.orientation import orient
from tracer.formulas.matrix.slices import ArrayPart, Part
from tracer.formulas.matrix.unevaluated import ARRAYS, from_parts

MOST_PARTS = 6
"""How many parts a person keeps in mind."""

LEAST = 2
"""How many operations a name saves at the least."""

IsUsual = Callable[[sympy.Expr], bool]
"""What says whether textbooks have a name for a part."""

CallIt = Callable[[sympy.Expr], sympy.Expr]
"""What answers the symbol that a part is called by."""

Parts = dict[sympy.Expr, sympy.Expr]
"""Parts by their symbols, each in the symbols before it."""


@dataclass
class _Group:
    """Places of one part: how often it stands there as it is first met, and how often with the other sign."""

    part: sympy.Expr
    counts: dict[int, int] = field(default_factory=lambda: {1: 0, -1: 0})

    def count_places(self) -> int:
        return sum(self.counts.values())


def is_never(part: sympy.Expr) -> bool:
    """That no part has a name in textbooks."""
    return False


def name_parts(
    bodies: Sequence[sympy.Expr],
    algebra: MatrixAlgebra,
    call: CallIt,
    is_usual: IsUsual = is_never,
    is_named_once: IsUsual = is_never,
) -> tuple[list[sympy.Expr], Parts]:
    """Formulas in which parts have names, and these parts.

    Parameters
    ----------
    bodies : sequence of sympy.Expr
        In matrix notation.
    algebra : MatrixAlgebra
    call : callable
        ``call(part)`` answers the symbol of a part.
    is_usual : callable, optional
        Whether textbooks have a name for a part: it is named before what is made of it and has none.
    is_named_once : callable, optional
        Whether textbooks give a part its name though it stands once, as they do to the distances in a kernel.

    Examples
    --------
    >>> from tracer.terms.work import Budget
    >>> A, B = (MatrixSymbol(name, 3, 3) for name in "AB")
    >>> E = MatrixSymbol("E", 3, 3)
    >>> formula = MatMul(Transpose(MatAdd(A, B, B)), MatAdd(A, B, B))
    >>> name_parts([formula], MatrixAlgebra(Budget()), lambda part: E)
    ([E.T*E], {E: A + B + B})
    """
    whole = list(bodies)
    parts: Parts = {}
    while len(parts) < MOST_PARTS:
        groups = _Groups(algebra)
        for e in [*whole, *parts.values()]:
            groups.enter(e)
        best = groups.choose_at_once(is_named_once, {*whole, *parts.values()}) or groups.choose(is_usual)
        if best is None:
            break
        symbol = call(best.part)
        replace = _Replacement(algebra, best.part, symbol)
        whole = [replace(e) for e in whole]
        parts = {s: replace(e) for s, e in parts.items()}
        parts[symbol] = best.part
    if any(isinstance(part, Transpose) for part in parts.values()):
        # What was written for a row is written for the column that has the name.
        whole, parts = [orient(e, algebra) for e in whole], {s: orient(e, algebra) for s, e in parts.items()}
    return whole, _order(parts)


def _order(parts: Parts) -> Parts:
    """Parts after those that stand in them."""
    inside = {symbol: parts.keys() & _from_the_root(part) for symbol, part in parts.items()}
    ordered: Parts = {}
    while len(ordered) < len(parts):
        symbol = next(s for s in parts if s not in ordered and inside[s] <= ordered.keys())
        ordered[symbol] = parts[symbol]
    return ordered


class _Groups:
    """The parts of formulas, with the places in which they stand."""

    def __init__(self, algebra: MatrixAlgebra) -> None:
        self.algebra = algebra
        self.found: dict[Hashable, tuple[_Group, int]] = {}
        self.sizes: dict[sympy.Basic, int] = {}

    def enter(self, e: sympy.Expr) -> None:
        """Count the parts of a formula, as often as each is written."""
        counts: dict[sympy.Basic, int] = {e: 1}
        for part in _from_the_root(e):
            self.algebra.budget.spend(1)
            for a, times in _list_arguments(part):
                counts[a] = counts.get(a, 0) + times * counts[part]
            if isinstance(part, MatMul):
                self._enter_factors(part, counts[part])
            elif _may_have_name(part):
                whole = part.split_number()[1] if isinstance(part, Einsum) else part
                if isinstance(part, Einsum) and not isinstance(whole, Einsum):
                    continue  # It is a factor, which is counted by itself.
                group, sign = self._find(whole)
                group.counts[sign] += counts[part]

    def _enter_factors(self, product: MatMul, places: int) -> None:
        """Count runs of factors; two that are one part and have a factor in common are one place."""
        chain = [m for m in product.args if isinstance(m, MatrixExpr)]
        taken: dict[int, int] = {}
        for start in range(len(chain)):
            for end in range(start + 2, len(chain) + 1):
                group, sign = self._find(self.algebra.matmul(*chain[start:end]))
                if taken.get(id(group), 0) <= start:
                    taken[id(group)] = end
                    group.counts[sign] += places

    def _find(self, part: sympy.Expr) -> tuple[_Group, int]:
        """The group of a part, and the sign that the part has in it."""
        keys = list(_list_keys(part, self.algebra))
        for key, sign in keys:
            if key in self.found:
                group, direction = self.found[key]
                return group, sign * direction
        group = _Group(part)
        for key, sign in keys:
            self.found.setdefault(key, (group, sign))
        return group, 1

    def choose(self, is_usual: IsUsual) -> _Group | None:
        """The group that saves most, or what textbooks name in it; None where a person would name none."""
        groups = [g for g in {id(g): g for g, _ in self.found.values()}.values() if self._save(g) >= LEAST]
        if not groups:
            return None
        best = max(groups, key=self._rank)
        if not is_usual(best.part):
            inside = set(_from_the_root(best.part))
            usual = (g for g in groups if g.part in inside and is_usual(g.part) and self._tells_all(g, best))
            best = max(usual, key=self._rank, default=best)
        if best.counts[-1] > best.counts[1]:
            best.part = _negate(best.part, self.algebra)
        if _is_row(best.part):
            best.part = self.algebra.transpose(best.part)
        return best

    def choose_at_once(self, is_named_once: IsUsual, wholes: Set[sympy.Expr]) -> _Group | None:
        """What textbooks name though it stands once, but a whole formula."""
        found = (g for g, _ in self.found.values() if g.part not in wholes and is_named_once(g.part))
        return max(found, key=self._rank, default=None)

    def _rank(self, group: _Group) -> tuple[int, Hashable]:
        """The order of groups."""
        return self._save(group), group.part.sort_key()

    def _tells_all(self, inner: _Group, outer: _Group) -> bool:
        """Whether a part needs no name where a part of it has one."""
        return (self._count(outer) - self._count(inner)) * (outer.count_places() - 1) < LEAST

    def _save(self, group: _Group) -> int:
        """How many operations are not written where the part has a name."""
        return self._count(group) * (group.count_places() - 1)

    def _count(self, group: _Group) -> int:
        """How many operations the part has."""
        return count_written(group.part, _weigh, self.algebra.budget, self.sizes)


def _from_the_root(e: sympy.Expr) -> list[sympy.Basic]:
    """The distinct parts of a formula, each before those that it is made of."""
    order: list[sympy.Basic] = []
    seen: set[sympy.Basic] = set()
    todo: list[tuple[sympy.Basic, bool]] = [(e, False)]
    while todo:
        part, ready = todo.pop()
        if ready:
            order.append(part)
        elif part not in seen:
            seen.add(part)
            todo.append((part, True))
            todo += [(a, False) for a in _list_factors(part)]
    return order[::-1]


def _list_factors(e: sympy.Basic) -> Sequence[sympy.Basic]:
    """What a part is made of as it is written: a product of arrays of factors, a function of what is no variable."""
    if e.args and isinstance(e.args[0], sympy.Lambda):
        return [*e.args[1:], *list_closed(e.args[0])]
    return e.axes.factors if isinstance(e, Einsum) else e.args


def _list_arguments(e: sympy.Basic) -> Iterator[tuple[sympy.Basic, int]]:
    """What a part is made of, with how often each is written: a function may have its argument several times."""
    if not e.args or not isinstance(e.args[0], sympy.Lambda):
        yield from ((a, 1) for a in _list_factors(e))
        return
    function, *operands = e.args
    for x, m in zip(function.variables, operands):
        yield m, max(1, sum(leaf == x for leaf in sympy.preorder_traversal(function.expr)))
    yield from list_closed(function).items()


def _may_have_name(e: sympy.Basic) -> bool:
    """Whether a person would name a part: no source with a mark at it, and what divides rather than its reciprocal."""
    if isinstance(e, ARRAYS):
        return isinstance(e, NAMED_ARRAYS) and not (isinstance(e, Einsum) and e.is_constant)
    if isinstance(e, (*LEAVES, Transpose, MatrixSlice)) or not isinstance(e, sympy.Expr) or _is_plain(e):
        return False
    if _is_part_of_source(e):
        return False
    if isinstance(e, (sympy.Pow, HadamardPower)):
        return not (e.args[1].is_Rational and e.args[1].is_negative)
    return not isinstance(e, Inverse) or not isinstance(e.args[0], MatrixSymbol)


NAMED_ARRAYS = ArrayAdd, ArrayMap, ArrayElementwiseApplyFunc, ArraySoftmax, Einsum
"""Classes of arrays of any rank that may have a name."""


def _is_row(e: sympy.Expr) -> bool:
    """Whether a part is a row: a person names the column."""
    return isinstance(e, MatrixExpr) and e.shape[0] == 1 and e.shape[1] != 1


def _is_plain(e: sympy.Expr) -> bool:
    """Whether an expression is an element, or of numbers and dimensions alone."""
    return (isinstance(e, MatrixElement) and isinstance(e.args[0], MatrixSymbol)) or is_constant(e)


def _is_part_of_source(e: sympy.Expr) -> bool:
    """Whether an expression is of rows of a source, or of a part of an array."""
    return (isinstance(e, Part) and isinstance(e.args[0], MatrixSymbol)) or (
        isinstance(e, ArrayAsMatrix) and isinstance(e.args[0], ArrayPart)
    )


def _list_keys(part: sympy.Expr, algebra: MatrixAlgebra) -> Iterator[tuple[Hashable, int]]:
    """What tells a part from others, and the sign with which it is that: it may be turned, and have the other sign."""
    for sign in (1, -1) if isinstance(part, MatAdd) else (1,):
        signed = part if sign == 1 else _negate(part, algebra)
        yield _key(signed), sign
        if isinstance(part, MatrixExpr):
            yield _key(algebra.transpose(signed)), sign


def _key(part: sympy.Expr) -> Hashable:
    """A part without the order of its summands or factors of elements."""
    return (type(part), frozenset(part.args)) if isinstance(part, (MatAdd, HadamardProduct, ArrayAdd)) else (part,)


def _negate(total: sympy.Expr, algebra: MatrixAlgebra) -> sympy.Expr:
    """A sum with the other sign, its positive summands first."""
    summands = [algebra.matmul(sympy.S.NegativeOne, m) for m in total.args]
    summands.sort(key=lambda m: isinstance(m, MatMul) and m.could_extract_minus_sign())
    return MatAdd(*summands, evaluate=False)


def _weigh(part: sympy.Basic) -> int:
    """How many operations a part has of its own."""
    if isinstance(part, ARRAYS):
        return _weigh_product(part.axes) if isinstance(part, Einsum) else int(isinstance(part, NAMED_ARRAYS))
    if isinstance(part, (*LEAVES, sympy.Tuple, sympy.Lambda)) or not isinstance(part, sympy.Expr) or _is_plain(part):
        return 0
    if isinstance(part, ArrayAsMatrix) and isinstance(part.args[0], Reshape):
        return LEAST  # Nobody reshapes a source twice.
    if part.is_Add or part.is_Mul or isinstance(part, (MatAdd, MatMul, HadamardProduct)):
        changing = [a for a in part.args if not is_constant(a)]
        constant = [a for a in part.args if is_constant(a) and abs(a) != 1]
        return len(changing) - 1 + bool(constant)
    return 0 if isinstance(part, MatrixElement) else 1


def _weigh_product(axes: Axes) -> int:
    """How many operations a product of arrays has: a sum is one."""
    return len(axes.factors) - 1 + any(k not in axes.out for word in axes.words for k in word)


class _Replacement:
    """A formula with the symbol of a part wherever the part stands."""

    def __init__(self, algebra: MatrixAlgebra, part: sympy.Expr, symbol: sympy.Expr) -> None:
        self.algebra = algebra
        self.symbol = symbol
        self.signless = {algebra.matmul(sympy.S.NegativeOne, symbol): symbol} if isinstance(symbol, MatrixExpr) else {}
        self.known = dict(_list_keys(part, algebra))
        self.turned = {_key(algebra.transpose(part))} if isinstance(part, MatrixExpr) else set()
        self.turned -= {_key(part)}
        self.made: dict[sympy.Basic, sympy.Basic] = {}
        if isinstance(part, MatAdd):
            self.turned.add(_key(algebra.transpose(_negate(part, algebra))))
            self.turned -= {_key(_negate(part, algebra))}

    def __call__(self, e: sympy.Expr) -> sympy.Expr:
        """The formula, made from the leaves upwards."""
        for part in reversed(_from_the_root(e)):
            if part not in self.made:
                self.made[part] = self._replace(part)
        return self.made[e]

    def _replace(self, e: sympy.Basic) -> sympy.Basic:
        found = self._find(e) if isinstance(e, (sympy.Expr, *ARRAYS)) else None
        if found is not None:
            return found
        if isinstance(e, Einsum):
            return self._replace_product(e)
        if isinstance(e, MatMul):
            return self._replace_factors(e)
        args = [replace_closed(a, self.made) if isinstance(a, sympy.Lambda) else self.made.get(a, a) for a in e.args]
        if args == list(e.args):
            return e
        if isinstance(e, Transpose):
            return self.algebra.transpose(args[0])
        if isinstance(e, (HadamardPower, ElementwiseApplyFunction, ElementwiseMap)):
            args = self._drop_hidden_signs(args)
        return from_parts(e.func, args)

    def _drop_hidden_signs(self, args: Sequence[sympy.Basic]) -> list[sympy.Basic]:
        """The arguments of a power or a function without signs that it hides: ``1 - (-r)**2`` has ``1 - r**2``."""
        if isinstance(args[0], sympy.Lambda):
            function, *operands = args
            pairs = zip(function.variables, operands)
            return [
                function,
                *(self.signless[m] if m in self.signless and is_even(function, x) else m for x, m in pairs),
            ]
        base, power = args
        return [self.signless.get(base, base) if power.is_even else base, power]

    def _replace_product(self, e: Einsum) -> sympy.Expr:
        """A product of arrays, which but for the number in front may be the part."""
        number, rest = e.split_number()
        found = self._find(rest) if isinstance(rest, Einsum) else None
        if found is not None:
            return scale_array(number, found)
        factors, words, out = e.axes
        args = [self.made.get(a, a) for a in factors]
        return e if args == factors else multiply_arrays(words, out, args)

    def _find(self, e: sympy.Expr) -> sympy.Expr | None:
        key = _key(e)
        if key not in self.known:
            return None
        found = self.algebra.transpose(self.symbol) if key in self.turned else self.symbol
        return found if self.known[key] == 1 else self.algebra.matmul(sympy.S.NegativeOne, found)

    def _replace_factors(self, e: MatMul) -> sympy.Expr:
        """A product of matrices, in which runs of factors may be the part."""
        factors = list(e.args)
        start = sum(not isinstance(f, MatrixExpr) for f in factors)
        made: list[sympy.Expr] = [self.made.get(f, f) for f in factors[:start]]
        while start < len(factors):
            for end in range(len(factors), start + 1, -1):
                found = self._find(self.algebra.matmul(*factors[start:end]))
                if found is not None:
                    made.append(found)
                    start = end
                    break
            else:
                made.append(self.made.get(factors[start], factors[start]))
                start += 1
        return e if made == factors else self.algebra.matmul(*made)
