"""Index notation: sums over named indices and Kronecker deltas, for tensors of any rank."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

import sympy

from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix import bodies
from tracer.formulas.matrix.blocks import is_unit, split_placed
from tracer.formulas.matrix.bodies import VectorElement, array_element, element, piecewise
from tracer.formulas.matrix.constructors import join_roots
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.joined_axes import fold_places
from tracer.formulas.matrix.scans import weigh_running_sums
from tracer.formulas.matrix.slices import Elements
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.affine import FEW, MANY, interpolate, join_remainder, join_steps
from tracer.formulas.notations.window_indices import Indices, Names, find_triangles, name_placed, name_windows
from tracer.series import ExprWithLimits
from tracer.terms.decomposition import has_minus_signs
from tracer.terms.normalise import Normaliser
from tracer.terms.record import Call, Product, Source, Sum, Term, add, subterms
from tracer.terms.reshapes import axis_groups
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
        self.folded: dict[Term, Term] = {}
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
        folded = self.folded.get(t)
        if folded is None:
            folded = self.folded[t] = fold_places(self.terms, t)
        if folded is not t:
            return self(folded, where)
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
        names = Names(self.name_index)
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
                limits[k] = [sympy.S.Zero, sympy.sympify(t.sizes[k]) - 1]
        triangles = find_triangles(t)
        within: list[sympy.Basic] = []
        bounds: list[sympy.Basic] = []
        windows = name_windows(t, Indices(names, limits, within))
        chosen = self._name_chosen(t, names, limits)
        placed = name_placed(t, Indices(names, limits, bounds))
        scale = t.scale
        for n, (u, labels, e) in enumerate(t.factors):
            if n in chosen or n in placed or n in windows:
                continue
            if n in triangles:
                k, bound, upper = triangles[n]
                limits[k][upper] = names[bound]
                continue
            if e == 1 and scale.could_extract_minus_sign() and has_minus_signs(u):
                scale, u = -scale, add((-c, v) for c, v in u.terms)
            value = self(u, [names[k] for k in labels])
            factors.append(_raise(value, e))
        made = _choose_within(_multiply(*factors), within) if limits else _multiply(*factors)
        if limits:
            made = _sum_over(made, [(names[k], *ends) for k, ends in limits.items()])
        return _multiply(scale, _choose_within(made, bounds if limits else [*bounds, *within]))

    def _name_chosen(self, t: Product, names: dict[int, sympy.Expr], limits: dict[int, list[sympy.Expr]]) -> set[int]:
        """The positions of the factors that only choose an element: ``onehot(k)[i,j]*x[j]`` is ``x[k[i]]``."""
        left: dict[int, tuple[int, Call, list[int]]] = {}
        for n, (u, labels, e) in enumerate(t.factors):
            if not isinstance(u, Call) or u.head != "one_hot" or e != 1:
                continue
            *front, last = labels
            if last in limits.keys() - names.keys() - {*front}:
                left.setdefault(last, (n, u, front))
        found: set[int] = set()
        while ready := [k for k, (_, _, at) in left.items() if left.keys().isdisjoint(at)]:
            # One that stands at what another chooses waits for that.
            for label in ready:
                n, u, at = left.pop(label)
                del limits[label]
                names[label] = self(u.args[0], [names[k] for k in at])
                found.add(n)
        return found


def _choose_within(value: sympy.Expr, bounds: Sequence[sympy.Basic]) -> sympy.Expr:
    """A value where all conditions hold, zero elsewhere."""
    if not bounds:
        return value
    within = sympy.And(*bounds, evaluate=False) if len(bounds) > 1 else bounds[0]
    return piecewise([(value, within), (sympy.S.Zero, sympy.true)])


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
    last = len(a.shape) - 1
    placed = split_placed(writer.terms, a)
    if placed is not None and placed[1] == {last: Places(int(not t.params), b.shape[-1] - 1)}:
        # One that is never asked for stands at the end: the others are those of a vector one place away.
        limits = (k, i + 1, j) if t.params else (k, j, i - 1)
        coefficient = writer(placed[0], [*where[:-1], k - 1 if t.params else k])
    else:
        coefficient = writer(a, [*where[:-1], k])
    ends = (i, sympy.sympify(b.shape[-1]) - 1) if t.params else (sympy.S.Zero, i)
    moved = split_placed(writer.terms, b) if t.params else None
    if moved is not None and moved[1] == {last: Places(0, b.shape[-1] - 1)}:
        # The summands are those of a vector one place away, too.
        ends, b, j = (i + 1, ends[1]), moved[0], j - 1
        limits = (k, limits[1], limits[2] - 1)
    factors = ExprWithLimits.__new__(sympy.Product, coefficient, sympy.Tuple(*limits))
    (at,) = j.free_symbols
    summand = writer(b, [*where[:-1], j])
    return _sum_over(_multiply(factors, *sympy.Mul.make_args(summand)), [(at, *ends)])


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
            place = join_remainder(place * t.shape[k] + where[k])
        thick = [k for k in old if x.shape[k] != 1]
        for k in reversed(thick):
            at[k] = sympy.Mod(place, x.shape[k]) if k != thick[0] else place
            place = sympy.floor(place / x.shape[k])
    return writer(x, at)


def _write_roll(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of the whole, from the other end where there is no more."""
    shift, axis = t.params
    place = sympy.Mod(where[axis] - shift, t.shape[axis], evaluate=False)
    return writer(t.args[0], [*where[:axis], place, *where[axis + 1 :]])


def _write_part(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of the whole."""
    at = iter(where)
    places = [p.start + p.step * next(at) if isinstance(p, Places) else sympy.sympify(p) for p in t.params]
    return writer(t.args[0], places)


def _write_window(writer: ElementWriter, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """One where the places of a window meet."""
    offset, *steps = t.params
    ends = [sympy.Add(*(abs(s) * k for s, k in zip(steps, where) if sign * s > 0)) for sign in (1, -1)]
    return sympy.KroneckerDelta(sympy.sympify(offset) + ends[0], ends[1])


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
    "roll": _write_roll,
    "band_part": _write_band_part,
    "softmax": _write_named_element,
    "selection": lambda writer, t, where: sympy.KroneckerDelta(where[1], t.params[0] + t.params[2] * where[0]),
    "logsumexp": _write_logsumexp,
    "range": lambda writer, t, where: sympy.sympify(t.params[0]) + sympy.sympify(t.params[1]) * where[0],
    "window": _write_window,
    "one_hot": lambda writer, t, where: sympy.KroneckerDelta(writer(t.args[0], where[:-1]), where[-1]),
}
