"""Index notation: sums over named indices and Kronecker deltas, for tensors of any rank."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

import sympy

from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.axis_groups import axis_groups
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix import bodies
from tracer.formulas.matrix.blocks import is_unit, split_placed
from tracer.formulas.matrix.bodies import VectorElement, array_element, element, piecewise
from tracer.formulas.matrix.constructors import join_roots
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.scans import weigh_running_sums
from tracer.formulas.matrix.slices import Elements
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.affine import FEW, MANY, interpolate, join_steps
from tracer.series import ExprWithLimits
from tracer.terms.normalise import Normaliser
from tracer.terms.record import Call, Product, Source, Sum, Term, constant_value, operands, subterms
from tracer.terms.selections import Places
from tracer.terms.stacks import is_small_stack, split_elements, split_place

LETTERS = "ijklmnpqrstuvw"


def index(program: Lowered) -> list[sympy.Expr]:
    """A program in index notation.

    Returns
    -------
    list of sympy.Expr
        In elements ``X[i, j]`` of the sources; the free indices are ``i``, ``j``, ... in the order of the axes.
    """
    return [einstein(term, program.normaliser, program.names) for term in program.terms]


def einstein(term: Term, n: Normaliser, taken: Set[str] = frozenset()) -> sympy.Expr:
    """A term in index notation, no index being called as something in it or among the names that are taken."""
    writer = ElementWriter(n, _list_names(term) | taken)
    free = [writer.name_index() for _ in term.shape]
    return writer(term, free)


def _list_names(term: Term) -> set[str]:
    """The names of the sources, dimensions and symbols in a term."""
    found: set[str] = set()
    for t in subterms(term):
        scale = t.scale if isinstance(t, Product) else sympy.S.One
        found |= {str(s) for e in (scale, *t.shape) for s in getattr(e, "free_symbols", ())}
        if isinstance(t, Source):
            found.add(t.name)
    return found


class ElementWriter:
    """The elements of terms at given places; new indices are called by letters that are not taken."""

    def __init__(self, n: Normaliser, taken: Set[str]) -> None:
        self.terms = n
        self.letters: Iterator[str] = (
            name
            for round_ in range(1000)
            for c in LETTERS
            if (name := c + (str(round_) if round_ else "")) not in taken
        )

    def name_index(self) -> sympy.Symbol:
        """A new index."""
        return sympy.Symbol(next(self.letters), integer=True)

    def __call__(self, t: Term, where: Sequence[sympy.Expr]) -> sympy.Expr:
        """The element of a term at a place."""
        self.terms.spend(30)
        if isinstance(t, Source):
            known = {"positive": True} if "positive" in t.assumptions else {"real": True}
            return sympy.IndexedBase(t.name, **known)[tuple(where)] if t.shape else sympy.Symbol(t.name, **known)
        if is_small_stack(t):
            return self._write_stacked(t, where)
        if isinstance(t, Sum):
            return self._write_sum(t, where)
        if isinstance(t, Product):
            return self._write_product(t, where)
        assert isinstance(t, Call)
        if t.elementwise:
            args = [self(a, where) for a in t.args]
            if t.head is sympy.Piecewise:
                return piecewise(zip(args[::2], [*args[1::2], sympy.true]))
            if t.head in (sympy.And, sympy.Or, sympy.Not):
                return from_parts(t.head, args)  # sympy takes no elements for truth values.
            return t.head(*args, evaluate=False)
        return NAMED.get(t.head, _write_matrix_element)(self, t, list(where))

    def _write_sum(self, t: Sum, where: Sequence[sympy.Expr]) -> sympy.Expr:
        """A sum; summands that differ by places alone are one, at a place that is given or summed over."""
        for axis, size in enumerate(t.shape):
            rows = self._join_places(t, axis, where) if size in range(FEW, MANY + 1) else None
            if rows is not None:
                return sympy.Add(*rows, evaluate=False) if len(rows) > 1 else rows[0]
        summands = [_multiply(c, self(u, where)) for c, u in t.terms]
        if not FEW <= len(summands) <= MANY:
            return sympy.Add(*summands, evaluate=False)
        at = self.name_index()
        joined = join_steps(summands, at)
        if joined is None:
            self.letters = itertools.chain([at.name], self.letters)
            return sympy.Add(*summands, evaluate=False)
        limits = [(at, sympy.S.Zero, sympy.Integer(len(summands) - 1))]
        if isinstance(joined, sympy.Sum):
            return _sum_over(joined.function, [*joined.limits, *limits])
        return _sum_over(joined, limits)

    def _join_places(self, t: Sum, axis: int, where: Sequence[sympy.Expr]) -> list[sympy.Expr] | None:
        """The summands, those that are given place by place along an axis being one; None where that can't be."""
        size = t.shape[axis]
        found: dict[int, sympy.Expr] = {}
        others: list[sympy.Expr] = []
        beside = [*where[:axis], *where[axis + 1 :]]
        placed = [split_place(self.terms, u, axis) for _, u in t.terms]
        places = [k for k in placed if k is not None]
        if len({at for at, _ in places}) < max(len(places), size - 1):
            return None
        for (c, u), place in zip(t.terms, placed):
            if place is None:
                others.append(_multiply(c, self(u, where)))
            else:
                found[place[0]] = _multiply(c, self(place[1], beside))
        made = interpolate([found.get(k, sympy.S.Zero) for k in range(size)], where[axis])
        return None if made is None else [made, *others]

    def _write_stacked(self, t: Term, where: Sequence[sympy.Expr]) -> sympy.Expr:
        """An element of a small matrix, or of a short vector, whose elements are given."""
        number, front, elements = split_elements(self.terms, t)
        whole = Elements(*(*t.shape, 1)[:2], [self(u, ()) for u in elements])
        place = [*where, sympy.S.Zero][:2]
        if is_unit(whole):
            found = sympy.KroneckerDelta(*place)
        else:
            found = VectorElement.from_parts([whole, *place]) if len(where) == 1 else element(whole, *place)
        return _multiply(number, *(_raise(self(u, ()), e) for u, e in front), found)

    def _write_product(self, t: Product, where: Sequence[sympy.Expr]) -> sympy.Expr:
        """A sum over the labels that the result lacks, of the product of the factors' elements."""
        weighed = weigh_running_sums(self.terms, t)
        if weighed is not None:
            return self(weighed, where)
        names: dict[int, sympy.Expr] = {}
        factors: list[sympy.Expr] = []
        for k, i in zip(t.out, where):
            if k in names:
                factors.append(sympy.KroneckerDelta(names[k], i))
            else:
                names[k] = i
        limits: dict[int, list[sympy.Expr]] = {}
        for k in (k for _, labels, _ in t.factors for k in labels):
            if k not in names and t.sizes[k] == 1:
                names[k] = sympy.S.Zero
            elif k not in names:
                names[k] = self.name_index()
                limits[k] = [sympy.S.Zero, sympy.sympify(t.sizes[k]) - 1]
        triangles = _find_triangles(t)
        chosen = self._name_chosen(t, names, limits)
        placed, bounds = _name_placed(t, names, limits)
        for n, (u, labels, e) in enumerate(t.factors):
            if n in chosen or n in placed:
                continue
            if n in triangles:
                k, bound, upper = triangles[n]
                limits[k][upper] = names[bound]
                continue
            value = self(u, [names[k] for k in labels])
            factors.append(_raise(value, e))
        made = _multiply(*factors)
        if limits:
            made = _sum_over(made, [(names[k], *ends) for k, ends in limits.items()])
        if bounds:
            within = sympy.And(*bounds, evaluate=False) if len(bounds) > 1 else bounds[0]
            made = piecewise([(made, within), (sympy.S.Zero, sympy.true)])
        return _multiply(t.scale, made)

    def _name_chosen(self, t: Product, names: dict[int, sympy.Expr], limits: dict[int, list[sympy.Expr]]) -> set[int]:
        """The positions of the factors that only choose an element: ``onehot(k)[i,j]*x[j]`` is ``x[k[i]]``."""
        left: dict[int, tuple[int, Call, list[int]]] = {}
        for n, (u, labels, e) in enumerate(t.factors):
            if isinstance(u, Call) and u.head == "one_hot" and e == 1 and labels[-1] in limits.keys() - {*labels[:-1]}:
                left.setdefault(labels[-1], (n, u, [*labels[:-1]]))
        found: set[int] = set()
        while ready := [k for k, (_, _, at) in left.items() if left.keys().isdisjoint(at)]:
            # One that stands at what another chooses waits for that.
            for label in ready:
                n, u, at = left.pop(label)
                del limits[label]
                names[label] = self(u.args[0], [names[k] for k in at])
                found.add(n)
        return found


