"""Why a value or a gradient is NaN or infinite: the first node that is not finite, what it asks for, and a repair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from tracer.alive import live
from tracer.explanations.conditions import Condition
from tracer.explanations.derivatives import find_derivative, given_for
from tracer.explanations.digit_values import is_rounding, values_without_rounding
from tracer.explanations.domains import forward_key
from tracer.explanations.failing_conditions import domain_conditions, find_condition
from tracer.explanations.failing_demands import find_failing_demand
from tracer.explanations.fixes import Fix, find_fix
from tracer.explanations.node_values import NodeValues
from tracer.explanations.relation_text import tell_relation
from tracer.explanations.repeated_parts import name_repeated_parts
from tracer.explanations.sentences import find_names, title
from tracer.explanations.witnesses import find_witness
from tracer.formulas.source_names import source_names
from tracer.interrupts import run_long
from tracer.names import Label
from tracer.nest import shown
from tracer.places import line_of, show_line
from tracer.tensor import PLACEHOLDER, SOURCES, VARIABLE, Feed, Tensor, TensorLike, as_tensor

FORMATTER: Any = {"float_kind": str}


class Diagnosis:
    """Why a tensor is not finite at some values.

    Attributes
    ----------
    tensor : Tensor
    finite : bool or None
        False where the values make it NaN or infinite, True where they do not, or, without values, where no operation
        asks for anything; None where no values were found at which it is not finite, though it asks for something.
    node : int or None
        The key of the first node, in order of evaluation, that is not finite where it counts.
    line : (str, int) or None
        The file and the line that computed it; of a gradient, those of the operation whose gradient rule it belongs to.
    operands : dict
        The values of the node's operands, by their names.
    condition : Condition or None
        What the node asks for and does not have; None for a source and for an overflow. Where ``exact`` is finite, it
        is by rounding alone that it fails.
    exact : array or None
        The value of the node in numbers of many digits, where it is finite there: NaN or infinity come from rounding or
        from overflow then, and not from mathematics.
    path : tuple of int
        The nodes from it to the tensor.
    witness : dict or None
        The values of the sources, by name.
    fix : str or None
        One expression in tracer's and the sources' names, with the same value wherever both are finite, which is finite
        at these values; of a derivative, one for the function. It is searched for when it is first asked for.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> diagnosis = tracer.diagnose(x * tracer.math.log(x), {x: 0.0})
    >>> diagnosis.condition.relation, diagnosis.fix
    (x > 0, 'math.xlogy(x, x)')
    """

    def __init__(
        self, tensor: Tensor, values: NodeValues | None, finite: bool | None, names: Mapping[int, str], given: bool
    ) -> None:
        self.tensor, self.finite, self.names = tensor, finite, names
        self._values, self._given = values, given
        self.first = values.first_not_finite() if values is not None and finite is False else None
        self.node = None if self.first is None else self.first.node
        self.line = None if self.first is None else line_of(self.first.place)
        self.witness = None if values is None or finite is None else _name_values(values)
        self.path: tuple[int, ...] = ()
        self.operands: dict[str, np.ndarray] = {}
        if values is not None and self.first is not None:
            self.path = values.path_from(self.first)
            self.operands = {a.name: values[a] for a in self.first.args if type(a) is Tensor and a.node in values}

    @cached_property
    def condition(self) -> Condition | None:
        """What the node asks for and does not have."""
        if self._values is None or self.first is None:
            return None
        return find_condition(self._values, self.first)

    @cached_property
    def exact(self) -> np.ndarray | None:
        """The value of the node in numbers of many digits, if it is finite there wherever it is not in floats."""
        if self._values is None or self.first is None or not is_rounding(self._values, self.first):
            return None
        return values_without_rounding(self._values, self.first)

    @cached_property
    def repair(self) -> Fix | None:
        """The fix, with its reason, and whether it is proved to be equal."""
        return None if self._values is None or self.first is None else find_fix(self._values)

    @property
    def fix(self) -> str | None:
        """A spelling that is finite at the values, and the same elsewhere."""
        return None if self.repair is None else self.repair.text

    @cached_property
    def forward(self) -> Tensor | None:
        """The operation whose gradient rule recorded the node."""
        key = None if self.first is None else forward_key(self.first)
        found = live.get(key) if key is not None else None
        return found() if found is not None else None

    def __str__(self) -> str:
        name = self._subject()
        if self.finite is None:
            asked = " and ".join(tell_relation(c.relation) for c in domain_conditions(self.tensor))
            return f"{name} is finite for {asked}; no values were found at which that does not hold."
        if self._values is None or self.first is None:
            where = f" at {show_values(self.witness)}" if self.witness else ""
            return f"{name} is finite{where}." if self._given else f"{name} is finite wherever its sources are."
        return " ".join([self._tell_first(name), *self._tell_cause(), *self._tell_way(), *self._tell_fix()])

    def _subject(self) -> str:
        """The subject of the sentences: the tensor, and of a gradient what it is the gradient of."""
        derivative, own = find_derivative(self.tensor), title(self.tensor, self.names)
        if derivative is None:
            return own
        targets = " and ".join(title(t, self.names) for t in derivative.targets)
        said = f"the {derivative.kind} of {targets} by {title(given_for(derivative.source), self.names)}"
        return f"{own}, {said}," if own != self.tensor.name else f"T{said[1:]}"

    def tell_shortly(self) -> str:
        """What is wrong with the first node, in the few words that a picture has room for."""
        if self._values is None or self.first is None:
            return ""
        what = describe(self._values[self.first])
        return what if self.condition is None else f"{what}, needs {tell_relation(self.condition.relation)}"

    def _tell_first(self, name: str) -> str:
        assert self.first is not None
        assert self._values is not None
        where = f" at {show_values(self.witness)}" if self.witness else ""
        what = describe(self._values[self.tensor])
        line = show_line(self.first.place)
        said = f"{name} is {what}{where}."
        if self.first.rule in SOURCES:
            return f"{said} Its source {title(self.first, self.names)} is not finite itself."
        first = title(self.first, self.names)
        if self.forward is not None:
            first += f", in the gradient of {title(self.forward, self.names)}"
        return f"{said} The first value that is not finite is {first}{f' at {line}' if line else ''}."

    def _tell_cause(self) -> list[str]:
        assert self.first is not None
        assert self._values is not None
        if self.first.rule in SOURCES:
            return []
        at = _first_index(self._values.fails(self.first))
        what = describe(self._values[self.first])
        operands = ", ".join(f"{name} = {show_value(v)}" for name, v in self.operands.items())
        said = [f"It is {what}{at}" + (f", for {operands}." if operands else ".")]
        if self.exact is not None:
            return [*said, *self._tell_rounding(self.exact)]
        if self.condition is not None and self.condition.relation != sympy.false:
            said.append(f"It needs {tell_relation(self.condition.relation)}.")
        elif self.condition is not None:
            said.append("No values of the sources bring it into its domain.")
        elif any(not v.size for v in self.operands.values()):
            said.append("There are no elements to take it of.")
        elif find_failing_demand(self._values, self.first) is not None:
            said.append("Its operands are in its domain but for rounding.")
        elif any(isinstance(a, float) and not np.isfinite(a) for a in self.first.args):
            said.append("A number that is not finite stands in it.")
        elif operands and what == "NaN":
            said.append("It has no finite value there.")
        elif operands:
            said.append("Its operands are in its domain: the result is beyond the largest float.")
        return said

    def _tell_rounding(self, exact: np.ndarray) -> list[str]:
        """That the node has a value, which floats do not have."""
        assert self.first is not None
        assert self._values is not None
        found = exact[self._values.fails(self.first)].ravel()[0]
        value = show_digits(found)
        if find_failing_demand(self._values, self.first) is None:
            if abs(found) > np.finfo(float).max:
                return [f"That is an overflow: the result, {value}, is beyond the largest float."]
            return [f"That is rounding or overflow on the way: with more digits the result is {value}."]
        if self.condition is None:
            needed = "Its operands are in its domain"
        else:
            needed = f"It needs {tell_relation(self.condition.relation)}, which holds"
        return [f"{needed} but for rounding: with more digits the result is {value}."]

    def _tell_way(self) -> list[str]:
        if len(self.path) < 3:
            return []
        tensors = {t.node: t for t in (self._values.order if self._values is not None else [])}
        between = [title(tensors[key], self.names) for key in self.path[1:-1] if key in tensors]
        shown = between if len(between) <= 4 else [*between[:2], "...", between[-1]]
        return [f"From there it goes by {', '.join(shown)}."]

    def _tell_fix(self) -> list[str]:
        repair = self.repair
        if repair is None:
            return []
        proof = "proved equal where both are finite" if repair.proved else "found equal at points where both are finite"
        target = "" if find_derivative(self.tensor) is None else "the function as "
        short, parts = name_repeated_parts(repair.text)
        meaning = ", ".join(f"{letter} = {part}" for letter, part in parts.items())
        return [f"Write {target}{short}{f', with {meaning}' if parts else ''} ({repair.reason}; {proof})."]

    def __repr__(self) -> str:
        state = {True: "finite", False: "not finite", None: "undecided"}[self.finite]
        return f"<Diagnosis of {self.tensor.name}: {state}>"


def diagnose(tensor: TensorLike, values: Feed | None = None) -> Diagnosis:
    """Why a value or a gradient is NaN or infinite.

    Parameters
    ----------
    tensor : tensor
    values : dict, optional
        Values of sources, by tensor or name; other sources keep those that they have. Without values, such are searched
        at which the tensor is not finite.

    Returns
    -------
    Diagnosis
        ``str()`` says it in words.

    Raises
    ------
    TypeError
        If the values are no dictionary.
    LookupError
        If a key of the values is no source.
    ValueError
        If values are given and a source has none, or one of another shape.

    Examples
    --------
    >>> import tracer as tf
    >>> x = tf.placeholder("x")
    >>> gradient = tf.gradients(tf.sqrt(x), [x])[0]
    >>> diagnosis = tf.diagnose(gradient, {x: 0.0})
    >>> diagnosis.finite, diagnosis.condition.relation
    (False, x > 0)
    >>> tf.diagnose(1 / (x - 3)).witness
    {'x': array(3.)}
    """
    given = as_tensor(tensor)
    return run_long("diagnosis", _diagnose, given, values)


def _diagnose(given: Tensor, values: Feed | None) -> Diagnosis:
    if values is not None:
        if not isinstance(values, Mapping):
            raise TypeError(
                f"diagnose takes a dictionary of values by tensor or name, got {shown(values)}; "
                "write diagnose(y, {x: 0.0})"
            )
        return _judge(given, NodeValues(given, values), True)
    try:
        known: NodeValues | None = NodeValues(given, {})
    except ValueError:  # a source has no value
        known = None
    if known is not None:
        return _judge(given, known, True)
    found = find_witness(given)
    if found is not None:
        return _judge(given, found, False)
    return Diagnosis(given, None, None if domain_conditions(given) else True, _names_around(given, []), False)


def _judge(tensor: Tensor, values: NodeValues, given: bool) -> Diagnosis:
    return Diagnosis(tensor, values, values.is_finite(tensor), _names_around(tensor, values.order), given)


def _names_around(tensor: Tensor, order: Sequence[Tensor]) -> dict[int, str]:
    """The caller's variables for a tensor, for what it is computed from, and for what it is the gradient of."""
    derivative = find_derivative(tensor)
    behind = [] if derivative is None else [*derivative.targets, given_for(derivative.source)]
    return find_names(t.node for t in (tensor, *order, *behind))


