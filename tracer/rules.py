"""The record of an operation, and the table of all of them.

An elementwise row is a sympy template in argument symbols. Its derivatives, and the derivatives of those, are again
templates, found by sympy once and memoised, so that a traced or differentiated operation never calls sympy.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, cached_property, lru_cache, wraps
from math import isfinite, nan
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import sympy
from sympy.logic.boolalg import Boolean

from tracer import series
from tracer.python_code import Code
from tracer.shapes import Dim, Literal

if TYPE_CHECKING:
    from tracer.tensor import Operand, Tensor
    from tracer.terms.record import Term

T = TypeVar("T")

TABLE: dict[str, Op] = {}

Pullback: TypeAlias = "Callable[..., Operand | None]"
"""From a node, its cotangent and a position to the contribution to the cotangent of that argument."""


@cache
def argument(position: int) -> sympy.Symbol:
    """The symbol that stands for an argument in a template."""
    return sympy.Symbol(f"_{position}", real=True)


def position_of(symbol: sympy.Symbol) -> int:
    """The position that an argument symbol stands for."""
    return int(symbol.name[1:])


@lru_cache(maxsize=4096)
def list_positions(expr: sympy.Basic) -> tuple[int, ...]:
    """The positions of the arguments in an expression, in order; there may be other symbols in it.

    Examples
    --------
    >>> list_positions(argument(2) * argument(0) + sympy.Dummy("k"))
    (0, 2)
    """
    named = [position_of(s) for s in expr.free_symbols if s.name[1:].isdecimal()]
    return tuple(sorted(k for k in named if argument(k) in expr.free_symbols))


OUT = sympy.Symbol("_out", real=True)
COTANGENT = sympy.Symbol("_g", real=True)


class Facts(NamedTuple):
    """What a row states of its function, for readers to ask instead of keeping lists of names.

    Attributes
    ----------
    finite : bool
        Whether the result is a number wherever the operands are numbers.
    bounded : bool
        Whether it is also no float that overflows there: ``exp`` is finite, but not bounded.
    positive, nonnegative : bool
        The sign of the result, whatever the operands are.
    odd, even : bool
        Whether ``f(-x)`` is ``-f(x)``, or ``f(x)``.
    keeps_sign : bool
        Whether the result has the sign of the operand, and is zero where that is.
    inverse : str
        The name of the row that undoes it: ``f(inverse(x))`` is ``x``.
    complement : bool
        Whether ``f(-x)`` is ``1 - f(x)``.
    symmetric : bool
        Whether the order of the arguments does not matter, and equal ones count once.
    linear : bool
        Whether it is linear in its last operand, to which a pullback gives the cotangent.
    signs : tuple of int or None
        For a sum of operands, their signs; an empty tuple stands for as many plus signs as there are operands.
    moves : bool
        Whether it only chooses and rearranges elements of its operands, adding zeros perhaps.
    transposes : bool
        Whether a function of a matrix commutes with transposition: ``f(A.T)`` is ``f(A).T``.
    """

    finite: bool = False
    bounded: bool = False
    positive: bool = False
    nonnegative: bool = False
    odd: bool = False
    even: bool = False
    keeps_sign: bool = False
    inverse: str = ""
    complement: bool = False
    symmetric: bool = False
    linear: bool = False
    signs: tuple[int, ...] | None = None
    moves: bool = False
    transposes: bool = False


NO_FACTS = Facts()
BOUNDED = Facts(finite=True, bounded=True)
MOVES = Facts(finite=True, bounded=True, moves=True)
"""The facts of an operation that only moves elements: what it does to booleans says which come from where."""


class Domain(NamedTuple):
    """What a row asks of its operands where no template says it: relations, given a node of the operation.

    Operands are written as the symbols that :mod:`tracer.ops.matrix_domains` has for them.

    Attributes
    ----------
    value : callable or None
        What the value asks, for being finite.
    derivative : callable or None
        What the gradient rule asks beside that.
    kinks : callable or None
        Where the derivative is no convention.
    """

    value: Callable[[Any], Sequence[Boolean]] | None = None
    derivative: Callable[[Any], Sequence[Boolean]] | None = None
    kinks: Callable[[Any], Sequence[Boolean]] | None = None


class Op:
    """An operation of the trace.

    Attributes
    ----------
    name : str
        What the user called.
    pullback : callable or None
        ``pullback(node, cotangent, position)`` answers the contribution to the cotangent of one argument, or None
        where nothing flows to it. An operation without one raises when a gradient through it is asked for.
    differentiable : bool
        False where no gradient flows whatever the argument: ``floor``, ``stop_gradient``.
    recorded : bool
        Whether a tape has the output, so that one may differentiate by it: yes for ``floor``, no for ``stop_gradient``.
    implicit : bool
        Whether the pullback takes a cotangent that only broadcasts to the node's shape, or a number.
    fixed : bool
        Whether the value follows from shapes and numbers alone, whatever the values of sources; a scalar bears it from
        the start, a number or an expression in dimensions.
    numpy : callable or None
        ``numpy(e, node, *operands)`` answers the NumPy code of the operation, given those of its operands, as one
        writes it: ``e.np.reshape(x, node.shape)``. What it may ask of ``node`` is :class:`python_scope.Operation`.
    components : callable or None
        ``components(node, *elements)`` answers the elements of the result in row-major order, given the lists of those
        of its operands.
    components_cost : callable or None
        ``components_cost(node)`` answers how many parts the elements would have, if they were written out in single
        elements of the operands, where that grows faster than the sizes of the operands.
    term : callable or None
        ``term(node, *terms)`` answers the term of the result, given those of its operands.
    written : callable or None
        ``written(node)`` answers the same in operations that formulas are written by; None for what is too long.
    named : bool
        Whether formulas write the operation by its name where nothing else is said of its term.
    latex : str
        The name of the function in LaTeX; without one it is the name of the row, upright.
    batch : callable or None
        ``batch(node, axes, *operands)`` answers the operation on operands with as many leading axes more.
    joint : list of int
        The keys of the nodes of one call, whose results have one gradient rule.
    joint_pullback : callable or None
        ``joint_pullback(cotangents)`` answers the contributions to the cotangents of all arguments of such a call,
        given the cotangents of all its nodes, None for one that has none.
    joint_batch : callable or None
        ``joint_batch(batched, inputs, dims)`` answers the results of such a call with leading axes.
    needs : callable or None
        ``needs(node)`` answers pairs: an expression in dimensions that must not be negative, and what is wrong else.
    facts : Facts
    domain : Domain or None
        What the operation asks of its operands; what its gradient rule records then asks nothing beside.
    closed : tuple of int
        Positions of arguments to which no gradient flows, as to the condition of a choice.
    result : str
        What the dtype of the result is made of; see :class:`Elementwise`, whose rows state it.
    """

    __slots__ = (
        "batch", "components", "components_cost", "differentiable", "domain", "facts", "fixed", "implicit", "joint",
        "joint_batch", "joint_pullback", "latex", "name", "named", "needs", "numpy", "pullback", "recorded", "term",
        "written",
    )  # fmt: skip
    closed: tuple[int, ...] = ()
    mask: Mask | None = None
    result = "same"

    def __init__(
        self,
        name: str,
        pullback: Pullback | None = None,
        *,
        differentiable: bool = True,
        recorded: bool = True,
        implicit: bool = False,
        fixed: bool = False,
        numpy: Callable[..., Code] | None = None,
        components: Callable[..., Sequence[sympy.Basic]] | None = None,
        components_cost: Callable[..., int] | None = None,
        term: Callable[..., Term] | None = None,
        written: Callable[..., Tensor | None] | None = None,
        named: bool = False,
        latex: str = "",
        batch: Callable[..., Tensor] | None = None,
        joint_pullback: Callable[[Sequence[Operand | None]], Sequence[Operand | None]] | None = None,
        joint_batch: Callable[..., Sequence[Tensor]] | None = None,
        needs: Callable[..., Sequence[tuple[Dim, str]]] | None = None,
        facts: Facts = NO_FACTS,
        domain: Domain | None = None,
    ) -> None:
        self.name = name
        self.pullback = pullback
        self.differentiable = differentiable
        self.recorded = recorded
        self.implicit = implicit
        self.fixed = fixed
        self.numpy = numpy
        self.components = components
        self.components_cost = components_cost
        self.term = term
        self.written = written
        self.named = named
        self.latex = latex
        self.batch = batch
        self.joint: list[int] = []
        self.joint_pullback = joint_pullback
        self.joint_batch = joint_batch
        self.needs = needs
        self.facts = facts
        self.domain = domain

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def remembered(method: Callable[..., T]) -> Callable[..., T]:
    """A method of a row whose answers are kept with the row, by its arguments."""

    @wraps(method)
    def answered(self: Elementwise, *args: object) -> T:
        key = method, args
        if key not in self._answers:
            self._answers[key] = method(self, *args)
        answer: T = self._answers[key]
        return answer

    return answered


class Step:
    """One elementwise backward step: an operation and what to apply it to.

    ``picks`` chooses the operands: -2 is the cotangent, -1 the node's output, others are argument positions. Without an
    operation the step is the operand itself. ``choose`` answers the operands, of the arguments, the cotangent and the
    output in one tuple.
    """

    __slots__ = ("choose", "op", "picks")

    def __init__(self, op: Elementwise | None, picks: tuple[int, ...]) -> None:
        self.op = op
        self.picks = picks
        only = slice(picks[0], picks[0] + 1 or None) if picks else slice(0)
        self.choose: Callable[[tuple[Any, ...]], tuple[Any, ...]] = (
            itemgetter(*picks) if len(picks) > 1 else itemgetter(only)  # of one position, it answers no tuple
        )


class Elementwise(Op):
    """An operation given by a sympy template, applied element by element with broadcasting.

    Attributes
    ----------
    template : sympy.Basic
        Given as such, or as a function that makes it when it is first needed.
    result : str
        The dtype of the result: ``"same"`` (the promoted dtype of the operands), ``"float"`` (the same, integers
        becoming float64), ``"bool"``, or a dtype.
    partials : dict
        Stated derivatives by position, in the arguments and ``OUT``: the conventions at kinks. Others are derived.
    static : tuple of int
        Positions whose small integer literals are written into the template, ``x**2`` being a template of its own.
    stepwise : bool
        Whether a derivative that is a step function counts as connected, with derivative zero, to what it steps on:
        TensorFlow's convention for ``relu``; the mask of ``maximum`` is not connected.
    closed : tuple of int
        The arguments to which no gradient flows: by default those that the template uses in conditions and under
        ``floor`` alone.
    poles : tuple of int
        The arguments that it divides by and that count as infinite where they are zero, if there is no limit: the
        convention for norms.
    slope_poles : tuple of int
        The poles of its derivatives, among the arguments and its value, which is -1.
    mask : Mask or None
        What the template selects, where it is one value under a condition and zero elsewhere.
    """

    def __init__(
        self,
        name: str,
        template: sympy.Basic | Callable[[], sympy.Basic],
        arity: int,
        *,
        result: str = "same",
        partials: Callable[[], Mapping[int, sympy.Expr | int]] | None = None,
        static: tuple[int, ...] = (),
        stepwise: bool = False,
        closed: tuple[int, ...] | None = None,
        poles: tuple[int, ...] = (),
        slope_poles: tuple[int, ...] = (),
        differentiable: bool = True,
        recorded: bool = True,
        facts: Facts = NO_FACTS,
    ) -> None:
        super().__init__(name, differentiable=differentiable, recorded=recorded, facts=facts)
        self.arity = arity
        self.result = result
        self.static = static
        self.stepwise = stepwise
        self.poles = poles
        self.slope_poles = slope_poles or poles
        self._template = template
        self._partials = partials
        self._steps: dict[tuple[int, bool], Step | None] = {}
        self._special: dict[tuple[int | None, ...], Elementwise] = {}
        self._answers: dict[tuple[object, ...], Any] = {}
        self._stated_closed = closed or ()
        if closed is not None:
            self.closed = closed

    @cached_property
    def template(self) -> sympy.Basic:
        """An expression in ``argument(0)``, ``argument(1)``, ..."""
        return self._template if isinstance(self._template, sympy.Basic) else sympy.sympify(self._template())

    @cached_property
    def closed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The arguments to which no gradient flows."""
        return () if self.stepwise else _conditional(self.template, self.arity)

    @cached_property
    def mask(self) -> Mask | None:  # type: ignore[override]
        """What the template selects, where it is one value under a condition and zero elsewhere."""
        return _mask(self.template, self.arity, self.stepwise)

    @property
    def partials(self) -> Mapping[int, sympy.Expr | int]:
        """Stated derivatives by position."""
        return self._partials() if self._partials is not None else {}

    def step(self, position: int, args: Sequence[Operand], unit: bool) -> Step | None:
        """The backward step for one argument; None where it is connected with derivative zero.

        ``unit`` says that the cotangent is the number one.
        """
        op = self.specialised(args) if self.static else self
        try:
            return op._steps[position, unit]
        except KeyError:
            step = op._steps[position, unit] = op._derive(position, unit)
            return step

    def partial(self, position: int) -> sympy.Expr:
        """The derivative by one argument, as a template in the arguments and ``OUT``."""
        stated = self.partials
        if position in stated:
            return sympy.sympify(stated[position])
        try:
            derivative = series.derivative(self.template, argument(position))
        except Exception:  # sympy's derivatives raise anything, for indices that they take for integers, say
            derivative = sympy.nan
        # What jumps has no derivative but zero: sympy's is a distribution.
        derivative = derivative.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
        if derivative.has(sympy.Derivative, sympy.Subs, sympy.nan):
            raise LookupError(
                f"the operation {self.name!r} has no gradient rule: sympy has no closed form of its derivative; "
                "write the rule with custom_gradient"
            )
        # a**(b - 1)/a is 0/0 at 0, where a**(b - 2) has a value.
        return sympy.powsimp(derivative, combine="exp").xreplace({self.template: OUT})

    def _derive(self, position: int, unit: bool) -> Step | None:
        partial = self.partial(position)
        if partial == 0:
            return None
        expr = partial if unit else _times(partial)
        if expr.is_number:
            return Step(None, (-2,)) if expr == 1 else Step(_named(self.name, expr, 0), ())
        symbols = [(-2, COTANGENT), (-1, OUT), *((k, argument(k)) for k in range(self.arity))]
        free = expr.free_symbols
        used = [(k, s) for k, s in symbols if s in free]
        if isinstance(expr, sympy.Symbol):
            return Step(None, (used[0][0],))
        template = expr.xreplace({s: argument(k) for k, (_, s) in enumerate(used)})
        name = f"{self.name}_grad{position if self.arity > 1 else ''}"
        static, stated, poles = (
            tuple(n for n, (k, _) in enumerate(used) if k in own)
            for own in (self.static, self._stated_closed, self.slope_poles)
        )
        return Step(_named(name, template, len(used), self.stepwise, static, stated, poles), tuple(k for k, _ in used))

    def specialised(self, args: Sequence[Operand]) -> Elementwise:
        """The operation with its static literals written into the template."""
        # The powers 0 and 1 stay powers: their derivatives are connected to the base.
        static = self.static
        key = tuple(
            [
                a if k in static and type(a) is int and -9 < a < 9 and a not in (0, 1) else None
                for k, a in enumerate(args)
            ]
        )
        try:
            return self._special[key]
        except KeyError:
            op = self._special[key] = self._with_literals(key)
            return op

    def _with_literals(self, literals: tuple[int | None, ...]) -> Elementwise:
        values = {argument(k): sympy.Integer(v) for k, v in enumerate(literals) if v is not None}
        if not values:
            return self
        return Elementwise(self.name, self.template.xreplace(values).doit(), self.arity, result=self.result)

    def evaluated(self, numbers: Sequence[Literal | None]) -> sympy.Basic:
        """The template with static whole numbers written in, of which values are computed.

        ``b*(b - 1)*a**(b - 2)`` is then zero for ``b = 1``, and not zero times infinity where ``a`` is zero. None
        stands for a number that is not known.
        """
        chosen = [numbers[k] for k in self.static]
        small = [int(n) if n is not None and -9 < n < 9 and n == int(n) else None for n in chosen]
        return self._with_numbers(tuple(small))

    @remembered
    def _with_numbers(self, numbers: tuple[int | None, ...]) -> sympy.Basic:
        values = {argument(k): sympy.Integer(n) for k, n in zip(self.static, numbers) if n is not None}
        return self.template.xreplace(values).doit() if values else self.template

    @remembered
    def keeps_zero(self, position: int) -> bool:
        """Whether the result is zero wherever the argument is."""
        return bool(self.template.subs(argument(position), 0) == 0)

    @remembered
    def factor(self, position: int) -> Step | None:
        """What the operation multiplies one argument with, where it is more than an argument or a number."""
        if not isinstance(self.template, sympy.Expr):
            return None
        rest, own = self.template.as_independent(argument(position), as_Add=False)
        used = [k for k in range(self.arity) if argument(k) in rest.free_symbols]
        if own != argument(position) or not used or isinstance(rest, sympy.Symbol):
            return None
        template = rest.xreplace({argument(k): argument(n) for n, k in enumerate(used)})
        poles = tuple(n for n, k in enumerate(used) if k in self.poles)
        return Step(_named(f"{self.name}_factor", template, len(used), self.stepwise, poles=poles), tuple(used))

    @cached_property
    def _fold(self) -> Callable[..., Literal]:
        symbols = [argument(k) for k in range(self.arity)]
        function: Callable[..., Literal] = sympy.lambdify(symbols, self.template.doit(), "math")
        return function

    def fold(self, literals: Sequence[Literal]) -> Literal:
        """The value at literals: a number, exact where a float would be cut short, or an expression in dimensions."""
        if any(isinstance(a, sympy.Basic) and not a.is_Rational for a in literals):
            return self.template.subs({argument(k): sympy.sympify(a) for k, a in enumerate(literals)})
        numbers = [float(a) if isinstance(a, sympy.Basic) else a for a in literals]
        try:
            value = self._fold(*numbers)
        except (ArithmeticError, ValueError):
            return self._fold_singular(numbers)
        except (NameError, NotImplementedError):  # a function that Python lacks
            return self.template.xreplace({argument(k): sympy.sympify(a) for k, a in enumerate(literals)})
        if isinstance(value, complex):
            return nan
        if (
            type(value) is float
            and _is_computed(value)
            and all(map(isfinite, literals))
            and not any(map(_is_computed, literals))
        ):
            exact = self._fold(*(Fraction(str(a)) for a in literals))
            if isinstance(exact, Fraction) and exact.denominator < 2**53:
                return sympy.Rational(exact.numerator, exact.denominator)
        return value

    def _fold_singular(self, numbers: Sequence[Literal]) -> float:
        """The value where Python's functions raise: infinite or NaN, as NumPy has it."""
        import numpy as np

        function = sympy.lambdify([argument(k) for k in range(self.arity)], self.template.doit(), "numpy")
        with np.errstate(all="ignore"):
            return float(function(*map(np.float64, numbers)))


