"""Terms in matrix notation: sympy expressions that read like a textbook."""

from __future__ import annotations

from collections.abc import Sequence, Set

import sympy
from sympy.logic.boolalg import BooleanAtom
from sympy.matrices.expressions import Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ArrayAsScalar
from tracer.formulas.matrix.array_means import name_array_means
from tracer.formulas.matrix.array_terms import convert_to_array, raise_array, write_array, write_viewed
from tracer.formulas.matrix.bands import collect_placed, write_bands
from tracer.formulas.matrix.blocks import collect_layers, write_elements, write_filled, write_layer, write_part
from tracer.formulas.matrix.classes import HadamardPower, MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.constructors import MatrixAlgebra, raise_scalar, scalar_product
from tracer.formulas.matrix.convolutions import has_window, write_windows
from tracer.formulas.matrix.decimals import write_decimals
from tracer.formulas.matrix.elements import (
    find_complement,
    matrix_shape,
    write_condition,
    write_function,
    write_source,
)
from tracer.formulas.matrix.length import count_operations
from tracer.formulas.matrix.named import write_call
from tracer.formulas.matrix.network import Network
from tracer.formulas.matrix.orientation import orient
from tracer.formulas.matrix.running_products import close_running_products
from tracer.formulas.matrix.scans import close_recurrences
from tracer.formulas.matrix.signs import Placed, Signs, has_wide_difference, move_into_sum, order_summand, turn_odd
from tracer.formulas.matrix.slices import Blocks, Concatenation
from tracer.formulas.matrix.squared_norms import name_squared_norms
from tracer.formulas.matrix.unevaluated import ARRAYS, has_part
from tracer.shapes import Shape
from tracer.terms import record as T
from tracer.terms.decomposition import split_scale
from tracer.terms.expansion import (
    close_arrays,
    close_wide_sums,
    meets_ones,
    meets_places,
    meets_repeated,
    meets_total,
    multiply_out,
    multiply_out_wide,
)
from tracer.terms.facts import is_condition
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.product_terms import unit_of
from tracer.terms.record import Call, Labels, Product, Source, Sum, Term, is_call, is_one, subterms
from tracer.terms.rolls import fold_rolls, gather_rolls, gather_summands
from tracer.terms.rules.standard import STANDARD
from tracer.terms.sum_terms import add_multiplied_out


def matrix(root: Term, normaliser: Normaliser | None = None, algebra: MatrixAlgebra | None = None) -> sympy.Expr:
    """A term in matrix notation; it is brought into normal form first, and the algebra is told what is symmetric.

    Returns
    -------
    sympy.Expr or MatrixExpr or array expression
        A scalar expression for rank 0, a column for rank 1, a matrix for rank 2, an array expression above.

    Raises
    ------
    FormulaError
        If some operation has no place in the notation; the message names the operation and other forms.
    """
    n = Normaliser(STANDARD) if normaliser is None else normaliser
    root = close_running_products(n, n.normal(root))
    writer = Writer(n)
    result = write_decimals(name_array_means(name_squared_norms(writer.write(root))))
    if algebra is not None:
        algebra.symmetric |= writer.algebra.symmetric
        algebra.vectors |= writer.algebra.vectors
    if isinstance(result, ArrayAsMatrix) and any(isinstance(t, Source) and len(t.shape) > 2 for t in subterms(root)):
        return result.args[0]
    return result


