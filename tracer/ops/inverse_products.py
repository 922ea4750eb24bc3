"""Products with inverses that are something else: a determinant times an inverse, and an inverse times a vector.

A determinant times an inverse is the transpose of the matrix of cofactors, which are polynomials: it has a value where
there is no inverse, and so have all of its derivatives. An inverse times a vector is the solution of a linear system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import sympy

from tracer.ops.cofactors import record_cofactors
from tracer.ops.contraction import Contraction, contract, expand_dims, matrix_transpose, squeeze
from tracer.ops.inverses import DET, INV, LOGABSDET, LOGDET, SIGN, det
from tracer.ops.matrix_rows import times
from tracer.ops.systems import SOLVE, System, record_solve
from tracer.rules import Elementwise, argument
from tracer.shapes import Subscripts
from tracer.tensor import Tensor, record_tensor

INVERSES = frozenset((INV, SOLVE))
DETERMINANTS = frozenset((DET, LOGDET, SIGN, LOGABSDET))
PRODUCT, POWER = argument(0) * argument(1), sympy.exp(argument(0))

DEEP = 4
"""How many operations may lie between an inverse and a product with a determinant."""

Opens = Callable[[Tensor, Tensor], bool]
"""Whether a tensor may be taken apart where another one uses it."""


def find_cofactors(order: Sequence[Tensor], opens: Opens, roots: bool = True) -> dict[int, Tensor]:
    """The products of determinants in a program, written without logarithms and inverses, by their keys.

    Parameters
    ----------
    order : sequence of Tensor
        In the order of creation.
    opens : callable
        Whether a tensor may be taken apart where another one uses it.
    roots : bool
        Whether the exponential of the logarithm of a determinant is one; it has a value as it is written.
    """
    found: dict[int, Tensor] = {}
    for t in order:
        if not isinstance(t.rule, Elementwise):
            continue
        if t.rule.template == POWER and roots and opens(t.args[0], t):
            made = _read_power(t)
        elif t.rule.template == PRODUCT and all(type(a) is Tensor and opens(a, t) for a in t.args):
            made = _read_product(t)
        else:
            continue
        if made is not None:
            found[t.node] = made
    return found


def _read_power(t: Tensor) -> Tensor | None:
    """The exponential of the logarithm of a determinant, without it."""
    (log,) = t.args
    if log.rule is LOGDET:
        return det(log.args[0])
    if log.rule is LOGABSDET:
        return times(record_tensor(SIGN, log.args, None, log.shape, log.dtype), det(log.args[0]))
    return None


def _read_product(t: Tensor) -> Tensor | None:
    """A product as a determinant, or by cofactors."""
    one, other = t.args
    for sign, power in ((one, other), (other, one)):
        if sign.rule is SIGN and _is_power(power, LOGABSDET, sign.args[0]):
            return det(sign.args[0])
    for whole, rest in ((one, other), (other, one)):
        matrix = _find_matrix(whole)
        if matrix is not None and whole.ndim - rest.ndim <= 0:
            made = _replace_inverse(rest, matrix, DEEP)
            if made is not None and made.shape == t.shape:
                return made
    return None


def _is_power(t: Tensor, row: object, matrix: Tensor) -> bool:
    """Whether a tensor is the exponential of a logarithm of a matrix's determinant."""
    if not isinstance(t.rule, Elementwise) or t.rule.template != POWER:
        return False
    return t.args[0].rule is row and t.args[0].args[0] is matrix


def _find_matrix(tensor: Tensor) -> Tensor | None:
    """The matrix of which a tensor is the determinant, axes of size one apart; None if it is none."""
    t = tensor
    while t.op in ("expand_dims", "getitem", "reshape") or (type(t.rule) is Contraction and len(t.args) == 1):
        inner = t.args[0]
        if [d for d in t.shape if d != 1] != [d for d in inner.shape if d != 1] or inner.ndim > t.ndim:
            return None
        t = inner
    matrix: Tensor | None = None
    if t.rule is DET:
        (matrix,) = t.args
    elif isinstance(t.rule, Elementwise) and t.rule.template == POWER and t.args[0].rule is LOGDET:
        (matrix,) = t.args[0].args
    elif isinstance(t.rule, Elementwise) and t.rule.template == PRODUCT and all(type(a) is Tensor for a in t.args):
        for sign, power in (t.args, t.args[::-1]):
            if sign.rule is SIGN and _is_power(power, LOGABSDET, sign.args[0]):
                (matrix,) = sign.args
    return matrix


def _replace_inverse(t: Tensor, matrix: Tensor, depth: int) -> Tensor | None:
    """What is linear in the inverse of a matrix, times the determinant: with cofactors in the place of the inverse.

    A batch of matrices is looked at only where the inverse itself is multiplied.
    """
    if t.rule is INV and t.args[0] is matrix:
        return matrix_transpose(record_cofactors(matrix))
    if matrix.ndim > 2 and not (type(t.rule) is Contraction and len(t.args) == 1 and t.ndim == matrix.ndim):
        return None
    if t.rule is SOLVE and t.args[0] is matrix and type(t.args[1]) is Tensor:
        cofactors = record_cofactors(matrix)
        left = cofactors if t.params.adjoint else matrix_transpose(cofactors)
        b = expand_dims(t.args[1], -1) if t.params.vector else t.args[1]
        return squeeze(left @ b, -1) if t.params.vector else left @ b
    if type(t.rule) is not Contraction or not depth:
        return None
    for k, a in enumerate(t.args):
        made = _replace_inverse(a, matrix, depth - 1) if type(a) is Tensor else None
        if made is not None:
            return contract(t.op, (*t.args[:k], made, *t.args[k + 1 :]), t.params, t.shape)
    return None


