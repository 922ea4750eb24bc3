"""What is wrong with the values, shapes and derivatives that the library gives for a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import sympy

import tracer as tf

from .generate import Program
from .reference import Kink, contracted, jacobians, value

TOLERANCE = 1e-7

POINTS = 6
"""How many points are tried in search of one that is not near a kink."""

KINDS = "different", "equal", "one", "any"
"""Of sizes; see `Program.sizes`."""


class Point:
    """A program with sizes and values of its sources: the reference for what the library gives there.

    Attributes
    ----------
    sizes : dict
    values : list of numpy.ndarray
    want : numpy.ndarray
        The value.
    jacobians : list of numpy.ndarray
        Its derivative by each source.
    """

    def __init__(self, program: Program, kind: str) -> None:
        function = program.function()
        for attempt in range(POINTS):
            rng = np.random.default_rng([program.seed, KINDS.index(kind), attempt])
            self.sizes = program.sizes(rng, kind)
            self.values = program.values(rng, self.sizes)
            self.want = value(function, self.values)
            try:
                self.jacobians = jacobians(function, self.values)
            except Kink:
                continue
            self.cotangent = rng.uniform(-1, 1, self.want.shape)
            return
        raise Kink

    def gradients(self, cotangent: Any = None) -> list[np.ndarray]:
        """The gradients of the sum, or along a cotangent."""
        seed = np.ones(self.want.shape) if cotangent is None else cotangent
        return [contracted(seed, j) for j in self.jacobians]


def differs(got: Any, want: np.ndarray, what: str) -> Iterator[str]:
    """Why a value is not the wanted one: its shape, its dtype, or its elements."""
    got = np.asarray(got)
    if got.shape != want.shape:
        yield f"{what} has the shape {got.shape}, not {want.shape}"
    elif got.dtype != np.float64:
        yield f"{what} has the dtype {got.dtype}"
    else:
        scale = 1 + np.max(np.abs(want), initial=0)
        if not np.all(np.abs(got - want) <= TOLERANCE * scale):
            yield f"{what} is\n{got}\nnot\n{np.asarray(want, float)}"


def declares(tensor: tf.Tensor, shape: tuple[int, ...], sizes: dict[str, int], what: str) -> Iterator[str]:
    """Why the shape that a tensor states is not the wanted one."""
    stated = tuple(
        int(d.subs({s: sizes[s.name] for s in d.free_symbols})) if isinstance(d, sympy.Expr) else d
        for d in tensor.shape
    )
    if stated != shape:
        yield f"{what} states the shape {tensor.shape}, not {shape}"


def concrete(program: Program, point: Point) -> Iterator[str]:
    """By a tape, of variables with values."""
    sources = [tf.Variable(v, name=name) for name, v in zip(program.sources, point.values)]
    with tf.GradientTape(persistent=True) as tape:
        target = program.function()(*sources)
    yield from declares(target, point.want.shape, {}, "the value")
    yield from differs(target.numpy(), point.want, "the value")
    for cotangent in (None, point.cotangent):
        along = "" if cotangent is None else " along a cotangent"
        found = tape.gradient(target, sources, output_gradients=cotangent)
        for name, got, want in zip(program.sources, found, point.gradients(cotangent)):
            what = f"the gradient by {name}{along}"
            if got is None:
                if np.any(want):
                    yield f"{what} is None"
                continue
            yield from declares(got, want.shape, {}, what)
            yield from differs(got.numpy(), want, what)


def placeholders(program: Program) -> list[tf.Tensor]:
    """Symbolic sources."""
    return [tf.placeholder(name, shape=shape) for name, shape in program.sources.items()]


def symbolic(program: Program, points: Sequence[Point]) -> Iterator[str]:
    """By ``gradients``, of placeholders with symbolic shapes; compiled, and evaluated at the first point."""
    sources = placeholders(program)
    target = program.function()(*sources)
    found = tf.gradients(target, sources)
    outputs = {"the value": target}
    outputs |= {f"the gradient by {name}": g for name, g in zip(program.sources, found) if g is not None}
    run = tf.compile(list(outputs.values()), sources)
    for position, point in enumerate(points):
        wants = {"the value": point.want}
        wants |= {f"the gradient by {name}": g for name, g in zip(program.sources, point.gradients())}
        for what, want in wants.items():
            if what not in outputs and np.any(want):
                yield f"{what} is None"
        for (what, tensor), got in zip(outputs.items(), run(*point.values)):
            yield from declares(tensor, wants[what].shape, point.sizes, f"{what}, symbolic,")
            yield from differs(got, wants[what], f"{what}, compiled, at {point.sizes},")
        if not position:
            for what, tensor in outputs.items():
                feed = dict(zip(sources, point.values))
                yield from differs(tensor.eval(feed), wants[what], f"{what}, by eval, at {point.sizes},")


def points(program: Program) -> list[Point]:
    """One of each kind of sizes, where one is found."""
    found = []
    for kind in KINDS:
        try:
            found.append(Point(program, kind))
        except Kink:
            continue
    return found


def faults(program: Program, checks: Sequence[Callable[..., Iterator[str]]] = (concrete, symbolic)) -> list[str]:
    """What is wrong, each fault in a text of its own."""
    at = points(program)
    found: list[str] = []
    for check in checks:
        try:
            found += check(program, at) if check is symbolic else [f for point in at for f in check(program, point)]
        except Exception as error:
            found.append(f"{check.__name__}: {type(error).__name__}: {error}")
    return found if at else ["no point away from kinks was found"]
