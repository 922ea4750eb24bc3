"""Matrix expressions put together so that what reads the same is written one way. None of them evaluates."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.logic.boolalg import BooleanAtom
from sympy.matrices.expressions import Inverse, MatPow, MatrixSymbol, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.counting import count_written
from tracer.formulas.matrix.bodies import VectorElement, element
from tracer.formulas.matrix.classes import (
    DiagMatrix,
    HadamardPower,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    OneMatrix,
)
from tracer.formulas.matrix.function_classes import RunningFunction, band_part, cumsum
from tracer.formulas.matrix.lookups import find_place, look_up_rows
from tracer.formulas.matrix.scalars import find_root, mean, norm, total
from tracer.formulas.matrix.slices import Elements
from tracer.formulas.matrix.unevaluated import ARRAYS, from_parts
from tracer.shapes import Dim
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.work import Budget


class MatrixAlgebra:
    """Products, transposes, traces and elements of the matrices of one formula.

    Parameters
    ----------
    budget : Budget
        What the work is taken from.

    Attributes
    ----------
    symmetric : set of MatrixExpr
        Matrices that equal their transposes.
    vectors : set of str
        The names of the sources of rank one, which are columns in the formula.

    Examples
    --------
    >>> A, B = (sympy.MatrixSymbol(name, 3, 3) for name in "AB")
    >>> algebra = MatrixAlgebra(Budget())
    >>> algebra.matmul(2, algebra.transpose(A), algebra.transpose(B))
    2*(B*A).T
    >>> algebra.symmetric.add(A)
    >>> algebra.transpose(algebra.matmul(A, B))
    B.T*A
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.symmetric: set[MatrixExpr] = set()
        self.vectors: set[str] = set()

    def is_symmetric(self, m: MatrixExpr) -> bool:
        """Whether a matrix equals its transpose."""
        return isinstance(m, (Identity, DiagMatrix)) or m in self.symmetric

    def element(self, matrix: MatrixExpr, i: Dim = 0, j: Dim = 0) -> sympy.Expr:
        """An element of a matrix; that of a source of rank one has one index."""
        made = element(matrix, i, j)
        whole, *at = made.args
        if isinstance(whole, MatrixSymbol) and whole.name in self.vectors:
            return sympy.Basic.__new__(VectorElement, whole, *at)
        return made

    # Products.

    def matmul(self, *factors: sympy.Expr) -> sympy.Expr:
        """The product of matrices and scalars, flat, the number in front, transposes gathered where that is shorter."""
        scalars: list[sympy.Expr] = []
        chain: list[MatrixExpr] = []
        todo = list(reversed(factors))
        while todo:
            f = todo.pop()
            if isinstance(f, MatMul):
                todo += reversed(f.args)
            elif not isinstance(f, MatrixExpr):
                scalars.append(f)
            elif isinstance(f, Identity):
                chain += [] if todo or chain else [f]
            else:
                chain.append(f)
        if not chain:
            chain = [f for f in factors if isinstance(f, Identity)][:1]
        chain = self._name_running_sums(look_up_rows(_merge_ones(chain), self.transpose))
        chain = _collect_powers(self._gather_transposes(chain))
        c = scalar_product(*scalars) if scalars else ONE
        if not chain:
            return c
        if c is ONE:
            return chain[0] if len(chain) == 1 else from_parts(MatMul, chain)
        return from_parts(MatMul, [*[f for f in _split_number(c) if f is not ONE], *chain])

    def factor_chains(self, parts: Sequence[MatrixExpr]) -> list[MatrixExpr]:
        """Summands, those that are products with one last matrix, or one first, as one product with their sum.

        Examples
        --------
        >>> A, B, C = (sympy.MatrixSymbol(name, 3, 3) for name in "ABC")
        >>> algebra = MatrixAlgebra(Budget())
        >>> algebra.factor_chains([algebra.matmul(A, C), algebra.matmul(B, C), A])
        [(A + B)*C, A]
        """
        made = list(parts)
        for at in (-1, 0):
            groups: dict[tuple[object, ...], list[MatrixExpr]] = {}
            for place, m in enumerate(made):
                chain = _list_matrices(m)
                groups.setdefault((chain[at],) if len(chain) > 1 else (m, place), []).append(m)
            made = [self._factor(key[0], group, at) if len(group) > 1 else group[0] for key, group in groups.items()]
        return made

    def _factor(self, shared: MatrixExpr, group: Sequence[MatrixExpr], at: int) -> MatrixExpr:
        """The sum of products with one last matrix, or one first, as the product of a sum with it."""
        rest = [self._take_off(m, at) for m in group]
        negative = all(map(_is_negative, rest))
        rest = [self.matmul(sympy.S.NegativeOne, m) for m in rest] if negative else sorted(rest, key=_is_negative)
        flat = [a for m in rest for a in (m.args if isinstance(m, MatAdd) else (m,))]
        inner = MatAdd(*flat, evaluate=False)
        made = self.matmul(inner, shared) if at else self.matmul(shared, inner)
        return self.matmul(sympy.S.NegativeOne, made) if negative else made

    def _take_off(self, m: MatrixExpr, at: int) -> MatrixExpr:
        """A product without its last matrix, or its first."""
        scalars = [f for f in m.args if not isinstance(f, MatrixExpr)]
        chain = _list_matrices(m)
        return self.matmul(*scalars, *(chain[:-1] if at else chain[1:]))

    def _name_running_sums(self, chain: list[MatrixExpr]) -> list[MatrixExpr]:
        """``tril(ones(n, n))*A*x`` of a column as ``cumsum(A*x)``, and a row times the triangle as its transpose."""
        if len(chain) < 2:
            return chain
        if chain[0].shape[0] == 1 != chain[-1].shape[1] and not all(_read_direction(m) is None for m in chain):
            turned = self._name_running_sums([self.transpose(m) for m in reversed(chain)])
            return [self.transpose(m) for m in reversed(turned)]
        for place in reversed(range(len(chain) - 1)):
            reverse = _read_direction(chain[place])
            if reverse is not None and chain[-1].shape[1] == 1:
                summed = cumsum(self.matmul(*chain[place + 1 :]), sympy.S.Zero, reverse, sympy.S.Zero)
                chain = [*chain[:place], summed]
        return chain

    def _gather_transposes(self, chain: list[MatrixExpr]) -> list[MatrixExpr]:
        """``A.T*B.T*C.T`` as ``(C*B*A).T``: the run of factors in which most transposes are saved."""
        if sum([isinstance(f, Transpose) for f in chain]) < 2:
            return chain
        best: tuple[int, int, int] | None = None
        gains = [1 if isinstance(f, Transpose) else 0 if self.is_symmetric(f) else -1 for f in chain]
        for a in range(len(chain)):
            for b in range(a + 2, len(chain) + 1):
                saved = sum(gains[a:b]) - 1
                if saved > 0 and (best is None or saved > best[0]):
                    best = (saved, a, b)
        if best is None:
            return chain
        _, a, b = best
        inner = self.matmul(*map(self.transpose, reversed(chain[a:b])))
        return [*chain[:a], Transpose(inner), *chain[b:]]

    def split_scalars(self, m: sympy.Expr) -> tuple[list[sympy.Expr], sympy.Expr]:
        """The scalars in front of a matrix, and the matrix: ``2*c*A*B -> [2, c], A*B``."""
        if not isinstance(m, MatMul) or isinstance(m.args[0], MatrixExpr):
            return [], m
        scalars = [f for f in m.args if not isinstance(f, MatrixExpr)]
        return scalars, self.matmul(*(f for f in m.args if isinstance(f, MatrixExpr)))

    def hadamard(self, *factors: MatrixExpr) -> sympy.Expr:
        """The elementwise product of matrices of one shape."""
        scalars: list[sympy.Expr] = []
        parts: list[MatrixExpr] = []
        for f in factors:
            front, f = self.split_scalars(f)
            scalars += front
            parts += f.args if isinstance(f, HadamardProduct) else [f]
        exponents: dict[MatrixExpr, sympy.Expr] = {}
        for f in [f for f in parts if not isinstance(f, OneMatrix)] or parts[:1]:
            base, e = f.args if isinstance(f, HadamardPower) else (f, sympy.S.One)
            exponents[base] = exponents.get(base, sympy.S.Zero) + e
        powers = [b if e is ONE else HadamardPower(b, e) for b, e in exponents.items()]
        if len(powers) == 1:
            result = powers[0]
        elif self.is_shorter_transposed(powers):
            result = Transpose(HadamardProduct(*map(self.transpose, powers), evaluate=False))
        else:
            result = HadamardProduct(*powers, evaluate=False)
        return self.matmul(*scalars, result) if scalars else result

    # Transposes.

    def transpose(self, m: MatrixExpr) -> MatrixExpr:
        """The transpose; of a product the product of transposes, of a sum that if it has more of them than not."""
        if isinstance(m, Transpose):
            return m.args[0]
        if isinstance(m, OneMatrix):
            return OneMatrix(*m.shape[::-1])
        if self.is_symmetric(m):
            return m
        if isinstance(m, ZeroMatrix):
            return ZeroMatrix(*m.shape[::-1])
        if isinstance(m, MatMul):
            factors = [f for f in m.args if isinstance(f, MatrixExpr)]
            scalars = [f for f in m.args if not isinstance(f, MatrixExpr)]
            if len(factors) == 1 and not scalars:
                return m
            return self.matmul(*scalars, *map(self.transpose, reversed(factors)))
        if isinstance(m, RunningFunction) and m.shape[1] != 1:
            return m.turn(self.transpose(m.args[0]))
        if isinstance(m, MatAdd) and sum(isinstance(a, Transpose) for a in m.args) * 2 > len(m.args):
            return MatAdd(*map(self.transpose, m.args), evaluate=False)
        return Transpose(m)

    def is_shorter_transposed(self, parts: Sequence[MatrixExpr]) -> bool:
        """Whether most of several matrices are transposes, and turning all of them makes no new ones."""
        count = sum(isinstance(p, Transpose) for p in parts)
        return count * 2 > len(parts) and all(
            isinstance(p, (Transpose, OneMatrix)) or self.is_symmetric(p) for p in parts
        )

    # Scalars of matrices.

    def quadratic(self, u: MatrixExpr, v: MatrixExpr) -> sympy.Expr:
        """``u.T*v`` of columns as a scalar."""
        (front, u), (more, v) = self.split_scalars(u), self.split_scalars(v)
        scalars = front + more
        for a, b in ((u, v), (v, u)):
            place = find_place(a, b)
            if place is not None:
                return scalar_product(*scalars, self.element(b, place))
        if isinstance(u, OneMatrix) and isinstance(v, OneMatrix):
            return scalar_product(*scalars, u.shape[0])
        if isinstance(u, MatMul) and isinstance(u.args[-1], OneMatrix):
            u, v = v, u
        for a, b in ((u, v), (v, u)):
            if isinstance(a, OneMatrix):
                return scalar_product(*scalars, self.total(b))
        chain = _collect_powers(look_up_rows([*_factors(self.transpose(u)), *_factors(v)], self.transpose))
        one = element(MatMul(*chain, evaluate=False))
        return scalar_product(*scalars, one) if scalars else one

    def total(self, m: MatrixExpr) -> sympy.Expr:
        """The sum of all elements: ``A*ones(m, 1)`` has those of A, and ``A.T`` too."""
        if isinstance(m, MatMul) and isinstance(m.args[-1], OneMatrix) and m.shape[1] == 1:
            return self.total(self.matmul(*m.args[:-1]))
        if isinstance(m, MatMul) and isinstance(m.args[0], OneMatrix) and m.shape[0] == 1:
            return self.total(self.matmul(*m.args[1:]))
        front, m = self.split_scalars(m)
        one = total(m.args[0] if isinstance(m, Transpose) else m)
        return scalar_product(*front, one) if front else one

    def trace(self, m: sympy.Expr) -> sympy.Expr:
        """The trace, scalars in front, without outer transposes."""
        front, m = self.split_scalars(m)
        if front:
            return scalar_product(*front, self.trace(m))
        if isinstance(m, Transpose):
            return self.trace(m.args[0])
        if isinstance(m, Elements):
            return sympy.Add(*m.diagonal())
        return m.shape[0] if isinstance(m, Identity) else sympy.Trace(m)

    def trace_of_product(self, a: MatrixExpr, b: MatrixExpr) -> sympy.Expr:
        """``sum(a*b)`` over all elements, as the trace of a product."""
        candidates = [self.matmul(self.transpose(a), b), self.matmul(a, self.transpose(b))]
        return self.trace(
            min(candidates, key=lambda m: count_written(m, lambda part: isinstance(part, Transpose), self.budget))
        )


