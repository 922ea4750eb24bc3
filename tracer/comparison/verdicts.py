"""``compare``: whether two programs are the same, and how that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import numpy as np
import sympy

from tracer.comparison.falsifying import falsify, falsify_instances, is_strategy
from tracer.comparison.instances import Instance
from tracer.comparison.naming import infer_parameters, merge_known, name_parameters
from tracer.comparison.parameters import NOTHING, Input, Parameter, describe_input, kind_of, symbols_in
from tracer.comparison.proofs import Generic, prove, prove_generic
from tracer.comparison.search import Found, Search, shrink
from tracer.comparison.sides import Given, Side
from tracer.comparison.tried_sizes import choose_sizes, fill_shape, find_special_sizes
from tracer.interrupts import run_long
from tracer.places import NOWHERE
from tracer.precise.sized import SizeError
from tracer.shapes import Dim, Shape, as_shape, show
from tracer.tensor import Tensor, context

FIRST = 3
"""At how many of them points are tried before a proof."""


class Verdict(Enum):
    """What is known of two programs."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Comparison:
    """What :func:`compare` answers.

    Attributes
    ----------
    verdict : Verdict
    counterexample : dict or None
        Values of the parameters, by name, at which the two differ, if they are refuted.
    points : int
        At how many points both are finite and agree.
    digits : float
        How many digits agree at the worst of them.
    reason : str
        How it is known, in words.
    values : tuple of arrays or None
        What the two are worth at the counterexample.
    """

    def __init__(self, verdict: Verdict, search: Search, reason: str, found: Found | None = None) -> None:
        self.verdict = verdict
        self.points = search.points
        self.digits = round(search.digits, 1)
        self.reason = reason
        self.counterexample: dict[str, np.ndarray] | None = None
        self.values: tuple[list[np.ndarray], list[np.ndarray]] | None = None
        if found is not None:
            self.counterexample = dict(zip(found.instance.names, found.values, strict=True))
            self.values = _floats(found.outcome.left), _floats(found.outcome.right)

    @property
    def agrees(self) -> bool:
        """Whether the two are proved the same, or are equal at all points that were tried, of which there are some."""
        return self.verdict is Verdict.PROVED or (self.verdict is Verdict.UNDECIDED and self.points > 0)

    def __str__(self) -> str:
        if self.verdict is Verdict.PROVED:
            return f"Proved: {self.reason}."
        if self.verdict is Verdict.UNDECIDED:
            if not self.points:
                return f"Undecided: {self.reason}."
            return f"Undecided: they agree to {self.digits:g} digits at {self.points} points; {self.reason}."
        assert self.counterexample is not None
        assert self.values is not None
        point = ", ".join(f"{name} = {_text(v)}" for name, v in self.counterexample.items()) or "every point"
        first, second = (", ".join(map(_text, side)) for side in self.values)
        return f"Refuted: at {point} the first is {first}, the second {second}{self.reason}."

    def __repr__(self) -> str:
        return f"<Comparison {self.verdict.name}: {self}>"


