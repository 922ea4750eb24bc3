"""The value of each node that a tensor is computed from, and which of their elements count.

All nodes are the outputs of one program, so that this takes as long as one evaluation. What NumPy refuses (a singular
matrix, the Cholesky factor of an indefinite one, the largest of no elements) counts as NaN.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean

from tracer.backends.evaluation import as_float_or_int, match_feed, measure, run
from tracer.backends.moved_elements import find_origins
from tracer.explanations.domains import uses
from tracer.ops.contraction import Contraction
from tracer.program.lines import Line
from tracer.program.program import Program
from tracer.rules import Elementwise, argument, list_positions
from tracer.tensor import SOURCES, Feed, Tensor
from tracer.walk import ancestors

REFUSALS = (np.linalg.LinAlgError, ArithmeticError)
"""What NumPy raises for a value that it can't give."""


class NodeValues:
    """The values of a tensor and of all that it is computed from.

    Parameters
    ----------
    tensor : Tensor
    feed : mapping
        Values of sources, by tensor or name; the others keep those that they have.

    Attributes
    ----------
    order : list of Tensor
        What the tensor is computed from and the tensor itself, in order of evaluation.
    given : dict
        The sources for which values were given, by their keys; the tensor need not depend on all of them.

    Raises
    ------
    LookupError
        If a key of the feed is no source.
    ValueError
        If a source has no value, or one does not have its source's shape.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y = tracer.where(x > 0, tracer.math.log(x), 0.0)
    >>> values = NodeValues(y, {x: -1.0})
    >>> values.first_not_finite() is None, [t.op for t in values.order if not values.is_finite(t)]
    (True, ['log'])
    """

    def __init__(self, tensor: Tensor, feed: Feed) -> None:
        matched = match_feed(tensor, feed, np)
        self.tensor = tensor
        self.order = ancestors([tensor], lambda t: t.node in matched)
        self.given = {key: source for key, (source, _) in matched.items()}
        self._program = Program(self.order, list(self.given.values()), stable=False)
        self._arrays: dict[int, np.ndarray] = {}
        self.evaluate({key: matched[key][1] for key in self.given})

    def evaluate(self, values: Mapping[int, np.ndarray]) -> None:
        """Evaluate all nodes anew, at other values of the sources for which values were given."""
        sizes: dict[sympy.Symbol, int] = {}
        for key, source in self.given.items():
            measure(source, values[key], sizes)
        arguments: dict[Line, object] = {self._program.arguments[k]: values[k] for k in self.given}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the mean of no elements
            results = run(self._program, arguments, sizes, partial(_answer_nan, sizes))
        self._arrays = {t.node: np.asarray(v) for t, v in zip(self.order, results, strict=True)}
        self._arrays |= {k: np.asarray(values[k]) for k in self.given}
        self._active: dict[int, np.ndarray] | None = None

    def __getitem__(self, tensor: Tensor) -> np.ndarray:
        return self._arrays[tensor.node]

    def __contains__(self, key: int) -> bool:
        return key in self._arrays

    def is_finite(self, tensor: Tensor) -> bool:
        """Whether a value has no NaN and no infinity in it."""
        return bool(np.isfinite(self[tensor]).all())

    @property
    def active(self) -> dict[int, np.ndarray]:
        """Which elements of each node count: those that no branch leaves out."""
        if self._active is None:
            self._active = self._find_active()
        return self._active

    def fails(self, tensor: Tensor) -> np.ndarray:
        """Which elements of a node count and are not finite."""
        mask = self.active.get(tensor.node)
        wrong = ~np.isfinite(self[tensor])
        return np.asarray(wrong & mask) if mask is not None else np.zeros_like(wrong)

    def first_not_finite(self) -> Tensor | None:
        """The first node in order of evaluation that is not finite where it counts; None where the tensor is finite."""
        if self.is_finite(self.tensor):
            return None
        return next(t for t in self.order if self.fails(t).any())

    def operands(self, node: Tensor) -> list[np.ndarray]:
        """The values of the operands of a node, numbers among them."""
        return [self[a] if type(a) is Tensor else np.asarray(as_float_or_int(a)) for a in node.args]

    def path_from(self, node: Tensor) -> tuple[int, ...]:
        """A path of nodes from one to the tensor, through values that are not finite if there is such a path."""
        before: dict[int, int] = {node.node: 0}
        poisoned = {node.node}
        for t in self.order:
            if t.node <= node.node or t.node not in self.active:
                continue
            reached = [a.node for a in t.args if type(a) is Tensor and a.node in before]
            if reached:
                before[t.node] = next((k for k in reached if k in poisoned), reached[0])
                if before[t.node] in poisoned and self.fails(t).any():
                    poisoned.add(t.node)
        path = [self.tensor.node]
        while path[-1] != node.node:
            path.append(before[path[-1]])
        return tuple(reversed(path))

    def _find_active(self) -> dict[int, np.ndarray]:
        active = {self.tensor.node: np.ones(self[self.tensor].shape, bool)}
        for t in reversed(self.order):
            mask = active.get(t.node)
            if mask is None or not mask.any() or t.rule in SOURCES or t.node in self.given:
                continue
            chosen = uses(t)
            for k, a in enumerate(t.args):
                if type(a) is Tensor:
                    own = _mask_operand(self, t, k, mask, chosen)
                    known = active.get(a.node)
                    active[a.node] = own if known is None else np.asarray(known | own)
        return {k: mask for k, mask in active.items() if mask.any() or not mask.size}


