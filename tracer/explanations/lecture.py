"""What a derivation is: numbered steps, shown as text and as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, overload

import sympy

from tracer.explanations.lecture_notation import plain, words_in_latex
from tracer.formulas.matrix.latex_text import spell_name
from tracer.shapes import Shape, show

WIDE = 44
"""The width of a column of formulas that the rules beside it are aligned by."""

SIGNS = [
    ("", "A*B is the matrix product"),
    (" o ", "A o B multiplies element by element"),
    ("^o", "A^o2 squares each element"),
    ("sum(", "sum(A) adds all elements"),
    ("ones(", "ones(n, m) has n rows and m columns of ones"),
    ("diag(", "diag(v) has v on its diagonal"),
    ("eye(", "eye(n) is the identity matrix"),
    ("step(", "step(x) is 1 where x > 0, else 0"),
    ("logsumexp_rows(", "logsumexp_rows(A) is the log-sum-exp of each row"),
    ("[i", "A[i, j] is an element of A"),
    ("Sum(", "Sum(f, (i, 0, n)) adds f over i from 0 to n"),
    (" 1 - ", "a number in a sum of matrices is added to each element"),
]
"""The signs of text, and what they mean."""

LATEX_SIGNS = [
    (r"\odot", r"`\odot` works element by element"),
    (r"\mathbf{1}", r"`\mathbf{1}` is a column of ones"),
    (r"\operatorname{diag}", "diag puts a vector on the diagonal of a matrix"),
]
"""The signs of LaTeX, and what they mean."""


class Step(NamedTuple):
    """One step of a derivation.

    Attributes
    ----------
    rule : str
        The rule that is applied, in words.
    formula : sympy object
        An equation for a value or for the gradient by one; the last one is the formula of the gradient itself.
    text, latex : str
        The formula as text and as LaTeX.
    whole : bool
        Whether it is a formula of the whole gradient.
    rule_latex : str
        The rule as LaTeX, for a place in a formula.
    shape : tuple
        The shape of what stands on the left.
    """

    rule: str
    formula: sympy.Basic
    text: str
    latex: str
    whole: bool = False
    rule_latex: str = ""
    shape: Shape = ()


class Derivation(Sequence[Step]):
    """The steps from a program to the gradient of its target by a source.

    Attributes
    ----------
    values, gradients, results : tuple of Step
        The names of the values; the gradients by them, from the target back to the source; the whole gradient, in the
        names of the values where that is short, and at the end in the sources alone.
    steps : tuple of Step
        All of them.
    target, source : str
        What is differentiated, its names between backquotes, and by what.
    given : mapping of str to tuple
        The shapes of the sources, by name.

    Examples
    --------
    >>> import tracer
    >>> w, x = tracer.symbols("w x")
    >>> print(tracer.derivation(tracer.gradients(tracer.tanh(w * x) ** 2, w)[0]))
    The gradient of L by w
    Forward: a name for each value
      1. z = w*x      product
      2. h = tanh(z)  tanh
      3. L = h**2     square
    Backward, from dL = 1: write dz for the derivative of L by z, and so on
      4. dh = 2*h           by (3): chain rule through the square
      5. dz = dh*(1 - h**2)  by (2): chain rule through tanh
      6. dw = dz*x          by (1): product rule, times the other factor
    Put together
      7. dw = 2*h*x*(1 - h**2)                  each gradient put into the next
      8. dw = 2*x*(1 - tanh(w*x)**2)*tanh(w*x)  each value put in, and simplified
    """

    def __init__(
        self,
        values: Sequence[Step],
        gradients: Sequence[Step],
        results: Sequence[Step],
        *,
        target: str,
        source: str,
        example: tuple[str, str],
        given: Mapping[str, Shape],
        spelled: Mapping[str, str],
        seed: str = "",
    ) -> None:
        self.values, self.gradients, self.results = tuple(values), tuple(gradients), tuple(results)
        self.steps = (*self.values, *self.gradients, *self.results)
        self.target, self.source, self.given = target, source, dict(given)
        self._example, self._example_gradient = example
        self._spelled, self._seed = spelled, seed

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, index: int | slice) -> Step | tuple[Step, ...]:
        return self.steps[index]

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def _has_shapes(self) -> bool:
        return any(s.shape for s in self.steps)

    def _goal(self) -> str:
        return f"The gradient of {self.target} by `{self.source}`"

    def _sections(self) -> Iterator[tuple[str, list[tuple[int, Step]]]]:
        """The headings, names in them between backquotes, and the numbered steps under each."""
        numbered = list(enumerate(self.steps, 1))
        first, last = len(self.values), len(self.steps) - len(self.results)
        yield "Forward: a name for each value", numbered[:first]
        meaning = f"the {'gradient' if self._has_shapes else 'derivative'} of {self.target} by `{self._example}`"
        meaning += f", of the shape of `{self._example}`" if self._has_shapes else ""
        yield f"Backward{self._seed}: write `{self._example_gradient}` for {meaning}, and so on", numbered[first:last]
        yield "Put together", numbered[last:]

    def __str__(self) -> str:
        given = ", ".join(f"{name} {show(shape)}" for name, shape in self.given.items())
        lines = [plain(self._goal()) + (f", for {given}" if given else "")]
        if self._has_shapes:
            lines.append(f"Notation: {_explain(SIGNS, ' '.join(s.text for s in self.steps))}.")
        for heading, steps in self._sections():
            if not steps:
                continue
            lines.append(plain(heading))
            width = min(max(len(s.text) for _, s in steps), WIDE)
            shapes = [show(s.shape) if s.shape and k <= len(self.values) else "" for k, s in steps]
            wide = max(map(len, shapes))
            for (k, s), shape in zip(steps, shapes):
                lines.append(f"{k:3}. {s.text:{width}}  " + (f"{shape:{wide}}  " if wide else "") + s.rule)
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    @property
    def latex(self) -> str:
        """All of it as one formula: rows of text, and an ``aligned`` block under each heading."""
        shapes = [rf"{spell_name(name)} \in {_space(shape)}" for name, shape in self.given.items()]
        goal = words_in_latex(self._goal(), self._spelled)
        rows = [goal + (r"\text{, for }" + r",\; ".join(shapes) if shapes else "")]
        notation = _explain(LATEX_SIGNS, " ".join(s.latex for s in self.steps))
        rows += [words_in_latex(f"Notation: {notation}.", {})] if notation else []
        for heading, steps in self._sections():
            if not steps:
                continue
            rows.append(words_in_latex(heading, self._spelled))
            lines = []
            for k, s in steps:
                space = rf" \in {_space(s.shape)}" if s.shape and k <= len(self.values) else ""
                lines.append(rf"({k})\quad & {s.latex}{space} \quad && {s.rule_latex}")
            rows.append("\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}")
        return "\\begin{array}{l}\n" + " \\\\[4pt]\n".join(rows) + "\n\\end{array}"

    def __repr__(self) -> str:
        return f"<Derivation of {len(self)} steps>"


def _explain(signs: Sequence[tuple[str, str]], texts: str) -> str:
    """What the signs that occur in texts mean."""
    return "; ".join(meaning for sign, meaning in signs if sign in texts)


def _space(shape: Shape) -> str:
    r"""The set of arrays of a shape: ``\mathbb{R}^{n \times m}``."""
    sizes = r" \times ".join(map(sympy.latex, shape))
    return rf"\mathbb{{R}}^{{{sizes}}}"