def _is_negative(m: MatrixExpr) -> bool:
    """Whether a minus sign stands in front of a matrix."""
    return isinstance(m, MatMul) and m.could_extract_minus_sign()


def _list_matrices(m: MatrixExpr) -> Sequence[MatrixExpr]:
    """The matrices of a product in their order, without its scalars; of anything else, itself."""
    return [f for f in m.args if isinstance(f, MatrixExpr)] if isinstance(m, MatMul) else [m]


def _read_direction(m: MatrixExpr) -> sympy.Integer | None:
    """Of a triangle of ones, whether it sums a column up to each place, 0, or from there on, 1; None of others."""
    inner = m.args[0] if isinstance(m, Transpose) else m
    if not isinstance(inner, band_part) or not isinstance(inner.args[0], OneMatrix) or m.shape[0] != m.shape[1]:
        return None
    name = inner.choose_name()
    return sympy.Integer((name == "triu") != isinstance(m, Transpose)) if name in ("tril", "triu") else None


def _merge_ones(chain: list[MatrixExpr]) -> list[MatrixExpr]:
    """``1*1.T`` as the matrix of ones."""
    merged: list[MatrixExpr] = []
    for m in chain:
        if merged and isinstance(m, OneMatrix) and isinstance(merged[-1], OneMatrix) and m.shape[0] == 1:
            merged[-1] = OneMatrix(merged[-1].shape[0], m.shape[1])
        else:
            merged.append(m)
    return merged