def _name_values(values: NodeValues) -> dict[str, np.ndarray]:
    """The values of sources by name: of those that were given, and of variables."""
    names = source_names(values.order)
    found = {}
    for t in values.order:
        if t.node in values.given or t.rule in (VARIABLE, PLACEHOLDER):
            name = t.name if type(t.label) is Label else names.get(t.node, t.name)
            found[name] = values[t]
    return found


def describe(value: np.ndarray) -> str:
    """What is wrong with a value, in a word.

    >>> describe(np.array([1.0, -np.inf])), describe(np.array([np.nan, np.inf]))
    ('infinite', 'NaN')
    """
    return "NaN" if np.isnan(value).any() else "infinite" if np.isinf(value).any() else "finite"


def show_digits(number: Any) -> str:
    """A number of many digits in a few of them, however large.

    >>> from tracer.precise.digits import Digits
    >>> show_digits(Digits(40).context.mpf(10) ** 400 / 3)
    '3.33333e+399'
    """
    return str(number.context.nstr(number, 6))


def _first_index(wrong: np.ndarray) -> str:
    if not wrong.ndim or not wrong.any():
        return ""
    index = [int(k) for k in np.argwhere(wrong)[0]]
    more = int(wrong.sum()) - 1
    return f" at {index}" + (f" and {more} more" if more else "")


def show_value(value: Any) -> str:
    """A value in a few words.

    >>> show_value(np.array(-1.0)), show_value(np.zeros((30, 30)))
    ('-1.0', 'an array of shape (30, 30)')
    """
    array = np.asarray(value)
    if array.size > 12:
        return f"an array of shape {array.shape}"
    if not array.ndim:
        return str(array.item())
    return np.array2string(array, separator=", ", formatter=FORMATTER).replace("\n", "")


def show_values(values: Mapping[str, np.ndarray] | None) -> str:
    """Values by name: ``"x = -1.0, y = 2.0"``."""
    shown = [f"{name} = {show_value(v)}" for name, v in (values or {}).items()]
    return ", ".join(shown if len(shown) <= 6 else [*shown[:5], "..."])
