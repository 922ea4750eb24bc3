"""One derivative with a known closed form: the program, its inputs, and the formula of the book."""

import inspect
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from .counting import operations

CASES: dict[str, "Case"] = {}

KINDS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "": lambda rng, shape: rng.normal(size=shape),
    "small": lambda rng, shape: 0.3 * rng.normal(size=shape),
    "positive": lambda rng, shape: rng.uniform(0.5, 2, shape),
    "unit": lambda rng, shape: rng.uniform(0.1, 0.9, shape),
    "large": lambda rng, shape: rng.uniform(4, 6, shape),
    "sign": lambda rng, shape: rng.choice([-1.0, 1.0], shape),
    "mask": lambda rng, shape: rng.choice([0.0, 1.0], shape),
    "probability": lambda rng, shape: rng.dirichlet(3 * np.ones(shape[-1]), shape[:-1]),
    "onehot": lambda rng, shape: np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])],
    "invertible": lambda rng, shape: 1.5 * np.eye(shape[-1]) + 0.3 * rng.normal(size=shape),
    "symmetric": lambda rng, shape: (lambda a: (a + a.T) / 2)(rng.normal(size=shape)),
    "definite": lambda rng, shape: (lambda a: a @ a.T / len(a) + np.eye(len(a)))(rng.normal(size=shape)),
    "lower": lambda rng, shape: np.tril(0.3 * rng.normal(size=shape), -1) + np.diag(rng.uniform(0.5, 2, shape[0])),
    "spectrum": lambda rng, shape: (lambda q: q @ np.diag(np.arange(1.0, len(q) + 1)) @ q.T)(
        np.linalg.qr(rng.normal(size=shape))[0]
    ),
}
"""What the values of an input are like; `spectrum` is symmetric with well separated eigenvalues."""


@dataclass(frozen=True)
class Case:
    """A derivative of `program`, and the `formula` that the `source` gives for it.

    `inputs` maps a name to its symbolic shape and the kind of its values.  `program(tf, *inputs)` is written over
    TensorFlow's names, `formula(*inputs)` over NumPy's; it holds for arguments without symmetry.
    """

    name: str
    source: str
    inputs: MappingProxyType[str, tuple[tuple[str | int, ...], str]]
    wrt: tuple[str, ...]
    program: Callable[..., Any]
    formula: Callable[..., Any]
    ask: str = "gradient"
    sizes: MappingProxyType[str, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def dimensions(self) -> list[str]:
        return sorted({d for shape, _ in self.inputs.values() for d in shape if isinstance(d, str)})

    def sample(self, trial: int) -> tuple[dict[str, int], dict[str, np.ndarray]]:
        """Sizes, different from one another, and values: the same on every machine."""
        rng = np.random.default_rng([zlib.crc32(self.name.encode()), trial])
        largest = 4 if self.ask == "hessian" and len(self.inputs[self.wrt[0]][0]) > 1 else 6
        drawn = rng.permutation(np.arange(2, largest + 1))
        sizes = {d: int(drawn[i % len(drawn)]) for i, d in enumerate(self.dimensions)}
        sizes |= {d: int(rng.choice(choices)) for d, choices in self.sizes.items()}
        return sizes, {
            name: np.asarray(KINDS[kind](rng, tuple(sizes.get(d, d) for d in shape)), float)
            for name, (shape, kind) in self.inputs.items()
        }

    def reference(self, arrays: dict[str, np.ndarray]) -> np.ndarray:
        return np.asarray(self.formula(**arrays), float)

    @property
    def operations(self) -> int:
        """The number of operations of the formula, written in matrix notation."""
        return max(operations(self.formula, self.sample(trial)[1]) for trial in range(2))

    @property
    def rank(self) -> int:
        return self.reference(self.sample(0)[1]).ndim


def case(
    name: str,
    source: str,
    inputs: str,
    wrt: str,
    program: Callable[..., Any],
    formula: Callable[..., Any],
    ask: str = "gradient",
    **sizes: tuple[int, ...],
) -> None:
    """Add a case; `inputs` reads `"A:n,m~kind c~positive"`."""
    read = {}
    for text in inputs.split():
        declared, _, kind = text.partition("~")
        label, _, shape = declared.partition(":")
        read[label] = tuple(int(d) if d.isdigit() else d for d in shape.split(",") if d), kind
    names = list(read)
    assert name not in CASES, f"{name} is there twice"
    assert list(inspect.signature(program).parameters)[1:] == names == list(inspect.signature(formula).parameters), name
    CASES[name] = Case(
        name, source, MappingProxyType(read), tuple(wrt.split(",")), program, formula, ask, MappingProxyType(sizes)
    )
