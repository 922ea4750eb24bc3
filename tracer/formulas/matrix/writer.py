"""Terms in matrix notation: sympy expressions that read like a textbook.

A contraction is a graph whose edges are matrices and whose vertices are labels. It is reduced as a series-parallel
network: parallel edges are a Hadamard product, a summed vertex between two edges a matrix product, a vector at a
vertex a diagonal matrix between them, a closed loop a trace. What is left open is the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy
from sympy.combinatorics import Permutation
from sympy.core.symbol import Str
from sympy.logic.boolalg import BooleanAtom
from sympy.matrices.expressions import Determinant, Inverse, MatrixSymbol, Trace, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.tensor.array.expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArraySymbol,
    ArrayTensorProduct,
    PermuteDims,
    Reshape,
)
from sympy.tensor.array.expressions.array_expressions import OneArray

from tracer.formulas import terms as T
from tracer.formulas.budget import Reading, reading, spend, under_way
from tracer.formulas.counting import count_written
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import lower
from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix import named
from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ArrayAsScalar, ArrayMap, array_function
from tracer.formulas.matrix.bodies import VARIABLE, element, piecewise, variable
from tracer.formulas.matrix.classes import (
    DiagMatrix,
    DiagonalOf,
    HadamardPower,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    OneMatrix,
)
from tracer.formulas.matrix.constructors import (
    dimensional,
    hadamard,
    matmul,
    scalar_product,
    split_scalars,
    symmetric,
    transpose,
)
from tracer.formulas.matrix.orientation import oriented
from tracer.formulas.matrix.slices import Selection, joined, unit
from tracer.formulas.terms import Call, Product, Source, Sum, Term
from tracer.scalar import sigmoid
from tracer.tensor import Tensor


def refuse(what: str) -> FormulaError:
    return FormulaError(
        f'{what} has no closed form in matrix notation; the forms "steps", "index" and, for concrete shapes, '
        '"components" are available: tracer.formula(tensor, form="steps")'
    )


# The walk: every subterm once, from the leaves.


def subterms(root: Term) -> Iterator[Term]:
    """All terms below a term and the term itself, arguments first."""
    seen: set[Term] = set()
    todo: list[tuple[Term, bool]] = [(root, False)]
    while todo:
        t, ready = todo.pop()
        if ready:
            yield t
        elif t not in seen:
            seen.add(t)
            todo.append((t, True))
            todo += [(a, False) for a in reversed(children(t))]


def children(t: Term) -> list[Term]:
    """The terms a term is made of."""
    if isinstance(t, Product):
        return [f[0] for f in t.factors]
    if isinstance(t, Sum):
        return [u for _, u in t.terms]
    return list(t.args) if isinstance(t, Call) else []


def matrix(root: Term) -> Any:
    """A term in matrix notation.

    Returns
    -------
    sympy.Expr or MatrixExpr or array expression
        A scalar expression for rank 0, a column for rank 1, a matrix for rank 2, an array expression above.

    Raises
    ------
    FormulaError
        If some operation has no place in the notation; the message names the operation and other forms.
    """
    writer = Writer()
    result = writer.write(root)
    if isinstance(result, ArrayAsMatrix) and any(isinstance(t, Source) and len(t.shape) > 2 for t in subterms(root)):
        return result.args[0]
    return result


def matrices(tensors: Sequence[Tensor]) -> list[Any]:
    """The closed forms of tensors in matrix notation."""
    return [matrix(term) for term in lower(tensors)]


class Writer:
    """Matrix notation of the subterms of one formula."""

    def __init__(self) -> None:
        self.memo: dict[Term, Any] = {}
        self.signs: dict[Term, sympy.Expr] = {}
        self.arrays: dict[Term, Any] = {}
        self.contested: set[Term] = set()
        self.steady: set[Term] = set()
        self.vectors: set[str] = set()
        self.reading: Reading

    def write(self, root: Term) -> Any:
        """The root in matrix notation; where sums stand there with both signs, one sign is tried too."""
        now = under_way()
        if now is None:
            with reading():
                return self.write(root)
        self.reading = now
        below = list(subterms(root))
        made = self._pass(root, below)
        if self.signs:
            made = self._pass(root, below)
        if self.contested:
            self.steady = set(self.contested)
            other = self._pass(root, below)
            if operations(other) < operations(made):
                made = other
        return made

    def _pass(self, root: Term, below: Sequence[Term]) -> Any:
        self.memo.clear()
        self.arrays.clear()
        self.reading.symmetric = set()
        for t in below:
            self._visit(t)
        return oriented(self(root), operations)

    def sign(self, u: Term, factor: sympy.Expr) -> None:
        """Remember with which sign a sum is written."""
        if abs(factor) == 1:
            if self.signs.get(u, factor) != factor:
                self.contested.add(u)
            self.signs[u] = factor

    def _visit(self, t: Term) -> None:
        if not isinstance(t, Source) and _is_boolean(t):
            return
        if t not in self.memo:
            self(t)

    def __call__(self, t: Term) -> Any:
        found = self.memo.get(t)
        if found is None:
            found = self.memo[t] = self._write(t)
            if isinstance(found, MatrixExpr) and t.symmetric:
                self.reading.symmetric.add(found)
        return found

    def _write(self, t: Term) -> Any:
        spend(3)
        if isinstance(t, Source):
            if len(t.shape) == 1:
                self.vectors.add(t.name)
            return _source(t)
        value = T.constant_value(t)
        if isinstance(value, BooleanAtom):
            return self(T.number(1 if value else 0, t.shape)) if t.shape else value
        if len(t.shape) > 2:
            return self._array(t)
        if isinstance(t, Sum):
            return self._sum(t, sympy.S.One)
        if isinstance(t, Product):
            return self._condition(t) if t.shape and _is_boolean(t) else self._product(t)
        assert isinstance(t, Call)
        if t.elementwise:
            return self._elementwise(t)
        try:
            form = FORMS[t.head]
        except KeyError:
            raise refuse(f"{t.head}") from None
        return form(self, t)

    # Sums.

    def _sum(self, t: Sum, factor: sympy.Expr) -> Any:
        """A sum times a number, terms with one coefficient gathered, positive terms first."""
        rows = [(sympy.expand_mul(c * factor) if factor != 1 else c, u) for c, u in t.terms]
        rows = [
            (-c, T.scaled(-1, u)) if c.could_extract_minus_sign() and _flippable(u, self.steady) else (c, u)
            for c, u in rows
        ]
        rows = [_into_divisor(c, u) for c, u in rows]
        groups: dict[sympy.Expr, list[tuple[sympy.Expr, Term]]] = {}
        for c, u in rows:
            size = -c if c.could_extract_minus_sign() else c
            groups.setdefault(size, []).append((c / size, u))
        items: list[tuple[Any, sympy.Expr, Any]] = []
        for size, members in groups.items():
            if size == 1 or len(members) == 1:
                items += [(_place(s, u), s * size, self(u)) for s, u in members]
            else:
                members.sort(key=lambda m: _place(*m))
                sign = members[0][0]
                inner = self._total([(sign * s, self(u)) for s, u in members], t.shape)
                items.append((_place(*members[0]), sign * size, inner))
        items.sort(key=lambda item: item[0])
        return self._total([(c, m) for _, c, m in items], t.shape)

    @staticmethod
    def _total(rows: Sequence[tuple[sympy.Expr, Any]], shape: tuple[Any, ...]) -> Any:
        if not shape:
            return sympy.Add(*(scalar_product(c, m) for c, m in rows), evaluate=False)
        parts = [matmul(c, m) for c, m in rows]
        whole = joined(parts)
        if whole is not None:
            return whole
        turned = sum(isinstance(p, Transpose) for p in parts)
        if turned * 2 > len(parts) and all(isinstance(p, (Transpose, OneMatrix)) or symmetric(p) for p in parts):
            return Transpose(MatAdd(*map(transpose, parts), evaluate=False))
        return MatAdd(*parts, evaluate=False)

    # Functions of elements.

    def _elementwise(self, t: Call) -> Any:
        if not t.shape:
            return self._body(t, {})
        if len(t.args) == 1 and not _is_boolean(t.args[0]):
            x = VARIABLE
            return N.ElementwiseApplyFunction(sympy.Lambda(x, t.head(x, evaluate=False)), self(t.args[0]))
        leaves: dict[Term, Any] = {}
        body = self._body(t, leaves)
        matrices = [self(u) for u in leaves]
        if len(matrices) == 1:
            return N.ElementwiseApplyFunction(sympy.Lambda(VARIABLE, body), matrices[0])
        return N.ElementwiseMap(sympy.Lambda(tuple(leaves.values()), body), *matrices)

    def _condition(self, t: Product) -> Any:
        """A condition that is repeated along axes, or has them in another order."""
        leaves: dict[Term, Any] = {}
        body = self._body(t, leaves)
        if not leaves:
            return N.ElementwiseApplyFunction(sympy.Lambda(VARIABLE, body), OneMatrix(*_columns(t.shape)))
        return N.ElementwiseMap(sympy.Lambda(tuple(leaves.values()), body), *map(self, leaves))

    def _body(self, t: Term, leaves: dict[Term, Any], deep: bool = False) -> Any:
        """A scalar expression of the elements of leaves, to which variables are given as they are met."""
        if isinstance(t, Call) and t.elementwise:
            args = [self._body(a, leaves, deep) for a in t.args]
            if t.head is sympy.Piecewise:
                return piecewise(zip(args[::2], [*args[1::2], sympy.true]))
            return t.head(*args, evaluate=False)
        if not t.shape:
            return self(t)
        if isinstance(t, Product) and isinstance(t.factors[0][0] if t.factors else t, Call) and _is_boolean(t):
            inner, labels, _ = t.factors[0]
            spread = [
                T.product(T.ONE, [(a, labels, T.ONE)], t.out, dict(enumerate(t.sizes))) for a in T.operands(inner)
            ]
            return inner.head(*(self._body(a, leaves, deep) for a in spread), evaluate=False)  # type: ignore[attr-defined]
        value = T.constant_value(t)
        if value is not None:
            return value
        scale, factors, out, _ = T.factors_of(t)
        if len(factors) == 0 and len(set(out)) == len(out):
            return scale
        if all(not i for _, i, _ in factors):
            return scalar_product(scale, *(self(u) ** e for u, _, e in factors))
        scale, core = T.split_scale(t)
        if scale != 1:
            return scalar_product(scale, self._body(core, leaves, deep))
        if isinstance(t, Product) and not isinstance(core, Source):
            inside = {k for _, i, _ in t.factors for k in i}
            flat = len(set(out)) == len(out) and inside <= set(out)
            if flat and all(i == out or not i for _, i, _ in t.factors):
                return scalar_product(
                    *(_power(self._body(u, leaves, deep) if i else self(u), e) for u, i, e in t.factors)
                )
        if isinstance(t, Sum) and (deep or any(T.constant_value(u) is not None for _, u in t.terms)):
            return sympy.Add(*(scalar_product(c, self._body(u, leaves, deep)) for c, u in t.terms), evaluate=False)
        if t not in leaves:
            leaves[t] = variable(len(leaves))
        return leaves[t]

    # Products.

    def _product(self, t: Product) -> Any:
        if t.scale == 0:
            return ZeroMatrix(*_columns(t.shape)) if t.shape else sympy.S.Zero
        network = Network(self, t)
        if network.tensors or len(t.shape) > 2:
            return self._as_matrix(self._array(t), t)
        network.reduce()
        if not network.closed():
            return self._as_matrix(self._array(t), t)
        result = network.result()
        other = self._multiplied_out(t)
        return other if other is not None and operations(other) < operations(result) else result

    def _multiplied_out(self, t: Product) -> Any:
        """A product with the sum of an identity or of ones and something, multiplied out."""
        for u, _, e in t.factors:
            if (
                len(t.factors) > 1
                and isinstance(u, Sum)
                and e == 1
                and len(u.terms) <= 3
                and any(_plain(v) for _, v in u.terms)
            ):
                rows = T.expanded({t: sympy.S.One})
                if rows is None or len(t.factors) > 4:
                    return None
                other = T.add(rows, expand=False)
                if not isinstance(T.split_scale(other)[1], Sum):
                    return None
                return self(other)
        return None

    def _as_matrix(self, array: Any, t: Term) -> Any:
        return ArrayAsMatrix(array) if t.shape else ArrayAsScalar(array)

    # Arrays.

    def array(self, t: Term) -> Any:
        """A term as an array of its own rank: a vector is not a column here."""
        found = self.arrays.get(t)
        if found is None:
            found = self.arrays[t] = self._as_array(t)
        return found

    def _as_array(self, t: Term) -> Any:
        if isinstance(t, Source) and len(t.shape) == 1:
            return ArraySymbol(t.name, t.shape)
        made = self(t)
        if isinstance(made, (ArrayAsMatrix, ArrayAsScalar)):
            return made.args[0]
        if len(t.shape) == 1:
            return Reshape(made, t.shape)
        return made

    def _of_one_leaf(self, t: Term) -> Any:
        """A function of the elements of a single tensor, in one piece; None where there are several, or no function."""
        leaves: dict[Term, Any] = {}
        body = self._body(t, leaves, deep=True)
        if len(leaves) != 1 or t in leaves:
            return None
        ((leaf, x),) = leaves.items()
        return array_function(sympy.Lambda(x, body), self.array(leaf))

    def _array(self, t: Term) -> Any:
        if t.shape and (not isinstance(t, Product) or any(e != 1 for _, _, e in t.factors)):
            made = self._of_one_leaf(t)
            if made is not None:
                return made
        if isinstance(t, Sum):
            parts = [_scaled_array(c, self.array(u)) for c, u in t.terms]
            return ArrayAdd(*parts)
        if isinstance(t, Call):
            if not t.elementwise:
                return self._named_array(t)
            leaves: dict[Term, Any] = {}
            body = self._body(t, leaves)
            return ArrayMap(sympy.Lambda(tuple(leaves.values()), body), *map(self.array, leaves))
        assert isinstance(t, Product)
        if t.scale == 0:
            from sympy.tensor.array.expressions import ZeroArray

            return ZeroArray(*t.shape)
        return self._contraction(t)

    def _named_array(self, t: Call) -> Any:
        rank = len(t.shape)
        if t.head == "softmax":
            z = t.args[0]
            x = VARIABLE
            e = array_function(sympy.Lambda(x, sympy.exp(x)), self.array(z))
            total = ArrayContraction(ArrayTensorProduct(e, OneArray(z.shape[-1])), (rank - 1, rank))
            inverse = array_function(sympy.Lambda(x, 1 / x), total)
            pairs = [(k, rank + k) for k in range(rank - 1)]
            made = ArrayDiagonal(ArrayTensorProduct(e, inverse), *pairs)
            return PermuteDims(made, Permutation([*range(1, rank), 0]))
        if t.head == "logsumexp":
            z = t.args[0]
            x = VARIABLE
            e = array_function(sympy.Lambda(x, sympy.exp(x)), self.array(z))
            ones = [OneArray(d) for d in z.shape[rank:]]
            pairs = [(k, len(ones) + k) for k in range(rank, len(z.shape))]
            total = ArrayContraction(ArrayTensorProduct(e, *ones), *pairs)
            return array_function(sympy.Lambda(x, sympy.log(x)), total)
        if t.head == "reshape":
            return FORMS[t.head](self, t)
        raise refuse(f"{t.head} of rank {rank}")

    def _contraction(self, t: Product) -> Any:
        network = Network(self, t)
        network.reduce()
        scalars, parts, labels = network.open_parts()
        factors: list[Any] = []
        axes: list[int] = []
        for part, where in zip(parts, labels):
            factors.append(part)
            axes += where
        fresh = max([*axes, *t.out, 0]) + 1
        out = list(t.out)
        for p, k in enumerate(out):
            if k in out[:p]:
                factors.append(Identity(t.sizes[k]))
                axes += [k, fresh]
                out[p] = fresh
                fresh += 1
        for k in out:
            if k not in axes:
                factors.append(OneArray(t.shape[out.index(k)]))
                axes.append(k)
        for k in sorted(set(axes) - set(out)):
            if axes.count(k) == 1:
                factors.append(OneArray(t.sizes[k]))
                axes.append(k)
        c = scalar_product(*scalars)
        head = [] if c == 1 else [c]
        if not factors:
            return c
        made: Any = ArrayTensorProduct(*head, *factors) if len(head) + len(factors) > 1 else factors[0]
        groups = [tuple(p for p, a in enumerate(axes) if a == k) for k in sorted(set(axes) - set(out))]
        if groups:
            made = ArrayContraction(made, *groups)
            axes = [a for a in axes if a in out]
        repeated = [k for k in out if axes.count(k) > 1]
        if repeated:
            made = ArrayDiagonal(made, *(tuple(p for p, a in enumerate(axes) if a == k) for k in repeated))
            axes = [a for a in axes if a not in repeated] + repeated
        order = [axes.index(k) for k in out]
        return made if order == sorted(order) else PermuteDims(made, Permutation(order))


def _plain(t: Term) -> bool:
    return isinstance(t, Product) and not t.factors and len(t.shape) > 0


LEAVES = (MatrixSymbol, OneMatrix, Identity, ZeroMatrix, sympy.Symbol, sympy.Number, sympy.Dummy, Str)


def operations(e: Any) -> int:
    """How many operations a formula has, what occurs several times counted once."""
    seen: set[Any] = set()
    todo = [e]
    count = 0
    while todo:
        x = todo.pop()
        if x in seen or isinstance(x, LEAVES) or not isinstance(x, sympy.Basic):
            continue
        seen.add(x)
        spend(1)
        if isinstance(x, MatrixElement):
            todo.append(x.args[0])
            continue
        args = [a for a in x.args if not (isinstance(a, sympy.Expr) and dimensional(a))]
        todo += args
        if x.is_Add or x.is_Mul or isinstance(x, (MatAdd, MatMul, HadamardProduct, ArrayTensorProduct, ArrayAdd)):
            constant = [a for a in x.args if isinstance(a, sympy.Expr) and dimensional(a) and abs(a) != 1]
            count += max(len(args) - 1, 0) + (1 if constant else 0)
        elif not (isinstance(x, sympy.Expr) and dimensional(x)):
            count += 1
    return count


def _scaled_array(c: sympy.Expr, array: Any) -> Any:
    if c == 1:
        return array
    if isinstance(array, ArrayTensorProduct):
        return ArrayTensorProduct(c, *array.args)
    return ArrayTensorProduct(c, array)


def _power(base: Any, e: sympy.Expr) -> Any:
    return base if e == 1 else sympy.Pow(base, e, evaluate=False)


def _place(sign: sympy.Expr, u: Term) -> tuple[Any, ...]:
    """The order of summands: positive before negative, then the longer first, constants last."""
    return (sign == -1, T.constant_value(u) is not None and sign == -1, -u.weight, u.key if u.weight else _name(u))


def _name(u: Term) -> Any:
    return u.name.encode() if isinstance(u, Source) else u.key


def _is_boolean(t: Term) -> bool:
    from tracer.formulas.rewrites import is_condition

    return is_condition(t)


def _columns(shape: Sequence[Any]) -> tuple[Any, Any]:
    return (shape[0], 1) if len(shape) == 1 else (shape[0], shape[1])


def _source(t: Source) -> Any:
    if not t.shape:
        known: dict[str, Any] = {"positive": True} if "positive" in t.assumptions else {"real": True}
        return sympy.Symbol(t.name, **known)
    if len(t.shape) > 2:
        return ArraySymbol(t.name, t.shape)
    return MatrixSymbol(t.name, *_columns(t.shape))


class Network:
    """A contraction while it is put into matrix notation.

    ``vectors`` are columns by their label, ``matrices`` triples (matrix, row label, column label), ``tensors`` are
    factors of higher rank, whose labels stay open.
    """

    def __init__(self, writer: Writer, t: Product) -> None:
        self.writer = writer
        self.term = t
        self.scalars: list[Any] = []
        self.vectors: dict[int, list[Any]] = {}
        self.matrices: list[tuple[Any, int, int]] = []
        self.tensors: list[tuple[Term, sympy.Expr, tuple[int, ...]]] = []
        self.summed = {k for _, i, _ in t.factors for k in i}.difference(t.out)
        scale = t.scale
        written: list[tuple[Any, Term, tuple[int, ...], sympy.Expr]] = []
        for u, i, e in t.factors:
            inner: Term = u
            if isinstance(u, Sum) and len(i) <= 2:
                turn = _nice_sign(u)
                factor = sympy.S.One
                if e.is_odd and turn == -1:
                    scale, factor = -scale, sympy.S.NegativeOne
                elif e.is_even:
                    factor = sympy.Integer(turn) if u in writer.steady else writer.signs.get(u, sympy.Integer(turn))
                written.append((factor, inner, i, e))
            else:
                written.append((sympy.S.One, inner, i, e))
        if scale.could_extract_minus_sign():
            for n, (factor, u, i, e) in enumerate(written):
                if isinstance(u, Sum) and e.is_odd and _balanced(u) and len(i) <= 2 and u not in writer.steady:
                    written[n] = (-factor, u, i, e)
                    scale = -scale
                    break
        for n, (factor, u, i, e) in enumerate(written):
            if (
                isinstance(u, Sum)
                and e == 1
                and len(i) <= 2
                and _cost(u, factor * scale) < _cost(u, factor) + (abs(scale) != 1)
            ):
                written[n] = (factor * scale, u, i, e)
                scale = sympy.S.One
                break
        if not scale.is_Rational:
            for n, (factor, u, i, e) in enumerate(written):
                if isinstance(u, Sum) and e == 1 and len(i) <= 2 and any(_absorbs(v, scale * c) for c, v in u.terms):
                    written[n] = (factor * scale, u, i, e)
                    scale = sympy.S.One
        for n, (factor, u, i, e) in enumerate(written):
            if isinstance(u, Sum) and not e.is_positive and factor == 1:
                scale, factor = _uncleared(u, e, scale)
                written[n] = (factor, u, i, e)
        for factor, u, _, e in written:
            if isinstance(u, Sum) and e.is_odd:
                writer.sign(u, factor)
        self.scalars.append(scale)
        twins = {(u.args[0], i) for u, i, e in t.factors if isinstance(u, Call) and u.head is sigmoid}
        for factor, u, i, e in written:
            if len(i) > 2:
                self.tensors.append((u, e, i))
                continue
            if isinstance(u, Sum):
                m = writer(u) if factor == 1 else writer._sum(u, factor)
            elif isinstance(u, Call) and u.head is sigmoid and self._complement(u, i, twins):
                m = self._one_minus(u)
            else:
                m = writer(u)
            if not i:
                self.scalars.append(_power(m, e))
                continue
            if e != 1:
                m = HadamardPower(m, e)
            if len(i) == 1:
                self.vectors.setdefault(i[0], []).append(m)
            elif i[0] == i[1]:
                self._loop(m, i[0])
            else:
                self.matrices.append((m, *i))

    def _complement(self, u: Call, i: tuple[int, ...], twins: set[Any]) -> bool:
        scale, _ = T.split_scale(u.args[0])
        return scale.could_extract_minus_sign() and (T.scaled(-1, u.args[0]), i) in twins

    def _one_minus(self, u: Call) -> Any:
        s = self.writer(T.call(sigmoid, [T.scaled(-1, u.args[0])]))
        if not u.shape:
            return sympy.Add(sympy.S.One, -s, evaluate=False)
        return MatAdd(OneMatrix(*s.shape), matmul(sympy.S.NegativeOne, s), evaluate=False)

    def _loop(self, m: Any, k: int) -> None:
        """A matrix both of whose axes have one label."""
        alone = sum(k in i for _, i, _ in self.term.factors) == 1
        if k in self.summed and alone:
            self.scalars.append(trace(m))
        else:
            self.vectors.setdefault(k, []).append(DiagonalOf(m))

    def size(self, k: int) -> Any:
        return self.term.sizes[k]

    def reduce(self) -> None:
        """Eliminate summed labels until none can be."""
        fixed = {k for _, _, i in self.tensors for k in i}
        while True:
            free = sorted(self.summed - fixed)
            if not any(step(k) for step in (self._end, self._middle) for k in free) and not self._parallel(fixed):
                return

    def _at(self, k: int) -> list[tuple[Any, int, int]]:
        return [m for m in self.matrices if k in m[1:]]

    def _end(self, k: int) -> bool:
        """A summed label at no or one matrix."""
        mats = self._at(k)
        if len(mats) > 1:
            return False
        vectors = self.vectors.pop(k, [])
        self.summed.discard(k)
        if not mats:
            if vectors:
                self.scalars.append(self._dot(vectors, k))
            return True
        m, i, j = mats[0]
        self.matrices.remove(mats[0])
        if i == j:
            self.scalars.append(trace(matmul(*([DiagMatrix(hadamard(*vectors))] if vectors else []), m)))
            return True
        other = j if i == k else i
        whole = other in self.summed and self._at(other) == [] and not self.vectors.get(other) and not vectors
        if whole and other not in {a for _, _, i in self.tensors for a in i}:
            parts = _hadamard_parts(m)
            if len(parts) > 1:
                self.summed.discard(other)
                self.scalars.append(trace_of_product(parts[0], hadamard(*parts[1:])))
                return True
        row = m if i == other else transpose(m)
        if self.size(k) == 1 and not vectors:
            v = row
        else:
            v = matmul(row, hadamard(*vectors) if vectors else OneMatrix(self.size(k), 1))
        self.vectors.setdefault(other, []).append(v)
        return True

    def _dot(self, vectors: list[Any], k: int) -> Any:
        """The sum of the elements of a product of columns, as a scalar."""
        if self.size(k) == 1 and len(vectors) == 1:
            return first(vectors[0])
        if len(vectors) == 1:
            v = vectors[0]
            if isinstance(v, HadamardProduct):
                return self._dot(list(v.args), k)
            if isinstance(v, HadamardPower) and v.args[1] == 2:
                return quadratic(v.args[0], v.args[0])
            if isinstance(v, HadamardPower) and v.args[1].is_Integer and v.args[1] > 2:
                return quadratic(v.args[0], HadamardPower(v.args[0], v.args[1] - 1))
            return quadratic(OneMatrix(*v.shape), v)
        best = min(range(len(vectors)), key=lambda n: (_length(v := vectors[n]), str(v) if _length(v) == 0 else ""))
        rest = [v for n, v in enumerate(vectors) if n != best]
        return quadratic(vectors[best], hadamard(*rest))

    def _middle(self, k: int) -> bool:
        """A summed label between two matrices."""
        mats = self._at(k)
        if len(mats) != 2:
            return False
        (a, i, j), (b, p, q) = mats
        left, right = (i if j == k else j), (p if q == k else q)
        if k in (left, right) or left == right:
            return False
        vectors = self.vectors.pop(k, [])
        between = [DiagMatrix(hadamard(*vectors))] if vectors else []
        a = a if j == k else transpose(a)
        b = b if p == k else transpose(b)
        for m in mats:
            self.matrices.remove(m)
        self.matrices.append((matmul(a, *between, b), left, right))
        self.summed.discard(k)
        return True

    def _parallel(self, fixed: set[int]) -> bool:
        """Matrices between the same labels."""
        groups: dict[tuple[int, int], list[tuple[Any, int, int]]] = {}
        for m in self.matrices:
            groups.setdefault((min(m[1:]), max(m[1:])), []).append(m)
        for (i, j), mats in groups.items():
            if len(mats) < 2:
                continue
            for m in mats:
                self.matrices.remove(m)
            lone = [k in self.summed and k not in fixed and not self.vectors.get(k) and not self._at(k) for k in (i, j)]
            if all(lone):
                *rest, last = mats
                first = self._joined(rest, i, j)
                self.summed -= {i, j}
                self.scalars.append(trace_of_product(first, last[0] if last[1] == i else transpose(last[0])))
            else:
                self.matrices.append((self._joined(mats, i, j), i, j))
            return True
        return False

    @staticmethod
    def _joined(mats: list[tuple[Any, int, int]], i: int, j: int) -> Any:
        turned = sum(m[1] == j for m in mats)
        if turned * 2 > len(mats):
            return transpose(hadamard(*(m if p == j else transpose(m) for m, p, _ in mats)))
        return hadamard(*(m if p == i else transpose(m) for m, p, _ in mats))

    def closed(self) -> bool:
        """Whether nothing but the result's own labels is left."""
        return not self.summed and not self.tensors

    def result(self) -> Any:
        """The reduced network as a scalar, column or matrix."""
        out = self.term.out
        c = scalar_product(*self.scalars)
        if not out:
            return c
        if len(out) == 1:
            found = self.vectors.get(out[0])
            v = hadamard(*found) if found else OneMatrix(self.size(out[0]), 1)
            return matmul(c, v)
        i, j = out
        if i == j:
            found = self.vectors.get(i)
            return matmul(c, DiagMatrix(hadamard(*found)) if found else Identity(self.size(i)))
        u, v = (hadamard(*self.vectors[k]) if k in self.vectors else None for k in out)
        if not self.matrices:
            if v is None and self.size(j) == 1 and u is not None:
                return matmul(c, u)
            if u is None and self.size(i) == 1 and v is not None:
                return matmul(c, transpose(v))
            u = OneMatrix(self.size(i), 1) if u is None else u
            v = OneMatrix(self.size(j), 1) if v is None else v
            if isinstance(u, OneMatrix) and isinstance(v, OneMatrix):
                return matmul(c, OneMatrix(self.size(i), self.size(j)))
            return matmul(c, u, transpose(v))
        ((m, p, _),) = self.matrices
        m = m if p == i else transpose(m)
        if u is not None and v is not None:
            return matmul(c, hadamard(m, matmul(u, transpose(v))))
        left = [] if u is None else [DiagMatrix(u)]
        right = [] if v is None else [DiagMatrix(v)]
        return matmul(c, *left, m, *right)

    def open_parts(self) -> tuple[list[Any], list[Any], list[tuple[int, ...]]]:
        """What is left, as arrays and their labels."""
        parts: list[Any] = []
        labels: list[tuple[int, ...]] = []
        for u, e, where in self.tensors:
            a = self.writer.array(u) if e == 1 else None
            if e != 1:
                a = self.writer._of_one_leaf(T.power(u, e))
                if a is None:
                    x = VARIABLE
                    a = array_function(sympy.Lambda(x, x**e), self.writer.array(u))
            parts.append(a)
            labels.append(where)
        for m, i, j in self.matrices:
            if isinstance(m, Transpose):
                m, i, j = m.args[0], j, i
            parts.append(m.args[0] if isinstance(m, ArrayAsMatrix) else m)
            labels.append((i, j))
        for k, vs in sorted(self.vectors.items()):
            v = hadamard(*vs)
            if isinstance(v, MatrixSymbol) and v.name in self.writer.vectors:
                parts.append(ArraySymbol(v.name, (v.shape[0],)))
            elif isinstance(v, ArrayAsMatrix) and len(v.args[0].shape) == 1:
                parts.append(v.args[0])
            else:
                parts.append(Reshape(v, (v.shape[0],)))
            labels.append((k,))
        return self.scalars, parts, labels


