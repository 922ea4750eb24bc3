"""Contractions as NumPy text: ``@``, transposes, sums, broadcast products, and ``np.einsum`` where nothing else says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from tracer.emit.spelling import number
from tracer.shapes import Subscripts, letters

if TYPE_CHECKING:
    from tracer.tensor import Tensor


def text(scribe: Any, node: Tensor) -> str:
    """The text of a contraction's value."""
    subscripts: Subscripts = node.params
    inputs, out = subscripts.inputs, subscripts.output
    present = {k for labels in inputs for k in labels}
    unique = tuple(dict.fromkeys(out))
    core = tuple(k for k in unique if k in present)
    names = [f"_{k}" for k in range(len(inputs))]
    scaled = scribe_scale(scribe, subscripts.scale)
    sizes = dict(zip(out, node.shape))
    if not inputs:
        if len(unique) < len(out):
            if len(out) == 2:
                return f"np.eye({scribe.dims(node.shape[0])}) * {scaled}" if scaled != "1" else f"np.eye({scribe.dims(node.shape[0])})"
            dims = scribe.shape(tuple(sizes[k] for k in unique))
            return f"embed(np.full({dims}, {scaled}, float), {tuple(unique.index(k) for k in out)}, {scribe.shape(node.shape)})"
        if not out:
            return f"({scaled})"
        return f"np.full({scribe.shape(node.shape)}, {scaled}, np.{node.dtype if node.dtype != 'bool' else 'bool_'})"
    value = product(names, list(inputs), core)
    if scaled != "1":
        value = f"({value}) * {scaled}"
    if core != unique:
        index = ", ".join(":" if k in core else "None" for k in unique)
        shaped = f"({value})[{index}]" if core else value
        value = f"np.broadcast_to({shaped}, {scribe.shape(tuple(sizes[k] for k in unique))})"
    if len(unique) < len(out):
        if len(out) == 2:
            return f"np.diag({value})"
        value = f"embed({value}, {tuple(unique.index(k) for k in out)}, {scribe.shape(node.shape)})"
    return value


def scribe_scale(scribe: Any, scale: Any) -> str:
    """The text of a scale."""
    if isinstance(scale, sympy.Expr) and scale.free_symbols:
        return str(scribe._slot(scribe._program.dimension(scale)))
    return f"({number(scale)})" if isinstance(scale, sympy.Expr) else number(scale)


def product(names: list[str], inputs: list[tuple[int, ...]], out: tuple[int, ...]) -> str:
    """The text of a sum of products whose output labels are distinct and all present."""
    if len(names) == 1:
        return _single(names[0], inputs[0], out)
    if len(names) == 2:
        (left, right), (a, b) = names, inputs
        if a == b and out == a:
            return f"{left} * {right}"
        inner = set(a) & set(b) - set(out)
        if len(inner) == 1 and len(set(a)) == len(a) and len(set(b)) == len(b) and len(a) <= 2 and len(b) <= 2:
            (k,) = inner
            rest = (*(i for i in a if i != k), *(i for i in b if i != k))
            if rest == out:
                return f"{_facing(left, a, k, last=True)} @ {_facing(right, b, k, last=False)}"
            if rest[::-1] == out:
                return f"{_facing(right, b, k, last=True)} @ {_facing(left, a, k, last=False)}"
    operands = ", ".join(names)
    return f"np.einsum({Subscripts(tuple(inputs), out).text()!r}, {operands}, optimize=True)"


def _facing(name: str, labels: tuple[int, ...], inner: int, last: bool) -> str:
    return name if len(labels) == 1 or (labels[-1] == inner) == last else f"{name}.T"


def _single(name: str, labels: tuple[int, ...], out: tuple[int, ...]) -> str:
    if len(set(labels)) < len(labels):
        return f"np.einsum({letters(labels) + '->' + letters(out)!r}, {name})"
    axes = tuple(k for k, label in enumerate(labels) if label not in out)
    kept = tuple(label for label in labels if label in out)
    value = name
    if axes:
        value = f"np.sum({name})" if not kept else f"np.sum({name}, axis={axes[0] if len(axes) == 1 else axes})"
    if kept == out:
        return value
    if kept == out[::-1]:
        return f"({value}).T"
    return f"np.transpose({value}, {tuple(kept.index(k) for k in out)})"
