"""The error that says where a gradient rule is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy


class GradientMismatch(AssertionError):
    """A gradient rule is wrong at some inputs.

    Attributes
    ----------
    inputs : list of numpy.ndarray
        The smallest found at which it is wrong.
    cotangent : numpy.ndarray
        What was pulled back to them.
    cotangents : list of numpy.ndarray
        At second order the cotangents of the gradient, too.
    argument : int
        The position of the input whose gradient is wrong; at second order the cotangent comes after the inputs.
    index : tuple of int
        Which element of that gradient.
    expected, actual : float
        The derivative there, and what the rule answers. Of a gradient of a wrong shape both are arrays.
    formula : sympy object or None
        The exact gradient by that input; None where there is no closed form.
    region : str
        Where else the rule is wrong, in words.
    """

    def __init__(
        self,
        statement: str,
        names: Sequence[str],
        inputs: Sequence[np.ndarray],
        cotangents: Sequence[np.ndarray],
        argument: int = 0,
        index: tuple[int, ...] = (),
        expected: float | np.ndarray = 0.0,
        actual: float | np.ndarray = 0.0,
        formula: sympy.Basic | None = None,
        region: str = "",
    ) -> None:
        self.inputs, self.cotangents, self.cotangent = list(inputs), list(cotangents), cotangents[0]
        self.argument, self.index = argument, index
        self.expected, self.actual = expected, actual
        self.formula, self.region = formula, region
        point = ", ".join(f"{n} = {show_array(v)}" for n, v in zip(names, [*inputs, *cotangents]))
        lines = [statement, f"  at {point}"]
        lines += [f"  {region}"] if region else []
        lines += [f"  the exact gradient by {names[argument]}: {formula}"] if formula is not None else []
        super().__init__("\n".join(lines))


def show_array(value: np.ndarray) -> str:
    """An array as a nest of short numbers."""

    def show(v: object) -> str:
        return "[" + ", ".join(map(show, v)) + "]" if isinstance(v, list) else f"{v:.12g}"

    return show(np.asarray(value).tolist())
