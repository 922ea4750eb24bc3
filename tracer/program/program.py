"""The program that computes tensors: their graph read into lines, each common subexpression once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import sympy

from tracer.backprop import ADD_N
from tracer.dtypes import FLOATS
from tracer.ops.indexing import SCATTER
from tracer.ops.inverse_products import DETERMINANTS, INVERSES, find_cofactors, find_systems
from tracer.ops.selection import Index
from tracer.places import Place
from tracer.program import einsums
from tracer.program.building import Lines
from tracer.program.cached import find_used_values, has_own_value
from tracer.program.carried import Carried
from tracer.program.carrying import Carrying
from tracer.program.common_factors import factor_sums
from tracer.program.lines import Kind, Line, Operand, as_number, broadcast, compact
from tracer.program.optimise import prune, sort_lines, split_functions, substitute
from tracer.program.overflow import find_carried
from tracer.program.requirements import requirements
from tracer.program.rewriting import rewrite_terms
from tracer.python_scope import shape_of
from tracer.reader import Reader
from tracer.rules import Elementwise, argument, is_template_of_row, list_positions
from tracer.shapes import Literal
from tracer.tensor import Tensor, is_fixed
from tracer.walk import ancestors

LIFTED = sympy.Piecewise((sympy.oo, sympy.Eq(argument(0), 0)), (argument(0), True))
"""What a pole is made: by it, what is divided is zero."""


class Program(Reader[Operand | Carried]):
    """The lines that compute tensors.

    Parameters
    ----------
    outputs : sequence of Tensor
    inputs : iterable of Tensor
        Tensors whose values are given; what lies behind them is not looked at. Without any, values that were computed
        before are used.
    stable : bool
        Whether what loses digits is written anew, by the table of rewrites; else the lines are what the user wrote.
    conventions : bool
        Whether what operations divide by that have poles is infinite in the place of zero.

    Attributes
    ----------
    lines : list of Line
        In an order in which they may be computed.
    outputs : sequence of Tensor
    results : list
        The outputs: lines and numbers.
    arguments : dict
        The line of each input, by its key.
    constants : list of Line
    dimensions : dict
        The line of each symbolic size that is used.
    placed : dict
        The value that each call of the user's code has, by its place.
    required : dict
        What the symbolic sizes must fulfil.
    chooses : bool
        Whether a choice may leave values out: no reason to fail is one then to fail for all.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> program = Program([tracer.reduce_sum(tracer.sin(x) * tracer.sin(x))], [x])
    >>> [(line.op.name, line.params) for line in program.lines]
    [('ELEMENTWISE', sin(_0)), ('MATMUL', None)]
    """

    def __init__(
        self, outputs: Sequence[Tensor], inputs: Iterable[Tensor], stable: bool = True, conventions: bool = False
    ) -> None:
        super().__init__()
        self._conventions = conventions
        self._lines = lines = Lines(stable)
        self._carrying = Carrying(lines)
        self.outputs = outputs
        self.placed: dict[Place, Line] = {}
        self.arguments = {t.node: lines.leaf(Kind.ARGUMENT, t, t.shape, t.dtype) for t in inputs}
        self.parts.update(self.arguments)
        self._used = set() if self.arguments else find_used_values(outputs)
        given = self.arguments

        def known(tensor: Tensor) -> bool:
            return tensor.node in given or self._has_value(tensor)

        order = ancestors(outputs, known)
        self._restated = find_restated(order, known) if stable else {}
        self._carried = find_carried(order, known)
        self.required = requirements(order)
        self.chooses = any(t.dtype == "bool" for t in order)
        self.walk(order)
        self.results = [lines.spread(self._write_out(t), t.shape, t.dtype) for t in outputs]
        self._keep_needed(lines.made)

    def _keep_needed(self, made: Sequence[Line]) -> None:
        """Let the lines be those that the results need."""
        lines = self._lines
        needed = prune(made, self.results)
        self.lines = [line for line in made if line in needed]
        self.constants = [line for line in lines.constants if line in needed]
        self.continued = sum(map(lines.is_continued, self.lines))
        self.dimensions = {dim: line for dim, line in lines.dimensions.items() if line in needed}

    def factor_sums(self) -> Program:
        """The program itself, in which sums are computed by the factors that their terms share."""
        replaced = factor_sums(self._lines, self.lines, self.results)
        if replaced:
            for old, new in replaced.items():
                if type(new) is Line:
                    new.name = new.name or old.name
            self.results = substitute(replaced, self.results)
            for line in self._lines.made:
                line.operands = tuple(substitute(replaced, line.operands))
            self.placed = {place: replaced.get(line, line) for place, line in self.placed.items()}
            self._keep_needed(sort_lines(self.lines, self.results))
        return self

    def visit(self, tensor: Tensor) -> Operand | Carried:
        """The value of a tensor; its shape may only broadcast to the tensor's."""
        restated = self._restated.get(tensor.node)
        if self._has_value(tensor):
            value: Operand | Carried = self._known_value(tensor)
        elif restated is not None:
            self.walk(ancestors([restated], lambda t: t.node in self.parts))
            value = self._write_out(restated)
        elif tensor.node in self._carried:
            return self._carrying.lower(tensor, [self._part_or_carried(a) for a in tensor.args])
        else:
            value = super().visit(tensor)
        value = self._lines.cast(value, tensor.dtype)
        if type(value) is Line:
            if tensor.label or not value.name:
                value.name = tensor.label or tensor.rule.name
            place = tensor.place
            if place is not None and len(place) == 2:
                self.placed[place] = value
        return value

    def _has_value(self, tensor: Tensor) -> bool:
        """Whether a tensor's own value is used."""
        return tensor.node in self._used or has_own_value(tensor)

    def part(self, argument: Tensor | Literal) -> Operand:
        """What stands for an argument of an operation."""
        return self._write_out(argument) if type(argument) is Tensor else self.literal(argument)

    def _part_or_carried(self, argument: Tensor | Literal) -> Operand | Carried:
        value = self.parts[argument.node] if type(argument) is Tensor else self.literal(argument)
        return value

    def _write_out(self, tensor: Tensor) -> Operand:
        """The value of a tensor, written out if it is carried."""
        value = self.parts[tensor.node]
        if type(value) is Carried:
            value = self.parts[tensor.node] = self._carrying.write_out(value, tensor.dtype)
        return value

    def literal(self, value: Literal) -> Operand:
        """A number, or an expression in dimensions."""
        if isinstance(value, sympy.Expr) and value.free_symbols:
            return self._lines.dimension(value)
        return as_number(value)

    def source(self, tensor: Tensor) -> Operand:
        """A source without a value can't be computed."""
        raise ValueError(
            f"{tensor.name} has no value; give one with eval({{{tensor.name!r}: ...}}), or name it among the inputs"
        )

    def elementwise(self, tensor: Tensor, *parts: Operand | Carried) -> Operand:
        """A line for the template, the numbers written in that its evaluation gains by."""
        lines, dtype = self._lines, tensor.dtype
        template = evaluated_template(tensor)
        if lines.stable and dtype in FLOATS:
            template = rewrite_terms(template)
        if template.is_Number:
            return lines.spread(lines.cast(as_number(template), dtype), tensor.shape, dtype)
        if self._conventions:
            parts = self._lift_poles(tensor, parts)
        operands = [lines.narrow(o, dtype) for o in parts] if dtype == "float32" else list(parts)
        alternatives = _alternatives(template)
        if alternatives:
            for k, operand in zip(alternatives, lines.numbers([operands[k] for k in alternatives], dtype)):
                operands[k] = operand
        else:
            operands = lines.numbers(operands, dtype)
        whole = bool(split_functions(template)[0]) and is_template_of_row(template)
        value = lines.elementwise(template, operands, dtype, split=not whole, loose=True)
        # An operand that a number has made superfluous may be what gives the shape.
        used = compact(template)[1]
        if len(used) < len(operands) and any(type(o) is Line and k not in used for k, o in enumerate(operands)):
            return lines.spread(lines.cast(value, dtype), tensor.shape, dtype)
        return value

    def _lift_poles(self, tensor: Tensor, parts: Sequence[Operand | Carried]) -> tuple[Operand | Carried, ...]:
        """The operands of an operation, infinite in the place of the zeros that it divides by."""
        rule = tensor.rule
        assert isinstance(rule, Elementwise)
        lifted = list(parts)
        for k in rule.poles:
            divisor = parts[k]
            if type(divisor) is Line:
                lifted[k] = made = self._lines.elementwise(LIFTED, [divisor], divisor.dtype)
                made.name = "divisor"
        return tuple(lifted)

    def contraction(self, tensor: Tensor, *parts: Operand | Carried) -> Operand:
        """The array operations that a contraction is."""
        return einsums.lower(self._lines, tensor, parts)

    def row(self, tensor: Tensor, *parts: Operand | Carried) -> Operand:
        """The line of any other operation, over operands of the full shape; a sum spreads them by itself."""
        lines, rule = self._lines, tensor.rule
        operands = list(parts)
        if rule is not ADD_N or broadcast(parts) != tensor.shape:
            operands = [
                lines.spread(o, a.shape, a.dtype) if type(a) is Tensor else o for o, a in zip(parts, tensor.args)
            ]
        if rule is ADD_N:
            return lines.sum(operands, tensor.shape, tensor.dtype)
        if rule.name == "cast":
            return lines.add(Kind.CAST, operands, None, tensor.shape, tensor.dtype)
        if rule is SCATTER and len(operands) == len(tensor.params):  # no place is an array
            operands, places = self._join_places(operands, tensor.params, tensor.dtype)
            return lines.add(rule, operands, places, tensor.shape, tensor.dtype)
        return lines.add(rule, operands, tensor.params, tensor.shape, tensor.dtype)

    def _join_places(
        self, operands: Sequence[Operand], places: Sequence[Index], dtype: str
    ) -> tuple[list[Operand], tuple[Index, ...]]:
        """What is put at the same place is added up before."""
        values: dict[Index, list[Operand]] = {}
        for operand, place in zip(operands, places):
            values.setdefault(place, []).append(operand)
        sums = [v[0] if len(v) == 1 else self._lines.sum(v, shape_of(v[0]), dtype) for v in values.values()]
        return sums, tuple(values)

    def _known_value(self, tensor: Tensor) -> Operand:
        """The value that a tensor has: a number, an expression in dimensions, or a constant."""
        value = tensor.value
        if isinstance(value, sympy.Expr):
            return self.literal(value)
        if not tensor.shape and tensor.dtype in ("float64", "int64", "bool"):
            return as_number(value.item() if hasattr(value, "item") else value)
        return self._lines.leaf(Kind.CONSTANT, tensor, tensor.shape, tensor.dtype)


