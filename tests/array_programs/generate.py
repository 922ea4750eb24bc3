"""Programs drawn from a seed: source text over ``np`` that runs on arrays and on tensors alike.

While a program is drawn it runs on arrays whose sizes are so different that no two dimensions can be mistaken for each
other; what NumPy refuses there, or what grows too large, is drawn again.
"""

from __future__ import annotations

import itertools
import random
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Shape = tuple[Any, ...]

SHAPES: tuple[Shape, ...] = (
    (), ("n",), ("n", 1), (1, "m"), ("n", "m"), ("n", "n"), ("k", "n", "m"), ("m", 1, "n"), (1, 1),
)  # fmt: skip
"""Of sources; a dimension is a number or a name."""

SIZES = {"n": 7, "m": 11, "k": 13}
"""While a program is drawn."""

OTHER_SIZES = {"n": 3, "m": 4, "k": 5}, {"n": 8, "m": 5, "k": 3}, {"n": 4, "m": 9, "k": 6}
"""Where a program must run, too."""

LARGEST, MOST, DEEPEST = 300.0, 12_000, 5
"""The largest value, the most elements and the highest rank of an intermediate result."""

TRIES = 60
"""How many operands are tried for one operation."""

ROWS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (4, (
        "np.tanh({a})", "np.sin({a})", "np.exp({a})", "np.square({a})", "-{a}", "np.abs({a})", "np.arctan({a})",
        "np.sqrt(np.square({a}) + 1.0)", "np.log1p(np.square({a}))", "1.0 / (1.0 + np.square({a}))", "2.0 * {a}",
        "{a} - 0.5", "1.0 - {a}", "{a} ** 2", "{a} / 4", "np.maximum({a}, 0.0)", "np.clip({a}, -1.0, 1.0)",
    )),
    (5, (
        "{a} + {b}", "{a} - {b}", "{a} * {b}", "np.add({a}, {b})", "np.multiply({a}, {b})", "np.maximum({a}, {b})",
        "np.minimum({a}, {b})", "{a} / (2.0 + np.square({b}))", "np.where({a} > {b}, {a}, {b})",
        "np.where({a} > 0.0, {b}, {c})", "np.where({a} < {b}, {c}, 0.0)",
    )),
    (5, (
        "np.matmul({a}, {b})", "{a} @ {b}", "np.matmul({a}, {b})", "np.dot({a}, {b})", "np.inner({a}, {b})",
        "np.outer({a}, {b})", "np.tensordot({a}, {b}, {pairs})", "np.einsum({equation}, {a})",
        "np.einsum({equation}, {a}, {b})", "np.einsum({equation}, {a}, {b}, {c})", "np.vdot({a}, {b})",
        "np.kron({matrix}, {matrix2})", "np.multiply.outer({a}, {b})", "np.trace({square})", "np.diagonal({square})",
    )),
    (4, (
        "np.sum({a}, axis={axes}, keepdims={keep})", "np.mean({a}, axis={axes}, keepdims={keep})",
        "np.max({a}, axis={axes}, keepdims={keep})", "np.min({a}, axis={axes}, keepdims={keep})",
        "np.prod({a}, axis={axis}, keepdims={keep})", "np.var({a}, axis={axes}, keepdims={keep})",
        "np.sum({a}, axis={axis}, keepdims={keep})", "np.mean({a}, axis={axis}, keepdims={keep})",
    )),
    (6, (
        "np.transpose({a})", "{a}.T", "np.transpose({a}, {permutation})", "np.swapaxes({a}, {axis}, {axis2})",
        "np.moveaxis({a}, {axis}, {axis2})", "np.expand_dims({a}, {new})", "np.expand_dims({a}, (0, -1))",
        "np.squeeze({thin}, axis={one})", "np.squeeze({thin}, axis={one})", "{a}[{index}]", "{a}[{index}]",
        "{a}[{index}]", "np.broadcast_to({a}, {shape})", "np.broadcast_to({a}, {shape})", "np.flip({a}, {axis})",
        "np.flip({a})", "np.reshape({a}, (-1,))", "np.reshape({matrix}, (1, *{matrix}.shape, 1))",
    )),
    (3, (
        "np.stack([{a}, {b}], axis={new})", "np.concatenate([{a}, {b}], axis={axis})", "np.cumsum({a}, axis={axis})",
        "softmax({a}, axis={axis})", "np.exp({a}) / np.sum(np.exp({a}), axis={axis}, keepdims=True)",
        "{a} - np.max({a}, axis={axis}, keepdims=True)", "np.roll({a}, 1, axis={axis})", "np.cumsum({a})",
        "np.concatenate([{a}, {b}, {a}], axis={axis})", "np.stack([{a}, {a}])", "np.repeat({a}, 2, axis={axis})",
        "np.tile({matrix}, (2, 1))", "np.tril({matrix})", "np.hstack([{a}, {b}])",
    )),
)  # fmt: skip
"""How often a kind is drawn, and its operations; a field is an operand or what fits the operand ``a``."""