def _name_placed(
    t: Product, names: dict[int, sympy.Expr], limits: dict[int, list[sympy.Expr]]
) -> tuple[set[int], list[sympy.Basic]]:
    """The positions of the factors that only put something into places one after another, and where these are.

    ``P[j,i]*x[j]`` is ``x[i - 1]`` where ``1 <= i``, if P selects all places but the first.
    """
    found: set[int] = set()
    bounds: list[sympy.Basic] = []
    for n, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "selection" or e != 1 or u.params[2] != 1:
            continue
        (row, whole), (start, length, _, size) = labels, map(sympy.sympify, u.params)
        if row not in limits or whole in limits:
            continue
        del limits[row]
        names[row] = names[whole] - start
        end = sympy.expand(start + length)
        bounds += [sympy.Ge(names[whole], start, evaluate=False)] if start != 0 else []
        bounds += [sympy.Lt(names[whole], end, evaluate=False)] if sympy.expand(end - size) != 0 else []
        found.add(n)
    return found, bounds


def _find_triangles(t: Product) -> dict[int, tuple[int, int, bool]]:
    """The square triangles of ones among the factors that only bound a sum, by their positions.

    Summed over j, ``L[i,j]*x[j]`` is the sum of ``x[j]`` for j up to i. The answer for L is the label j, the label i of
    its bound, and that this is the upper one.
    """
    found: dict[int, tuple[int, int, bool]] = {}
    for n, (u, labels, e) in enumerate(t.factors):
        triangle = isinstance(u, Call) and u.head == "band_part" and u.params == (-1, 0) and e == 1
        if triangle and constant_value(operands(u)[0]) == 1:
            row, column = labels
            bounded = {k for k, _, _ in found.values()}
            if t.sizes[row] != t.sizes[column] or t.sizes[row] == 1:
                continue
            if column not in t.out and row in t.out and column not in bounded:
                found[n] = column, row, True
            elif row not in t.out and column in t.out and row not in bounded:
                found[n] = row, column, False
    return found


