"""How a gradient comes about, step by step, as it is written on a blackboard.

The values between source and target get names, then the gradients by them, from the target back. Each is one rule
applied to one operation: the pullback itself, traced for names in place of the operands, so that a derivation has no
rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

import sympy

from tracer.backprop import Derived, accumulate, mark_reached, materialise, pull
from tracer.dtypes import FLOATS
from tracer.explanations.rule_names import name_rule, name_value
from tracer.formulas.budget import FORMULA
from tracer.formulas.notations.latex import Latex, spell_name
from tracer.formulas.notations.steps import symbol_for
from tracer.formulas.reading import read
from tracer.formulas.source_names import dimension_names, source_names
from tracer.nest import shown
from tracer.rules import TABLE
from tracer.tensor import SOURCES, Operand, Tensor, as_tensor, placeholder
from tracer.tensor import source_names as names_of_sources
from tracer.terms.work import Budget
from tracer.walk import ancestors


class Step(NamedTuple):
    """One step of a derivation.

    Attributes
    ----------
    rule : str
        The rule that is applied, in words.
    formula : sympy object
        An equation for a value or for the gradient by one; where ``whole`` is True, the gradient that was asked for.
    text, latex : str
        The formula as text and as LaTeX.
    whole : bool
        Whether the formula is that of the whole gradient.
    """

    rule: str
    formula: sympy.Basic
    text: str
    latex: str
    whole: bool = False


class Derivation(Sequence[Step]):
    """The steps from a program to the gradient of its target by a source.

    Attributes
    ----------
    values, gradients : tuple of Step
        The names of the values, and the gradients by them, the last of which is the whole gradient.
    steps : tuple of Step
        All of them.
    target : str
        What the target is called.

    Examples
    --------
    >>> import tracer
    >>> w, x = tracer.symbols("w x")
    >>> print(tracer.derivation(tracer.gradients(tracer.tanh(w * x) ** 2, w)[0]))
    Values
      1. z1 = w*x               a product
      2. z2 = tanh(z1)          a hyperbolic tangent
      3. L = z2**2              a power
    Gradients: dz1 is the gradient of L by z1
      4. dz2 = 2*z2             chain rule through the power
      5. dz1 = dz2*(1 - z2**2)  chain rule through tanh
      6. dw = dz1*x             product rule: times the other factor
    With all values put in
      7. dw = 2*x*(1 - tanh(w*x)**2)*tanh(w*x)
    """

    def __init__(self, values: Sequence[Step], gradients: Sequence[Step], target: str, example: str) -> None:
        self.values, self.gradients = tuple(values), tuple(gradients)
        self.steps = (*self.values, *self.gradients)
        self.target = target
        self._example = example

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, index: int | slice) -> Step | tuple[Step, ...]:
        return self.steps[index]

    def __len__(self) -> int:
        return len(self.steps)

    def _sections(self) -> Iterator[tuple[str, list[tuple[int, Step]]]]:
        numbered = list(enumerate(self.steps, 1))
        first = len(self.values)
        yield "Values", numbered[:first]
        about = f"Gradients: d{self._example} is the gradient of {self.target} by {self._example}"
        yield about, numbered[first:-1]
        yield "With all values put in", numbered[-1:]

    def __str__(self) -> str:
        width = min(max((len(s.text) for s in self.steps if not s.whole), default=0), 60)
        lines = []
        for heading, steps in self._sections():
            if steps:
                lines.append(heading)
                lines += [f"{k:3}. {s.text:{width}}  {'' if s.whole else s.rule}".rstrip() for k, s in steps]
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        rows = [rf"({k})\quad & {s.latex} && \text{{{s.rule}}}" for _, steps in self._sections() for k, s in steps]
        return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"

    def __repr__(self) -> str:
        return f"<Derivation of {len(self)} steps>"


def derivation(tensor: Tensor) -> Derivation:
    """How a gradient comes about, step by step.

    Parameters
    ----------
    tensor : Tensor
        What ``gradients``, ``tape.gradient``, ``grad`` or a function of ``vjp`` answered.

    Returns
    -------
    Derivation
        A sequence of steps, one rule each: names for the values between source and target, then the gradients by them,
        at the end the formula of the tensor. ``print`` shows it, and so does a notebook.

    Raises
    ------
    TypeError
        If it is no tensor.
    ValueError
        If the tensor is no gradient, or its formula is too long.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", ("n", "m")), tracer.placeholder("w", ("m",))
    >>> steps = tracer.derivation(tracer.gradients(tracer.reduce_sum((X @ w) ** 2), w)[0])
    >>> steps[-2].text, steps[-2].rule
    ('dw = X.T*dz1', 'matrix product: the transpose of the left factor times it')
    >>> print(steps[-1].formula)
    2*X.T*X*w
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"derivation takes a gradient, got {shown(tensor)}; write derivation(gradients(y, x)[0])")
    given = as_tensor(tensor)
    if given.derived is None:
        raise ValueError(
            f"{given.name} is no answer of gradients, tape.gradient, grad or vjp, or it is the output gradient that "
            "was given, unchanged; give a gradient that was computed"
        )
    return _Blackboard(given, given.derived).derive()