ENDS = ("{a}", "{a}", "np.sum(np.square({a}))", "np.sum(np.tanh({a}))", "np.mean({a})", "np.sum(np.sin({a}) * {a})")
"""What a program returns: an array, whose elements are summed, or a number."""


def softmax(x: Any, axis: int) -> Any:
    """The softmax, of tensors the library's own."""
    if not isinstance(x, np.ndarray | np.generic):
        import tracer

        return tracer.nn.softmax(x, axis)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


SPECIAL: dict[str, Callable[[np.ndarray], bool]] = {
    "matrix": lambda x: x.ndim == 2,
    "matrix2": lambda x: x.ndim == 2,
    "square": lambda x: x.ndim == 2 and x.shape[0] == x.shape[1],
    "thin": lambda x: 1 in x.shape,
}
"""Operands that must be of a kind."""

LONG = {"1:", ":-1", "1", "-2"}
"""Indices that take a size of two at least."""

NAME = re.compile(r"\b(?:[xyz]|v\d+)\b")


class Unsuitable(Exception):
    """No operands fit the operation that was drawn."""


@dataclass
class Program:
    """A function of ``sources``, as ``lines`` that assign to names and a last expression.

    ``least`` is the smallest size of a dimension for which the program has the meaning with which it was drawn.
    """

    seed: int
    sources: dict[str, Shape]
    lines: list[str] = field(default_factory=list)
    end: str = ""
    least: int = 1

    @property
    def text(self) -> str:
        body = "".join(f"    {line}\n" for line in (*self.lines, f"return {self.end}"))
        return f"def program({', '.join(self.sources)}):\n{body}"

    def function(self) -> Callable[..., Any]:
        """The program as a Python function."""
        scope: dict[str, Any] = {"np": np, "softmax": softmax}
        exec(self.text, scope)
        return scope["program"]  # type: ignore[no-any-return]

    def sizes(self, rng: np.random.Generator, kind: str) -> dict[str, int]:
        """Sizes of the dimensions: ``"different"``, ``"equal"``, one of them ``"one"``, or ``"any"``."""
        low = self.least
        names = list(SIZES)
        if kind == "equal":
            return dict.fromkeys(names, max(2, low))
        sizes = dict(zip(names, map(int, rng.permutation([2, 3, 4] if kind == "different" else [low, 2, 3]))))
        return sizes if kind != "any" else {k: int(rng.integers(low, 5)) for k in names}

    def values(self, rng: np.random.Generator, sizes: dict[str, int]) -> list[np.ndarray]:
        """Values of the sources, away from zero."""
        shapes = [tuple(sizes.get(d, d) for d in shape) for shape in self.sources.values()]
        return [np.asarray(rng.uniform(0.2, 1.8, shape) * rng.choice([-1, 1, 1], shape)) for shape in shapes]

    def holds(self) -> bool:
        """Whether the program runs at other sizes, too: no two dimensions were taken for each other by chance."""
        try:
            with np.errstate(all="ignore"):
                for sizes in OTHER_SIZES:
                    self.function()(*self.values(np.random.default_rng(0), sizes))
        except ValueError:
            return False
        return True

    def __str__(self) -> str:
        shapes = ", ".join(f"{name}: ({', '.join(map(str, shape))})" for name, shape in self.sources.items())
        return f"# seed {self.seed}; {shapes}\n{self.text}"