def first(m: Any) -> Any:
    """The element of a matrix of one element; that of a slice is one of the whole."""
    if isinstance(m, MatrixSlice):
        return element(m.args[0], m.args[1][0], m.args[2][0])
    return element(m)


def _length(m: Any) -> int:
    return count_written(m, lambda part: 1) if not isinstance(m, MatrixSymbol) else 0


def quadratic(u: Any, v: Any) -> Any:
    """``u.T*v`` as a scalar."""
    (front, u), (more, v) = split_scalars(u), split_scalars(v)
    scalars = front + more
    for one, other in ((u, v), (v, u)):
        if unit(one) is not None and isinstance(other, (MatrixSymbol, MatrixSlice)):
            whole = other.args[0] if isinstance(other, MatrixSlice) else other
            if whole is other or whole.shape[0] == other.shape[0]:
                column = other.args[2][0] if whole is not other else 0
                return scalar_product(*scalars, element(whole, unit(one), column))
    if isinstance(u, MatMul) and isinstance(u.args[-1], OneMatrix):
        u, v = v, u
    one = element(MatMul(*_flat(transpose(u)), *_flat(v), evaluate=False))
    return scalar_product(*scalars, one) if scalars else one


def _hadamard_parts(m: Any) -> list[Any]:
    """The factors of an elementwise product, squares twice."""
    if isinstance(m, Transpose):
        m = m.args[0]
    parts: list[Any] = []
    for f in m.args if isinstance(m, HadamardProduct) else (m,):
        if isinstance(f, HadamardPower) and f.args[1].is_Integer and f.args[1] > 1:
            parts += [f.args[0], f.args[0] if f.args[1] == 2 else HadamardPower(f.args[0], f.args[1] - 1)]
        else:
            parts.append(f)
    return parts


