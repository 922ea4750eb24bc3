"""Values that carry their exponent: ``mantissa * exp(scale)``, the scale kept as a linear combination of other values.

Products add scales and sums take the greatest, so that what overflows or vanishes on the way, as in
``exp(x)/sum(exp(x))`` or ``log(1 + exp(x))`` and their derivatives, is never formed. Only what lies between an
exponential and the logarithm, or the product of something huge and something tiny, that it meets is computed so; all
else is computed as it is written.

References
----------
Blanchard, Higham and Higham, Accurately computing the log-sum-exp and softmax functions, 2021, section 2.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from tracer import scalar, shapes
from tracer.emit.fragments import added, fragment
from tracer.emit.spelling import number, spell
from tracer.ops import selection
from tracer.ops.contraction import Contraction
from tracer.rules import Elementwise, Op, argument
from tracer.series import ExprWithLimits
from tracer.shapes import Shape
from tracer.tensor import Tensor

if TYPE_CHECKING:
    from tracer.emit.program import Program

MOVES = frozenset({"reshape", "getitem"})
"""Operations that only choose and rearrange elements of their first operand."""


class Range(NamedTuple):
    """Whether a value may be beyond the largest float, and whether it may be below the smallest."""

    huge: bool = False
    tiny: bool = False


PLAIN, BOTH = Range(), Range(True, True)


class Meeting(Exception):
    """An exponential meets a logarithm or its reciprocal."""


def _product(ranges: Sequence[Range]) -> Range:
    for k, r in enumerate(ranges):
        if r.huge and any(o.tiny for j, o in enumerate(ranges) if j != k):
            raise Meeting
    return Range(any(r.huge for r in ranges), any(r.tiny for r in ranges))


def _sum(ranges: Sequence[Range]) -> Range:
    return Range(any(r.huge for r in ranges), all(r.tiny for r in ranges))


@lru_cache(maxsize=256)
def _exponential(template: sympy.Basic) -> bool:
    return bool(template.has(sympy.exp, scalar.sigmoid))


@lru_cache(maxsize=256)
def _range(expr: Any, operands: tuple[Range, ...]) -> Range:
    """The range of a template, given those of its operands."""
    if isinstance(expr, sympy.Symbol):
        return operands[int(expr.name[1:])]
    if expr.has(ExprWithLimits):
        return PLAIN
    values = [value for value, _ in expr.args] if isinstance(expr, sympy.Piecewise) else expr.args
    parts = [_range(a, operands) for a in values]
    match expr:
        case sympy.exp():
            return BOTH
        case scalar.sigmoid():
            return Range(tiny=True)
        case sympy.Mul():
            return _product(parts)
        case sympy.Add():
            return _sum(parts)
        case sympy.Pow() if expr.exp.is_number:
            return Range(parts[0].tiny, parts[0].huge) if expr.exp < 0 else parts[0]
        case sympy.log() | scalar.log1p() if parts[0] != PLAIN:
            raise Meeting
        case sympy.Abs():
            return parts[0]
        case sympy.Piecewise():
            return Range(any(p.huge for p in parts), any(p.tiny for p in parts))
    return PLAIN


def _starts(rule: Op) -> bool:
    """Whether an operation makes an exponential."""
    return rule.name == "softmax" or (type(rule) is Elementwise and _exponential(rule.template))


def carried(order: Sequence[Tensor], leaf: Callable[[Tensor], bool]) -> set[int]:
    """The keys of the tensors to compute with a carried exponent."""
    ranges: dict[int, Range] = {}
    wanted: set[int] = set()
    if not any(map(_starts, {tensor.rule for tensor in order})):
        return wanted
    for tensor in order:
        if leaf(tensor) or tensor.dtype not in ("float64", "float32"):
            continue
        rule = tensor.rule
        operands = tuple([ranges.get(a.node, PLAIN) if type(a) is Tensor else PLAIN for a in tensor.args])
        try:
            if type(rule) is Elementwise:
                if _starts(rule) or any(r != PLAIN for r in operands):
                    ranges[tensor.node] = _range(_template(tensor), operands)
            elif rule.name == "softmax":
                ranges[tensor.node] = Range(tiny=True)
            elif all(r == PLAIN for r in operands):
                continue
            elif type(rule) is Contraction:
                ranges[tensor.node] = _product(operands)
            elif rule.name == "add_n":
                ranges[tensor.node] = _sum(operands)
            elif rule.name in MOVES:
                ranges[tensor.node] = operands[0]
            elif rule.name == "scatter":
                ranges[tensor.node] = Range(any(r.huge for r in operands), any(r.tiny for r in operands))
        except Meeting:
            wanted.add(tensor.node)
            ranges[tensor.node] = BOTH
    for tensor in reversed(order):
        if tensor.node in wanted and not leaf(tensor):
            wanted.update(a.node for a in tensor.args if type(a) is Tensor and ranges.get(a.node, PLAIN) != PLAIN)
    return wanted


def _template(tensor: Tensor) -> Any:
    rule: Any = tensor.rule
    return (rule.specialised(tensor.args) if rule.static else rule).template


Atom = tuple[Any, tuple[int, ...]]
"""A line, and for each of its axes the axis, counted from the last, on which it lies in the value that it scales."""

Scale = dict[Atom, Any]
"""A linear combination of atoms: their coefficients, none of them zero."""


def _add(*scales: tuple[Mapping[Atom, Any], Any]) -> Scale:
    """The sum of multiples of scales."""
    out: Scale = {}
    for scale, factor in scales:
        for atom, c in scale.items():
            out[atom] = out.get(atom, 0) + c * factor
    return {atom: c for atom, c in out.items() if c != 0}


class Carried(NamedTuple):
    """``mantissa * exp(scale)``.

    ``logarithm`` is the logarithm of the value, as a linear combination, where that is known better than by the
    logarithm of the mantissa; ``positive`` says that the mantissa is.
    """

    mantissa: Any
    scale: Scale
    positive: bool = False
    logarithm: Scale | None = None


def _plain(value: Any) -> Carried:
    """A line or a literal without a scale."""
    if type(value) is not str or value.startswith(("float", "True", "False")) or not value.replace(".", "").isdigit():
        return Carried(value, {})
    one = float(value) == 1
    return Carried("1" if one else value, {}, float(value) > 0, {} if one else None)


class Exponents:
    """How a program computes with carried exponents."""

    def __init__(self, program: Program) -> None:
        self._program = weakref.proxy(program)
        self._maxima: dict[Any, list[tuple[tuple[int, ...], Scale]]] = {}
        self._taken: dict[Any, tuple[Any, Any]] = {}

    def lower(self, tensor: Tensor, operands: Sequence[Any]) -> Carried:
        """The value of a tensor, given those of its operands: carried, or lines and literals."""
        values = [v if type(v) is Carried else _plain(v) for v in operands]
        rule = tensor.rule
        if type(rule) is Elementwise:
            return self._template(_template(tensor), values, tensor)
        if type(rule) is Contraction:
            return self._contraction(tensor, values)
        if rule.name == "softmax":
            return self._softmax(tensor, values[0])
        if rule.name == "add_n":
            return self._sum(values, tensor)
        return self._moved(tensor, values) if rule.name in MOVES else self._scattered(tensor, values)

    def plain(self, value: Carried, dtype: str) -> Any:
        """The value itself, as a line."""
        if not value.scale:
            return value.mantissa
        power = self._write(self._exp, value.scale, dtype)
        return self._times([value.mantissa, power], dtype)

    @property
    def _exp(self) -> str:
        return "math.exp({})" if self._program.floats else "np.exp({})"

    # Elementwise templates

    def _template(self, expr: Any, values: Sequence[Carried], tensor: Tensor) -> Carried:
        """The value of a template of an elementwise node."""
        dtype = tensor.dtype

        def walk(part: Any) -> Carried:
            return self._template(part, values, tensor)

        match expr:
            case sympy.Symbol():
                return values[int(expr.name[1:])]
            case sympy.exp():
                scale = self._linear(expr.args[0], values, tensor)
                return Carried("1", scale, True, scale)
            case scalar.sigmoid():
                return walk(1 / (1 + sympy.exp(-expr.args[0])))
            case sympy.Mul():
                return self._product([walk(a) for a in expr.args], dtype)
            case sympy.Add():
                return self._sum([walk(a) for a in expr.args], tensor)
            case sympy.Pow() if expr.exp.is_number:
                base = walk(expr.base)
                mantissa = self._power(base.mantissa, expr.exp, dtype)
                power = _coefficient(expr.exp)
                log = None if base.logarithm is None else _add((base.logarithm, power))
                return Carried(mantissa, _add((base.scale, power)), base.positive, log)
            case sympy.log():
                return self._log(walk(expr.args[0]), tensor)
            case scalar.log1p():
                return self._log(self._sum([Carried("1", {}, True, {}), walk(expr.args[0])], tensor), tensor)
            case sympy.Abs():
                inner = walk(expr.args[0])
                text = spell(sympy.Abs(argument(0)), self._program.floats).text
                return inner._replace(mantissa=self._line(text, [inner.mantissa], dtype), positive=True)
            case sympy.Piecewise():
                return self._piecewise(expr, walk, values, tensor)
        return _plain(self._plainly(expr, values, tensor))

    def _plainly(self, expr: Any, values: Sequence[Carried], tensor: Tensor) -> Any:
        """A template of plain operands as a line."""
        if expr.is_number:
            return spell(expr, self._program.floats).text
        positions = sorted(int(s.name[1:]) for s in expr.free_symbols)
        operands: list[Any] = ["0"] * len(values)
        for k in positions:
            operands[k] = self.plain(values[k], tensor.dtype)
        piece = spell(expr, self._program.floats)
        if piece.text == f"_{positions[0]}":
            return operands[positions[0]]
        return self._line(piece.text, operands, tensor.dtype)

    def _linear(self, expr: Any, values: Sequence[Carried], tensor: Tensor) -> Scale:
        """An exponent as a linear combination of lines."""
        out: Scale = {}
        for term in sympy.Add.make_args(expr):
            factor, rest = term.as_coeff_Mul()
            line = self._plainly(rest, values, tensor)
            coefficient = _coefficient(factor)
            while (inner := _operand("-_0", line)) is not None:
                line, coefficient = inner, -coefficient
            if type(line) is str:
                line = self._program.add(
                    fragment(line if not self._program.floats else f"float({line})"), [], (), tensor.dtype
                )
            out = _add((out, 1), ({(line, _trailing(line)): coefficient}, 1))
        return out

    def _log(self, value: Carried, tensor: Tensor) -> Carried:
        if value.logarithm is not None:
            return Carried(self._write("{}", value.logarithm, tensor.dtype), {})
        name = "math.log(_0)" if self._program.floats else "np.log(_0)"
        inverse = _operand("1 / _0", value.mantissa)
        log = self._line(name, [value.mantissa if inverse is None else inverse], tensor.dtype)
        if value.scale:
            scale = self._write("{}", value.scale, tensor.dtype)
            return Carried(self._line("_0 + _1" if inverse is None else "_0 - _1", [scale, log], tensor.dtype), {})
        return Carried(log if inverse is None else self._line("-_0", [log], tensor.dtype), {})

    def _product(self, values: Sequence[Carried], dtype: str) -> Carried:
        logs = [v.logarithm for v in values]
        log = None if any(r is None for r in logs) else _add(*((r, 1) for r in logs if r is not None))
        mantissa = self._times([v.mantissa for v in values], dtype)
        return Carried(mantissa, _add(*((v.scale, 1) for v in values)), all(v.positive for v in values), log)

    def _sum(self, values: Sequence[Carried], tensor: Tensor) -> Carried:
        values = [v for v in values if v.mantissa != "0"]
        dtype = tensor.dtype
        if not values:
            return Carried("0", {})
        if not any(v.scale for v in values):
            common: Scale = {}
            mantissas = [v.mantissa for v in values]
        else:
            common = {a: c for a, c in values[0].scale.items() if all(v.scale.get(a) == c for v in values)}
            rests = [_add((v.scale, 1), (common, -1)) for v in values]
            greatest = self._greatest(rests, dtype)
            mantissas = []
            for value, rest in zip(values, rests):
                shifted = _add((rest, 1), (greatest, -1))
                power = self._write(self._exp, shifted, dtype) if shifted else "1"
                mantissas.append(self._times([value.mantissa, power], dtype))
            common = _add((common, 1), (greatest, 1))
        mantissa = mantissas[0]
        for other in mantissas[1:]:
            negated = _operand("-_0", other)
            text = "_0 + _1" if negated is None else "_0 - _1"
            mantissa = self._line(text, [mantissa, other if negated is None else negated], dtype)
        positive = all(v.positive for v in values)
        return Carried(
            mantissa, common, positive, self._sum_logarithm(values, tensor) if positive and len(values) == 2 else None
        )

    def _power(self, mantissa: Any, exponent: Any, dtype: str) -> Any:
        if mantissa == "1":
            return mantissa
        inverse = _operand("1 / _0", mantissa)
        if inverse is not None:
            mantissa, exponent = inverse, -exponent
        text = spell(argument(0) ** abs(exponent), self._program.floats).text
        power = mantissa if text == "_0" else self._line(text, [mantissa], dtype)
        return power if exponent > 0 else self._line("1 / _0", [power], dtype)

    def _sum_logarithm(self, values: Sequence[Carried], tensor: Tensor) -> Scale:
        """The logarithm of a sum of two positive values, exact where one of them vanishes beside the other."""
        logs = [self._log(v, tensor).mantissa if v.logarithm is None or v.logarithm else "0" for v in values]
        name = "logaddexp(_0, _1)" if self._program.floats else "np.logaddexp(_0, _1)"
        line = self._line(name, logs, tensor.dtype)
        return {(line, _trailing(line)): 1}

    def _piecewise(
        self, expr: Any, walk: Callable[[Any], Carried], values: Sequence[Carried], tensor: Tensor
    ) -> Carried:
        branches = [walk(value) for value, _ in expr.args]
        scales = [b.scale for b in branches if b.mantissa != "0"]
        if any(s != scales[0] for s in scales[1:]):
            return Carried(self._plainly(expr, values, tensor), {})
        conditions = sorted({s for _, c in expr.args for s in c.free_symbols}, key=str)
        slots = {s: argument(k) for k, s in enumerate(conditions)}
        numbers = self._program.numbers([b.mantissa for b in branches], tensor.dtype)
        operands = [*(self._plainly(s, values, tensor) for s in conditions), *numbers]
        pieces = [(argument(len(conditions) + k), c.xreplace(slots)) for k, (_, c) in enumerate(expr.args)]
        text = spell(sympy.Piecewise(*pieces), self._program.floats).text
        mantissa = self._line(text, operands, tensor.dtype)
        scale = scales[0] if scales else {}
        if scale and len(scales) < len(branches) and all(isinstance(s, sympy.Symbol) for s in _choices(expr)):
            # Zero is zero whatever its scale, which may be infinite there.
            written = self._write("{}", scale, tensor.dtype)
            operands[len(conditions) :] = ["0" if b.mantissa == "0" else written for b in branches]
            chosen = self._line(text, operands, tensor.dtype)
            scale = {(chosen, _trailing(chosen)): 1}
        return Carried(mantissa, scale)

    # The greatest of scales

    def _greatest(self, scales: Sequence[Scale], dtype: str) -> Scale:
        """A scale that bounds all of the given ones and is reached."""
        kept: list[Scale] = []
        for scale in scales:
            if any(self._bounded(scale, other) for other in kept):
                continue
            kept = [other for other in kept if not self._bounded(other, scale)]
            kept.append(scale)
        if len(kept) == 1:
            return kept[0]
        line = self._write("{}", kept[0], dtype)
        for scale in kept[1:]:
            other = self._write("{}", scale, dtype)
            name = "max(_0, _1)" if self._program.floats else "np.maximum(_0, _1)"
            line = self._line(name, [line, other], dtype)
        self._maxima[line] = [(_trailing(line), scale) for scale in kept]
        return {(line, _trailing(line)): 1}

    def _bounded(self, scale: Scale, other: Scale) -> bool:
        """Whether one scale is known never to exceed another."""
        rest = _add((scale, 1), (other, -1))
        return not rest or any(
            c < 0 and _known(self._maxima[line], positions, _add((rest, 1 / -c), ({(line, positions): 1}, 1)))
            for (line, positions), c in rest.items()
            if line in self._maxima
        )

    # Contractions

    def _contraction(self, tensor: Tensor, values: Sequence[Carried]) -> Carried:
        """A sum of products: what is constant along the summed axes is taken out, the rest scaled by its maximum."""
        program, subscripts, dtype = self._program, tensor.params, tensor.dtype
        operands = list(values)
        for k, labels in enumerate(subscripts.inputs):
            if len(set(labels)) < len(labels):
                operands[k] = Carried(self.plain(values[k], dtype), {})
        total: dict[tuple[Any, tuple[int, ...]], Any] = {}
        for value, labels in zip(operands, subscripts.inputs):
            for (line, positions), c in value.scale.items():
                key = line, tuple(labels[p] for p in positions)
                total[key] = total.get(key, 0) + c
        kept: dict[tuple[Any, tuple[int, ...]], Any] = {}
        inside: list[Scale] = [{} for _ in operands]
        for (line, where), c in total.items():
            if c != 0 and all(label in subscripts.output for label in where):
                kept[line, where] = c
            elif c != 0:
                k = next((k for k, labels in enumerate(subscripts.inputs) if set(where) <= set(labels)))
                labels = subscripts.inputs[k]
                inside[k][line, tuple(labels.index(label) - len(labels) for label in where)] = c
        mantissas = []
        for value, labels, scale in zip(operands, subscripts.inputs, inside):
            if not scale:
                mantissas.append(value.mantissa)
                continue
            axes = [p for p in range(-len(labels), 0) if labels[p] not in subscripts.output]
            greatest = self._maximum(scale, axes, dtype)
            for (line, positions), c in greatest.items():
                key = line, tuple(labels[p] for p in positions)
                kept[key] = kept.get(key, 0) + c
            shifted = _add((scale, 1), (greatest, -1))
            power = self._write(self._exp, shifted, dtype)
            mantissas.append(self._times([value.mantissa, power], dtype))
        out = subscripts.output
        scale = {
            (line, tuple(out.index(i) - len(out) for i in where)): c for (line, where), c in kept.items() if c != 0
        }
        mantissa = program.generic(tensor, mantissas)
        positive = all(v.positive for v in operands) and bool(sympy.sympify(subscripts.scale).is_positive)
        return Carried(mantissa, scale, positive)

    def _maximum(self, scale: Scale, axes: Sequence[int], dtype: str) -> Scale:
        """The maximum of a scale along axes."""
        rank = max(-p for _, positions in scale for p in positions)
        covered = {p for _, positions in scale for p in positions}
        summed = [p for p in range(-rank, 0) if p in axes or p not in covered]
        remaining = tuple(p for p in range(-rank, 0) if p not in summed)
        size = abs(scale[min(scale, key=lambda atom: (atom[0].position, atom[1]))])
        key = frozenset((atom, c / size) for atom, c in scale.items()), remaining
        if key in self._taken:
            line, known = self._taken[key]
            return {(line, remaining): size // known if size % known == 0 else size / known}
        inner = self._write("{}", scale, dtype)
        axis = "" if not remaining else f", axis={summed[0] if len(summed) == 1 else tuple(summed)}"
        shape = tuple(inner.shape[p] for p in remaining)
        line = self._line(f"np.max(_0{axis})", [inner], dtype, shape)
        line.name = "max"
        self._taken[key] = line, size
        self._maxima[line] = [(remaining, scale)]
        return {(line, remaining): 1}

    # Rows of other kinds

    def _softmax(self, tensor: Tensor, x: Carried) -> Carried:
        """Exponentials over their sum."""
        line = self._program.spread(self.plain(x, tensor.dtype), tensor)
        scale = {(line, _trailing(line)): 1}
        greatest = self._maximum(scale, [tensor.params], tensor.dtype)
        shifted = _add((scale, 1), (greatest, -1))
        power = self._write(self._exp, shifted, tensor.dtype)
        thin = list(tensor.shape)
        thin[tensor.params] = 1
        total = self._line(f"np.sum(_0, axis={tensor.params}, keepdims=True)", [power], tensor.dtype, tuple(thin))
        log = self._line("np.log(_0)", [total], tensor.dtype)
        mantissa = self._line("1 / _0", [total], tensor.dtype)
        return Carried(mantissa, shifted, True, _add((shifted, 1), ({(log, _trailing(log)): -1}, 1)))

    def _moved(self, tensor: Tensor, values: Sequence[Carried]) -> Carried:
        """Elements chosen or rearranged: those of the mantissa and those of the scale alike."""
        first, *rest = values
        others = [v.mantissa for v in rest]
        mantissa = self._program.generic(tensor, [self._program.spread(first.mantissa, tensor.args[0]), *others])
        written = self._program.spread(self._write("{}", first.scale, tensor.dtype), tensor.args[0])
        scale = self._program.generic(tensor, [written, *others])
        return Carried(mantissa, {(scale, _trailing(scale)): 1}, first.positive)

    def _scattered(self, tensor: Tensor, values: Sequence[Carried]) -> Carried:
        """Values put on their places, and added up there: each relative to the greatest scale of its place."""
        program, dtype, count = self._program, tensor.dtype, len(tensor.params)
        arrays = [v.mantissa for v in values[count:]]
        scales = [program.spread(self._write("{}", v.scale, dtype), a) for v, a in zip(values, tensor.args[:count])]
        scribe = program.scribe([*scales, *arrays])
        names = [f"_{k}" for k in range(len(values))]
        dims, size = scribe.shape(tensor.shape), scribe.dims(shapes.size(tensor.shape))
        index = [selection.source(scribe, i, tensor.shape, names) for i in tensor.params]
        pairs = ", ".join(f"(np.arange({size}).reshape({dims})[{i}], {name})" for i, name in zip(index, names))
        text = f"greatest_at({size}, {pairs}).reshape({dims})"
        greatest = program.add(fragment(text), scribe.operands, tensor.shape, dtype)
        mantissas = []
        for k, (value, arg, scale) in enumerate(zip(values, tensor.args, scales)):
            scribe = program.scribe([*scales, *arrays, greatest, scale])
            where = selection.source(scribe, tensor.params[k], tensor.shape, names)
            shifted = f"_{len(names) + 1} - _{len(names)}[{where}]"
            power = program.add(fragment(self._exp.format(shifted)), scribe.operands, arg.shape, dtype)
            mantissas.append(program.spread(self._times([value.mantissa, power], dtype), arg))
        mantissa = program.generic(tensor, [*mantissas, *arrays])
        return Carried(mantissa, {(greatest, _trailing(greatest)): 1}, False)

    # Writing

    def _line(self, text: str, operands: Sequence[Any], dtype: str, shape: Shape | None = None) -> Any:
        """The line of an expression; by default its shape is the broadcast of the operands'."""
        if shape is None:
            shape = shapes.broadcast(*(() if type(o) is str else o.shape for o in operands))
        return self._program.add(fragment(text), self._program.numbers(operands, dtype), shape, dtype)

    def _times(self, factors: Sequence[Any], dtype: str) -> Any:
        """The product of lines and literals."""
        above = [f for f in factors if f != "1" and _operand("1 / _0", f) is None]
        below = [f for f in factors if _operand("1 / _0", f) is not None]
        negative = above.count("-1") % 2
        above = [f for f in above if f != "-1"] or below[:1]
        if above and above[0] in below:
            below = below[1:]
        out: Any = above[0] if above else "1"
        for factor in above[1:]:
            out = self._line("_0 * _1", [out, factor], dtype)
        for factor in below:
            out = self._line("_0 / _1", [out, _operand("1 / _0", factor)], dtype)
        return self._line("-_0", [out], dtype) if negative else out

    def _write(self, around: str, scale: Scale, dtype: str) -> Any:
        """A linear combination as a line, within the text around it."""
        if not scale:
            return number(0) if around == "{}" else "1"
        atoms = sorted(scale.items(), key=lambda item: (bool(item[1] < 0), item[0][0].position))
        terms: list[str] = []
        operands: list[Any] = []
        for (line, positions), c in atoms:
            name = _laid(f"_{len(operands)}", positions)
            size = "" if abs(c) == 1 else f"{number(abs(c))} * "
            terms.append(("-" if c < 0 else "") + size + name)
            operands.append(line)
        text = added(terms)
        rank = max((-p for _, positions in scale for p in positions), default=0)
        shape: list[Any] = [1] * rank
        for line, positions in scale:
            for d, p in zip(line.shape, positions):
                if d != 1:
                    shape[p] = d
        piece = fragment(around.format(text))
        if piece.text == "_0":
            return operands[0]
        return self._program.add(piece, operands, tuple(shape), dtype)