def _multiply(*factors: sympy.Expr) -> sympy.Expr:
    """A product, not evaluated, without factors that are one; zero if a factor is."""
    rest = [g for f in factors if f != 1 for g in (join_roots(f) if f.is_number and f.is_Mul else [f])]
    if any(f == 0 for f in rest):
        return sympy.S.Zero
    return sympy.Mul(*rest, evaluate=False) if len(rest) > 1 else rest[0] if rest else sympy.S.One


def _raise(value: sympy.Expr, e: sympy.Expr) -> sympy.Expr:
    """A power, not evaluated."""
    return value if e == 1 else sympy.Pow(value, e, evaluate=False)


def _sum_over(body: sympy.Expr, limits: Sequence[tuple[sympy.Expr, ...]]) -> sympy.Expr:
    """A sum, not evaluated: sympy's constructor would take branches out of inner sums, away from their indices."""
    return sympy.Expr.__new__(bodies.Sum, body, *(sympy.Tuple(*row) for row in limits))


def _write_named_element(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of a function that has a name, of an argument of any rank, which is written as in matrix notation."""
    made = matrix(t, writer.terms)
    if len(where) > 2:
        return array_element(made, where)
    if len(where) == 1:
        return VectorElement.from_parts([made, where[0], sympy.S.Zero])
    return element(made, *where) if where else made


def _write_logsumexp(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The logarithm of the sum of the exponentials over the last axes: by its name where there are two at the most."""
    (z,) = t.args
    if len(z.shape) <= 2:
        return _write_named_element(writer, t, where)
    over = [writer.name_index() for _ in range(t.params)]
    limits = [(k, 0, sympy.sympify(d) - 1) for k, d in zip(over, z.shape[len(where) :])]
    return sympy.log(_sum_over(sympy.exp(writer(z, [*where, *over]), evaluate=False), limits), evaluate=False)


def _write_reduction(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The greatest, the least, or the product over the last axes."""
    (x,) = t.args
    over = [writer.name_index() for _ in range(t.params)]
    limits = [sympy.Tuple(k, 0, sympy.sympify(d) - 1) for k, d in zip(over, x.shape[len(where) :])]
    made = ExprWithLimits.__new__(REDUCTIONS[t.head], writer(x, [*where, *over]), *limits)
    return made


def _write_cumprod(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The product of the elements up to a place, or from there on."""
    (x,), (exclusive, reverse) = t.args, t.params
    k, last = writer.name_index(), sympy.sympify(x.shape[-1]) - 1
    low, high = (where[-1] + exclusive, last) if reverse else (sympy.S.Zero, where[-1] - exclusive)
    made = ExprWithLimits.__new__(sympy.Product, writer(x, [*where[:-1], k]), sympy.Tuple(k, low, high))
    return made


def _write_recurrence(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The solution of ``y[i] = a[i]*y[i-1] + b[i]``: the sum of ``b[j]`` times the ``a[k]`` after it, up to i.

    Where it is reversed, of ``y[i] = a[i]*y[i+1] + b[i]``, up to the other end.
    """
    a, b = t.args
    i, j, k = where[-1], writer.name_index(), writer.name_index()
    limits = (k, i, j - 1) if t.params else (k, j + 1, i)
    placed = split_placed(writer.terms, a) if len(a.shape) == 1 else None
    if placed is not None and placed[1] == {0: Places(int(not t.params), b.shape[-1] - 1)}:
        # One that is never asked for stands at the end: the others are those of a vector one place away.
        limits = (k, i + 1, j) if t.params else (k, j, i - 1)
        coefficient = writer(placed[0], [k - 1 if t.params else k])
    else:
        coefficient = writer(a, [*where[:-1], k])
    factors = ExprWithLimits.__new__(sympy.Product, coefficient, sympy.Tuple(*limits))
    ends = (i, sympy.sympify(b.shape[-1]) - 1) if t.params else (sympy.S.Zero, i)
    return _sum_over(_multiply(factors, writer(b, [*where[:-1], j])), [(j, *ends)])


def _write_band_part(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element within the band, or zero."""
    lower, upper = t.params
    i, j = where
    bounds = [sympy.Le(i - j, lower, evaluate=False)] if lower >= 0 else []
    bounds += [sympy.Le(j - i, upper, evaluate=False)] if upper >= 0 else []
    entry = writer(t.args[0], where)
    return piecewise([(entry, sympy.And(*bounds)), (sympy.S.Zero, sympy.true)]) if bounds else entry


def _write_reshape(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The elements in row-major order: positions of axes that are joined are added up, of others divided."""
    (x,) = t.args
    whole = [(list(range(len(x.shape))), list(range(len(t.shape))))]
    at = [sympy.S.Zero] * len(x.shape)
    for old, new in axis_groups(x.shape, t.shape) or whole:
        place = sympy.S.Zero
        for k in new:
            place = place * t.shape[k] + where[k]
        thick = [k for k in old if x.shape[k] != 1]
        for k in reversed(thick):
            at[k] = sympy.Mod(place, x.shape[k]) if k != thick[0] else place
            place = sympy.floor(place / x.shape[k])
    return writer(x, at)


def _write_part(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of the whole."""
    at = iter(where)
    places = [p.start + p.step * next(at) if isinstance(p, Places) else sympy.sympify(p) for p in t.params]
    return writer(t.args[0], places)


def _write_kron(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """``kron(A, B)[i, j] = A[i // m, j // n]*B[i % m, j % n]`` for B of shape (m, n)."""
    a, b = t.args
    outer = [sympy.floor(i / d) for i, d in zip(where, b.shape)]
    inner = [sympy.Mod(i, d) for i, d in zip(where, b.shape)]
    return _multiply(writer(a, outer), writer(b, inner))


def _write_matrix_element(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of a function of matrices, which is written as in matrix notation."""
    if any(len(u.shape) > 2 for u in (t, *t.args)):
        raise FormulaError(
            f'{t.head} of shape {t.shape} has no index notation; the form "steps" is available: '
            'tracer.formula(tensor, form="steps")'
        )
    return _write_named_element(writer, t, where)


REDUCTIONS: Mapping[str, type[ExprWithLimits]] = {
    "reduce_max": MaxOver,
    "reduce_min": MinOver,
    "reduce_prod": sympy.Product,
}
"""What writes the element of a reduction over the elements of its operand."""

NAMED: dict[str, Callable[[ElementWriter, Call, list[sympy.Expr]], sympy.Expr]] = {
    "cumprod": _write_cumprod,
    "recurrence": _write_recurrence,
    "reduce_max": _write_reduction,
    "reduce_min": _write_reduction,
    "reduce_prod": _write_reduction,
    "reshape": _write_reshape,
    "kron": _write_kron,
    "part": _write_part,
    "band_part": _write_band_part,
    "softmax": _write_named_element,
    "selection": lambda writer, t, where: sympy.KroneckerDelta(where[1], t.params[0] + t.params[2] * where[0]),
    "logsumexp": _write_logsumexp,
    "range": lambda writer, t, where: sympy.sympify(t.params[0]) + sympy.sympify(t.params[1]) * where[0],
    "one_hot": lambda writer, t, where: sympy.KroneckerDelta(writer(t.args[0], where[:-1]), where[-1]),
}
