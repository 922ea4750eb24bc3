"""Derivatives of other kinds: Jacobians, derivatives along a tangent, of batches, and of second order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import tracer as tf

from .check import Point, declares, differs, placeholders
from .generate import Program
from .reference import Kink, curvature


def rng(program: Program) -> np.random.Generator:
    """Random numbers of a program."""
    return np.random.default_rng(program.seed)


def jacobian(program: Program, point: Point) -> Iterator[str]:
    """Of given and of symbolic shapes."""
    argnums = tuple(range(len(point.values)))
    ask = tf.jacobian(program.function(), argnums)
    sources = placeholders(program)
    symbolic = ask(*sources)
    values = tf.compile(list(symbolic), sources)(*point.values)
    for name, want, got, tensor, value in zip(
        program.sources, point.jacobians, ask(*point.values), symbolic, values, strict=True
    ):
        what = f"the Jacobian by {name}"
        yield from declares(got, want.shape, {}, what)
        yield from differs(got.numpy(), want, what)
        yield from declares(tensor, want.shape, point.sizes, f"{what}, symbolic,")
        yield from differs(value, want, f"{what}, compiled, at {point.sizes},")


def pushed(program: Program, point: Point) -> Iterator[str]:
    """The value and its derivative along a tangent, of given and of symbolic shapes."""
    tangents = [rng(program).uniform(-1, 1, v.shape) for v in point.values]
    want = sum((np.tensordot(j, t, t.ndim) for j, t in zip(point.jacobians, tangents)), np.zeros(()))
    value, along = tf.jvp(program.function(), point.values, tangents)
    yield from differs(value.numpy(), point.want, "the value of jvp")
    yield from declares(along, want.shape, {}, "jvp")
    yield from differs(along.numpy(), want, "jvp")
    sources = placeholders(program)
    moves = [tf.placeholder(f"t{name}", shape=shape) for name, shape in program.sources.items()]
    value, along = tf.jvp(program.function(), sources, moves)
    yield from declares(along, want.shape, point.sizes, "jvp, symbolic,")
    yield from differs(tf.compile(along, [*sources, *moves])(*point.values, *tangents), want, "jvp, compiled,")


def batched(program: Program, point: Point) -> Iterator[str]:
    """Values and gradients of a batch, of which each source or only the first has an axis."""
    function = program.function()

    def gradients(*sources: Any) -> Any:
        return tf.grad(lambda *given: tf.reduce_sum(function(*given)), tuple(range(len(sources))))(*sources)

    singles = [function(*point.values), *point.gradients()]
    for axes in {(0,) * len(point.values), (0, *(None,) * (len(point.values) - 1))}:
        stacked = [v if a is None else np.stack([v, v]) for v, a in zip(point.values, axes)]
        found = [tf.vmap(function, axes)(*stacked), *tf.vmap(gradients, axes)(*stacked)]
        for what, got, single in zip(("the value", *program.sources), found, singles):
            want = np.stack([single, single])
            yield from declares(got, want.shape, {}, f"{what} of a batch {axes}")
            yield from differs(got.numpy(), want, f"{what} of a batch {axes}")


def second(program: Program, point: Point) -> Iterator[str]:
    """The gradient of the gradient along a direction, by tapes, and by ``gradients`` of symbolic shapes."""
    directions = [rng(program).uniform(-1, 1, v.shape) for v in point.values]
    try:
        wants = curvature(program.function(), point.values, directions)
    except Kink:
        return

    def along(found: list[Any], moves: list[Any]) -> Any:
        return sum(tf.reduce_sum(g * u) for g, u in zip(found, moves) if g is not None)

    variables = [tf.Variable(v, name=name) for name, v in zip(program.sources, point.values)]
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            target = program.function()(*variables)
        total = along(inner.gradient(target, variables), directions)
    found = outer.gradient(total, variables, unconnected_gradients="zero")
    for name, got, want in zip(program.sources, found, wants, strict=True):
        yield from declares(got, want.shape, {}, f"the second gradient by {name}")
        yield from differs(got.numpy(), want, f"the second gradient by {name}")
    sources = placeholders(program)
    moves = [tf.placeholder(f"u{name}", shape=shape) for name, shape in program.sources.items()]
    total = along(tf.gradients(program.function()(*sources), sources), moves)
    found = tf.gradients(total, sources, unconnected_gradients="zero")
    values = tf.compile(found, [*sources, *moves])(*point.values, *directions)
    for name, tensor, got, want in zip(program.sources, found, values, wants, strict=True):
        yield from declares(tensor, want.shape, point.sizes, f"the second gradient by {name}, symbolic,")
        yield from differs(got, want, f"the second gradient by {name}, compiled, at {point.sizes},")


def sparse(program: Program, point: Point) -> Iterator[str]:
    """The pattern of each Jacobian and Hessian, of given and of symbolic shapes, and the elements that are not zero."""
    sources = [tf.placeholder(name, v.shape) for name, v in zip(program.sources, point.values)]
    target = program.function()(*sources)
    named = program.function()(*(symbols := placeholders(program)))
    for k, (name, source, want) in enumerate(zip(program.sources, sources, point.jacobians, strict=True)):
        [gradient] = tf.gradients(target, [source], unconnected_gradients="zero")
        yield from _differs_sparse(tf.sparsity(target, source), sources, point, want, f"the Jacobian by {name}")
        [second] = tf.hessians(target, source)
        curved = np.zeros(source.shape * 2) if second is None else tf.compile(second, sources)(*point.values)
        yield from _differs_sparse(tf.sparsity(gradient, source), sources, point, curved, f"the Hessian by {name}")
        try:
            pattern = tf.sparsity(named, symbols[k])
        except ValueError:  # it has no closed form
            continue
        yield from _misses(pattern, point, want, f"the symbolic Jacobian by {name}")


def _differs_sparse(found: Any, sources: list[tf.Tensor], point: Point, want: np.ndarray, what: str) -> Iterator[str]:
    if not hasattr(found, "rows"):
        return
    values = tf.compile(found.values, sources)(*point.values)
    yield from differs(found.to_scipy(values).toarray(), want.reshape(found.shape), what)


def _misses(found: Any, point: Point, want: np.ndarray, what: str) -> Iterator[str]:
    """The places of elements that are not zero at which no block of a symbolic pattern holds."""
    if hasattr(found, "rows"):
        return
    sizes = {s: point.sizes[str(s)] for b in found.blocks for s in b.free_symbols - {*found.indices}}
    for place in np.argwhere(np.abs(want) > 1e-6).tolist():
        here = sizes | dict(zip(found.indices, place))
        if not any(b == True or b.subs(here) == True for b in found.blocks):  # noqa: E712
            yield f"{what} misses the element at {place}: {found}"
            return
