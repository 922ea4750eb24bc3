"""Arithmetic of sizes as Python source: shapes and bounds whose dimensions are symbols."""

from __future__ import annotations

from functools import lru_cache, reduce

import sympy

from tracer.python_code import Code, Slot, add_terms, literal, size_slot
from tracer.python_scope import SCOPE
from tracer.shapes import Dim


def write_sizes(code: Code) -> Code:
    """An expression with the arithmetic of sizes in it written out, down to slots for symbols.

    Examples
    --------
    >>> n = sympy.Symbol("n", integer=True)
    >>> str(write_sizes(SCOPE.np.zeros((2 * n,))))
    'np.zeros((2 * n,))'
    """
    if not any(isinstance(key, sympy.Expr) and not key.is_Symbol for key in code.slots):
        return code
    parts: list[str | Slot] = []
    for part in code.parts:
        if isinstance(part, Slot) and isinstance(part.key, sympy.Expr):
            parts += size_code(part.key).at(part.need)
        else:
            parts.append(part)
    return Code(tuple(parts), code.level, code.names, code.head, code.operators, code.quotients)


@lru_cache(maxsize=1024)
def size_code(size: Dim) -> Code:
    """An expression in dimensions, an integer as far as one is: a quotient that is one is written with ``//``.

    Examples
    --------
    >>> n, m = sympy.symbols("n m", integer=True, positive=True)
    >>> str(size_code(2 * n + m - 1))
    'm + 2 * n - 1'
    >>> str(size_code(sympy.floor((n - 1) / 2)))
    '(n - 1) // 2'
    """
    if isinstance(size, int):
        return literal(size)
    if not size.free_symbols:
        return literal(int(size) if size.is_Integer else size if size.is_Rational else float(size))
    if isinstance(size, sympy.Symbol):
        return size_slot(size)
    if isinstance(size, (sympy.floor, sympy.ceiling)):
        top, bottom = map(size_code, sympy.fraction(sympy.together(size.args[0])))
        return top // bottom if isinstance(size, sympy.floor) else -(-top // bottom)
    if isinstance(size, (sympy.Max, sympy.Min)):
        return SCOPE.named("max" if isinstance(size, sympy.Max) else "min")(*map(size_code, size.args))
    if isinstance(size, sympy.Mod):
        return size_code(size.args[0]) % size_code(size.args[1])
    top, bottom = sympy.fraction(sympy.together(size))
    if bottom != 1 and not size.has(sympy.floor, sympy.ceiling, sympy.Max, sympy.Min):
        above, below = size_code(top), size_code(bottom)
        return above // below if size.is_integer else above / below
    if isinstance(size, sympy.Add):
        return add_terms([(c < 0, size_code(abs(c) * rest)) for c, rest in map(_signed, size.as_ordered_terms())])
    if isinstance(size, sympy.Mul):
        factors = [size_code(f) for f in size.as_ordered_factors()]
        product: Code = reduce(Code.__mul__, factors)
        return product
    if isinstance(size, sympy.Pow):
        return size_code(size.base) ** size_code(size.exp)
    raise ValueError(f"{size} is no arithmetic of dimensions")


def _signed(term: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    factor, rest = term.as_coeff_Mul()
    return factor, rest