class Draw:
    """A program while it is drawn: its values at large sizes."""

    def __init__(self, seed: int, steps: int, attempt: int = 0) -> None:
        self.random = random.Random(seed if not attempt else f"{seed} {attempt}")
        shapes = [self.random.choice(SHAPES) for _ in range(self.random.choice((1, 2, 2, 3)))]
        self.program = Program(seed, dict(zip("xyz", shapes)))
        self.arrays: dict[str, np.ndarray] = dict(
            zip("xyz", self.program.values(np.random.default_rng(seed), dict(SIZES)))
        )
        self.unused = list(self.arrays)
        for _ in range(steps):
            self._line()
        last = list(self.arrays)[-1]
        self.program.end = self.random.choice(ENDS).format(a=last)
        self._prune()

    def _prune(self) -> None:
        """Forget what the result does not need."""
        needed, kept = _names(self.program.end), []
        for line in reversed(self.program.lines):
            name, _, text = line.partition(" = ")
            if name in needed:
                needed |= _names(text)
                kept.append(line)
        self.program.lines = kept[::-1]
        self.program.sources = {name: shape for name, shape in self.program.sources.items() if name in needed}

    def _line(self) -> None:
        for _ in range(TRIES):
            weights, kinds = zip(*ROWS)
            template = self.random.choice(self.random.choices(kinds, weights)[0])
            try:
                text, value, least = self._fill(template)
            except Unsuitable:
                continue
            name = f"v{len(self.program.lines)}"
            self.program.lines.append(f"{name} = {text}")
            self.arrays[name] = value
            self.program.least = max(self.program.least, least)
            self.unused = [u for u in self.unused if u not in _names(text)] + [name]
            return

    def _fill(self, template: str) -> tuple[str, np.ndarray, int]:
        """The text of an operation over operands that fit, and its value."""
        fields = [name for _, name, _, _ in string.Formatter().parse(template) if name]
        for _ in range(8):
            chosen: dict[str, str] = {}
            for name in dict.fromkeys(sorted(fields, key=lambda f: f == "equation")):
                chosen[name] = self._field(name, chosen, template)
            text = template.format(**chosen)
            try:
                with np.errstate(all="ignore"):
                    value = np.asarray(eval(text, {"np": np, "softmax": softmax, **self.arrays}))
            except (ValueError, IndexError, TypeError):
                continue
            if value.size <= MOST and value.ndim <= DEEPEST and value.size and np.max(np.abs(value)) < LARGEST:
                return text, value.astype(float), 1 + bool(LONG & {*chosen.get("index", "").split(", ")})
        raise Unsuitable

    def _operand(self, fits: Callable[[np.ndarray], bool] = lambda array: True) -> str:
        """The name of a value, more likely one that nothing has used or a late one."""
        names = [name for name, array in self.arrays.items() if fits(array)]
        fresh = [name for name in names if name in self.unused]
        if not names:
            raise Unsuitable
        draw = self.random.random()
        return self.random.choice(fresh if fresh and draw < 0.75 else names[-3:] if draw < 0.85 else names)

    def _field(self, name: str, chosen: dict[str, str], template: str) -> str:
        if name in "abc":
            return self._operand(self._companion(name, chosen, template))
        if name in SPECIAL:
            return self._operand(SPECIAL[name])
        given = [self.arrays[text] for field, text in chosen.items() if field in "abc" or field in SPECIAL]
        return str(getattr(self, f"_{name.rstrip('2')}")(given))

    def _companion(self, name: str, chosen: dict[str, str], template: str) -> Callable[[np.ndarray], bool]:
        """Whether a value may stand beside the first operand: most products and sums refuse most pairs."""
        if name == "a":
            return lambda array: True
        first = self.arrays[chosen["a"]]
        trial = template.replace("{a}", "first").replace(f"{{{name}}}", "second").replace("{c}", "first")
        if "{" in trial:
            return lambda array: True

        def fits(second: np.ndarray) -> bool:
            try:
                with np.errstate(all="ignore"):
                    eval(trial, {"np": np, "first": first, "second": second})
            except (ValueError, IndexError, TypeError):
                return False
            return True

        return fits

    # What fits an operand

    def _one(self, given: list[np.ndarray]) -> int:
        return self.random.choice([k for k, d in enumerate(given[0].shape) if d == 1])

    def _axis(self, given: list[np.ndarray]) -> int:
        rank = given[0].ndim
        if not rank:
            raise Unsuitable
        return self.random.randrange(-rank, rank)

    def _axes(self, given: list[np.ndarray]) -> Any:
        rank = given[0].ndim
        if not rank or self.random.random() < 0.2:
            return None
        if self.random.random() < 0.6:
            return self._axis(given)
        return tuple(self.random.sample(range(rank), self.random.randint(1, rank)))

    def _keep(self, given: list[np.ndarray]) -> bool:
        return self.random.random() < 0.5

    def _new(self, given: list[np.ndarray]) -> int:
        return self.random.randrange(-given[0].ndim - 1, given[0].ndim + 1)

    def _permutation(self, given: list[np.ndarray]) -> tuple[int, ...]:
        return tuple(self.random.sample(range(given[0].ndim), given[0].ndim))

    def _pairs(self, given: list[np.ndarray]) -> Any:
        x, y = given
        pairs = [(i, j) for i, d in enumerate(x.shape) for j, e in enumerate(y.shape) if d == e]
        self.random.shuffle(pairs)
        left: list[int] = []
        right: list[int] = []
        for i, j in pairs[: self.random.randint(0, 2)]:
            if i not in left and j not in right:
                left.append(i)
                right.append(j)
        return left, right

    def _equation(self, given: list[np.ndarray]) -> str:
        """Axes of equal size often share a letter; of size 1 any may."""
        letters: list[tuple[int, str]] = []
        terms = []
        for array in given:
            term = ""
            for size in array.shape:
                known = [c for d, c in letters if d == size and (c not in term or self.random.random() < 0.1)]
                if size == 1 and self.random.random() < 0.3:
                    known = [c for _, c in letters if c not in term]
                if not known or self.random.random() < 0.25:
                    known = ["ijklpqrstuvw"[len({c for _, c in letters})]]
                letter = self.random.choice(known)
                letters.append((size, letter))
                term += letter
            terms.append(term)
        distinct = list(dict.fromkeys(c for _, c in letters))
        out = self.random.sample(distinct, self.random.randint(0, min(3, len(distinct))))
        return repr(f"{','.join(terms)}->{''.join(out)}")

    def _index(self, given: list[np.ndarray]) -> str:
        parts = []
        for size in given[0].shape:
            options = [":", ":", ":", "0", "-1", "::-1", ":1", "-1:"]
            options += ["1:", ":-1", "1", "::2", "-2"] if size in SIZES.values() else []
            parts.append(self.random.choice(options))
            if self.random.random() < 0.15:
                parts.insert(self.random.randrange(len(parts) + 1), "None")
        if not parts:
            return self.random.choice(("None", "...", "..., None"))
        while parts[-1] == ":" and self.random.random() < 0.5 and len(parts) > 1:
            parts.pop()
        return ", ".join(parts)

    def _shape(self, given: list[np.ndarray]) -> str:
        """A shape to broadcast to: that of another value, behind new axes."""
        x = given[0]

        def fits(array: np.ndarray) -> bool:
            try:
                return np.broadcast_shapes(x.shape, array.shape) == array.shape
            except ValueError:
                return False

        other = self._operand(fits)
        head = self.random.choice(("", "", "2, ", "1, ", "3, 1, "))
        return f"({head}*{other}.shape,)"


def _names(text: str) -> set[str]:
    return set(NAME.findall(text))


def generate(seed: int, steps: int | None = None) -> Program:
    """The program of a seed."""
    count = steps or random.Random(~seed).randint(3, 9)
    attempts = (Draw(seed, count, attempt).program for attempt in itertools.count())
    return next(program for program in attempts if program.holds())


def programs(start: int, count: int, steps: int | None = None) -> Iterator[Program]:
    """The programs of consecutive seeds."""
    return (generate(seed, steps) for seed in range(start, start + count))
