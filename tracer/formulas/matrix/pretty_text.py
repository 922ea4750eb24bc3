"""Formulas as pictures of characters, as ``sympy.pretty`` and ``pprint`` draw them: with transposes, rings and lines.

The classes of formulas draw themselves, by what is here, with sympy's printer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sympy
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.pretty_symbology import pretty_atom, pretty_symbol, xsym
from sympy.printing.pretty.stringpict import prettyForm, stringPict

from tracer.formulas.matrix.formula_printer import FormulaPrinter
from tracer.formulas.matrix.precedences import ELEMENTWISE, POWER, PRODUCT, find_binding
from tracer.formulas.matrix.written_parts import divides, has_any, is_truth_value, split_clip, split_quotient


def draw_part(printer: PrettyPrinter, e: sympy.Basic, level: int) -> prettyForm:
    """A part, in parentheses where its sign binds less than the level."""
    form = printer._print(e)
    weak = find_binding(e) < level or form.binding in (prettyForm.NEG, prettyForm.ADD)
    return prettyForm(*form.parens()) if weak else form


def draw_row(forms: Sequence[prettyForm], sign: str, binding: int = prettyForm.MUL) -> prettyForm:
    """Pictures side by side, a sign between them."""
    if len(forms) == 1:
        return forms[0]
    row: list[prettyForm | str] = []
    for form in forms:
        row += [sign, form] if row else [form]
    return prettyForm(*stringPict.next(*row), binding=binding)


def draw_product(forms: Sequence[prettyForm]) -> prettyForm:
    """A product."""
    return draw_row(forms, xsym("*"))


def draw_elementwise(printer: PrettyPrinter, forms: Sequence[prettyForm]) -> prettyForm:
    """A product of elements: beside other factors it needs parentheses."""
    return draw_row(forms, f" {draw_ring(printer)} ", prettyForm.ADD)


def draw_ring(printer: PrettyPrinter) -> str:
    """The sign of elementwise products."""
    return str(pretty_atom("Ring")) if printer._use_unicode else "o"


def draw_sum(forms: Iterable[prettyForm]) -> prettyForm:
    """A sum, the sign of a summand in the place of a plus."""
    row: list[prettyForm | str] = []
    for form in forms:
        if row:
            negative = form.binding == prettyForm.NEG and form.picture[form.baseline].startswith("-")
            row.append(" " if negative else " + ")
            if negative:
                form = _space_sign(form)
        row.append(form)
    return prettyForm(*stringPict.next(*row), binding=prettyForm.ADD)


def _space_sign(form: prettyForm) -> prettyForm:
    """A picture that begins with a minus, a space behind it."""
    lines = [line[:1] + " " + line[1:] for line in form.picture]
    return prettyForm("\n".join(lines), form.baseline, prettyForm.NEG)


def draw_negative(form: prettyForm) -> prettyForm:
    """A picture with a minus in front."""
    return prettyForm(*form.left("-"), binding=prettyForm.NEG)


def draw_raised(printer: PrettyPrinter, base: sympy.Basic, mark: prettyForm) -> prettyForm:
    """A base with a mark at its upper right."""
    form = draw_part(printer, base, POWER + 1)
    return _raise(form, mark)


def _raise(form: prettyForm, mark: prettyForm) -> prettyForm:
    top = stringPict(*mark.left(" " * form.width()))
    bottom = stringPict(*form.right(" " * mark.width()))
    return prettyForm(*bottom.above(top), binding=prettyForm.POW)


def draw_call(printer: PrettyPrinter, name: str, args: Iterable[sympy.Basic]) -> prettyForm:
    """A function by its name."""
    return draw_list(name, [printer._print(a) for a in args])


def draw_list(name: str, forms: Sequence[prettyForm]) -> prettyForm:
    """A name, and pictures in parentheses behind it."""
    inner = draw_row(forms, ", ")
    whole = stringPict.next(prettyForm(name), prettyForm(*inner.parens()))
    return prettyForm(*whole, binding=prettyForm.ATOM)


def draw_quotient(printer: PrettyPrinter, over: list[prettyForm], under: list[prettyForm]) -> prettyForm:
    """A product, above a line where something divides it."""
    above = draw_product(over) if over else printer._print(sympy.S.One)
    return above / draw_product(under) if under else above


class Pretty(FormulaPrinter, PrettyPrinter):  # type: ignore[misc]
    """Pictures in the words of the text."""

    method = "draw"

    def _print_Add(self, e: sympy.Expr, order: str | None = None) -> prettyForm:
        """What has a minus stands last."""
        terms = self._as_ordered_terms(e, order=order)
        forms = [draw_part(self, a, PRODUCT) if a.is_Add or a.is_Relational else self._print(a) for a in terms]
        return draw_sum(sorted(forms, key=lambda form: form.binding == prettyForm.NEG))

    def _print_Mul(self, e: sympy.Expr) -> prettyForm:
        negative, over, under = split_quotient(e.as_ordered_factors())
        many = len(over) > 1 or (negative and not under)
        above = [self._enclose(f, ELEMENTWISE if f is over[-1] else PRODUCT) if many else self._print(f) for f in over]
        below = [self._enclose(f, PRODUCT) if len(under) > 1 else self._print(f) for f in under]
        made = draw_quotient(self, above, below)
        return draw_negative(made) if negative else made

    def _enclose(self, e: sympy.Expr, level: int) -> prettyForm:
        """A part, in parentheses where its sign binds less than the level."""
        form = self._print(e)
        weak = form.binding >= (prettyForm.ADD if level < PRODUCT else prettyForm.MUL)
        return prettyForm(*form.parens()) if weak else form

    def _print_Piecewise(self, e: sympy.Expr) -> prettyForm:
        if is_truth_value(e):
            return prettyForm(*self._print(e.args[0][1]).parens("[", "]"), binding=prettyForm.ATOM)
        return super()._print_Piecewise(e)

    def _print_Max(self, e: sympy.Expr) -> prettyForm:
        return draw_call(self, "max", e.args)

    def _print_Min(self, e: sympy.Expr) -> prettyForm:
        found = split_clip(e, self._varies)
        return draw_call(self, "clip" if found else "min", found or e.args)

    def _print_polygamma(self, e: sympy.Expr) -> prettyForm:
        """The letter psi, with the order above it."""
        order, x = e.args
        letter = prettyForm(pretty_symbol("psi"))
        if order != 0:
            letter = _raise(letter, prettyForm(*self._print(order).parens()))
        return prettyForm(*stringPict.next(letter, prettyForm(*self._print(x).parens())), binding=prettyForm.ATOM)


class ElementwisePretty(Pretty):
    """Scalar expressions with pictures of matrices in the places of symbols."""

    def __init__(self, outer: PrettyPrinter, operands: Mapping[sympy.Symbol, sympy.Expr]) -> None:
        super().__init__(outer._settings)
        self.outer = outer
        self.operands = operands

    def _print_Symbol(self, e: sympy.Symbol, bold_name: bool = False) -> prettyForm:
        if e not in self.operands:
            return self.outer._print(e)
        m = self.operands[e]
        form = self.outer._print(m)
        level = find_binding(m)
        binding = prettyForm.ADD if level < PRODUCT else prettyForm.MUL if level == PRODUCT else form.binding
        return prettyForm(form.s, form.baseline, max(binding, form.binding))

    _print_Dummy = _print_Symbol

    def _varies(self, e: sympy.Basic) -> bool:
        """Whether an expression has a value for each element of the matrices."""
        return has_any(e, self.operands)

    def _print_Mul(self, e: sympy.Expr) -> prettyForm:
        """What does not differ from element to element in front of the product of what does."""
        if not self._varies(e):
            return super()._print_Mul(e)
        negative, over, under = split_quotient(e.as_ordered_factors())
        arrays = [f for f in over if self._varies(f)]
        front = [self._enclose(f, ELEMENTWISE) for f in over if not self._varies(f)]
        level = PRODUCT if len(arrays) > 1 else ELEMENTWISE
        product = draw_elementwise(self, [self._enclose(f, level) for f in arrays]) if arrays else None
        if product is not None and len(arrays) > 1 and front:
            product = prettyForm(*product.parens())
        above = [*front, product] if product is not None else front
        below = [self._enclose(f, ELEMENTWISE) if len(under) > 1 else self._print(f) for f in under]
        made = draw_quotient(self, above, below)
        return draw_negative(made) if negative else made

    def _print_Pow(self, e: sympy.Expr) -> prettyForm:
        if not self._varies(e) or e.exp == sympy.Rational(1, 2):
            return super()._print_Pow(e)
        if divides(e):
            return self._print_Mul(e)
        ring = draw_ring(self)
        return _raise(self._enclose(e.base, PRODUCT), prettyForm(*self._enclose(e.exp, PRODUCT).left(ring)))

    def _print_ExpBase(self, e: sympy.Expr) -> prettyForm:
        """A call: a power of e with a matrix above is the exponential of the matrix."""
        return draw_call(self, "exp", e.args) if self._varies(e) else super()._print_ExpBase(e)


def draw_function(function: sympy.Lambda, operands: Sequence[sympy.Expr], printer: PrettyPrinter) -> prettyForm:
    """A function of elements, with matrices in the places of its variables.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> A, B = (sympy.MatrixSymbol(name, 2, 3) for name in "AB")
    >>> print(draw_function(sympy.Lambda((x, y), x * sympy.sin(y)), [A, B], Pretty({"use_unicode": True})))
    A ∘ sin(B)
    """
    return ElementwisePretty(printer, dict(zip(function.variables, operands)))._print(function.expr)