_SHORT = 16
"""A float that takes as many characters is rarely one that a person wrote."""


def _is_computed(value: Literal) -> bool:
    """Whether a float is the result of some arithmetic, as far as its digits tell; its decimals mean nothing then."""
    return type(value) is float and len(repr(value)) > _SHORT


def _times(partial: sympy.Expr) -> sympy.Expr:
    """The cotangent times a partial derivative; within a mask, so that what is inactive stays exactly zero."""
    if isinstance(partial, sympy.Piecewise):
        return sympy.Piecewise(*((_times(e), c) for e, c in partial.args))
    return COTANGENT * partial


class Mask(NamedTuple):
    """A template that is ``inner`` where a condition on ``conditions`` holds, and zero elsewhere.

    ``inner`` is an argument's position or a number; ``select`` is the same condition over (value, *conditions).
    """

    inner: int | None
    value: sympy.Expr | None
    conditions: tuple[int, ...]
    select: Elementwise


def _mask(template: sympy.Basic, arity: int, stepwise: bool) -> Mask | None:
    if not isinstance(template, sympy.Piecewise) or len(template.args) != 2:
        return None
    (value, condition), (rest, _) = template.args
    if value == 0:
        value, rest, condition = rest, value, sympy.Not(condition)
    free = condition.free_symbols
    inner = next((k for k in range(arity) if value == argument(k) and argument(k) not in free), None)
    if rest != 0 or (inner is None and not value.is_number):
        return None
    positions = tuple(k for k in range(arity) if argument(k) in free)
    renamed = condition.xreplace({argument(k): argument(n + 1) for n, k in enumerate(positions)})
    select = sympy.Piecewise((argument(0), renamed), (0, True))
    op = _named("select", select, len(positions) + 1, stepwise)
    return Mask(inner, None if inner is not None else value, positions, op)