def _collect_powers(chain: Sequence[MatrixExpr]) -> list[MatrixExpr]:
    """``A*A*B`` as ``A**2*B``, ``A**(-1)*A**(-1)`` as ``A**(-2)``."""
    powers: list[tuple[MatrixExpr, sympy.Expr]] = []
    for f in chain:
        base, n = (f.base, f.exp) if isinstance(f, MatPow) else (f, sympy.S.One)
        if powers and powers[-1][0] == base and f.shape[0] == f.shape[1] and powers[-1][1].is_positive == n.is_positive:
            powers[-1] = (base, powers[-1][1] + n)
        else:
            powers.append((base, n))
    return [b if n is ONE else Inverse(b) if n == -1 else MatPow(b, n) for b, n in powers]


def _factors(m: MatrixExpr) -> Sequence[sympy.Expr]:
    """The factors of a matrix product; of anything else, itself."""
    return m.args if isinstance(m, MatMul) else (m,)


def scalar_product(*factors: sympy.Expr) -> sympy.Expr:
    """The product of scalars, numbers collected in front, nothing multiplied out."""
    if len(factors) == 1 and isinstance(factors[0], BooleanAtom):
        return factors[0]
    coefficient = sympy.S.One
    parts: dict[sympy.Expr, sympy.Expr] = {}
    todo = list(reversed(factors))
    while todo:
        f = sympy.sympify(todo.pop())
        if f.is_Mul:
            todo += reversed(f.args)
        elif is_constant(f):
            coefficient *= f
        else:
            base, e = f.as_base_exp() if isinstance(f, sympy.Pow) else (f, sympy.S.One)
            parts[base] = parts.get(base, sympy.S.Zero) + e
    coefficient = _name_means(coefficient, parts)
    rest = [raise_scalar(b, e) for b, e in parts.items() if e is not ZERO]
    if not rest:
        return coefficient
    rest.sort(key=lambda f: f.sort_key())
    if coefficient is ONE:
        return rest[0] if len(rest) == 1 else sympy.Mul(*rest, evaluate=False)
    return sympy.Mul(*join_roots(coefficient), *rest, evaluate=False)


