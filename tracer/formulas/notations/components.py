"""Formulas element by element, for concrete shapes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import sympy
from sympy.core.relational import Relational

from tracer.declarations import is_declared
from tracer.formulas.counting import count_written
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.source_names import source_names
from tracer.formulas.truth_values import count_truth, fill_template
from tracer.reader import Reader
from tracer.rules import Elementwise, argument
from tracer.shapes import Literal, Shape, Subscripts, is_concrete, show
from tracer.tensor import Tensor
from tracer.terms import record as T
from tracer.terms.failures import undefined_comparison
from tracer.terms.work import Budget
from tracer.walk import ancestors

ELEMENT = 20
"""The work of making an element, beside that of the terms of a sum and of what it is when it is written."""


class Elements:
    """The elements of a tensor as expressions, in C order."""

    __slots__ = ("items", "shape", "strides")

    def __init__(self, shape: Sequence[int], items: Sequence[sympy.Basic]) -> None:
        self.shape = tuple(shape)
        self.items = list(items)
        strides = [1] * len(self.shape)
        for k in range(len(self.shape) - 2, -1, -1):
            strides[k] = strides[k + 1] * self.shape[k + 1]
        self.strides = strides

    def __getitem__(self, index: Sequence[int]) -> sympy.Basic:
        return self.items[sum(i * s for i, s in zip(index, self.strides))]

    def spread(self, index: Sequence[int]) -> sympy.Basic:
        """The element that NumPy's broadcasting has at an index of the result."""
        own = index[len(index) - len(self.shape) :]
        return self[[0 if d == 1 else i for i, d in zip(own, self.shape)]]