def _conditional(template: sympy.Basic, arity: int) -> tuple[int, ...]:
    if not template.has(sympy.Piecewise, sympy.floor, sympy.ceiling):
        return ()
    todo: list[sympy.Basic] = [template]
    smooth = set()
    while todo:
        expr = todo.pop()
        if isinstance(expr, sympy.Symbol):
            smooth.add(expr)
        elif not isinstance(expr, (Boolean, sympy.floor, sympy.ceiling)):
            todo += expr.args
    return tuple(k for k in range(arity) if argument(k) in template.free_symbols - smooth)


TemplateKey = tuple[sympy.Basic, int, bool, tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""A template, its arity, whether it is stepwise, its static positions, those stated to be closed, and its poles."""

_steps_by_name: weakref.WeakValueDictionary[tuple[str, *TemplateKey], Elementwise] = weakref.WeakValueDictionary()
_steps_lock = threading.RLock()
NAMED_STEPS = ("add", "subtract", "multiply", "divide", "negative", "square", "exp", "sin", "cos", "sign", "sigmoid")
"""Rows under whose names backward steps with their templates appear."""


def _named(
    name: str,
    template: sympy.Expr,
    arity: int,
    stepwise: bool = False,
    static: tuple[int, ...] = (),
    closed: tuple[int, ...] = (),
    poles: tuple[int, ...] = (),
) -> Elementwise:
    """The operation with this template: a row of the table where one has it, else the one of this name."""
    key = template, arity, stepwise, static, closed, poles
    with _steps_lock:
        op = _rows_by_template().get(key) or _steps_by_name.get((name, *key))
        if op is None:
            op = Elementwise(
                name, template, arity, result="float", stepwise=stepwise, static=static, closed=closed or None,
                poles=poles,
            )  # fmt: skip
            _steps_by_name[name, *key] = op
    return op


@cache
def _rows_by_template() -> Mapping[TemplateKey, Elementwise]:
    rows = [selection(), *(TABLE[n] for n in NAMED_STEPS)]
    return {(row.template, row.arity, False, (), (), ()): row for row in rows if isinstance(row, Elementwise)}


def is_template_of_row(template: sympy.Basic) -> bool:
    """Whether a row of the table has a template, so that it may have code of its own.

    Examples
    --------
    >>> import tracer
    >>> is_template_of_row(argument(0) * sympy.sin(argument(1))), is_template_of_row(sympy.sin(argument(0)))
    (False, True)
    """
    return template in _list_templates(len(TABLE))


@lru_cache(maxsize=1)
def _list_templates(_rows: int) -> frozenset[sympy.Basic]:
    """The templates of the rows, of which there are so many."""
    return frozenset(row.template for row in TABLE.values() if isinstance(row, Elementwise))


@cache
def selection() -> Elementwise:
    """The first argument where the second, a boolean, is true, and exactly zero elsewhere."""
    return Elementwise("select", sympy.Piecewise((argument(0), argument(1)), (0, True)), 2, result="float")


@cache
def function_facts() -> Mapping[type[sympy.Function] | str, Facts]:
    """What rows state of functions, by the sympy function that a row is of its arguments, and else by its name."""
    found: dict[type[sympy.Function] | str, Facts] = {}
    for op in TABLE.values():
        if op.facts == NO_FACTS:
            continue
        if not isinstance(op, Elementwise):
            found[op.name] = op.facts
        elif op.template.args == tuple(map(argument, range(op.arity))):
            found.setdefault(op.template.func, op.facts)
    return found


def facts_of(head: type[sympy.Basic] | str) -> Facts:
    """What the rows state of a sympy function: nothing where none of them is that function of its arguments."""
    return function_facts().get(head, NO_FACTS)


def register(op: Op) -> Op:
    """Add a row to the table.

    Raises
    ------
    ValueError
        If the table has a row of this name.
    """
    if op.name in TABLE:
        raise ValueError(f"the operation {op.name!r} is registered already")
    TABLE[op.name] = op
    return op