def join_roots(number: sympy.Expr) -> list[sympy.Expr]:
    """The factors of a number, roots being joined into one: ``sqrt(2/pi)``, ``1/sqrt(2*pi)``, ``sqrt(2*pi)``."""
    factors = list(number.args) if number.is_Mul else [number]
    half = sympy.Rational(1, 2)
    over, under = ([f for f in factors if f.is_Pow and f.exp == e and f.base.is_number] for e in (half, -half))
    if len(over) + len(under) < 2:
        return factors
    quotient = sympy.Mul(*(f.base for f in over)) / sympy.Mul(*(f.base for f in under))
    rest = [f for f in factors if f not in over and f not in under]
    numbers = [f for f in rest if f.is_Rational]
    factor = sympy.Mul(*numbers)
    top, bottom = sympy.fraction(factor**2 * quotient)
    if numbers and top == 1:
        signs = [sympy.S.NegativeOne] if factor.is_negative else []
        outside = sympy.sqrt(bottom.as_coeff_Mul()[0]).as_coeff_Mul()[0]
        root = sympy.Pow(bottom / outside**2, -half, evaluate=False)
        return [*signs, *([1 / outside] if outside != 1 else []), *(f for f in rest if f not in numbers), root]
    return [*rest, sympy.Pow(quotient, half, evaluate=False)]