def _step(name: str, symbol: sympy.Basic, formula: sympy.Basic, latex: str, rule: str) -> Step:
    """An equation, written twice."""
    equation = sympy.Eq(symbol, formula, evaluate=False)
    return Step(rule, equation, f"{name} = {formula}", f"{spell_name(name)} = {latex}")


class _Blackboard:
    """What is written down on the way: names of values, and the gradients by them."""

    def __init__(self, gradient: Tensor, derived: Derived) -> None:
        self.gradient, self.derived = gradient, derived
        self.targets = [(t, seed) for t, seed in derived.targets if t.dtype in FLOATS]
        self.order = ancestors(t for t, _ in self.targets)
        self.copied = self._find_copied()
        self.names = self._choose_names()
        self.stands = {
            t.node: self._rename_source(t)
            for t in self.order
            if t.rule in SOURCES and t.label != self.names[t.node] and (t.label is not None or t.shape)
        }
        self.known: dict[sympy.Basic, sympy.Basic] = {}
        self.stands |= {key: self.stands.get(t.node, t) for key, t in self.copied.items()}
        self.values = [self._name_value(t) for t in self.order if t.args and t.node not in self.copied]

    def _find_copied(self) -> dict[int, Tensor]:
        """The sources that `grad` made copies of, by the keys of the copies, which stand for them all over."""
        copies = [s for s in self.derived.sources if s.rule is TABLE["identity"] and s.args[0].rule in SOURCES]
        used = {a.node for t in self.order if all(t is not s for s in copies) for a in t.args if type(a) is Tensor}
        return {s.node: s.args[0] for s in copies if s.args[0].node not in used}

    def _choose_names(self) -> dict[int, str]:
        """A name for each value: its own, or a numbered letter; a scalar target that has none is a loss.

        Sources have the names of the whole gradient's formula, those that are not in it others.
        """
        names = source_names(ancestors([self.gradient]))
        others = [t for t in self.order if t.node not in names]
        names |= names_of_sources(others, {*names.values(), *dimension_names(self.order)})
        taken = set(names.values())
        named = {t.node for t, _ in self.targets}
        free = (f"z{k}" for k in range(1, len(self.order) + len(taken) + 2))
        for t in self.order:
            if t.node in self.copied:
                names[t.node] = names[self.copied[t.node].node]
            if not t.args or t.node in self.copied:
                continue
            wanted = t.label or ("L" if t.node in named and not t.shape and "L" not in taken else None)
            names[t.node] = wanted if wanted and wanted not in taken else next(z for z in free if z not in taken)
            taken.add(names[t.node])
        return names

    def _rename_source(self, source: Tensor) -> Tensor:
        """The source under its name, which in an equation of its own would be that of another one."""
        made = Tensor(source.rule, (), source.params, source.shape, source.dtype)
        made.value, made.label = source.value, self.names[source.node]
        return made

    def _name_value(self, tensor: Tensor) -> Step:
        """The step that names a value, in the names of its operands."""
        name = self.names[tensor.node]
        self.stands[tensor.node] = placeholder(name, tensor.shape, tensor.dtype)
        step = self._equation(name, self._again(tensor), name_value(tensor))
        if step.formula.rhs.args and not isinstance(step.formula.rhs, sympy.MatrixSymbol):
            self.known[step.formula.rhs] = step.formula.lhs
        return step

    def _again(self, tensor: Tensor) -> Tensor:
        """The operation on names in place of its operands."""
        args = tuple(self.stands.get(a.node, a) if type(a) is Tensor else a for a in tensor.args)
        made = Tensor(tensor.rule, args, tensor.params, tensor.shape, tensor.dtype)
        made.value = tensor.value
        return made

    def _equation(self, name: str, value: Tensor, rule: str) -> Step:
        """An equation between a name and a formula."""
        for form in ("matrix", "index"):
            try:
                (formula,) = read([value], form, Budget(FORMULA, value.name))
                (latex,) = read([value], "latex", Budget(FORMULA, value.name))
                break
            except (ValueError, LookupError):
                continue
        else:
            operands = ", ".join(self.names.get(a.node, a.name) if type(a) is Tensor else str(a) for a in value.args)
            formula = sympy.Symbol(f"{value.rule.name}({operands})")
            latex = rf"\operatorname{{{value.rule.name}}}({operands})".replace("_", r"\_")
        return _step(name, symbol_for(name, value.shape), formula, latex, rule)

    def derive(self) -> Derivation:
        """All steps."""
        sources = self.derived.sources
        wanted = {s.node for s in sources if s.dtype in FLOATS}
        stop, watched = self.derived.stop, self.derived.watched
        reached = mark_reached(self.order, wanted, stop, watched, self.derived.opened)
        parts: dict[int, list[tuple[Operand, str]]] = {}
        for t, seed in self.targets:
            if t.node in reached:
                parts.setdefault(t.node, []).append((seed, "the gradient that is given for the output"))
        steps: list[Step] = []
        ends = {t.node for t, _ in self.targets}
        for node in reversed(self.order):
            contributions = parts.pop(node.node, [])
            if not contributions:
                continue
            cotangent = accumulate([c for c, _ in contributions])
            if type(cotangent) is Tensor or node.node not in ends or node.node in wanted:
                cotangent = self._write_down(node, cotangent, [rule for _, rule in contributions], steps)
            if reached[node.node]:
                self._pull(node, cotangent, reached, parts)
        steps.append(self._put_together(steps))
        skipped = ends | self.copied.keys()
        between = [self.names[t.node] for t in self.order if t.args and t.node in reached and t.node not in skipped]
        example = between[0] if between else self._source_name()
        return Derivation(self.values, steps, " + ".join(self.names[t.node] for t, _ in self.targets), example)

    def _write_down(self, node: Tensor, cotangent: Operand, rules: Sequence[str], steps: list[Step]) -> Operand:
        """The step of one gradient, and the name that stands for it from then on."""
        name = f"d{self.names[node.node]}"
        rule = "; ".join(dict.fromkeys(rules)) + (": contributions add up" if len(rules) > 1 else "")
        steps.append(self._named(name, self._equation(name, materialise(cotangent, node), rule)))
        return placeholder(name, node.shape, node.dtype) if type(cotangent) is Tensor else cotangent

    def _named(self, name: str, step: Step) -> Step:
        """A step in which values that have a name are called by it."""
        formula = step.formula.rhs
        replaced = formula.xreplace(self.known)
        if replaced == formula:
            return step
        return _step(name, step.formula.lhs, replaced, Latex().doprint(replaced), step.rule)

    def _pull(
        self, node: Tensor, cotangent: Operand, reached: dict[int, bool], parts: dict[int, list[tuple[Operand, str]]]
    ) -> None:
        """Hand the gradient by a value on to its operands."""
        watched = self.derived.watched
        again = self._again(node) if not node.rule.joint else node
        flows: Sequence[Operand | None] | None = None
        if node.rule.joint_pullback is not None:
            flows = node.rule.joint_pullback([cotangent if key == node.node else None for key in node.rule.joint])
        for position, a in enumerate(node.args):
            if type(a) is Tensor and a.node in reached and (watched is None or watched(a, node)):
                flow = pull(again, cotangent, position) if flows is None else flows[position]
                if flow is not None:
                    parts.setdefault(a.node, []).append((flow, name_rule(node, position)))

    def _source_name(self) -> str:
        """What the source is called: of a variable's values the last one that there is."""
        known = [self.names[s.node] for s in self.derived.sources if s.node in self.names]
        return known[-1] if known else self.derived.sources[-1].name

    def _put_together(self, steps: Sequence[Step]) -> Step:
        """The whole gradient, with the formulas in place of the names."""
        name = f"d{self._source_name()}"
        formula = self.gradient.formula()
        (latex,) = read([self.gradient], "latex", Budget(FORMULA, self.gradient.name))
        return Step(
            "all values put in", formula, f"{name} = {formula}", f"{spell_name(name)} = {latex}", whole=True
        )