def _floats(values: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [np.asarray(v, float) for v in values]


def _text(value: np.ndarray) -> str:
    """An array as a nest of short numbers."""

    def of(v: object) -> str:
        if isinstance(v, list):
            return "[" + ", ".join(map(of, v)) + "]"
        return str(v) if isinstance(v, bool) else f"{v:.12g}"

    return of(np.asarray(value).tolist())


def compare(f: Given, g: Given, *inputs: Input) -> Comparison:
    """Whether two programs, or a program and a formula or function written by hand, are the same.

    They are the same where both are finite: ``log(x**2)`` and ``2*log(x)`` are. A proof is a normal form that is
    zero, or exact arithmetic; a refutation is a small point at which they differ, in forty digits.

    Parameters
    ----------
    f, g : callable, str, sympy expression, tensor or sequence of tensors
        Functions of tensors, or of arrays that can't be traced, and are then compared at points alone; a text in the
        grammar of the command line, or a sympy expression in symbols and matrix symbols, whose names are those of
        the parameters; tensors, as a gradient that was computed, whose parameters are their named sources.
    *inputs : shape, array, placeholder or hypothesis strategy
        One for each parameter. A shape may hold names of dimensions, the same name being the same size; of an array
        the shape is taken, and it is one of the points; a placeholder has a shape and assumptions, which hold at all
        points; points are drawn from a strategy of arrays. None are needed where tensors and matrix symbols know the
        shapes; what has none is a scalar then.

    Returns
    -------
    Comparison
        With ``.verdict``, ``.counterexample``, ``.points`` and ``.digits``; as text it says how it is known.

    Raises
    ------
    TypeError, ValueError
        If one of them is no program, takes other inputs, or depends on placeholders that are no parameters.

    Examples
    --------
    >>> import tracer
    >>> print(tracer.compare(tracer.nn.softmax, "exp(x)/sum(exp(x))", ("n",)))
    Proved: their difference has the normal form zero.
    >>> answer = tracer.compare(lambda A, x: A @ x, "A.T @ x", ("n", "n"), ("n",))
    >>> answer.verdict
    <Verdict.REFUTED: 'refuted'>
    >>> answer.counterexample["x"].shape
    (2,)
    >>> w, X, y = tracer.symbols("w"), tracer.placeholder("X", ("n",)), tracer.placeholder("y", ("n",))
    >>> (gradient,) = tracer.gradients(tracer.reduce_sum((X * w - y) ** 2), [w])
    >>> print(tracer.compare(gradient, "2*sum(X*(X*w - y))"))
    Proved: their difference has the normal form zero.
    """
    return run_long("compare", _compare_given, f, g, inputs)


def _compare_given(f: Given, g: Given, inputs: Sequence[Input]) -> Comparison:
    context.set(context.get()._replace(origin=NOWHERE))  # in a copy, which ends with the call
    return _compare((Side(f), Side(g)), inputs)


def _compare(sides: tuple[Side, Side], inputs: Sequence[Input]) -> Comparison:
    search = Search()
    if any(map(is_strategy, inputs)):
        return _compare_drawn(sides, inputs, search)
    parameters = _parameters(sides, inputs)
    names, shapes = list(parameters), [p.shape for p in parameters.values()]
    dtypes, assumed = [p.dtype for p in parameters.values()], [p.assumptions for p in parameters.values()]
    dims = list(dict.fromkeys([s for shape in shapes for s in symbols_in(shape)]))
    dims += [d for side in sides if side.recorded is not None for d in side.recorded.dims if d not in dims]
    # What is wrong for all sizes is said of all, not of those that are tried.
    generic = Generic(sides, names, shapes, dtypes, assumed) if dims else None
    special = find_special_sizes([*(generic.left or ()), *(generic.right or ())]) if generic is not None else []
    instances = _instances(sides, parameters, choose_sizes(dims, special))
    given = [
        [np.zeros(s) if p.value is None else p.value for p, s in zip(parameters.values(), instance.shapes)]
        for instance in instances[:1]
        if any(p.value is not None for p in parameters.values())
    ]
    for instance in instances[:FIRST]:
        if found := search.begin(instance, given if instance is instances[0] else ()):
            return _refute(shrink(found), search)
    reason = None
    if search.points:
        reason = prove_generic(generic) if generic is not None else prove(instances[0])
    if reason is None:
        for instance in instances:
            if found := search.run(instance, 1.0 if instance is instances[0] else 0.5):
                return _refute(shrink(found), search)
        if found := falsify_instances(instances[:FIRST], search):
            return _refute(shrink(found), search)
    return _conclude(reason, search, instances)


def _parameters(sides: tuple[Side, Side], inputs: Sequence[Input]) -> dict[str, Parameter]:
    """The parameters of two programs, as they are given or else as the programs know them."""
    if not inputs:
        return infer_parameters(sides)
    given = list(map(describe_input, inputs))
    dims = dict.fromkeys(s.name for p in given for s in symbols_in(p.shape))
    return merge_known(sides, dict(zip(name_parameters(sides, len(given), list(dims)), given, strict=True)))


def _instances(
    sides: tuple[Side, Side], parameters: Mapping[str, Parameter], choices: Sequence[Mapping[sympy.Symbol, int]]
) -> list[Instance]:
    """The two programs at some sizes, of those that recorded tensors and indices allow."""
    found: list[Instance] = []
    refused: Exception | None = None
    for sizes in choices:
        concrete = [fill_shape(p.shape, sizes) for p in parameters.values()]
        dtypes, assumed = zip(*((p.dtype, p.assumptions) for p in parameters.values())) if parameters else ((), ())
        try:
            found.append(
                Instance(sides, list(parameters), concrete, dtypes, {d.name: n for d, n in sizes.items()}, assumed)
            )
        except (SizeError, IndexError) as error:
            refused = error
    if not found and refused is not None:
        raise refused
    return found


def _conclude(reason: str | None, search: Search, instances: Sequence[Instance]) -> Comparison:
    if reason is not None:
        return Comparison(Verdict.PROVED, search, reason)
    if not search.points:
        return Comparison(Verdict.UNDECIDED, search, "no point was found at which both are finite")
    boxed = not all(i.traced for i in instances)
    why = "one of them can't be traced, and is compared at points alone" if boxed else "no proof was found"
    if largest := max((n for i in instances for n in i.sizes.values()), default=0):
        why += f", and sizes up to {largest} were tried"
    return Comparison(Verdict.UNDECIDED, search, why)


def _refute(found: Found, search: Search) -> Comparison:
    left, right = ([v.shape for v in side] for side in (found.outcome.left, found.outcome.right))
    why = "" if left == right else f": the shapes {_shapes(left)} and {_shapes(right)} differ"
    if "pi" in found.instance.names and any(isinstance(side.given, str) for side in found.instance.sides):
        why += "; pi is the name of a parameter, and the number is acos(-1)"
    return Comparison(Verdict.REFUTED, search, why, found)


def _shapes(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(map(show, shapes))


def _compare_drawn(sides: tuple[Side, Side], inputs: Sequence[Input], search: Search) -> Comparison:
    names = name_parameters(sides, len(inputs), ())
    given = {n: describe_input(v) for n, v in zip(names, inputs, strict=True) if not is_strategy(v)}
    known = merge_known(sides, given) if given else {}
    assumed = [known[n].assumptions if n in known else NOTHING for n in names]
    inputs = [
        v if (p := given.get(n)) is None or not isinstance(v, Tensor) else p.shape if p.value is None else p.value
        for n, v in zip(names, inputs)
    ]
    shapes: dict[tuple[tuple[int, ...], ...], Instance] = {}

    def instance_of(values: Sequence[np.ndarray]) -> Instance:
        key = tuple(v.shape for v in values)
        if key not in shapes:
            dtypes = [kind_of(v.dtype) for v in values]
            shapes[key] = Instance(sides, names, key, dtypes, {}, assumed)
        return shapes[key]

    if found := falsify(inputs, instance_of, search):
        return _refute(found, search)
    instances = list(shapes.values())
    if len(instances) == 1:
        return _conclude(prove(instances[0]) if search.points else None, search, instances)
    reason = None
    if search.points and len({tuple(map(len, key)) for key in shapes}) == 1:
        dims = _generalise(list(shapes))
        reason = prove_generic(Generic(sides, names, dims, instances[0].dtypes, assumed))
    return _conclude(reason, search, instances)


def _generalise(shapes: Sequence[tuple[tuple[int, ...], ...]]) -> list[Shape]:
    """Shapes with a name for each size that varies; sizes that are always equal have one name."""
    named: dict[tuple[int, ...], Dim] = {}
    result = []
    for k, first in enumerate(shapes[0]):
        dims: list[Dim] = []
        for axis in range(len(first)):
            sizes = tuple(s[k][axis] for s in shapes)
            if len(set(sizes)) == 1:
                dims.append(sizes[0])
            else:
                dims.append(named.setdefault(sizes, as_shape([f"n{len(named) + 1}"])[0]))
        result.append(tuple(dims))
    return result