def _flat(m: Any) -> list[Any]:
    return list(m.args) if isinstance(m, MatMul) else [m]


def trace(m: Any) -> Any:
    """The trace, scalars in front, without outer transposes."""
    front, m = split_scalars(m)
    if front:
        return scalar_product(*front, trace(m))
    if isinstance(m, Transpose):
        return trace(m.args[0])
    if isinstance(m, Identity):
        return m.shape[0]
    made = Trace(m)
    return made


def trace_of_product(a: Any, b: Any) -> Any:
    """``sum(a*b)`` over all elements, as the trace of a product."""
    candidates = [matmul(transpose(a), b), matmul(a, transpose(b))]
    best = min(candidates, key=lambda m: count_written(m, lambda part: isinstance(part, Transpose)))
    return trace(best)


def _flippable(t: Term, steady: set[Term]) -> bool:
    """Whether a minus sign goes into a difference among the factors."""
    if not isinstance(t, Product) or (len(t.factors) == 1 and t.factors[0][1] == t.out):
        return False
    return any(
        isinstance(u, Sum) and e.is_odd and len(i) <= 2 and _balanced(u) and u not in steady for u, i, e in t.factors
    )


def _uncleared(t: Sum, e: sympy.Expr, scale: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """``10*sqrt(10)*(1 + 10*v)**(-3/2)`` with a summand of coefficient one: what is in front, and the factor inside."""
    for c, _ in t.terms:
        size = abs(c.as_coeff_Mul()[0])
        rest = scale * size**e
        if size != 1 and sympy.count_ops(rest) < sympy.count_ops(scale):
            return rest, 1 / size
    return scale, sympy.S.One


def _into_divisor(c: sympy.Expr, t: Term) -> tuple[sympy.Expr, Term]:
    """A summand whose number belongs into a sum that it is divided by, and its coefficient without that."""
    number, rest = c.as_independent(*c.free_symbols, as_Add=False) if c.free_symbols else (c, sympy.S.One)
    return (sympy.sign(number) * rest, T.scaled(abs(number), t)) if _absorbs(t, number) else (c, t)


def _absorbs(t: Term, number: sympy.Expr) -> bool:
    """Whether a number becomes simpler in a sum that a term is divided by."""
    if not isinstance(t, Product) or number.is_Rational:
        return False
    for u, _, e in t.factors:
        if isinstance(u, Sum):
            if not e.is_positive and _uncleared(u, e, number * t.scale)[1] != 1:
                return True
            if e == 1 and any(_absorbs(v, number * t.scale * c) for c, v in u.terms):
                return True
    return False


def _balanced(t: Sum) -> bool:
    return sum(bool(c.could_extract_minus_sign()) for c, _ in t.terms) * 2 == len(t.terms)


def _nice_sign(t: Sum) -> int:
    """The sign with which a sum reads better: more plus signs, or the longest term positive."""
    negative = [c.could_extract_minus_sign() for c, _ in t.terms]
    count = sum(negative)
    if count * 2 != len(negative):
        return -1 if count * 2 > len(negative) else 1
    first = min(range(len(negative)), key=lambda n: (_repeated(t.terms[n][1]), _place(sympy.S.One, t.terms[n][1])))
    return -1 if negative[first] else 1


def _repeated(t: Term) -> bool:
    """Whether a term is the same along some axis, as a mean is that is subtracted."""
    _, factors, out, _ = T.factors_of(t)
    return any(k not in i for k in out for i in [{j for _, labels, _ in factors for j in labels}])


def _cost(t: Sum, factor: sympy.Expr) -> int:
    return sum(abs(c * factor) != 1 for c, _ in t.terms)


# Named functions.


def _inverse(writer: Writer, t: Call) -> Any:
    return Inverse(writer(t.args[0]))


def _det(writer: Writer, t: Call) -> Any:
    if len(t.args[0].shape) > 2:
        raise refuse(f"{t.head} of a batch of matrices")
    return Determinant(writer(t.args[0]))


def _logdet(writer: Writer, t: Call) -> Any:
    return sympy.log(_det(writer, t))


def _softmax(writer: Writer, t: Call) -> Any:
    return N.softmax(writer(t.args[0]))


def _logsumexp(writer: Writer, t: Call) -> Any:
    if len(t.args[0].shape) > 2:
        return writer._as_matrix(writer._named_array(t), t)
    z = writer(t.args[0])
    return N.logsumexp(z) if not t.shape else N.logsumexp_rows(z)


FORMS = {
    "selection": lambda writer, t: Selection(*map(sympy.sympify, t.params)),
    "inverse": _inverse, "det": _det, "logdet": _logdet, "softmax": _softmax, "logsumexp": _logsumexp, **named.FORMS,
}  # fmt: skip
