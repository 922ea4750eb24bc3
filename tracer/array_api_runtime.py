"""What generated code may call where the array API standard (2023.12) has no function for it.

Every function works through the namespace of the arrays that it is given. What is used is read as text, and stands in
the source above the function that calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Array = Any  # an array of any library that follows the standard


def embed(value: Array, axes: Sequence[int], shape: Sequence[int]) -> Array:
    """Zeros of a shape with the value on a diagonal: axis k of the result runs along axis ``axes[k]`` of the value."""
    xp = value.__array_namespace__()
    first = [axes.index(axis) for axis in sorted(set(axes))]
    out = xp.reshape(value, tuple(size if k in first else 1 for k, size in enumerate(shape)))
    for k, axis in enumerate(axes):
        if k not in first:
            steps = xp.arange(shape[k], device=value.device)
            here = xp.reshape(steps, (-1,) + (1,) * (len(shape) - 1 - k))
            there = xp.reshape(steps, (-1,) + (1,) * (len(shape) - 1 - axes.index(axis)))
            out = xp.where(here == there, out, xp.zeros_like(out))
    return xp.broadcast_to(out, tuple(shape))


def pad(x: Array, pairs: Sequence[tuple[int, int]], value: Array) -> Array:
    """An array with so many places of one value before and after each axis."""
    xp = x.__array_namespace__()
    value = xp.astype(xp.asarray(value, device=x.device), x.dtype)
    for axis, sizes in enumerate(pairs):
        shapes = [tuple(size if k == axis else n for k, n in enumerate(x.shape)) for size in sizes]
        before, after = [xp.broadcast_to(value, shape) for shape in shapes]
        x = xp.concat([before, x, after], axis=axis)
    return x


def pick(x: Array, key: tuple[Array, ...]) -> Array:
    """What an index of numbers, slices and arrays takes, as in NumPy."""
    xp = x.__array_namespace__()
    key = (*key, *(slice(None),) * (x.ndim - sum(entry is not None for entry in key)))
    arrays = [k for k, entry in enumerate(key) if not isinstance(entry, slice) and entry is not None]
    apart = arrays != list(range(arrays[0], arrays[-1] + 1))
    wide = xp.broadcast_arrays(*(xp.asarray(key[k], device=x.device) for k in arrays))
    rank = wide[0].ndim
    kept = [k for k, entry in enumerate(key) if isinstance(entry, slice) or entry is None]
    before = [] if apart else [k for k in kept if k < arrays[0]]
    total = len(kept) + rank
    places = xp.zeros((1,) * total, dtype=xp.int64, device=x.device)
    axis = 0
    sizes = list(x.shape)
    for k, entry in enumerate(key):
        stride = 1
        for size in sizes[axis + 1 :]:
            stride *= size
        if k in arrays:
            at = xp.astype(wide[arrays.index(k)], xp.int64)
            at = xp.where(at < 0, at + sizes[axis], at)
            shape = (1,) * len(before) + at.shape + (1,) * (total - rank - len(before))
        else:
            steps = range(1) if entry is None else range(sizes[axis])[entry]
            at = xp.arange(len(steps), dtype=xp.int64, device=x.device) * steps.step + steps.start
            where = kept.index(k) + (0 if k in before else rank)
            shape = (1,) * where + (len(steps),) + (1,) * (total - 1 - where)
        places = places + xp.reshape(at, shape) * (0 if entry is None else stride)
        axis += entry is not None
    return xp.reshape(xp.take(xp.reshape(x, (-1,)), xp.reshape(places, (-1,)), axis=0), places.shape)


def bincount(places: Array, weights: Array, size: int) -> Array:
    """The sum of the weights that fall on each place."""
    xp = weights.__array_namespace__()
    order = xp.argsort(places, stable=True)
    places, weights = xp.take(places, order, axis=0), xp.take(weights, order, axis=0)
    steps = xp.arange(size, dtype=places.dtype, device=weights.device)
    first, last = xp.searchsorted(places, steps), xp.searchsorted(places, steps, side="right")
    total = xp.zeros((size,), dtype=weights.dtype, device=weights.device)
    for k in range(int(xp.max(last - first)) if size and places.shape[0] else 0):
        at = xp.clip(first + k, 0, places.shape[0] - 1)
        total = xp.where(first + k < last, total + xp.take(weights, at, axis=0), total)
    return total


def greatest_at(size: int, *parts: tuple[Array, Array]) -> Array:
    """The greatest of the values on each flat place, zero where there is none; parts are (places, values)."""
    xp = parts[0][1].__array_namespace__()
    wide = [xp.broadcast_arrays(at, value) for at, value in parts]
    places, values = (xp.concat([xp.reshape(pair[k], (-1,)) for pair in wide]) for k in range(2))
    out = segment_max(values, places, size, float("-inf"))
    return xp.where(out == float("-inf"), xp.zeros_like(out), out)


def segment_max(x: Array, ids: Array, count: int, empty: float) -> Array:
    """The greatest slices by segment id, and ``empty`` for a segment that has none."""
    xp = x.__array_namespace__()
    shape = (count, *x.shape[ids.ndim :])
    ids = xp.reshape(ids, (-1,))
    x = xp.reshape(x, (ids.shape[0], -1)) if x.shape and ids.shape[0] else xp.reshape(x, (0, 1))
    order = xp.argsort(ids, stable=True)
    ids, x = xp.take(ids, order, axis=0), xp.take(x, order, axis=0)
    steps = xp.arange(count, dtype=ids.dtype, device=x.device)
    first, last = xp.searchsorted(ids, steps), xp.searchsorted(ids, steps, side="right")
    out = xp.full((count, x.shape[1]), empty, dtype=x.dtype, device=x.device)
    for k in range(int(xp.max(last - first)) if count and ids.shape[0] else 0):
        rows = xp.take(x, xp.clip(first + k, 0, ids.shape[0] - 1), axis=0)
        out = xp.where((first + k < last)[:, None], rows if k == 0 else xp.maximum(out, rows), out)
    return xp.reshape(out, shape)


def scan(join: Callable[[Array, Array], Array], x: Array, axis: int) -> Array:
    """What is joined of the elements of an axis, up to each of them."""
    xp = x.__array_namespace__()
    found: list[Array] = []
    for row in xp.unstack(x, axis=axis):
        found.append(join(found[-1], row) if found else row)
    return xp.stack(found, axis=axis) if found else x


def cumulative_prod(x: Array, axis: int) -> Array:
    """Running products along an axis."""
    return scan(lambda total, row: total * row, x, axis)


def cumulative_logaddexp(x: Array, axis: int) -> Array:
    """Running logarithms of sums of exponentials along an axis."""
    xp = x.__array_namespace__()
    return scan(xp.logaddexp, x, axis)


def recurrence(a: Array, b: Array, axis: int) -> Array:
    """``s[k] = b[k] + a[k]*s[k - 1]`` from zero along an axis."""
    xp = b.__array_namespace__()
    found: list[Array] = []
    for factor, term in zip(*(xp.unstack(part, axis=axis) for part in xp.broadcast_arrays(a, b))):
        found.append(term + factor * found[-1] if found else term)
    return xp.stack(found, axis=axis) if found else b


def logsumexp(x: Array, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """The logarithm of the sum of exponentials along axes."""
    xp = x.__array_namespace__()
    peak = xp.max(x, axis=axis, keepdims=True)
    shift = xp.where(xp.isfinite(peak), peak, xp.zeros_like(peak))
    total = xp.log(xp.sum(xp.exp(x - shift), axis=axis, keepdims=True)) + shift
    if keepdims:
        return total
    return xp.reshape(total, ()) if axis is None else xp.squeeze(total, axis=axis)


def softmax(x: Array, axis: int) -> Array:
    """Exponentials that sum to one along an axis."""
    xp = x.__array_namespace__()
    if not x.shape[axis]:
        return x
    power = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return power / xp.sum(power, axis=axis, keepdims=True)


def norm(x: Array, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """The Euclidean norm along axes, also of numbers whose squares overflow or vanish."""
    xp = x.__array_namespace__()
    size = xp.abs(x)
    along = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    empty = any(x.shape[k] == 0 for k in along)
    largest = xp.sum(size, axis=axis, keepdims=True) if empty else xp.max(size, axis=axis, keepdims=True)
    one = xp.ones_like(largest)
    # By a power of two nothing is rounded.
    inside = (largest > 0) & xp.isfinite(largest)
    scale = xp.where(inside, 2.0 ** xp.floor(xp.log2(xp.where(inside, largest, one))), one)
    found = scale * xp.sqrt(xp.sum((x / scale) ** 2, axis=axis, keepdims=True))
    if keepdims:
        return found
    return xp.reshape(found, ()) if axis is None else xp.squeeze(found, axis=axis)


def einsum(text: str, *operands: Array) -> Array:
    """A sum of products over labels, ``"ij,jk->ik"``, two operands at a time from the left."""
    inputs, output = text.split("->")
    terms = list(zip(inputs.split(","), operands))
    xp = operands[0].__array_namespace__()
    first = terms[0]
    for k, second in enumerate(terms[1:], 2):
        needed = output + "".join(labels for labels, _ in terms[k:])
        first = contract(first, second, needed)
    labels, x = diagonals(*first)
    x = xp.sum(x, axis=tuple(k for k, c in enumerate(labels) if c not in output)) if set(labels) - set(output) else x
    labels = "".join(c for c in labels if c in output)
    return xp.permute_dims(x, tuple(labels.index(c) for c in output)) if labels != output else x


def diagonals(labels: str, x: Array) -> tuple[str, Array]:
    """An array with one axis for each of its labels."""
    xp = x.__array_namespace__()
    for c in sorted({c for c in labels if labels.count(c) > 1}):
        while labels.count(c) > 1:
            pair = labels.index(c), labels.rindex(c)
            rest = [k for k in range(len(labels)) if k not in pair]
            x = xp.linalg.diagonal(xp.permute_dims(x, (*rest, *pair)))
            labels = "".join(labels[k] for k in rest) + c
    return labels, x


def contract(first: tuple[str, Array], second: tuple[str, Array], needed: str) -> tuple[str, Array]:
    """The product of two arrays, summed over the labels that nothing else needs, as matrices."""
    (a, x), (b, y) = diagonals(*first), diagonals(*second)
    xp = x.__array_namespace__()
    lone = [(k, c) for k, c in enumerate(a) if c not in b and c not in needed]
    x = xp.sum(x, axis=tuple(k for k, _ in lone)) if lone else x
    a = "".join(c for c in a if c in b or c in needed)
    lone = [(k, c) for k, c in enumerate(b) if c not in a and c not in needed]
    y = xp.sum(y, axis=tuple(k for k, _ in lone)) if lone else y
    b = "".join(c for c in b if c in a or c in needed)
    batch = [c for c in a if c in b and c in needed]
    summed = [c for c in a if c in b and c not in needed]
    left, right = [c for c in a if c not in b], [c for c in b if c not in a]
    sizes = dict(zip(a, x.shape)) | dict(zip(b, y.shape))

    def flatten(labels: str, value: Array, *groups: list[str]) -> Array:
        order = tuple(labels.index(c) for group in (batch, *groups) for c in group)
        shape = [sizes[c] for c in batch]
        for group in groups:
            size = 1
            for c in group:
                size *= sizes[c]
            shape.append(size)
        return xp.reshape(xp.permute_dims(value, order), tuple(shape))

    product = flatten(a, x, left, summed) @ flatten(b, y, summed, right)
    labels = "".join([*batch, *left, *right])
    return labels, xp.reshape(product, tuple(sizes[c] for c in labels))


def defined(function: Callable[..., Array], *matrices: Array) -> Array:
    """A function of matrices, NaN for those that it refuses: a choice may leave its value out."""
    xp = matrices[0].__array_namespace__()
    try:
        return function(*matrices)
    except Exception as error:
        if type(error).__name__ != "LinAlgError":
            raise
        if all(m.ndim < 3 for m in matrices):
            return xp.full_like(matrices[-1], float("nan"))
    shapes = [m.shape[:-2] for m in matrices]
    batch = xp.broadcast_arrays(*(xp.empty(shape) for shape in shapes))[0].shape
    wide = [xp.broadcast_to(m, batch + m.shape[-2:]) for m in matrices]
    return xp.stack([defined(function, *parts) for parts in zip(*(xp.unstack(m) for m in wide))])


def logdet(x: Array) -> Array:
    """The logarithm of the determinant of square matrices; NaN where that is negative."""
    xp = x.__array_namespace__()
    sign, size = xp.linalg.slogdet(x)
    return xp.where(sign < 0, xp.full_like(size, float("nan")), size)


def expm(x: Array) -> Array:
    """The exponential of square matrices, by scaling and squaring.

    References
    ----------
    Higham, The scaling and squaring method for the matrix exponential revisited, 2005, algorithm 2.3.
    """
    xp = x.__array_namespace__()
    n = x.shape[-1]
    if not n:
        return x
    size = float(xp.max(xp.sum(xp.abs(x), axis=-2))) if x.shape[0] else 0.0
    if not size < float("inf"):
        return xp.full_like(x, float("nan"))
    times = 0
    while size > 5.37 * 2.0**times:
        times += 1
    x = x / 2.0**times
    eye = xp.eye(n, dtype=x.dtype, device=x.device)
    b = [1.0]
    for k in range(13):
        b.append(b[-1] * (13 - k) / ((26 - k) * (k + 1)))
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    odd = x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * eye
    even = x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * eye
    odd = x @ odd
    found = xp.linalg.solve(even - odd, even + odd)
    for _ in range(times):
        found = found @ found
    return found


def expm_frechet(x: Array, direction: Array) -> Array:
    """The derivative of the exponential at matrices in directions."""
    return corner(expm, x, direction)


def matrix_power_frechet(x: Array, direction: Array, n: int) -> Array:
    """The derivative of a power at matrices in directions."""
    xp = x.__array_namespace__()
    return corner(lambda m: xp.linalg.matrix_power(m, n), x, direction)


def corner(function: Callable[[Array], Array], x: Array, direction: Array) -> Array:
    """The upper right block of a function of block-triangular matrices (Higham, Functions of Matrices, eq. 3.16)."""
    xp = x.__array_namespace__()
    x, direction = xp.broadcast_arrays(x, direction)
    n = x.shape[-1]
    upper, lower = xp.concat([x, direction], axis=-1), xp.concat([xp.zeros_like(x), x], axis=-1)
    return function(xp.concat([upper, lower], axis=-2))[..., :n, n:]


def cofactors(x: Array, *directions: Array) -> Array:
    """The cofactors of square matrices, or their derivative in a direction, also of singular matrices.

    By the singular values: with ``A = U*S*V.T`` it is ``det(U*V.T)*U*X*V.T``, where X is that of the diagonal matrix S
    in the direction ``F = U.T*E*V``: products of the singular values without those at one or two indices.

    References
    ----------
    Bhatia and Jain, Higher order derivatives and perturbation bounds for determinants, 2009, section 2.
    """
    xp = x.__array_namespace__()
    n = x.shape[-1]
    u, s, vt = xp.linalg.svd(x)
    eye = xp.eye(n, dtype=x.dtype, device=x.device) > 0
    turn = (xp.linalg.det(u) * xp.linalg.det(vt))[..., None, None]
    one = xp.ones_like(s)
    if not directions:
        others = xp.prod(xp.where(eye, one[..., None, :], s[..., None, :]), axis=-1)
        return turn * (u * others[..., None, :] @ vt)
    (direction,) = directions
    turned = xp.matrix_transpose(u) @ direction @ xp.matrix_transpose(vt)
    values = s[..., None, None, :]
    left_out = eye[:, None, :] | eye[None, :, :]
    others = xp.prod(xp.where(left_out, xp.ones_like(values), values), axis=-1)
    others = xp.where(eye, xp.zeros_like(others), others)
    along = xp.sum(others * xp.linalg.diagonal(turned)[..., None, :], axis=-1)[..., None]
    inner = xp.where(eye, along, -others * xp.matrix_transpose(turned))
    return turn * (u @ inner @ vt)
