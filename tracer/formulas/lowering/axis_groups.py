"""Reshapes as terms: runs of axes that become one another.

A reshape from ``(2, n, 3)`` to ``(2, 3*n)`` leaves the first axis and joins the two others, whatever n is. Where a
reshape only splits axes that no factor of a product has, it is the product with other labels; where it joins or splits
the axes of a Kronecker product, it makes or takes apart that product; elsewhere it is a function by its name.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor
from tracer.terms import record as T
from tracer.terms.decomposition import factors_of
from tracer.terms.record import ONE, Call, Factor, Labels, Term
from tracer.terms.reshapes import Groups, axis_groups


def lower_reshape(t: Tensor, x: Term) -> Term:
    return reshape_term(x, t.shape)


def reshape_term(x: Term, shape: Shape) -> Term:
    """A term in another shape: by labels where axes are only split that no factor has, by name otherwise."""
    if x.shape == shape:
        return x
    if isinstance(x, Call) and x.head == "reshape":
        return reshape_term(x.args[0], shape)
    undone = _undo_reshape(x, shape)
    if undone is not None:
        return undone
    groups = axis_groups(x.shape, shape)
    if groups is not None:
        scale, factors, out, sizes = factors_of(x)
        split = _split_axes(groups, factors, out, shape)
        if split is not None:
            return T.product(scale, factors, split, dict(enumerate(sizes)) | dict(zip(split, shape)))
        if [(len(a), len(b)) for a, b in groups] == [(1, 2), (1, 2)]:
            apart = _split_kronecker(x, shape)
            if apart is not None:
                return apart
        if [(len(a), len(b)) for a, b in groups] == [(2, 1), (2, 1)]:
            joined = _join_kronecker(x, shape)
            if joined is not None:
                return joined
    return T.call("reshape", [x], shape, shape)


def _undo_reshape(x: Term, shape: Shape) -> Term | None:
    """A function of elements of terms that were reshaped from a shape, as that function of the terms before.

    ``exp(reshape(y)) + 1`` in the shape of y is ``exp(y) + 1``; None where some part was not reshaped from it.
    """
    value = T.constant_value(x)
    if value is not None:
        return T.number(value, shape)
    if isinstance(x, Call) and x.head == "reshape":
        return x.args[0] if x.args[0].shape == shape else None
    if isinstance(x, T.Sum):
        parts = [_undo_reshape(t, shape) for _, t in x.terms]
        return None if None in parts else T.add([(c, t) for (c, _), t in zip(x.terms, parts) if t is not None])
    if isinstance(x, Call) and x.elementwise:
        parts = [_undo_reshape(t, shape) for t in x.args]
        return None if None in parts else T.call(x.head, [t for t in parts if t is not None])
    if isinstance(x, T.Product) and len(set(x.out)) == len(x.out):
        axes = tuple(range(len(shape)))
        factors: list[Factor] = []
        for t, labels, power in x.factors:
            inner = t if not labels else _undo_reshape(t, shape) if labels == x.out else None
            if inner is None:
                return None
            factors.append((inner, axes if labels else (), power))
        return T.product(x.scale, factors, axes, dict(enumerate(shape)))
    return None


def _split_axes(groups: Groups, factors: Sequence[Factor], out: Labels, shape: Shape) -> Labels | None:
    """The output's labels in another shape, if axes of size one come and go, and axes that no factor has are split.

    None where axes are joined, or an axis that some factor has is split. A label that the output has twice, which is a
    diagonal, is split in the same way at both places.
    """
    used = {k for _, labels, _ in factors for k in labels}
    fresh = itertools.count(1 + max((*used, *out), default=-1))
    parts: dict[int, list[int]] = {}
    sizes: dict[int, list[Dim]] = {}
    answer: list[int] = []
    for old, new in groups:
        thick = [k for k in new if shape[k] != 1]
        if not old:
            answer += [next(fresh) for _ in new]
            continue
        if len(old) > 1:
            return None
        label = out[old[0]]
        if (len(thick) > 1 or not new) and (label in used or (not new and out.count(label) > 1)):
            return None
        if label not in parts:
            parts[label] = [label] if len(thick) <= 1 else [next(fresh) for _ in thick]
            sizes[label] = [shape[k] for k in thick]
        elif sizes[label] != [shape[k] for k in thick]:
            return None
        own = iter(parts[label])
        answer += [next(own) if k in thick or len(new) == 1 else next(fresh) for k in new]
    return tuple(answer)


def _split_kronecker(x: Term, shape: Shape) -> Term | None:
    """A Kronecker product with its axes split, as the product of its factors: ``kron(A, B) -> A[i,k]*B[j,m]``."""
    scale, factors, out, _ = factors_of(x)
    if len(factors) != 1 or factors[0][1] != out:
        return None
    inner, _, power = factors[0]
    if not isinstance(inner, Call) or inner.head != "kron":
        return None
    a, b = inner.args
    if (a.shape[0], b.shape[0], a.shape[1], b.shape[1]) != shape:
        return None
    return T.product(scale, [(a, (0, 2), power), (b, (1, 3), power)], (0, 1, 2, 3))


def _join_kronecker(x: Term, shape: Shape) -> Term | None:
    """A product of two matrices, its axes joined in pairs, as a Kronecker product: ``A[i,k]*B[j,m] -> kron(A, B)``."""
    scale, factors, out, sizes = factors_of(x)
    first, second = {out[0], out[2]}, {out[1], out[3]}
    if first & second:
        return None
    known = dict(enumerate(sizes))
    left, right = ([f for f in factors if f[1] and axes.issuperset(f[1])] for axes in (first, second))
    numbers = [f for f in factors if not f[1]]
    if len(left) + len(right) + len(numbers) < len(factors):
        return None
    a = T.product(ONE, left, (out[0], out[2]), known)
    b = T.product(ONE, right, (out[1], out[3]), known)
    return T.product(scale, [*numbers, (T.call("kron", [a, b], None, shape), (0, 1), ONE)], (0, 1))
