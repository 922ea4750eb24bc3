"""Index notation: sums over named indices and Kronecker deltas, for tensors of any rank."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence, Set

import sympy

from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.batches import split_batch
from tracer.formulas.matrix.blocks import is_unit
from tracer.formulas.matrix.bodies import VectorElement, element, piecewise
from tracer.formulas.matrix.decimals import write_decimals
from tracer.formulas.matrix.joined_axes import fold_places
from tracer.formulas.matrix.signs import Signs, is_even, move_into_sum, scale_summands
from tracer.formulas.matrix.slices import Elements
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.formulas.notations.affine import FEW, MANY, interpolate, join_steps
from tracer.formulas.notations.element_products import choose_within, multiply, raise_element, sum_apart, sum_over
from tracer.formulas.notations.named_elements import NAMED, fill_element, take_member_term, write_matrix_element
from tracer.formulas.notations.sum_limits import Ends, Limits, move_into_limits
from tracer.formulas.notations.window_indices import Indices, Names, name_placed, name_windows
from tracer.shapes import Dim
from tracer.terms.fillings import read_filling
from tracer.terms.normalise import Normaliser
from tracer.terms.number_powers import open_powers
from tracer.terms.numbers import MINUS
from tracer.terms.record import Call, Product, Source, Sum, Term, subterms
from tracer.terms.selections import OWN_AXES, count_member_axes
from tracer.terms.stacks import is_small_stack, split_elements, split_place

LETTERS = "ijklmnpqrstuvw"


def index(program: Lowered) -> list[sympy.Expr]:
    """A program in index notation.

    Returns
    -------
    list of sympy.Expr
        In elements ``X[i, j]`` of the sources; the free indices are ``i``, ``j``, ... in the order of the axes.
    """
    return [write_decimals(einstein(term, program.normaliser, program.names)) for term in program.terms]


def name_indices(term: Term, n: Normaliser, taken: Set[str] = frozenset()) -> list[sympy.Symbol]:
    """The free indices of a term in index notation, one for each axis."""
    writer = ElementWriter(n, _list_names(term) | taken)
    return [writer.name_index(size) for size in term.shape]


def einstein(term: Term, n: Normaliser, taken: Set[str] = frozenset()) -> sympy.Expr:
    """A term in index notation, no index being called as something in it or among the names that are taken.

    Where a difference whose sign is hidden, as in a square, is written with the other sign elsewhere, the whole is
    written again.
    """
    signs = Signs()
    signs.look_around(list(subterms(term)))
    names = _list_names(term) | taken
    made = _write_element(ElementWriter(n, names, signs), term)
    return made if signs.is_settled() else _write_element(ElementWriter(n, names, signs), term)


def _write_element(writer: ElementWriter, term: Term) -> sympy.Expr:
    """A term at indices that are named for its axes."""
    free = [writer.name_index(size) for size in term.shape]
    for count in range(1, len(free) + 1) if any(map(_is_of_members, subterms(term))) else ():
        member = take_member_term(writer.terms, term, free[:count]) if split_batch(term, len(free) - count) else None
        if member is not None:
            return writer(member, free[count:])  # Of one matrix, the rules of matrices hold.
    return writer(term, free)


def _is_of_members(t: Term) -> bool:
    """Whether a term is a function of each matrix of an array."""
    return isinstance(t, Call) and not t.elementwise and t.head not in OWN_AXES and count_member_axes(t) > 0


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

    def __init__(self, n: Normaliser, taken: Set[str], signs: Signs | None = None) -> None:
        self.terms = n
        self.signs = Signs() if signs is None else signs
        self.folded: dict[Term, Term] = {}
        self.ranges: dict[sympy.Symbol, Ends] = {}
        self.letters: Iterator[str] = (
            name
            for round_ in range(1000)
            for c in LETTERS
            if (name := c + (str(round_) if round_ else "")) not in taken
        )

    def name_index(self, size: Dim | None = None) -> sympy.Symbol:
        """A new index, of an axis of a size if that is given."""
        made = sympy.Symbol(next(self.letters), integer=True)
        if size is not None:
            self.ranges[made] = sympy.S.Zero, sympy.sympify(size) - 1
        return made

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
        t = open_powers(self.terms, t)
        if is_small_stack(t):
            return self._write_stacked(t, where)
        if isinstance(t, Sum):
            return self._write_sum(t, where)
        if isinstance(t, Product):
            return self._write_product(t, where)
        assert isinstance(t, Call)
        if t.elementwise:
            turned = is_even(t) and self.signs.turn_hidden(t.args[0])
            args = [self(scale_summands(MINUS, a) if turned and isinstance(a, Sum) else a, where) for a in t.args]
            if (filling := read_filling(t)) is not None:
                return fill_element(args[0], self(filling.mask, where), filling.number)
            if t.head is sympy.Piecewise:
                return piecewise(zip(args[::2], [*args[1::2], sympy.true]))
            if t.head in (sympy.And, sympy.Or, sympy.Not):
                return from_parts(t.head, args)  # sympy takes no elements for truth values.
            return t.head(*args, evaluate=False)
        return NAMED.get(t.head, write_matrix_element)(self, t, list(where))

    def _write_sum(self, t: Sum, where: Sequence[sympy.Expr]) -> sympy.Expr:
        """A sum; summands that differ by places alone are one, at a place that is given or summed over."""
        for axis, size in enumerate(t.shape):
            rows = self._join_places(t, axis, where) if size in range(FEW, MANY + 1) else None
            if rows is not None:
                return sympy.Add(*rows, evaluate=False) if len(rows) > 1 else rows[0]
        moved = [move_into_sum(self.terms, c, u) for c, u in t.terms]
        summands = [multiply(c, self(u, where)) for c, u in moved]
        if not FEW <= len(summands) <= MANY:
            return sympy.Add(*summands, evaluate=False)
        at = self.name_index()
        joined = join_steps(summands, at)
        if joined is None:
            self.letters = itertools.chain([at.name], self.letters)
            return sympy.Add(*summands, evaluate=False)
        limits = [(at, sympy.S.Zero, sympy.Integer(len(summands) - 1))]
        if isinstance(joined, sympy.Sum):
            return sum_over(joined.function, [*joined.limits, *limits])
        return sum_over(joined, limits)

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
                others.append(multiply(c, self(u, where)))
            else:
                found[place[0]] = multiply(c, self(place[1], beside))
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
        return multiply(number, *(raise_element(self(u, ()), e) for u, e in front), found)

    def _write_product(self, t: Product, where: Sequence[sympy.Expr]) -> sympy.Expr:
        """A sum over the labels that the result lacks, of the product of the factors' elements."""
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
        within: list[sympy.Basic] = []
        bounds: list[sympy.Basic] = []
        windows = name_windows(t, Indices(names, limits, within))
        chosen = self._name_chosen(t, names, limits)
        placed = name_placed(t, Indices(names, limits, bounds))
        self.ranges.update((names[k], (sympy.S.Zero, sympy.sympify(t.sizes[k]) - 1)) for k in limits)
        scale, arranged = self.signs.arrange(t)
        for n, f in enumerate(arranged):
            if n in chosen or n in placed or n in windows:
                continue
            value = self(f.signed, [names[k] for k in f.labels])
            factors.append(raise_element(value, f.power))
        if not limits:
            return multiply(scale, choose_within(multiply(*factors), [*bounds, *within]))
        ends = Limits({names[k]: limits[k] for k in limits}, self.ranges)
        factors = move_into_limits(factors, ends)
        made = multiply(*sum_apart(factors, ends.list_limits(), within))
        return multiply(scale, choose_within(made, bounds))

    def _name_chosen(self, t: Product, names: dict[int, sympy.Expr], limits: dict[int, list[sympy.Expr]]) -> set[int]:
        """The positions of the factors that only choose an element: ``onehot(k)[i,j]*x[j]`` is ``x[k[i]]``.

        Integers that may be no places of the axis choose none, so that their sums stay.
        """
        left: dict[int, tuple[int, Call, list[int]]] = {}
        for n, (u, labels, e) in enumerate(t.factors):
            if not isinstance(u, Call) or u.head != "one_hot" or e != 1 or not u.params[1]:
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
