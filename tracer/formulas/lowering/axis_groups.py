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
from tracer.terms.decomposition import factors_of, single_factor, split_scale
from tracer.terms.factors import connected_blocks
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
    front, core = split_scale(x)
    if front is not ONE and not _has_divisor(core):
        return T.scaled(front, reshape_term(core, shape))
    groups = axis_groups(x.shape, shape)
    if groups is not None:
        scale, factors, out, sizes = factors_of(x)
        split = _split_axes(groups, factors, out, shape, x.shape)
        if split is not None:
            return T.product(scale, factors, split, dict(enumerate(sizes)) | dict(zip(split, shape)))
        reshaped = _split_reshaped(groups, x, shape)
        if reshaped is not None:
            return reshaped
        apart = _split_kronecker(x, shape)
        if apart is not None:
            return apart
        joined = _join_kronecker(x, shape, [before for before, _ in groups])
        if joined is not None:
            return joined
        parts = _reshape_blocks(groups, x, shape) or _unfold_kronecker(x, shape)
        if parts is not None:
            return parts
    return T.call("reshape", [x], shape, shape)


def _has_divisor(t: Term) -> bool:
    """Whether a product, or a summand, is divided by a sum, which may take in a number in front."""
    summands = [u for _, u in t.terms] if isinstance(t, T.Sum) else [t]
    return any(isinstance(v, T.Sum) and not e.is_positive for u in summands for v, _, e in factors_of(u)[1])


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
        return _split_kronecker(x, shape) or _undo_factors(x, shape)
    return _split_kronecker(x, shape)


def _undo_factors(x: T.Product, shape: Shape) -> Term | None:
    """A product of elements, some of which were reshaped from a shape: the others are reshaped to it by name."""
    axes, known = tuple(range(len(shape))), dict(enumerate(x.sizes))
    factors: list[Factor] = []
    undone = False
    for t, labels, power in x.factors:
        if not labels:
            factors.append((t, (), power))
            continue
        whole = t if labels == x.out else T.product(ONE, [(t, labels, ONE)], x.out, known)
        if whole.shape != x.shape or not {*x.out} <= {*labels} or whole is x:
            return None
        inner = _undo_reshape(whole, shape)
        undone |= inner is not None
        factors.append((T.call("reshape", [whole], shape, shape) if inner is None else inner, axes, power))
    return T.product(x.scale, factors, axes, dict(enumerate(shape))) if undone else None


def _split_reshaped(groups: Groups, x: Term, shape: Shape) -> Term | None:
    """What is summed over axes of a reshaped array and reshaped again, as that of the array reshaped once."""
    scale, factors, out, sizes = factors_of(x)
    if len(factors) != 1 or len({*out}) < len(out) or any(len(old) != 1 or not new for old, new in groups):
        return None
    ((u, labels, e),) = factors
    if not isinstance(u, Call) or u.head != "reshape" or e is not ONE or len({*labels}) < len(labels):
        return None
    if not {*out} <= {*labels}:
        return None
    fresh = itertools.count(len(sizes))
    parts = {out[old[0]]: [(next(fresh), shape[k]) for k in new] for old, new in groups}
    axes = [row for k in labels for row in parts.get(k, [(k, sizes[k])])]
    inner = reshape_term(u.args[0], tuple(d for _, d in axes))
    answer = tuple(k for label in out for k, _ in parts[label])
    return T.product(scale, [(inner, tuple(k for k, _ in axes), ONE)], answer)


def _split_axes(groups: Groups, factors: Sequence[Factor], out: Labels, shape: Shape, whole: Shape) -> Labels | None:
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
        old = [k for k in old if whole[k] != 1] if len(old) > 1 else old
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
    if len(factors) != 1 or factors[0][1][: len(out)] != out:
        return None
    inner, _, power = factors[0]
    if not isinstance(inner, Call) or inner.head != "kron":
        return None
    first, second, pieces = list[int](), list[int](), list[Dim]()
    for k, (d, e) in enumerate(zip(inner.args[0].shape, inner.args[1].shape)):
        shown = k < len(out)
        for own, size in ((first, d), (second, e)):
            own.append(len(pieces) if shown and (size != 1 or own is first) else 4 + 2 * k + (own is second))
            pieces += [size] if own[-1] < 4 else []
    if tuple(pieces) != shape:
        return None
    rows: list[Factor] = [(a, tuple(own), power) for a, own in zip(inner.args, (first, second))]
    return T.product(scale, rows, tuple(range(len(shape))), dict(enumerate(shape)))


