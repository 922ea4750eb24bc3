"""Printers of formulas ask the classes of formulas first, and are set as the printer that asks them."""

import sympy
from sympy.printing.str import StrPrinter

from tracer.formulas.matrix.classes import MatAdd, MatMul
from tracer.formulas.matrix.known import Kept
from tracer.formulas.matrix.text_printer import Text


class Word(Kept):
    """An expression that writes itself by a word and a number."""

    def write_text(self, printer):
        return f"word {printer._print(self.args[0])}"

    def write_latex(self, printer, exp=None):
        return rf"\word {printer._print(self.args[0])}" + (f"^{exp}" if exp else "")

    def draw(self, printer):
        return printer._print(self.args[0])


def test_a_class_writes_itself_whoever_prints_it():
    word = sympy.Basic.__new__(Word, sympy.Float("0.25"))
    assert Text().doprint(word) == StrPrinter().doprint(word) == str(word) == "word 0.25"
    assert sympy.latex(word) == r"\word 0.25"
    assert sympy.pretty(word) == "0.25"


def test_what_sympys_printer_is_asked_for_is_kept():
    A, B = (sympy.MatrixSymbol(name, 2, 2) for name in "AB")
    whole = MatAdd(A, MatMul(sympy.Float("0.5"), B, evaluate=False), evaluate=False)
    assert StrPrinter({"full_prec": True}).doprint(whole) == "A + 0.500000000000000*B"
    assert str(whole) == "A + 0.5*B"
    assert sympy.latex(whole, mat_symbol_style="bold") == r"\mathbf{A} + 0.5 \mathbf{B}"
    assert sympy.latex(whole, mode="inline") == "$A + 0.5 B$"
    assert sympy.pretty(whole, use_unicode=False) == "A + 0.5*B"