class _Solution(NamedTuple):
    """A product as the solution of a system.

    Attributes
    ----------
    product, inverse, tensor : Tensor
        The product, the inverse in it, and the solution.
    of_vectors : bool
        Whether the right-hand sides are vectors.
    """

    product: Tensor
    inverse: Tensor
    tensor: Tensor
    of_vectors: bool


def find_systems(order: Sequence[Tensor]) -> dict[int, Tensor]:
    """The products of an inverse and a vector, or a matrix, as solutions of systems, by their keys.

    An inverse that is needed elsewhere is used for matrices too.
    """
    solutions: dict[int, _Solution] = {}
    turned: set[int] = set()
    needed: set[int] = set()
    for t in order:
        if t.rule is INV or (_is_turned(t) and t.args[0].node in turned):
            turned.add(t.node)
            continue
        made = next(_list_solutions(t, turned, solutions), None)
        used = [_strip(a).node for a in t.args if type(a) is Tensor and a.node in turned]
        if made is not None:
            solutions[t.node] = made
            used.remove(made.inverse.node)
        needed.update(used)
    return {k: s.tensor for k, s in solutions.items() if s.of_vectors or s.inverse.node not in needed}


def _is_turned(t: Tensor) -> bool:
    """Whether a tensor is the transpose of another one."""
    if type(t.rule) is not Contraction or len(t.args) != 1 or t.ndim < 2 or t.args[0].ndim != t.ndim:
        return False
    (labels,), output, scale = t.params
    return scale == 1 and output == (*labels[:-2], labels[-1], labels[-2]) and len({*labels}) == len(labels)


def _strip(t: Tensor) -> Tensor:
    """The inverse that a tensor is, or the transpose of."""
    while t.rule is not INV:
        t = t.args[0]
    return t


def _list_solutions(t: Tensor, turned: set[int], solutions: Mapping[int, _Solution]) -> Iterator[_Solution]:
    """A contraction of an inverse and one other factor as a solution, for each inverse that it is of."""
    if type(t.rule) is not Contraction or len(t.args) != 2 or t.params.scale != 1:
        return
    output = t.params.output
    for k in (0, 1):
        inverse, b = t.args[k], t.args[1 - k]
        if type(inverse) is not Tensor or type(b) is not Tensor or inverse.node not in turned or inverse.ndim != 2:
            continue
        (row, column), labels = t.params.inputs[k], t.params.inputs[1 - k]
        inner = [i for i in (row, column) if i not in output]
        if row == column or len(inner) != 1 or len({*labels}) < len(labels) or not 1 <= len(labels) <= 2:
            continue
        (summed,) = inner
        kept = row if summed == column else column
        rest = tuple(i for i in labels if i != summed)
        if summed not in labels or kept in labels or {*output} != {kept, *rest} or len(output) != 1 + len(rest):
            continue
        adjoint = summed == row
        matrix = inverse
        while matrix.rule is not INV:
            matrix, adjoint = matrix.args[0], not adjoint
        first = bool(rest) and labels[0] == summed
        made, of_vectors = _solve(matrix.args[0], b, adjoint, first, solutions)
        yield _Solution(t, matrix, made if not rest or output[0] == kept else matrix_transpose(made), of_vectors)


def _solve(
    matrix: Tensor, b: Tensor, adjoint: bool, first: bool, solutions: Mapping[int, _Solution]
) -> tuple[Tensor, bool]:
    """The solution for a vector or a matrix, by its first axis or its last, and whether vectors are solved for.

    For a product of two vectors it is that of the solution for one and the other.
    """
    if b.ndim == 1:
        return record_solve(matrix, b, System(adjoint, True)), True
    form = solutions[b.node].tensor if b.node in solutions else b
    if type(form.rule) is Contraction and len(form.args) == 2 and all(_is_vector(a) for a in form.args):
        (one,), (other,) = form.params.inputs
        if form.params.scale == 1 and {one, other} == {*form.params.output} and one != other:
            k = form.params.inputs.index((form.params.output[0 if first else 1],))
            parts = list(form.args)
            parts[k] = record_solve(matrix, parts[k], System(adjoint, True))
            output = form.params.output if first else form.params.output[::-1]
            shape = matrix.shape[-1], form.shape[first]
            return contract("einsum", tuple(parts), Subscripts(form.params.inputs, output), shape), True
    return record_solve(matrix, b if first else matrix_transpose(b), System(adjoint, False)), False


def _is_vector(operand: object) -> bool:
    return type(operand) is Tensor and operand.ndim == 1
