"""Formulas held against the trace: what is written is evaluated by itself, at points drawn at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy

from tracer.explanations.node_values import NodeValues
from tracer.formulas.assuming import assumed
from tracer.formulas.reading import formula
from tracer.nest import shown
from tracer.points import ATTEMPTS, Point, Points
from tracer.shapes import integer
from tracer.tensor import Tensor, TensorLike, as_tensor
from tracer.testing.interpreter import NoValueError, evaluate

SINGULAR = 1e-4
"""Which part of the value may change with the tenth digit of the sources."""


class FormulaMismatch(AssertionError):
    """A formula does not have the traced value.

    Attributes
    ----------
    formula : sympy object
        What was evaluated.
    sizes : dict
        The size of each symbolic dimension, by name.
    values : dict
        The value of each source, by name.
    expected : numpy.ndarray
        The traced value.
    actual : numpy.ndarray or Exception
        The formula's, or why it has none.
    """

    def __init__(
        self,
        formula: sympy.Basic,
        sizes: Mapping[str, int],
        values: Mapping[str, np.ndarray],
        expected: np.ndarray,
        actual: np.ndarray | Exception,
    ) -> None:
        self.formula, self.sizes, self.values, self.expected, self.actual = formula, sizes, values, expected, actual
        shown = "".join(f"\n  {name} = {np.array_repr(np.asarray(v))}" for name, v in values.items())
        super().__init__(
            f"the formula {formula} does not have the traced value at sizes {sizes or 'as traced'} and{shown}\n"
            f"traced:  {expected!r}\nformula: {actual!r}"
        )


def verify_formula(
    tensors: TensorLike | Sequence[TensorLike],
    trials: int = 2,
    sizes: Mapping[str, int] | None = None,
    values: Mapping[Tensor | str, TensorLike] | None = None,
    seed: int = 0,
) -> None:
    """Check that the closed form of a tensor, evaluated by itself, has the value that is computed from the trace.

    The formula is evaluated node by node as sympy's documentation defines its nodes; neither the trace nor the code
    that wrote the formula takes part in it.  Sizes of symbolic dimensions and values of sources are drawn at random,
    again where the traced value is not finite.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
    trials : int, optional
        At how many points.
    sizes : dict, optional
        Sizes of dimensions by name, in place of random ones.
    values : dict, optional
        Values of sources, by tensor or by name, in place of random ones that respect the placeholders' assumptions.
        What has a value keeps it at the first point.
    seed : int, optional
        Of the random numbers.

    Raises
    ------
    TypeError
        If sizes or values are no dictionary.
    FormulaMismatch
        If they differ; the message shows the point, the formula and both values.
    ValueError
        If there is no closed form, or no point is found at which the traced value is finite though the formula is a
        number, or if equations are assumed and no values given: random ones would not satisfy them.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", ("n", "d")), tracer.placeholder("w", ("d",))
    >>> gradient = tracer.gradients(tracer.reduce_sum(tracer.exp(X @ w)), w)[0]
    >>> tracer.testing.verify_formula(gradient)
    """
    if assumed() and not values:
        raise ValueError("random values do not satisfy the equations assumed; give verify_formula(..., values={...})")
    for name, mapping in (("sizes", sizes), ("values", values)):
        if mapping is not None and not isinstance(mapping, Mapping):
            raise TypeError(f"verify_formula: {name} is a dictionary, got {shown(mapping)}")
    given = [as_tensor(t) for t in (tensors if isinstance(tensors, (list, tuple)) else [tensors])]
    compare(formula(given), given, trials, sizes, values, seed)


def compare(
    formulas: Sequence[sympy.Basic],
    tensors: Sequence[Tensor],
    trials: int = 2,
    sizes: Mapping[str, int] | None = None,
    values: Mapping[Tensor | str, TensorLike] | None = None,
    seed: int = 0,
) -> None:
    """Check given formulas of tensors; see :func:`verify_formula`."""
    points = Points(tensors, sizes or {}, values or {}, seed)
    for trial in range(integer(trials, "the number of trials")):
        failure: Exception | None = None
        for point in points.draw(trial):
            failure = _failure(formulas, tensors, points, point)
            if failure is None:
                break
            if isinstance(failure, FormulaMismatch) and not isinstance(failure.actual, np.linalg.LinAlgError):
                raise failure
        else:
            if failure is None and all(e.has(sympy.nan) for e in formulas):
                return  # The formula says that there is no number, and there is none.
            raise failure or ValueError(
                f"{', '.join(t.name for t in tensors)}: no point was found in {ATTEMPTS} attempts at which the traced "
                f"value is finite ({points.reason}); give sizes={{...}} or values={{...}}"
            )


def _failure(
    formulas: Sequence[sympy.Basic], tensors: Sequence[Tensor], points: Points, point: Point
) -> Exception | None:
    """Why the formulas are wrong at a point, or why it says nothing, or None."""
    sizes, feed, expected = point
    arrays = {name: np.asarray(feed[t], float) for t, name in points.names.items()}
    arrays |= {name: np.asarray(points.number(e, sizes), float) for name, e in points.expressions.items()}
    for tensor, e, want in zip(tensors, formulas, expected):
        actual: np.ndarray | Exception
        try:
            actual = evaluate(e, sizes, arrays)
        except (NoValueError, np.linalg.LinAlgError) as error:
            actual = error
        scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
        if _same(actual, want, points.tolerance * scale):
            continue
        noise = points.noise(tensor, point, want)
        if noise > SINGULAR * scale:
            return ValueError(f"{tensor.name} is singular at each point that was drawn; give values={{...}}")
        if not _same(actual, want, points.tolerance * scale + noise):
            # What is this as it is written is no mistake of the formula: the trace is computed by other steps.
            written = NodeValues(tensor, feed)[tensor]
            if _same(actual, written, points.tolerance * scale) or not np.isfinite(written).all():
                return ValueError(f"{tensor.name} loses its digits at each point that was drawn; give values={{...}}")
            return FormulaMismatch(e, sizes, arrays, want, actual)
    return None


def _same(actual: np.ndarray | Exception, expected: np.ndarray, bound: float) -> bool:
    """Whether values agree up to rounding; a vector may be a column."""
    if isinstance(actual, Exception):
        return False
    if expected.ndim == 1 and actual.shape == (*expected.shape, 1):
        actual = actual[:, 0]
    if actual.shape != expected.shape:
        return False
    with np.errstate(invalid="ignore"):  # The difference of infinities.
        return bool(np.all((actual == expected) | (np.abs(actual - expected) <= bound)))
