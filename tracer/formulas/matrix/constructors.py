"""Matrix expressions put together so that what reads the same is written one way. None of them evaluates."""

from __future__ import annotations

import sympy
from sympy.logic.boolalg import BooleanAtom
from sympy.matrices.expressions import Inverse, MatPow, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.budget import under_way
from tracer.formulas.matrix.bodies import ARRAYS
from tracer.formulas.matrix.classes import (
    DiagMatrix,
    HadamardPower,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    OneMatrix,
)
from tracer.formulas.matrix.slices import folded


def matmul(*factors: sympy.Expr) -> sympy.Expr:
    """The product of matrices and scalars, flat, the number in front, transposes gathered where that is shorter."""
    scalars: list[sympy.Expr] = []
    chain: list[sympy.Expr] = []
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
    chain = _powers(_gathered(_ones(folded(chain))))
    c = scalar_product(*scalars)
    if c == 1 and len(chain) == 1:
        return chain[0]
    if not chain:
        return c
    number, rest = _split_number(c)
    return MatMul(*(f for f in (number, rest) if f != 1), *chain, evaluate=False)


def _ones(chain: list[sympy.Expr]) -> list[sympy.Expr]:
    """``1*1.T`` as the matrix of ones."""
    out: list[sympy.Expr] = []
    for m in chain:
        if out and isinstance(m, OneMatrix) and isinstance(out[-1], OneMatrix) and m.shape[0] == 1:
            out[-1] = OneMatrix(out[-1].shape[0], m.shape[1])
        else:
            out.append(m)
    return out


def _gathered(chain: list[sympy.Expr]) -> list[sympy.Expr]:
    """``A.T*B.T*C.T`` as ``(C*B*A).T``."""
    best: tuple[int, int, int] | None = None
    count = [1 if isinstance(f, Transpose) else 0 if symmetric(f) else -1 for f in chain]
    for a in range(len(chain)):
        for b in range(a + 2, len(chain) + 1):
            run = count[a:b]
            saved = sum(c == 1 for c in run) - sum(c == -1 for c in run) - 1
            if saved > 0 and (best is None or saved > best[0]):
                best = (saved, a, b)
    if best is None:
        return chain
    _, a, b = best
    inner = matmul(*(transpose(f) for f in reversed(chain[a:b])))
    return [*chain[:a], Transpose(inner), *chain[b:]]


def _powers(chain: list[sympy.Expr]) -> list[sympy.Expr]:
    """Repeated square factors as powers."""
    out: list[sympy.Expr] = []
    for f in chain:
        base, n = (f.args[0], f.args[1]) if isinstance(f, MatPow) and not isinstance(f, Inverse) else (f, sympy.S.One)
        if out and out[-1][0] == base and f.shape[0] == f.shape[1]:
            out[-1] = (base, out[-1][1] + n)
        else:
            out.append((base, n))
    return [b if n == 1 else MatPow(b, n) for b, n in out]


def symmetric(m: sympy.Expr) -> bool:
    """Whether a matrix of the formula that is being written equals its transpose."""
    now = under_way()
    return isinstance(m, (Identity, DiagMatrix)) or (now is not None and m in now.symmetric)


def transpose(m: sympy.Expr) -> sympy.Expr:
    """The transpose, folded where it is free."""
    if isinstance(m, Transpose):
        return m.args[0]
    if isinstance(m, OneMatrix):
        return OneMatrix(*m.shape[::-1])
    if symmetric(m):
        return m
    if isinstance(m, ZeroMatrix):
        return ZeroMatrix(*m.shape[::-1])
    if isinstance(m, MatMul):
        factors = [f for f in m.args if isinstance(f, MatrixExpr)]
        scalars = [f for f in m.args if not isinstance(f, MatrixExpr)]
        return matmul(*scalars, *(transpose(f) for f in reversed(factors))) if len(factors) > 1 or scalars else m
    if isinstance(m, MatAdd) and sum(isinstance(a, Transpose) for a in m.args) * 2 > len(m.args):
        return MatAdd(*map(transpose, m.args), evaluate=False)
    return Transpose(m)


def split_scalars(m: sympy.Expr) -> tuple[list[sympy.Expr], sympy.Expr]:
    """The scalars in front of a matrix, and the matrix."""
    if not isinstance(m, MatMul) or isinstance(m.args[0], MatrixExpr):
        return [], m
    return [f for f in m.args if not isinstance(f, MatrixExpr)], matmul(
        *(f for f in m.args if isinstance(f, MatrixExpr))
    )


def hadamard(*factors: sympy.Expr) -> sympy.Expr:
    """The elementwise product of matrices of one shape."""
    scalars: list[sympy.Expr] = []
    parts: list[sympy.Expr] = []
    for f in factors:
        front, f = split_scalars(f)
        scalars += front
        parts += f.args if isinstance(f, HadamardProduct) else [f]
    kept = [f for f in parts if not isinstance(f, OneMatrix)] or parts[:1]
    counted: dict[sympy.Expr, sympy.Expr] = {}
    for f in kept:
        base, e = f.args if isinstance(f, HadamardPower) else (f, sympy.S.One)
        counted[base] = counted.get(base, sympy.S.Zero) + e
    done = [b if e == 1 else HadamardPower(b, e) for b, e in counted.items()]
    turned = sum(isinstance(f, Transpose) for f in done)
    if len(done) == 1:
        result = done[0]
    elif turned * 2 > len(done) and all(isinstance(f, (Transpose, OneMatrix)) or symmetric(f) for f in done):
        result = Transpose(HadamardProduct(*map(transpose, done), evaluate=False))
    else:
        result = HadamardProduct(*done, evaluate=False)
    return matmul(*scalars, result) if scalars else result


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
        elif dimensional(f):
            coefficient *= f
        else:
            base, e = f.as_base_exp() if isinstance(f, sympy.Pow) else (f, sympy.S.One)
            parts[base] = parts.get(base, sympy.S.Zero) + e
    rest = [sympy.Pow(b, e, evaluate=False) if e != 1 else b for b, e in parts.items() if e != 0]
    if not rest:
        return coefficient
    rest.sort(key=lambda f: f.sort_key())
    if coefficient == 1:
        return rest[0] if len(rest) == 1 else sympy.Mul(*rest, evaluate=False)
    head = list(coefficient.args) if coefficient.is_Mul else [coefficient]
    return sympy.Mul(*head, *rest, evaluate=False)


def _split_number(c: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The number in a scalar, and the rest."""
    if not c.is_Mul or dimensional(c):
        return (c, sympy.S.One) if dimensional(c) else (sympy.S.One, c)
    numbers = [f for f in c.args if dimensional(f)]
    rest = [f for f in c.args if not dimensional(f)]
    return sympy.Mul(*numbers), rest[0] if len(rest) == 1 else sympy.Mul(*rest, evaluate=False)


def dimensional(e: sympy.Expr) -> bool:
    """Whether an expression is made of numbers and dimensions; the first leaf that is neither answers."""
    todo = [e]
    while todo:
        x = todo.pop()
        if isinstance(x, (MatrixExpr, *ARRAYS)) or (
            isinstance(x, sympy.Symbol) and not (x.is_integer and x.is_positive)
        ):
            return False
        todo += x.args
    return True