class Writer:
    """Matrix notation of the subterms of one formula.

    Attributes
    ----------
    terms : Normaliser
        What brings terms into normal form.
    algebra : MatrixAlgebra
        What puts matrices together, and knows which of them are symmetric.
    written, arrays : dict
        What was written of terms, as matrices and as arrays.
    signs : Signs
        With which signs sums are written.
    has_rolls : bool
        Whether there are rolls, which may be gathered.
    """

    def __init__(self, normaliser: Normaliser) -> None:
        self.terms = normaliser
        self.written: dict[Term, sympy.Expr] = {}
        self.arrays: dict[Term, sympy.Expr] = {}
        self.signs = Signs()
        self.has_rolls = False
        self.algebra = MatrixAlgebra(normaliser.budget)

    def write(self, root: Term) -> sympy.Expr:
        """The root in matrix notation.

        A sum under an even power takes the sign that it is written with elsewhere, which may be known only at the end:
        then the whole is written again. Where a sum stands in it with both signs, one sign is tried too, and taken if
        the formula has fewer operations by that.
        """
        below = list(subterms(root))
        self.signs.look_around(below)
        self.has_rolls = any(is_call(t, "roll") for t in below)
        made = self._write_once(root, below)
        if not self.signs.is_settled():
            made = self._write_once(root, below)
        made = orient(made, self.algebra)
        if self.signs.contested:
            self.signs.steady = set(self.signs.contested)
            other = orient(self._write_once(root, below), self.algebra)
            made = min(made, other, key=self._count)
        return made

    def _write_once(self, root: Term, below: Sequence[Term]) -> sympy.Expr:
        """The root, from the leaves upwards, so that nothing recurses on the depth of the formula."""
        self.written.clear()
        self.arrays.clear()
        self.algebra.symmetric.clear()
        for t in below:
            if isinstance(t, Source) or not (is_condition(t) or is_call(t, "window", "recurrence")):
                self(t)
        return self(root)

    def __call__(self, t: Term) -> sympy.Expr:
        """A term in matrix notation."""
        found = self.written.get(t)
        if found is None:
            found = self.written[t] = self._note_symmetry(t, self._write(t))
        return found

    def _note_symmetry(self, t: Term, written: sympy.Expr) -> sympy.Expr:
        """Tell the algebra of what is written for a term, or a multiple of it, whether it is symmetric."""
        if isinstance(written, MatrixExpr) and self.terms.is_symmetric(t):
            self.algebra.symmetric.add(written)
        return written

    def array(self, t: Term) -> sympy.Expr:
        """A term as an array of its own rank: a vector is not a column here."""
        found = self.arrays.get(t)
        if found is None:
            found = self.arrays[t] = convert_to_array(self, t)
        return found

    def as_matrix(self, array: sympy.Expr, t: Term) -> sympy.Expr:
        """An array where a matrix or a number is wanted."""
        return ArrayAsMatrix(array) if t.shape else ArrayAsScalar(array)

    def _write(self, t: Term) -> sympy.Expr:
        """A term in matrix notation, by its kind."""
        self.terms.spend(3)
        if isinstance(t, Source):
            if len(t.shape) == 1:
                self.algebra.vectors.add(t.name)
            return write_source(t)
        value = T.constant_value(t)
        if isinstance(value, BooleanAtom):
            return self(T.number(1 if value else 0, t.shape)) if t.shape else value
        if len(t.shape) > 2:
            return write_array(self, t)
        rolled = gather_rolls(self.terms, t) if self.has_rolls else None
        if rolled is not None:
            return self(rolled)
        whole = write_windows(self, t) if t.shape else None
        if whole is None:
            return self._write_plain(t)
        if has_window(t):
            return whole
        plain = self._write_plain(t)
        return min(plain, whole, key=lambda m: (self._count(m), m.could_extract_minus_sign()))

    def _write_plain(self, t: Term) -> sympy.Expr:
        """A term of two axes at the most, as it is."""
        elements = write_elements(self, t)
        if elements is not None:
            return elements
        if isinstance(t, Sum):
            return self.write_sum(t, sympy.S.One)
        if isinstance(t, Product):
            return write_condition(self, t) if t.shape and is_condition(t) else self._write_product(t)
        assert isinstance(t, Call)
        if t.elementwise:
            filled = write_filled(self, t) or write_viewed(self, t)
            return write_function(self, t) if filled is None else filled
        if t.head == "part":
            return write_part(self, t)
        placed = self._write_placed(t) if t.head == "selection" else None
        return write_call(self, t) if placed is None else placed

    # Sums.

    def write_sum(self, t: Sum, factor: sympy.Expr) -> sympy.Expr:
        """A sum times a number, terms with one coefficient gathered, positive terms first."""
        folded = fold_rolls(self.terms, t)
        if not isinstance(folded, Sum):
            return self._add_up([(factor, self(folded))], t.shape)
        summands = gather_summands(self.terms, folded) if self.has_rolls else folded.terms
        rows = [(sympy.expand_mul(c * factor) if factor != 1 else c, u) for c, u in summands]
        bands, layers, rows = collect_placed(self.terms, rows, t.shape)
        rows = [(-c, self._turn(u)) if c.could_extract_minus_sign() and self._can_turn(u) else (c, u) for c, u in rows]
        rows = [move_into_sum(self.terms, c, u) for c, u in rows]
        groups: dict[sympy.Expr, list[tuple[sympy.Expr, Term]]] = {}
        for c, u in rows:
            size = -c if c.could_extract_minus_sign() else c
            groups.setdefault(size, []).append((c / size, u))
        items: list[tuple[tuple[bool, bool, int, bytes], sympy.Expr, sympy.Expr]] = []
        for size, members in groups.items():
            if size == 1 or len(members) == 1:
                items += [(order_summand(s, u), s * size, self(u)) for s, u in members]
            else:
                members.sort(key=lambda m: order_summand(*m))
                sign = members[0][0]
                inner = self._add_up([(sign * s, self(u)) for s, u in members], t.shape)
                items.append((order_summand(*members[0]), sign * size, inner))
        for layer in layers:
            c, m = write_layer(self, layer, t.shape)
            sign = sympy.S.NegativeOne if c.could_extract_minus_sign() else sympy.S.One
            items.append((order_summand(sign, layer[0].find_term()), c, m))
        items += [(order_summand(c, u), c, m) for c, u, m in write_bands(self, bands)]
        items.sort(key=lambda item: item[0])
        return self._add_up([(c, m) for _, c, m in items], t.shape)

    def _write_multiple(self, t: Sum, factor: sympy.Expr) -> sympy.Expr:
        """A sum times a number, its windows as convolutions where that is shorter."""
        plain = self.write_sum(t, factor)
        whole = write_windows(self, t, factor) if 0 < len(t.shape) <= 2 else None
        return plain if whole is None or self._count(whole) >= self._count(plain) else whole

    def _can_turn(self, t: Term) -> bool:
        """Whether a minus sign in front of a term goes into a difference in it, one that is multiplied out too."""
        return self.signs.is_flippable(t) or (has_wide_difference(t) and not has_part(self(t), *ARRAYS))

    def _turn(self, t: Term) -> Term:
        """The opposite of a term in which there is a difference."""
        return turn_odd(t) if isinstance(t, Call) else self.terms.scaled(-1, t)

    def _add_up(self, rows: Sequence[tuple[sympy.Expr, sympy.Expr]], shape: Shape) -> sympy.Expr:
        """The sum of matrices or numbers with coefficients; a sum of transposes is the transpose of a sum."""
        if not shape:
            return sympy.Add(*(scalar_product(c, m) for c, m in rows), evaluate=False)
        parts = self.algebra.factor_chains([self.algebra.matmul(c, m) for c, m in rows])
        if len(parts) == 1:
            return parts[0]
        if all(isinstance(m, MatMul) and m.could_extract_minus_sign() for m in parts):
            return self.algebra.matmul(sympy.S.NegativeOne, self._add_up([(-c, m) for c, m in rows], shape))
        if self.algebra.is_shorter_transposed(parts):
            return Transpose(MatAdd(*map(self.algebra.transpose, parts), evaluate=False))
        return MatAdd(*parts, evaluate=False)

    def _count(self, e: sympy.Expr) -> int:
        """The operations of an expression."""
        return count_operations(e, self.algebra.budget)

    # Products.

    def _write_product(self, t: Product) -> sympy.Expr:
        """A product as its network is reduced, or multiplied out where that is shorter."""
        if t.scale is ZERO:
            return ZeroMatrix(*matrix_shape(t.shape)) if t.shape else sympy.S.Zero
        if any(len(labels) > 2 for _, labels, _ in t.factors):
            made = self._write_placed(t) if has_window(t) else self._write_by_matrices(t)
            made = None if made is None or has_part(made, *ARRAYS) else made
            if made is None and (factors := close_arrays(t)) is not None:
                return self._reduce(t.scale, t, [(self._write_factor(Placed(ONE, *f), set()), f[1]) for f in factors])
            return self.as_matrix(write_array(self, t), t) if made is None else made
        placed = self._write_placed(t)
        if placed is not None:
            return placed
        if t.shape and all(map(is_one, t.shape)) and (made := self._write_single(t)) is not None:
            return made
        if (closed := close_recurrences(self.terms, t)) is not None:
            return self(closed)
        network = self.network(t)
        network.reduce()
        if not network.is_closed():
            return self.as_matrix(write_array(self, t), t)
        return self._choose_multiplied_out(t, network.result())

    def _write_single(self, t: Product) -> sympy.Expr | None:
        """What has one element as numbers times a power of what has one: ``B[0, 0]*v[0]`` as ``v[0]*B``."""
        for place, (u, labels, e) in enumerate(t.factors):
            bare = u if labels and len(t.factors) == 1 and u.shape == t.shape else unit_of(u)
            if bare is None or bare.shape != t.shape:
                continue
            rest = self.terms.product(t.scale, t.factors[:place] + t.factors[place + 1 :], (), dict(enumerate(t.sizes)))
            return self.algebra.matmul(self(rest), HadamardPower(self(bare), e) if e != 1 else self(bare))
        return None

    def _write_placed(self, t: Term) -> sympy.Expr | None:
        """What is put into places as a matrix of blocks; None where nothing is."""
        layers, _ = collect_layers(self.terms, [(sympy.S.One, t)]) if t.shape else ([], [])
        return self.algebra.matmul(*write_layer(self, layers[0], t.shape)) if layers else None

    def _write_by_matrices(self, t: Product) -> sympy.Expr | None:
        """A product with sums of more than two axes by matrices, the shortest way; None where there is none."""
        ways = [self._write_closed(t), self._write_multiplied_out(t, ())]
        if any(f[1] == t.out and not isinstance(f[0], Sum) for f in t.factors) and t.out:
            ways.append(self._write_multiplied_out(t, t.out))
        made = [e for e in ways if e is not None]
        return min(made, key=self._count) if made else None

    def _write_closed(self, t: Product) -> sympy.Expr | None:
        """A product whose sums of more than two axes are matrices by themselves, as squared distances are."""
        factors = [(self._write_factor(Placed(sympy.S.One, *f), set()), f[1]) for f in close_wide_sums(t) or ()]
        if not factors or any(has_part(m, *ARRAYS) for m, _ in factors):
            return None
        return self._reduce(t.scale, t, factors)

    def _write_multiplied_out(self, t: Product, outside: Labels) -> sympy.Expr | None:
        """A product with sums of more than two axes, multiplied out; factors of the axes ``outside`` stay outside.

        Differences between the rows of two matrices are such sums: ``W[i,k]*(X[i,j] - Y[k,j])``, summed over k, is
        ``diag(W*1)*X - W*Y``.
        """
        sign = -1 if t.scale.could_extract_minus_sign() and has_wide_difference(t) else 1
        known = dict(enumerate(t.sizes))
        apart = [f for f in t.factors if not f[1] or f[1] == outside]
        rows = multiply_out_wide(self.terms, T.product(sign, [f for f in t.factors if f not in apart], t.out, known))
        made = None if rows is None else self(T.add([(c, u) for u, c in rows.items()]))
        if made is None or has_part(made, *ARRAYS):
            return None
        written = [(self._write_factor(Placed(sympy.S.One, *f), set()), f[1]) for f in apart]
        return self._reduce(sign * t.scale, t, [*written, (made, t.out)])

    def _reduce(self, scale: sympy.Expr, t: Product, factors: Sequence[tuple[sympy.Expr, Labels]]) -> sympy.Expr:
        """The product of written factors, with the axes of a term."""
        network = Network(self.algebra, scale, t.out, t.sizes, factors)
        network.reduce()
        return network.result()

    def network(self, t: Product) -> Network:
        """A product as a network of its factors, written with the signs that are chosen for it."""
        scale, placed = self.signs.arrange(t)
        beside = {(u, i) for u, i, _ in t.factors if isinstance(u, Call)}
        factors = []
        for f in placed:
            m = self._write_factor(f, beside)
            if f.power is ONE and isinstance(m, MatAdd) and has_part(m, Concatenation, Blocks):
                scale, m = self._turn_layers(scale, m, f.term.shape)
            factors.append((m, f.labels))
        return Network(self.algebra, scale, t.out, t.sizes, factors)

    def _turn_layers(self, scale: sympy.Expr, m: MatAdd, shape: Shape) -> tuple[sympy.Expr, sympy.Expr]:
        """A number and a sum of matrices of blocks with the signs that leave fewest minus signs.

        What is put into places takes the sign that is nicest for it, which is known when the sum is written.
        """
        negative = [isinstance(a, MatMul) and a.could_extract_minus_sign() for a in m.args]
        if sum(negative) * (2 if scale.could_extract_minus_sign() else 1) < len(negative):
            return scale, m
        parts = [a for _, a in sorted(zip(negative, m.args), key=lambda row: not row[0])]
        return -scale, self._add_up([(sympy.S.NegativeOne, a) for a in parts], shape)

    def _write_factor(self, f: Placed, beside: Set[tuple[Term, Labels]]) -> sympy.Expr:
        """A factor with its sign and power; the functions among the factors of the product are known."""
        if len(f.labels) > 2:
            return raise_array(self, f.signed, f.power)
        if isinstance(f.term, Sum):
            m = self(f.term) if f.sign == 1 else self._note_symmetry(f.term, self._write_multiple(f.term, f.sign))
        elif is_call(f.term, "selection"):
            m = write_call(self, f.term)
        elif f.sign == -1:
            m = self(f.signed)
        elif (other := find_complement(self.terms, f.term)) is not None and (other, f.labels) in beside:
            m = self._subtract_from_one(other)
        else:
            m = self(f.term)
        if not f.labels:
            return raise_scalar(m, f.power)
        return m if f.power is ONE else HadamardPower(m, f.power)

    def _subtract_from_one(self, t: Term) -> sympy.Expr:
        """``1 - A``, with a matrix of ones for the number."""
        m = self(t)
        if not t.shape:
            return sympy.Add(sympy.S.One, -m, evaluate=False)
        return MatAdd(OneMatrix(*m.shape), self.algebra.matmul(sympy.S.NegativeOne, m), evaluate=False)

    def _choose_multiplied_out(self, t: Product, result: sympy.Expr) -> sympy.Expr:
        """A product with a sum among its factors, multiplied out where that is shorter; else as it is written.

        Of two that are as long, the one is taken that is without repeated rows and columns.
        """
        places = range(len(t.factors))
        if len(places) > 4 or (len(places) < 2 and not any(meets_places(t, k) for k in places)):
            return result
        repeated = any(meets_repeated(t, place) for place in places)
        apart = repeated or any(meets_total(t, k) or meets_places(t, k) for k in places)
        rows = multiply_out(self.terms, {t: T.ONE}) if apart or any(meets_ones(t, k) for k in places) else None
        if rows is None:
            return result
        made = T.add(rows) if apart else add_multiplied_out(self.terms, rows)
        if not isinstance(split_scale(made)[1], Sum):
            return result
        other = self(made)
        return other if self._count(other) < self._count(result) + repeated else result