def _choices(expr: Any) -> list[Any]:
    """The conditions of a choice, without negations."""
    conditions = [c for _, c in expr.args if c is not sympy.true]
    return [c.args[0] if isinstance(c, sympy.Not) else c for c in conditions]


def _operand(text: str, line: Any) -> Any:
    """The operand of a line with one, if the line's text is the given one; else None."""
    return (
        line.operands[0] if type(line) is not str and line.fragment is not None and line.fragment.text == text else None
    )


def _coefficient(value: Any) -> Any:
    return int(value) if value.is_Integer else value if value.is_Rational else float(value)


def _trailing(line: Any) -> tuple[int, ...]:
    return tuple(range(-len(line.shape), 0))


def _laid(name: str, positions: tuple[int, ...]) -> str:
    """A line with its axes put on their places in the value that it scales."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    if order != list(range(len(positions))):
        name = f"np.transpose({name}, {tuple(order)})"
    if not positions or min(positions) == -len(positions):
        return name
    index = ", ".join(":" if p in positions else "None" for p in range(min(positions), 0))
    return f"{name}[{index}]"


def _known(members: Sequence[tuple[tuple[int, ...], Scale]], positions: tuple[int, ...], scale: Scale) -> bool:
    """Whether a scale is one of those that a line, lying on the given axes, is the maximum of."""
    return any(where == positions and member == scale for where, member in members)