def _mask_operand(
    values: NodeValues, node: Tensor, position: int, mask: np.ndarray, chosen: Mapping[int, Boolean]
) -> np.ndarray:
    """Which elements of an operand the elements of a node in ``mask`` are computed from."""
    shape = values[node.args[position]].shape
    if isinstance(node.rule, Elementwise):
        if position in chosen:
            mask = mask & holds(chosen[position], values.operands(node))
        return _mask_broadcast(mask, shape)
    if type(node.rule) is Contraction:
        return _mask_contraction(node.params.output, node.params.inputs[position], mask, shape)
    if node.rule.facts.moves:
        return _mask_moves(values, node, position, mask)
    return np.ones(shape, bool)


def _mask_broadcast(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A mask of the result as one of an operand: whether any element is true to which its element is broadcast."""
    extra = mask.ndim - len(shape)
    if extra:
        mask = np.asarray(mask.any(axis=tuple(range(extra))))
    thin = tuple(k for k, d in enumerate(shape) if d == 1 and mask.shape[k] != 1)
    return np.asarray(mask.any(axis=thin, keepdims=True) if thin else mask)


def _mask_contraction(
    output: tuple[int, ...], labels: tuple[int, ...], mask: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """The same for a sum of products: elements whose labels agree with those of an element of the result."""
    if not shape:
        return np.asarray(mask.any())
    found = np.zeros(shape, bool)
    labels = labels[len(labels) - len(shape) :]
    own = list(dict.fromkeys(labels))
    shared = [k for k in own if k in output]
    used = np.asarray(np.einsum(mask.astype(int), list(output), shared) > 0)
    diagonal = np.einsum(found, list(labels), own)  # a view, of the diagonal where a label is repeated
    spread = used.reshape([used.shape[shared.index(k)] if k in shared else 1 for k in own])
    diagonal[...] = _mask_broadcast(spread, diagonal.shape)
    return found


def _mask_moves(values: NodeValues, node: Tensor, position: int, mask: np.ndarray) -> np.ndarray:
    """The same for an operation that only moves elements: it moves their numbers, counted from one."""
    whole = np.asarray(np.ones(values[node.args[position]].shape, bool))
    if node.args[position].dtype not in ("float64", "float32"):
        return whole  # an index
    try:
        moved = find_origins(node, position, values.operands(node), values[node].shape)
    except Exception:  # it has a form of its own, or sizes that are not known here
        return whole
    found = np.zeros(whole.size + 1, bool)
    found[moved[np.broadcast_to(mask, moved.shape)]] = True
    return found[1:].reshape(whole.shape)


def holds(relation: Boolean, operands: Sequence[Any]) -> np.ndarray:
    """Where a relation over argument symbols is true of operands.

    Examples
    --------
    >>> holds(argument(0) > argument(1), [np.array([1.0, 3.0]), np.array(2.0)])
    array([False,  True])
    """
    if relation in (sympy.true, sympy.false):
        return np.asarray(bool(relation))
    symbols, function = compile_relation(relation)
    with np.errstate(all="ignore"):
        return np.asarray(function(*(operands[k] for k in symbols)), bool)


@lru_cache(maxsize=256)
def compile_relation(expression: sympy.Basic) -> tuple[tuple[int, ...], Callable[..., Any]]:
    """The operands that an expression over argument symbols speaks of, and it as a function of their values."""
    used = list_positions(expression)
    return used, sympy.lambdify([argument(k) for k in used], expression, "numpy")


def _answer_nan(sizes: Mapping[sympy.Symbol, int], line: Line, operands: Sequence[Any], error: Exception) -> np.ndarray:
    """NaN in place of what NumPy refuses; an error of another kind is raised."""
    of_nothing = isinstance(error, ValueError) and not all(np.size(o) for o in operands)
    if not isinstance(error, REFUSALS) and not of_nothing:
        raise error
    shape = [int(d.xreplace(dict(sizes))) if isinstance(d, sympy.Expr) else d for d in line.shape]
    return np.full(shape, np.nan)