def _name_means(coefficient: sympy.Expr, parts: dict[sympy.Expr, sympy.Expr]) -> sympy.Expr:
    """The number in front of a product, sums over the number of their summands being written as means."""
    for sum_ in [s for s, e in parts.items() if isinstance(s, total) and e is ONE]:
        rows, columns = sum_.args[0].shape
        rest = coefficient * rows * columns
        if rows * columns != 1 and sympy.numer(rest) == sympy.numer(coefficient):
            del parts[sum_]
            parts[mean(*sum_.args)] = parts.get(mean(*sum_.args), sympy.S.Zero) + 1
            coefficient = rest
    return coefficient


def raise_scalar(base: sympy.Expr, e: sympy.Expr) -> sympy.Expr:
    """A power of a scalar, not evaluated; the root of a sum of squares is a norm."""
    if e is ONE:
        return base
    root = find_root(base) if e.is_Rational and e.q == 2 else None
    if root is not None:
        return raise_scalar(norm(root), 2 * e)
    return sympy.Pow(base, e, evaluate=False)


def _split_number(c: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The number in a scalar, and the rest."""
    if c.is_Rational:
        return c, ONE
    numbers = [f for f in sympy.Mul.make_args(c) if is_constant(f)]
    rest = [f for f in sympy.Mul.make_args(c) if not is_constant(f)]
    roots = join_roots(sympy.Mul(*numbers))
    return tuple(fs[0] if len(fs) == 1 else sympy.Mul(*fs, evaluate=False) for fs in (roots, rest))


def is_constant(e: sympy.Expr) -> bool:
    """Whether an expression is made of numbers and dimensions alone; the first leaf that is neither answers."""
    todo = [e]
    while todo:
        x = todo.pop()
        if isinstance(x, (MatrixExpr, *ARRAYS)) or (
            isinstance(x, sympy.Symbol) and not (x.is_integer and x.is_positive)
        ):
            return False
        todo += x.args
    return True
