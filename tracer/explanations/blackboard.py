"""The steps of a derivation: names for the values between source and target, then the gradients by them.

Each gradient is one rule applied to one operation: the pullback itself, traced for names in place of the operands, so
that a derivation has no rules of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import sympy
from sympy.matrices.expressions import MatrixSymbol
from sympy.printing.printer import Printer

from tracer.backprop import Derived, accumulate, mark_reached, materialise, pull
from tracer.dtypes import FLOATS
from tracer.explanations.lecture import Derivation, Step
from tracer.explanations.lecture_notation import plain, words_in_latex, write_latex, write_text
from tracer.explanations.rule_names import name_rule, name_value
from tracer.explanations.value_names import name_gradients, name_values
from tracer.formulas.budget import FORMULA
from tracer.formulas.matrix.classes import HadamardPower
from tracer.formulas.matrix.latex_text import spell_name
from tracer.formulas.matrix.unevaluated import ARRAYS
from tracer.formulas.notations.steps import symbol_for
from tracer.formulas.reading import read
from tracer.formulas.source_names import dimension_names, source_names
from tracer.ops.reshaping import reshape
from tracer.rules import TABLE
from tracer.shapes import Shape
from tracer.tensor import SOURCES, Operand, Tensor, placeholder, record_tensor
from tracer.tensor import source_names as names_of_sources
from tracer.terms.work import Budget
from tracer.walk import ancestors

MOST_OPERATIONS = 300
"""Longer programs are refused: nobody reads so many steps, and each costs a formula."""
SHORT = 20
"""The size of a formula that is shown beside the last one even where it is the longer one."""

Contribution = tuple[Operand, "int | None", str]
"""What a value adds to the gradient by an operand, the key of that value, and the rule in words."""


class Blackboard:
    """What is written down on the way: names of values, and the gradients by them."""

    def __init__(self, gradient: Tensor, derived: Derived) -> None:
        self.gradient, self.derived = gradient, derived
        self.targets = [(t, seed) for t, seed in derived.targets if t.dtype in FLOATS]
        self.order = ancestors(t for t, _ in self.targets)
        operations = sum(bool(t.args) for t in self.order)
        if operations > MOST_OPERATIONS:
            raise ValueError(
                f"the program of {gradient.name} has {operations} operations, and a derivation is written for at most "
                f"{MOST_OPERATIONS}; derive a part of it, or read tracer.formula(gradient, form='steps')"
            )
        self.formula = gradient.formula()
        self.wanted = {s.node for s in derived.sources if s.dtype in FLOATS}
        self.reached = mark_reached(self.order, self.wanted, derived.stop, derived.watched, derived.opened)
        self.copied = self._find_copied()
        self.first = self._find_repeated()
        self.inlined = {t.node for t in self.order if self._is_inlined(t)}
        self.named = [t for t in self.order if self._has_name(t)]
        self.names = self._choose_names()
        taken = {*self.names.values(), *dimension_names(self.order)}
        self.gradient_names = name_gradients(dict.fromkeys(self.names.values()), taken)
        self.spelled = {d: f"d{spell_name(name)}" for name, d in self.gradient_names.items()}
        self.numbers = {t.node: k for k, t in enumerate(self.named, 1)}
        self.stands: dict[int, Tensor] = {}
        self.known: dict[sympy.Basic, sympy.Basic] = {}
        self.sources = [self._rename_source(t) for t in self.order if t.rule in SOURCES]
        self.values = self._name_values()

    def _find_copied(self) -> dict[int, Tensor]:
        """The sources that `grad` copied, by the keys of the copies, if the copies alone are used."""
        copies = [s for s in self.derived.sources if s.rule is TABLE["identity"] and s.args[0].rule in SOURCES]
        used = {a.node for t in self.order if all(t is not s for s in copies) for a in t.args if type(a) is Tensor}
        return {s.node: s.args[0] for s in copies if s.args[0].node not in used}

    def _find_repeated(self) -> dict[int, int]:
        """For each value, the key of the first one that is computed alike: the two have one name and one gradient."""
        first: dict[int, int] = {}
        known: dict[Hashable, int] = {}
        kept = {*self.wanted, *(t.node for t, _ in self.targets)}
        watched = self.derived.watched
        for t in self.order:
            first[t.node] = t.node
            if not t.args or t.node in kept or t.rule.joint or t.label is not None:
                continue
            args = tuple((first[a.node], watched is None or watched(a, t)) if type(a) is Tensor else a for a in t.args)
            key = t.rule, args, t.params, t.shape, t.dtype, self.reached.get(t.node)
            try:
                first[t.node] = known.setdefault(key, t.node)
            except TypeError:  # Parameters that are arrays have no hash.
                continue
        return first

    def _is_inlined(self, t: Tensor) -> bool:
        """Whether a value is written out where it is used: one operation on sources through which no gradient flows."""
        if not t.args or t.node in self.reached or t.label is not None or t.rule.joint:
            return False
        operands = [a for a in t.args if type(a) is Tensor]
        held = all(a.rule in SOURCES and a.node not in self.reached for a in operands)
        return held and all(t is not target for target, _ in self.targets)

    def _has_name(self, t: Tensor) -> bool:
        elsewhere = t.node in self.copied or t.node in self.inlined or self.first[t.node] != t.node
        return bool(t.args) and not elsewhere

    def _choose_names(self) -> dict[int, str]:
        """A name for each value. Sources are called as in the formula of the whole gradient."""
        names = source_names(ancestors([self.gradient]))
        others = [t for t in self.order if t.node not in names]
        dimensions = dimension_names(self.order)
        names |= names_of_sources(others, {*names.values(), *dimensions})
        names |= {key: names[t.node] for key, t in self.copied.items()}
        names |= name_values(self.named, [t for t, _ in self.targets], {*names.values(), *dimensions})
        return names | {key: names[one] for key, one in self.first.items() if one in names}

    def _name_values(self) -> list[Step]:
        """The steps that name values, each in the names of its operands."""
        steps = []
        for t in self.order:
            if t.node in self.copied:
                self.stands[t.node] = self._rename_source(self.copied[t.node])
            elif not t.args:
                self.stands[t.node] = self._rename_source(t) if t.rule in SOURCES else t
            elif self.first[t.node] != t.node:
                self.stands[t.node] = self.stands[self.first[t.node]]
            elif t.node in self.inlined:
                self.stands[t.node] = self._rebuild(t)
            else:
                name = self.names[t.node]
                step = self._write_equation(name, self._rebuild(t), name_value(t, self.names))
                self.stands[t.node] = _stand_in(name, t)
                steps.append(step)
                value = step.formula.rhs
                if value.args and not isinstance(value, MatrixSymbol):
                    self.known.setdefault(value, step.formula.lhs)
        return steps

    def _rename_source(self, source: Tensor) -> Tensor:
        """The source under its name in the derivation; an equation alone might give the name to another."""
        name = self.names[source.node]
        if source.label == name or (source.label is None and not source.shape):
            return source
        made = record_tensor(source.rule, (), source.params, source.shape, source.dtype)
        made.value, made.label = source.value, name
        return made

    def _rebuild(self, tensor: Tensor) -> Tensor:
        """The same operation on the names of its operands."""
        args = tuple(self.stands.get(a.node, a) if type(a) is Tensor else a for a in tensor.args)
        made = record_tensor(tensor.rule, args, tensor.params, tensor.shape, tensor.dtype)
        made.value = tensor.value
        return made

    def _write_equation(self, name: str, value: Tensor, rule: str, shaped: bool = False, final: bool = False) -> Step:
        """An equation between a name and a formula in the names of values, or a ``final`` one in the sources.

        What has one element is a number, unless it is ``shaped``, as a source is.
        """
        value = reshape(value, ()) if _is_single(value) and not shaped else value
        symbol = symbol_for(name, value.shape)
        try:
            (formula,) = read([value], "matrix", Budget(FORMULA, value.name))
        except (ValueError, LookupError):
            formula = None
        if formula is not None and not formula.has(*ARRAYS) and value.ndim < 3:
            formula = formula if final else self._call_by_names(formula)
            return self._make_step(rule, symbol, formula, (name, write_text(formula)), (name, formula), value.shape)
        try:
            # Indices avoid the names of all sources, so that none is taken for one that stands in another step.
            wanted = [placeholder(name, value.shape), value, *self.sources]
            left, right = read(wanted, "index", Budget(FORMULA, value.name))[:2]
        except (ValueError, LookupError):
            left, right = symbol, _call(value, self.names)
        formula = right if formula is None else formula
        return self._make_step(rule, symbol, formula, (write_text(left), write_text(right)), (left, right), value.shape)

    def _call_by_names(self, formula: sympy.Basic) -> sympy.Basic:
        """A formula with names for the values that have one; powers of a root are written as powers of its name."""
        formula = formula.xreplace(self.known)
        powers = {}
        for power in formula.atoms(sympy.Pow, HadamardPower):
            base, exponent = power.args
            root = self.known.get(type(power)(base, sympy.Rational(1, 2)))
            if root is not None and (2 * exponent).is_Integer and not exponent.is_Integer:
                powers[power] = type(power)(root, 2 * exponent)
        return formula.xreplace(powers)

    def _make_step(
        self,
        rule: str,
        symbol: sympy.Basic,
        formula: sympy.Basic,
        text: tuple[str, str],
        sides: tuple[sympy.Basic | str, sympy.Basic],
        shape: Shape,
    ) -> Step:
        left, right = sides
        named = isinstance(left, str)
        spelled = self.spelled.get(left) or spell_name(left) if named else write_latex(left, self.spelled)
        equation = sympy.Eq(symbol, formula, evaluate=False)
        latex = f"{spelled} = {write_latex(right, self.spelled)}"
        words = words_in_latex(rule, self.spelled)
        return Step(plain(rule), equation, " = ".join(text), latex, False, words, shape)

    def derive(self) -> Derivation:
        """All steps."""
        gradients: list[Step] = []
        self._reverse(gradients)
        source = self._source_name()
        results = self._put_together(gradients, source)
        ends = {t.node for t, _ in self.targets}
        between = [(self.names[t.node], t.shape) for t in self.named if t.node in self.reached and t.node not in ends]
        example = max(between, key=lambda value: len(value[1]))[0] if between else source
        given = {self.names[t.node]: t.shape for t in self.order if t.rule in SOURCES and t.shape}
        return Derivation(
            self.values,
            gradients,
            results,
            target=" + ".join(self._target_name(t) for t, _ in self.targets),
            source=source,
            example=(example, self.gradient_names.get(example, f"d{source}")),
            given=given,
            spelled=self.spelled,
            seed=self._say_seed(),
        )

    def _target_name(self, target: Tensor) -> str:
        """What is differentiated: a number, or the sum of the elements of a tensor."""
        name = self.names[target.node]
        return f"sum(`{name}`)" if target.shape else f"`{name}`"

    def _say_seed(self) -> str:
        """Where the way back begins: the derivative of a number by itself is one."""
        ones = [t for t, seed in self.targets if type(seed) is not Tensor and seed == 1 and not t.shape]
        starts = [f"`{self.gradient_names[self.names[t.node]]}` = 1" for t in ones]
        return f", from {' and '.join(starts)}" if len(ones) == len(self.targets) else ""

    def _reverse(self, steps: list[Step] | None = None) -> list[Tensor]:
        """Go back from the targets to the sources, and answer the gradients by those.

        With a list of steps, each gradient is written down there, and its name stands for it from then on. Without one
        the gradients stay what they are, in the names of values.
        """
        parts: dict[int, list[Contribution]] = {}
        for t, seed in self.targets:
            if t.node in self.reached:
                parts.setdefault(t.node, []).append((seed, None, "the gradient that is given for the output"))
        ends = {t.node for t, _ in self.targets}
        found: list[Tensor] = []
        for node in reversed(self.order):
            contributions = parts.pop(node.node, [])
            if not contributions:
                continue
            cotangent = accumulate([c for c, _, _ in contributions])
            asked = type(cotangent) is Tensor or node.node not in ends or node.node in self.wanted
            if steps is not None and asked:
                cotangent = self._write_down(node, cotangent, contributions, steps)
            if node.node in self.wanted:
                found.append(materialise(cotangent, node))
            if self.reached[node.node]:
                self._hand_on(node, cotangent, parts)
        return found

    def _write_down(
        self, node: Tensor, cotangent: Operand, contributions: Sequence[Contribution], steps: list[Step]
    ) -> Operand:
        """The step of one gradient, and the name that stands for it from then on."""
        name = self.gradient_names[self.names[node.node]]
        value = materialise(cotangent, node)
        if node.rule in SOURCES:
            steps.append(self._write_equation(name, value, self._say_rules(contributions), shaped=True))
            stand_in = placeholder(name, node.shape, node.dtype)
        else:
            steps.append(self._write_equation(name, value, self._say_rules(contributions)))
            stand_in = _stand_in(name, node)
        return stand_in if type(cotangent) is Tensor else cotangent

    def _say_rules(self, contributions: Sequence[Contribution]) -> str:
        """The rules of contributions, each with the number of the value that it was applied to."""
        users: dict[str, set[int]] = {}
        for _, key, words in sorted(contributions, key=lambda c: c[1] or 0):
            users.setdefault(words, set()).update(() if key is None else [self.numbers[key]])
        said = [
            f"by {' and '.join(f'({k})' for k in sorted(numbers))}: {words}" if numbers else words
            for words, numbers in users.items()
        ]
        several = len({key for _, key, _ in contributions}) > 1
        return "; ".join(said) + ("; the contributions add up" if several else "")

    def _hand_on(self, node: Tensor, cotangent: Operand, parts: dict[int, list[Contribution]]) -> None:
        """Hand on to the operands of a value what its gradient contributes to theirs."""
        watched = self.derived.watched
        again = self._rebuild(node) if not node.rule.joint else node
        flows: Sequence[Operand | None] | None = None
        if node.rule.joint_pullback is not None:
            flows = node.rule.joint_pullback([cotangent if key == node.node else None for key in node.rule.joint])
        for position, a in enumerate(node.args):
            if type(a) is Tensor and a.node in self.reached and (watched is None or watched(a, node)):
                flow = pull(again, cotangent, position) if flows is None else flows[position]
                if flow is not None:
                    words = name_rule(node, position)
                    parts.setdefault(self.first[a.node], []).append((flow, self.first[node.node], words))

    def _source_name(self) -> str:
        """What the source is called; a variable is called as the last of its values."""
        known = [self.names[s.node] for s in self.derived.sources if s.node in self.names]
        return known[-1] if known else self.derived.sources[-1].name

    def _put_together(self, gradients: Sequence[Step], source: str) -> list[Step]:
        """The last steps: the whole gradient in the names of values, if that is short, then in the sources."""
        name = self.gradient_names.get(source, f"d{source}")
        last = self._write_equation(name, self.gradient, "each value put in, and simplified", shaped=True, final=True)
        last = last._replace(formula=self.formula, whole=True)
        if len(gradients) < 2 or any(t.rule.joint for t in self.order):
            return [last]
        value = materialise(accumulate(self._reverse()), self.gradient)
        named = self._write_equation(name, value, "each gradient put into the next", shaped=True)._replace(whole=True)
        formula = named.formula.rhs
        known = named.text in (gradients[-1].text, last.text)
        short = not formula.has(_Unread) and _size(formula) <= max(_size(self.formula), SHORT)
        return [named, last] if short and not known else [last]


def _stand_in(name: str, value: Tensor) -> Tensor:
    """A name in the place of a value; what has one element is a number in formulas."""
    if _is_single(value):
        return reshape(placeholder(name, (), value.dtype), value.shape)
    return placeholder(name, value.shape, value.dtype)


def _is_single(value: Tensor) -> bool:
    return bool(value.shape) and all(d == 1 for d in value.shape)


def _call(value: Tensor, names: Mapping[int, str]) -> sympy.Basic:
    """An operation that has no formula, by its name."""
    operands = [names.get(a.node, a.name) if type(a) is Tensor else str(a) for a in value.args]
    return _Unread(sympy.Symbol(value.rule.name), *map(sympy.Symbol, operands))


class _Unread(sympy.Function):  # type: ignore[misc]
    """A call of an operation: its name, and those of its operands."""

    def _sympystr(self, printer: Printer) -> str:
        return f"{self.args[0]}({', '.join(map(str, self.args[1:]))})"

    def _latex(self, printer: Printer) -> str:
        name, *operands = (spell_name(str(a)) for a in self.args)
        return rf"\operatorname{{{name}}}\left({', '.join(operands)}\right)"


def _size(formula: sympy.Basic) -> int:
    """How many parts a formula has."""
    todo, count = [formula], 0
    while todo:
        part = todo.pop()
        count += 1
        todo += part.args
    return count
