"""The text of one node in the names of its operands: ``X @ w``, ``exp(-v1)``."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import sympy

from tracer.explanations.relation_text import RelationPrinter
from tracer.program.lines import Line
from tracer.python_code import ATOM, PLUS, Code, Held, name
from tracer.python_scope import Scope
from tracer.reader import Reader
from tracer.rules import Elementwise, argument
from tracer.shapes import Literal, Subscripts
from tracer.tensor import Operand, Tensor


class Names:
    """Names that are unique within a picture: a node's label, or ``v1``, ``v2``, ... in order of creation.

    A number in a name thus says nothing of what else the process has traced.
    """

    def __init__(self, tensors: Iterable[Tensor]) -> None:
        given = list(tensors)
        taken = {t.label for t in given if t.label}
        numbers = itertools.count(1)
        seen: dict[str, int] = {}
        self._names: dict[int, str] = {}
        for t in given:
            name = t.label or next(v for k in numbers if (v := f"v{k}") not in taken)
            seen[name] = seen.get(name, 0) + 1
            while seen[name] > 1 and f"{name}_{seen[name]}" in taken:
                seen[name] += 1
            self._names[t.node] = name if seen[name] == 1 else f"{name}_{seen[name]}"

    def __getitem__(self, tensor: Tensor) -> str:
        return self._names.get(tensor.node, "...")


def text_of(tensor: Tensor, names: Names) -> str:
    """The formula of one node; nothing for a source."""
    return _NodeText(names).visit(tensor)


class _NodeText(Reader[str]):
    """The text of a node in the names of its operands."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def part(self, argument: Operand) -> str:
        """The name of an operand, or the text of a number."""
        return self.names[argument] if isinstance(argument, Tensor) else self.literal(argument)

    def literal(self, value: Literal) -> str:
        """The text of a number."""
        return _print(value)

    def source(self, tensor: Tensor) -> str:
        """A source has no text but its name."""
        return ""

    def elementwise(self, tensor: Tensor, *parts: str) -> str:
        """The template, unless the name says more."""
        rule = tensor.rule
        if rule.name in _BY_NAME:
            return self.row(tensor, *parts)
        assert isinstance(rule, Elementwise)
        values = {
            argument(k): sympy.Symbol(text) if isinstance(a, Tensor) else _number(a)
            for k, (a, text) in enumerate(zip(tensor.args, parts, strict=True))
        }
        return _print(rule.template.xreplace(values))

    def contraction(self, tensor: Tensor, *parts: str) -> str:
        """A contraction in matrix notation where it has one, else as einsum text."""
        return _write_contraction(tensor, list(parts))

    def row(self, tensor: Tensor, *parts: str) -> str:
        """What the row writes in a program, without the names of modules."""
        rule = tensor.rule
        if not parts:
            return ""
        if rule.name == "add_n":
            return " + ".join(parts)
        if rule.numpy is not None and rule.name not in _BY_NAME:
            line = Line(rule, tensor.args, tensor.params, tensor.shape, tensor.dtype)
            return rule.numpy(_BARE_SCOPE, line, *map(name, parts)).write(_show_slot)
        return f"{rule.name}({', '.join(parts)})"


_BY_NAME = {
    "gelu", "gelu_approximate", "identity", "is_nan", "logdet", "mod", "scatter", "selu", "slogdet_log", "slogdet_sign",
    "stop_gradient",
}  # fmt: skip
"""Operations whose names say more than their templates and their programs."""


class _BareModule:
    """A module whose functions are written without its name: ``inv(A)`` for ``np.linalg.inv(A)``."""

    def __getattr__(self, own: str) -> Any:
        return self if own == "linalg" else name(own)

    def named(self, own: str) -> Code:
        """The function of this name."""
        return name(own)


class _BareScope(Scope):
    """The names of a picture, where modules go without saying."""

    np = _BareModule()


_BARE_SCOPE = _BareScope()


def _show_slot(key: sympy.Basic | Held) -> tuple[str, int]:
    """What fills a slot, in the words of a picture, which has no room for the elements of an array."""
    if isinstance(key, Held):
        return ("[...]", ATOM) if hasattr(key.value, "dtype") else (str(key.value), ATOM)
    return str(key), ATOM if key.is_Atom else PLUS


class _Printer(RelationPrinter):
    """Text as a program has it: ``where`` for a choice."""

    def _print_Piecewise(self, expr: sympy.Piecewise) -> str:
        *choices, (last, _) = expr.args
        text = self._print(last)
        for value, condition in reversed(choices):
            text = f"where({self._print(condition)}, {self._print(value)}, {text})"
        return str(text)


def _print(value: Literal) -> str:
    return str(_Printer({"order": "none"}).doprint(value)) if isinstance(value, sympy.Basic) else str(value)


def _number(value: Literal) -> sympy.Basic:
    return sympy.Rational(str(value)) if isinstance(value, float) and value - value == 0 else sympy.sympify(value)


_REDUCTIONS = {"reduce_sum": "sum", "reduce_mean": "mean"}


def _write_contraction(tensor: Tensor, operands: list[str]) -> str:
    """A contraction in matrix notation where it has one, else as einsum text."""
    subscripts: Subscripts = tensor.params
    inputs, output, scale = subscripts
    if tensor.op in _REDUCTIONS:
        summed = [k for k, label in enumerate(inputs[0]) if label not in output]
        axis = "" if len(summed) == len(inputs[0]) else f", axis={summed[0] if len(summed) == 1 else tuple(summed)}"
        return f"{_REDUCTIONS[tensor.op]}({operands[0]}{axis})"
    return _write_scale(
        scale, _write_product(inputs, output, operands) or f"einsum('{subscripts.text()}', {', '.join(operands)})"
    )


def _write_product(inputs: tuple[tuple[int, ...], ...], output: tuple[int, ...], operands: list[str]) -> str | None:
    labels = (*inputs, output)
    if any(len(set(i)) < len(i) or len(i) > 2 for i in labels):
        return f"trace({operands[0]})" if inputs == ((0, 0),) and not output else None
    if len(operands) == 1:
        if set(inputs[0]) == set(output):
            return operands[0] if inputs[0] == output else f"{operands[0]}.T"
        if not output:
            return f"sum({operands[0]})"
        return f"broadcast({operands[0]})" if output[len(output) - len(inputs[0]) :] == inputs[0] else None
    if len(operands) != 2:
        return "1" if not operands else None
    (a, b), (x, y) = inputs, operands
    if len(a) == len(b) == 1 and set(output) == {*a, *b} and len(output) == 2:
        return f"outer({x}, {y})" if output == a + b else f"outer({y}, {x})"
    inner = (set(a) & set(b)) - set(output)
    if len(inner) != 1 or (set(a) | set(b)) - inner != set(output):
        return None
    (k,) = inner
    if output and output[0] not in a:
        a, b, x, y = b, a, y, x
    left = x if a[-1] == k else f"{x}.T"
    right = y if b[0] == k else f"{y}.T"
    return f"{left} @ {right}"


def _write_scale(scale: Literal, text: str) -> str:
    if isinstance(scale, (int, float)) and scale == 1:
        return text
    factor = _print(_number(scale))
    return factor if text == "1" else f"{factor} * {text}"