def _join_kronecker(x: Term, shape: Shape, groups: Sequence[Sequence[int]]) -> Term | None:
    """A product of two matrices, its axes joined in pairs, as a Kronecker product: ``A[i,k]*B[j,m] -> kron(A, B)``.

    The second has one place along an axis that is no pair; both are columns where the result is a vector.
    """
    if len(groups) != len(shape) or len(shape) > 2 or not all(1 <= len(g) <= 2 for g in groups):
        return None
    scale, factors, out, sizes = factors_of(x)
    known, lone = dict(enumerate(sizes)), len(sizes)
    pairs = [(out[g[0]], out[g[1]] if len(g) == 2 else lone + k) for k, g in enumerate(groups)]
    pairs += [(lone + 2, lone + 3)] * (2 - len(shape))
    known |= dict.fromkeys(range(lone, lone + 4), 1)
    (i, j), (k, m) = pairs
    first, second = {i, k}, {j, m}
    if first & second or min(j, m) >= lone:
        return None
    numbers, sides = list[Factor](), {True: list[Factor](), False: list[Factor]()}
    for block in connected_blocks(factors, known.keys() - {*out}):
        axes = {label for _, labels, _ in block for label in labels} & {*out}
        if not axes <= first and not axes <= second:
            return None
        (sides[axes <= first] if axes else numbers).extend(block)
    a, b = _join_repeats(T.product(ONE, sides[True], (i, k), known), T.product(ONE, sides[False], (j, m), known))
    whole = (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])
    return T.product(scale, [*numbers, (T.call("kron", [a, b], None, whole), (0, 1), ONE)], (0, 1)[: len(shape)])


def _join_repeats(a: Term, b: Term) -> tuple[Term, Term]:
    """The sides of a Kronecker product, what is repeated twice being repeated once: ``kron(kron(A, 1), 1)``."""
    core = single_factor(a) if isinstance(a, T.Product) and a.scale is ONE else a
    if not isinstance(core, Call) or core.head != "kron":
        return a, b
    (inner, ones), value = core.args, T.constant_value(b)
    many = T.constant_value(ones)
    if many is None or value is None:
        return a, b
    return inner, T.number(many * value, tuple(d * e for d, e in zip(ones.shape, b.shape)))


def _reshape_blocks(groups: Groups, x: Term, shape: Shape) -> Term | None:
    """A product of factors that share no label, each in a shape of its own: ``x @ y.T`` with its rows split."""
    scale, factors, out, sizes = factors_of(x)
    known, fresh = dict(enumerate(sizes)), itertools.count(len(sizes))
    blocks = connected_blocks(factors, known.keys() - {*out})
    if len(blocks) < 2 or len({*out}) < len(out) or any(len(old) != 1 for old, _ in groups):
        return None
    split = {out[old[0]]: [next(fresh) for _ in new] for old, new in groups}
    known |= {k: shape[place] for old, new in groups for k, place in zip(split[out[old[0]]], new)}
    rows: list[Factor] = []
    for block in blocks:
        own = tuple(k for k in out if any(k in labels for _, labels, _ in block))
        part = tuple(j for k in own for j in split[k])
        alone = len(block) == 1 and block[0][1:] == (own, ONE)
        whole = block[0][0] if alone else T.product(ONE, block, own, known)
        rows.append((reshape_term(whole, tuple(known[j] for j in part)), part, ONE))
    return T.product(scale, rows, tuple(j for k in out for j in split[k]), known)


def _unfold_kronecker(x: Term, shape: Shape) -> Term | None:
    """A Kronecker product times a vector, as a matrix: ``kron(A, B) @ v -> A @ V @ B.T`` with v reshaped to V."""
    scale, factors, out, sizes = factors_of(x)
    found = [f for f in factors if isinstance(f[0], Call) and f[0].head == "kron" and f[2] is ONE]
    if len(out) != 1 or len(shape) != 2 or len(found) != 1 or len({*found[0][1]}) < 2 or out[0] not in found[0][1]:
        return None
    ((kron, labels, _),) = found
    rest = [f for f in factors if f is not found[0]]
    axis = labels.index(out[0])
    summed = labels[1 - axis]
    if any(out[0] in own for _, own, _ in rest):
        return None
    assert isinstance(kron, Call)
    first, second = kron.args
    if (first.shape[axis], second.shape[axis]) != shape:
        return None
    v = T.product(ONE, rest, (summed,), dict(enumerate(sizes)))
    inner = first.shape[1 - axis], second.shape[1 - axis]
    places = ((0, 2), (1, 3)) if axis == 0 else ((2, 0), (3, 1))
    rows: list[Factor] = [(first, places[0], ONE), (second, places[1], ONE), (reshape_term(v, inner), (2, 3), ONE)]
    return T.product(scale, rows, (0, 1), dict(enumerate((*shape, *inner))))
