"""Points at which programs are evaluated: sizes of dimensions and values of sources, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import sympy

from tracer.backends.evaluation import run_program
from tracer.formulas.source_names import source_names
from tracer.shapes import Dim, integer, symbolic_dimension
from tracer.tensor import SOURCES, Tensor, TensorLike, placeholder
from tracer.walk import ancestors

ATTEMPTS = 40
"""How many points are drawn in search of one at which the traced value is finite."""

TOLERANCE = {"float32": 1e-4, "float64": 1e-7}


Point = tuple[dict[str, int], dict[Tensor, np.ndarray], list[np.ndarray]]
"""Sizes by name, values by source, and the traced values."""


Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(rng.normal(size=shape))


def _positive(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(rng.uniform(0.5, 2, shape))


def _square(shape: tuple[int, ...]) -> bool:
    return len(shape) >= 2 and shape[-1] == shape[-2]


def _definite(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    if not _square(shape):
        return _positive(rng, shape)
    a = rng.normal(size=shape)
    return np.asarray(a @ np.swapaxes(a, -1, -2) / shape[-1] + np.eye(shape[-1]))


def _symmetric(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    a = rng.normal(size=shape)
    return np.asarray(a + np.swapaxes(a, -1, -2))


def _orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(np.linalg.qr(rng.normal(size=shape))[0])


def _diagonal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(_positive(rng, shape) * np.eye(shape[-2], shape[-1]))


def _stochastic(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    drawn = _positive(rng, shape)
    return np.asarray(drawn / drawn.sum(axis=-1, keepdims=True))


def _unit(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    drawn = rng.normal(size=shape)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=-1, keepdims=True))


DOMAINS: tuple[Draw, ...] = (
    _normal,
    _positive,
    lambda rng, shape: rng.uniform(0.1, 0.9, shape),
    _definite,
    lambda rng, shape: 0.3 * rng.normal(size=shape),
    lambda rng, shape: rng.uniform(4, 6, shape),
    lambda rng, shape: _definite(rng, shape) if _square(shape) else _normal(rng, shape),
)
"""From where real values are drawn; one after another, then at random for each source."""

ASSUMED: dict[str, Draw] = {
    "orthogonal": _orthogonal,
    "positive_definite": _definite,
    "diagonal": _diagonal,
    "symmetric": _symmetric,
    "stochastic": _stochastic,
    "unit": _unit,
    "positive": _positive,
    "nonnegative": _positive,
    "negative": lambda rng, shape: -_positive(rng, shape),
    "nonpositive": lambda rng, shape: -_positive(rng, shape),
}
"""How values of placeholders with assumptions are drawn; the first that is assumed holds."""


class Points:
    """Sizes and values at which tensors are finite, and their traced values."""

    def __init__(
        self, tensors: Sequence[Tensor], sizes: Mapping[str, int], values: Mapping[Tensor | str, TensorLike], seed: int
    ):
        self.tensors, self.sizes = tensors, sizes
        nodes = ancestors(tensors)
        names = source_names(nodes)
        sources = {t: names[t.node] for t in nodes if t.rule in SOURCES}
        self.expressions = {name: t.value for t, name in sources.items() if isinstance(t.value, sympy.Expr)}
        self.names = {t: name for t, name in sources.items() if name not in self.expressions}
        self.values = {key.read() if isinstance(key, Tensor) else key: v for key, v in values.items()}
        known = {*map(id, self.names), *self.names.values()}
        unknown = [k for k in self.values if (id(k) if isinstance(k, Tensor) else k) not in known]
        if unknown:
            raise LookupError(f"no source is {unknown[0]}; the sources are {', '.join(self.names.values()) or 'none'}")
        self.positions = {a.node for t in nodes if t.op in ("getitem", "scatter") for a in _list_arrays(t)}
        measured = _dimensions([t.shape for t in self.names])
        self.dims = _dimensions(nodes)
        self.extra = {d: placeholder(d.name, (d,)) for d in self.dims if d not in measured}
        self.reason = "it is nan or infinite"
        self.tolerance = TOLERANCE["float32" if any(t.dtype == "float32" for t in nodes) else "float64"]
        self.rng = np.random.default_rng(integer(seed, "a seed"))

    def draw(self, trial: int) -> Iterator[Point]:
        """Points at which the traced values are finite."""
        for attempt in range(ATTEMPTS):
            sizes = self.draw_sizes(attempt)
            feed = {t: self._value(t, name, sizes, trial, attempt) for t, name in self.names.items()}
            try:
                expected = [self.traced(t, feed, sizes) for t in self.tensors]
            except (ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError) as error:
                self.reason = str(error)
                continue
            if all(np.isfinite(v).all() for v in expected):
                yield sizes, feed, expected

    def traced(self, tensor: Tensor, feed: Mapping[Tensor, np.ndarray], sizes: Mapping[str, int]) -> np.ndarray:
        """The value that is computed from the trace, as it is written."""
        extra = {t: np.zeros(sizes[d.name]) for d, t in self.extra.items()}
        return np.asarray(run_program(tensor, {**feed, **extra}), float)

    def noise(self, tensor: Tensor, point: Point, expected: np.ndarray) -> float:
        """What rounding may do to the value: a relative change of the sources by 1e-10, far above it, shows it."""
        sizes, feed, _ = point
        moved = {t: v * (1 + 1e-10 * self._symmetric(v.shape)) if t.dtype in TOLERANCE else v for t, v in feed.items()}
        try:
            change = np.abs(self.traced(tensor, moved, sizes) - expected)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return np.inf
        return float(np.max(change, initial=0.0)) if np.isfinite(change).all() else np.inf

    def _symmetric(self, shape: tuple[int, ...]) -> np.ndarray:
        """Random numbers; a symmetric matrix times them stays symmetric."""
        return (_symmetric if _square(shape) else _normal)(self.rng, shape)

    def number(self, e: Dim, sizes: Mapping[str, int]) -> sympy.Expr:
        """The value of an expression in dimensions."""
        return sympy.sympify(e).xreplace({s: sympy.Integer(sizes[s.name]) for s in self.dims})

    def draw_sizes(self, attempt: int) -> dict[str, int]:
        """All different at first, so that no two can be mistaken for each other; then any."""
        names = [d.name for d in self.dims]
        if attempt % 4 < 2:
            drawn = self.rng.permutation(np.arange(2, max(len(names), 3) + 2))
        else:
            drawn = self.rng.integers(1, 7, size=len(names))
        return {name: self.sizes.get(name, int(size)) for name, size in zip(names, drawn)}

    def _value(self, t: Tensor, name: str, sizes: Mapping[str, int], trial: int, attempt: int) -> np.ndarray:
        for key in (t, name):
            if key in self.values:
                return np.asarray(self.values[key], t.dtype)
        if t.value is not None and (t.label is None or (trial == attempt == 0) or attempt % 4 == 3):
            return np.asarray(t.value, t.dtype)
        shape = tuple(int(self.number(d, sizes)) for d in t.shape)
        if t.dtype == "bool":
            return np.asarray(self.rng.integers(0, 2, shape), bool)
        if t.dtype not in TOLERANCE:
            few = attempt % 2 or t.node in self.positions
            return np.asarray(self.rng.integers(0, 2, shape) if few else self.rng.integers(-3, 4, shape), t.dtype)
        known = {k for k, v in t.params if v} if isinstance(t.params, tuple) else set()
        draws = [draw for k, draw in ASSUMED.items() if k in known]
        chosen = attempt if attempt < len(DOMAINS) else self.rng.integers(len(DOMAINS))
        value = (draws[0] if draws else DOMAINS[chosen])(self.rng, shape)
        return np.asarray(np.rint(4 * value) if "integer" in known else value, t.dtype)


def _list_arrays(t: Tensor) -> list[Tensor]:
    """The integers by which an operation takes elements or writes to them."""
    return [a for a in t.args if isinstance(a, Tensor) and a.dtype not in TOLERANCE]


def _dimensions(parts: object) -> list[sympy.Symbol]:
    """The symbolic dimensions in shapes, and in what operations are told of them."""
    found, todo = set(), [parts]
    while todo:
        part = todo.pop()
        if isinstance(part, Tensor):
            todo += [part.shape, part.params, [a for a in part.args if not isinstance(a, Tensor)]]
        elif isinstance(part, (list, tuple)):
            todo += part
        elif isinstance(part, sympy.Expr):
            found |= {s for s in part.free_symbols if s == symbolic_dimension(s.name)}
    return sorted(found, key=lambda s: s.name)