def find_restated(order: Sequence[Tensor], known: Callable[[Tensor], bool]) -> dict[int, Tensor]:
    """What is computed by other operations on matrices, by the keys of tensors: by cofactors, or as solutions."""
    if not any(t.rule in INVERSES or t.rule in DETERMINANTS for t in order):
        return {}
    cofactors = find_cofactors(order, lambda tensor, user: not known(tensor), False)
    return {**find_systems([t for t in order if not known(t)]), **cofactors}


def evaluated_template(tensor: Tensor) -> sympy.Basic:
    """The template of an elementwise operation, with the numbers written in that its evaluation gains by."""
    rule = tensor.rule
    assert isinstance(rule, Elementwise)
    if not rule.static:
        return rule.template
    floats = all(a.dtype in FLOATS for a in tensor.args if type(a) is Tensor)
    numbers = [a.value if type(a) is Tensor and is_fixed(a) else a for a in tensor.args]
    return rule.evaluated([n if type(n) is int or (floats and type(n) is float) else None for n in numbers])


@lru_cache(maxsize=256)
def _alternatives(template: sympy.Basic) -> tuple[int, ...]:
    """The arguments among which a template chooses; none where it is no choice."""
    if not isinstance(template, sympy.Piecewise):
        return ()
    return list_positions(sympy.Tuple(*(value for value, _ in template.args)))