def indices(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All indices of a shape in C order: the last one runs first."""
    return itertools.product(*map(range, shape))


def components(tensors: Sequence[Tensor], budget: Budget) -> list[sympy.Basic]:
    """The elements of tensors, in element symbols of the sources.

    Returns
    -------
    list
        A sympy ``Array`` for each tensor, or an expression for a scalar.

    Raises
    ------
    FormulaError
        If a dimension is symbolic, or an operation says nothing of its elements.
    TooLong
        If functions are nested too deep.
    """
    nodes = ancestors(tensors)
    for t in nodes:
        if not is_concrete(t.shape):
            raise FormulaError(
                f"the components of {t.name} of shape {show(t.shape)} need concrete dimensions; "
                'give placeholders shapes such as (3, 2), or ask for the form "matrix", "index" or "steps"'
            )
    reader = _Components(source_names(nodes), budget)
    reader.walk(nodes)
    return [_convert_to_sympy(reader.parts[t.node]) for t in tensors]


class ElementsReader(Reader[Elements]):
    """The elements of each tensor, those of its arguments being known.

    Parameters
    ----------
    budget : Budget
        What the work is taken from.
    """

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.budget = budget

    def literal(self, value: Literal) -> Elements:
        """A number."""
        return Elements((), [T.exact(value)])

    def elementwise(self, tensor: Tensor, *parts: Elements) -> Elements:
        """The template at each index."""
        return Elements(tensor.shape, _apply_template(tensor, parts, self.budget))

    def contraction(self, tensor: Tensor, *parts: Elements) -> Elements:
        """The sum of products at each index."""
        return Elements(tensor.shape, _contract(tensor.params, parts, tensor.shape, self.budget))

    def row(self, tensor: Tensor, *parts: Elements) -> Elements:
        """What the row says of its elements."""
        if tensor.rule.components is not None:
            return Elements(tensor.shape, tensor.rule.components(tensor, *(p.items for p in parts)))
        form = COMPONENTS.get(tensor.op)
        if form is None:
            raise FormulaError(
                f'the operation {tensor.op!r} says nothing of its elements; the form "steps" is available: '
                'tracer.formula(tensor, form="steps")'
            )
        return Elements(tensor.shape, form(tensor, *parts))


class _Components(ElementsReader):
    """Elements in element symbols of the sources, their work being counted.

    ``lengths`` are those of the elements that were written out so far: each is counted as work once.
    """

    def __init__(self, names: dict[int, str], budget: Budget) -> None:
        super().__init__(budget)
        self.names = names
        self.lengths: dict[sympy.Basic, int] = {}

    def visit(self, tensor: Tensor) -> Elements:
        """The elements of a tensor; the work is counted before and after."""
        if tensor.rule.components_cost is not None:
            self.budget.spend(_count_row_work(tensor, [self.part(a) for a in tensor.args], self.lengths))
        try:
            made = super().visit(tensor)
            for e in made.items:
                if e not in self.lengths:
                    self.budget.spend(count_written(e, lambda part: 1, self.budget, self.lengths))
        except RecursionError:
            raise TooLong(
                f"the components of {tensor.name} are functions nested deeper than sympy can hold; "
                'the form "steps" has no limit: tracer.formula(tensor, form="steps")'
            ) from None
        return made

    def source(self, tensor: Tensor) -> Elements:
        """Element symbols by the source's name; those of a number are itself."""
        return _list_source(tensor, self.names[tensor.node])


def _count_row_work(t: Tensor, args: list[Elements], lengths: dict[sympy.Basic, int]) -> int:
    """The work that a row states, which it does on every element: in proportion to how long they are when written."""
    assert t.rule.components_cost is not None
    whole = sum(lengths.get(e, 1) for a in args for e in a.items)
    return t.rule.components_cost(t) * whole // max(1, sum(len(a.items) for a in args))


def _convert_to_sympy(e: Elements) -> sympy.Basic:
    """The elements of a tensor as an array of sympy's, or as the expression of a scalar."""
    items = [_without_infinity(item) if item.has(sympy.zoo) else item for item in e.items]
    return sympy.ImmutableDenseNDimArray(items, e.shape) if e.shape else items[0]


def _without_infinity(item: sympy.Basic) -> sympy.Basic:
    """An element in which what is divided by zero is no number, and no complex infinity."""
    if any(r.has(sympy.zoo) for r in item.atoms(Relational)):
        raise undefined_comparison()
    extremes = {m: sympy.nan for m in item.atoms(sympy.Max, sympy.Min) if m.has(sympy.zoo)}
    return item.xreplace(extremes).xreplace({sympy.zoo: sympy.nan})


def _list_source(t: Tensor, name: str) -> Elements:
    """The element symbols of a source: zero beside a diagonal matrix's diagonal, and equal where it is symmetric."""
    known = dict(t.params) if isinstance(t.params, tuple) else {}
    real = {"positive": True} if known.get("positive") else {"real": True}
    if not t.shape:
        if t.rule.name == "constant" and t.label is None and t.value is not None:
            return Elements((), [sympy.sympify(t.value) if isinstance(t.value, bool) else T.exact(t.value)])
        return Elements((), [sympy.Symbol(name, **real)])
    base = sympy.IndexedBase(name, **real)
    items = []
    for index in indices(t.shape):
        if known.get("diagonal") and len(set(index)) > 1:
            items.append(sympy.S.Zero)
        elif is_declared("symmetric", [k for k, holds in known.items() if holds]) and len(index) == 2:
            items.append(base[tuple(sorted(index))])
        else:
            items.append(base[index])
    return Elements(t.shape, items)


def _apply_template(t: Tensor, args: Sequence[Elements], budget: Budget) -> list[sympy.Basic]:
    """The template of an operation at each index; equal arguments are filled in once."""
    assert isinstance(t.rule, Elementwise)
    template = t.rule.template
    used = [k for k in range(len(args)) if argument(k) in template.free_symbols]
    memo: dict[tuple[sympy.Basic, ...], sympy.Basic] = {}
    items = []
    for index in indices(t.shape):
        values = tuple(args[k].spread(index) for k in used)
        made = memo.get(values)
        if made is None:
            budget.spend(ELEMENT + sum(len(v.args) for v in values))
            made = memo[values] = fill_template(template, dict(zip(map(argument, used), values)))
        items.append(made)
    return items


def _contract(subscripts: Subscripts, args: Sequence[Elements], shape: Shape, budget: Budget) -> list[sympy.Basic]:
    """The sum of the products of elements for each index of the result."""
    inputs = [labels[len(labels) - len(a.shape) :] for labels, a in zip(subscripts.inputs, args)]
    sizes: dict[int, int] = dict(zip(subscripts.output, shape))
    for labels, a in zip(inputs, args):
        sizes.update(zip(labels, a.shape))
    summed = sorted({k for labels in inputs for k in labels} - set(subscripts.output))
    scale = T.exact(subscripts.scale)
    items = []
    for index in indices(shape):
        where: dict[int, int] = {}
        if any(where.setdefault(k, i) != i for k, i in zip(subscripts.output, index)):
            items.append(sympy.S.Zero)
            continue
        terms = []
        budget.spend(ELEMENT)
        for inner in itertools.product(*(range(sizes[k]) for k in summed)):
            budget.spend(12)
            where.update(zip(summed, inner))
            terms.append(sympy.Mul(*(count_truth(a[[where[k] for k in labels]]) for labels, a in zip(inputs, args))))
        items.append(scale * sympy.Add(*terms) if scale != 1 else sympy.Add(*terms))
    return items


COMPONENTS: dict[str, Callable[..., list[sympy.Basic]]] = {}
"""Elements of operations whose rows say nothing of them."""


def _add_elements(t: Tensor, *args: Elements) -> list[sympy.Basic]:
    """The sum of tensors, element by element."""
    return [sympy.Add(*(count_truth(a.spread(i)) for a in args)) for i in indices(t.shape)]


def _cast_elements(t: Tensor, x: Elements) -> list[sympy.Basic]:
    """The elements in another dtype: truth values as numbers, numbers cut off towards zero."""
    source: str = t.args[0].dtype
    if t.dtype == "bool" and source != "bool":
        return [sympy.Ne(e, 0) for e in x.items]
    if source.startswith("float") and t.dtype.startswith("int"):
        return [sympy.Piecewise((sympy.floor(e), e >= 0), (sympy.ceiling(e), True)) for e in x.items]
    return [count_truth(e) for e in x.items] if source == "bool" and t.dtype != "bool" else x.items


COMPONENTS.update(add_n=_add_elements, cast=_cast_elements)
