r"""A reader of LaTeX as textbooks write matrices: ``\mathbf{1}`` and ``I`` have the sizes that fit."""

import re
from collections.abc import Mapping
from functools import partial, reduce
from typing import Any

import numpy as np

from . import algebra as al
from .algebra import Matrix, ReadError, Scalar
from .plain import band, hadamard_power

TOKEN = re.compile(r"\s*(\\[A-Za-z]+|\\\\|\\[:,; _]|\d+\.?\d*|[A-Za-z]+|[^\s])")
ENDS = {
    "",
    "/",
    ")",
    "}",
    "]",
    ",",
    "&",
    r"\\",
    "⟩",
    r"\mapsto",
    r"\end",
    "=",
    "<",
    ">",
    r"\leq",
    r"\geq",
    r"\neq",
    ":",
}
ENDS |= {"‖", r"\wedge", r"\vee", r"\rfloor", r"\rceil"}
GREEK = {"alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "nu", "rho", "sigma", "tau", "phi"}
RELATIONS = {"=": "=", "<": "<", ">": ">", r"\leq": "<=", r"\geq": ">=", r"\neq": "!="}
NAMES = {"ceiling": "ceiling"}


DELIMITERS = {
    r"\left": "", r"\right": "", r"\lVert": "‖", r"\rVert_F": "‖", r"\rVert": "‖", r"\lvert": "⟨", r"\rvert": "⟩",
    r"{atan}_{2}": "{atan2}",
}  # fmt: skip
"""What is read as one sign."""


class Textbook:
    """As `Plain`; `square` is the size of an identity that only the result's rows tell, `summing` is `product`'s."""

    def __init__(
        self,
        text: str,
        sizes: Mapping[str, int],
        arrays: Mapping[str, Any],
        free: Mapping[str, int] = {},
        square: int = 0,
        summing: bool = False,
    ):
        self.product = partial(al.product, summing=summing)
        for sign, letter in DELIMITERS.items():
            text = text.replace(sign, letter)
        self.tokens = [t for t in TOKEN.findall(text) if t not in (r"\:", r"\,", r"\;", "\\ ")]
        self.at, self.euler, self.square = 0, "e" not in arrays, square
        self.names: dict[str, Any] = {r"\pi": al.scalar(np.pi)}
        self.arrays = [*arrays.values()]
        self.names |= {k: al.scalar(n) for k, n in sizes.items()}
        self.names |= {k: v if v.ndim else al.scalar(v) for k, v in arrays.items()}
        self.free = {k: Scalar(np.arange(float(n)), (k,)) for k, n in free.items()}

    def __call__(self) -> Any:
        outer = self.names

        def read(free: dict[str, Scalar]) -> Any:
            self.names, self.at = outer | free, 0
            return self.condition()

        found = al.settle(self.free, read)
        if self.peek():
            raise ReadError(f"{' '.join(self.tokens[self.at :])} is left")
        return found

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if wanted and token not in wanted:
            raise ReadError(f"{token!r}, not {wanted}, before {' '.join(self.tokens[self.at : self.at + 12])}")
        self.at += 1
        return token

    def condition(self) -> Any:
        left = self.relation()
        while self.peek() in (r"\wedge", r"\vee"):
            both = np.logical_and if self.take() == r"\wedge" else np.logical_or
            left = al.each(both, left, self.relation())
        return left

    def relation(self) -> Any:
        left = self.sum()
        if self.peek() in RELATIONS:
            compare = al.COMPARISONS[RELATIONS[self.take()]]
            left = al.each(compare, left, self.sum())
        return left

    def sum(self) -> Any:
        total = None
        while total is None or self.peek() in ("+", "-"):
            sign = self.take() if self.peek() in ("+", "-") else "+"
            part = self.term()
            part = al.scaled(al.scalar(-1), part) if sign == "-" else part
            total = part if total is None else self.added(total, part)
        return total

    def added(self, *parts: Any) -> Any:
        """A sum, in which an identity takes the size of the result where nothing beside it has one."""
        if self.square and all(isinstance(p, Matrix) and all(p.free) for p in parts) and parts[0].eye != parts[1].eye:
            parts = tuple(Matrix(p.array * np.eye(self.square)) if p.eye else p for p in parts)
        return al.add(*parts)

    def term(self) -> Any:
        """Products beside an elementwise one must be in parentheses: which binds more is nobody's convention."""
        parts = [self.juxtaposed()]
        operators = []
        while self.peek() in (r"\odot", r"\oslash", r"\times", r"\otimes"):
            operators.append(self.take())
            parts.append(self.juxtaposed())
        if len(parts) == 1:
            return self.product(parts[0]) if len(parts[0]) > 1 else parts[0][0]
        if set(operators) <= {r"\odot", r"\oslash"}:
            return self.elementwise(parts, operators)
        if any(len(p) > 1 for p in parts) or len(set(operators)) > 1:
            raise ReadError(f"a product beside {operators} without parentheses")
        factors = [p[0] for p in parts]
        if operators == [r"\times"]:
            return al.cross(*factors)
        return Matrix(reduce(np.kron, [al.matrix(f).array for f in factors]))

    def elementwise(self, parts: list[list[Any]], operators: list[str]) -> Any:
        """Products and quotients of elements, with numbers in front."""
        *front, first = parts[0]
        if any(len(p) > 1 for p in parts[1:]) or not all(map(al.small, front)):
            raise ReadError(f"a product beside {operators} without parentheses")
        value = first
        for sign, (f,) in zip(operators, parts[1:]):
            value = al.each(np.multiply if sign == r"\odot" else np.divide, value, f)
        return self.product([*front, value]) if front else value

    def juxtaposed(self) -> list[Any]:
        factors = [self.factor()]
        while self.peek() not in ENDS and self.peek() not in ("+", "-", r"\odot", r"\oslash", r"\times", r"\otimes"):
            if self.peek() == r"\bmod":
                self.take()
                factors = [al.scalars(np.mod, al.number(self.product(factors)), al.number(self.factor()))]
                continue
            if self.peek() == r"\cdot":
                self.take()
            factors.append(self.factor())
        return factors

    def factor(self) -> Any:
        if self.peek() == "e" and self.euler and self.peek(1) == "^":
            self.take(), self.take()
            exponent = self.group()
            small = isinstance(exponent, Scalar) or al.matrix(exponent).one
            return al.each(np.exp, al.number(exponent)) if small else al.MATRICES["expm"](exponent)
        value = self.primary()
        while self.peek() in ("^", "_"):
            value = self.raised(value) if self.take() == "^" else self.element(value)
        return value

    def group(self) -> Any:
        self.take("{")
        value = self.condition()
        self.take("}")
        return value

    def raised(self, base: Any) -> Any:
        if self.peek() != "{":
            return al.power(base, al.scalar(float(self.take())))
        self.take("{")
        inverted = self.peek() == "-" and self.peek(1) == r"\top"
        if inverted:
            self.take()
        if self.peek() == r"\top":
            self.take()
            value = al.matrix(base).T
            value = al.power(value, al.scalar(-1)) if inverted else value
        elif self.peek() == r"\odot":
            self.take()
            value = hadamard_power(base, self.exponent())
        elif self.peek() == "+":
            self.take()
            value = al.MATRICES["pinv"](base)
        else:
            value = al.power(base, self.exponent())
        self.take("}")
        return value

    def exponent(self) -> Any:
        """A sum, or a fraction in one line."""
        over = self.sum()
        if self.peek() != "/":
            return over
        self.take()
        return al.scalars(np.divide, over, self.factor())

    def element(self, value: Any) -> Any:
        self.take("{")
        indices: list[Any] = []
        while self.peek() != "}":
            parts = [None] if self.peek() == ":" else [self.sum()]
            while self.peek() == ":":
                self.take()
                parts.append(None if self.peek() in (":", ",", "}") else self.sum())
            indices.append(parts[0] if len(parts) == 1 else slice(*(p and int(p.array) for p in parts)))
            if self.peek() == ",":
                self.take()
        self.take("}")
        return al.part(value, indices)

    def primary(self) -> Any:
        token = self.take()
        if token == "(":
            value = self.condition()
            return self.listed(value) if self.peek() == "," else self.finish(value, ")")
        if token == "[":
            letters = self.letters_below(self.at)
            return self.matrix_of(letters) if letters else self.closed("]")
        if token == "⟨":
            return al.each(np.abs, self.closed("⟩"))
        if token == "‖":
            return al.MATRICES["norm"](self.closed("‖"))
        if token == "{":
            return self.closed("}")
        if token[0].isdigit():
            return al.scalar(float(token))
        if token[0] != "\\" or token in self.names or token[1:] in GREEK:
            return self.named(token)
        read = getattr(self, f"read_{token[1:]}", None)
        return read() if read else self.call(token[1:])

    def closed(self, end: str) -> Any:
        return self.finish(self.condition(), end)

    def letters_below(self, at: int) -> list[str]:
        """The new indices below a bracket that was opened before a place: of the elements in it, a matrix is made."""
        depth = 1
        while depth:
            depth += {"[": 1, "]": -1}.get(self.tokens[at], 0)
            at += 1
        if self.tokens[at : at + 2] != ["_", "{"]:
            return []
        found = self.tokens[at + 2 : self.tokens.index("}", at)]
        return [k for k in found if k != ","] if not self.names.keys() & {*found} else []

    def matrix_of(self, letters: list[str]) -> Any:
        """The matrix of elements in brackets, whose indices stand below; beyond it, no element has a value."""
        most = max(map(max, (np.shape(v.array if isinstance(v, Matrix) else v) or (1,) for v in self.arrays)))
        outer = self.names
        self.names = outer | {k: Scalar(np.arange(float(most)), (k,)) for k in letters}
        body = al.number(self.closed("]"))
        self.names = outer
        self.take("_"), self.group_of(letters)
        return al.matrix_of(body, letters)

    def group_of(self, letters: list[str]) -> None:
        """Letters in braces."""
        self.take("{")
        for k in letters:
            self.take(k), self.take(",", "}")

    def finish(self, value: Any, end: str) -> Any:
        self.take(end)
        return value

    def listed(self, first: Any) -> Matrix:
        """Numbers at one distance, of which the first two and the last are written, as a row."""
        self.take(",")
        second = self.condition()
        self.take(","), self.take(r"\ldots"), self.take(",")
        low, then, high = (float(al.number(v).array) for v in (first, second, self.condition()))
        self.take(")")
        return al.matrix(np.arange(low, high + (then - low) / 2, then - low)).T

    def named(self, token: str) -> Any:
        if token == r"\delta" and "delta" not in self.names:
            self.take("_")
            self.take("{")
            end, depth = self.at, 1
            while depth:
                depth += {"{": 1, "}": -1}.get(self.tokens[end], 0)
                end += 1
            between = "," in self.tokens[self.at : end]
            a = self.sum() if between else self.factor()
            if between:
                self.take(",")
            b = self.sum() if between else self.factor()
            self.take("}")
            return al.scalars(np.equal, a, b)
        name = token.lstrip("\\") if token not in self.names else token
        if self.tokens[self.at : self.at + 4] == ["_", "{", r"\mathrm", "{"]:
            end = self.tokens.index("}", self.at)
            whole = f"{name}_{''.join(self.tokens[self.at + 4 : end])}"
            if whole in self.names:
                self.at = end + 2
                return self.names[whole]
        if self.peek() == "_" and self.peek(1) == "{" and self.peek(3) == "}":
            tail = self.peek(2)
            for whole in (f"{name}{tail}", f"{name}_{tail}"):
                if whole in self.names:
                    self.at += 4
                    return self.names[whole]
        if name in self.names:
            return self.names[name]
        if name == "e" and self.euler:
            return al.scalar(np.e)
        if name == "I" and self.peek() == "_":
            self.take()
            return Matrix(np.eye(round(float(al.number(self.group()).array))))
        if name == "I":
            return al.EYE
        raise ReadError(f"nobody declared {name}")

    # functions
    def call(self, name: str) -> Any:
        exponent = None
        if self.peek() == "^":
            self.take()
            exponent = self.group()
        wrapped = self.peek() == "{"
        if wrapped:
            self.take()
        self.take("(")
        args = [self.condition()]
        while self.take(",", ")") == ",":
            args.append(self.condition())
        if wrapped:
            self.take("}")
        name = NAMES.get(name, name)
        if name in al.ELEMENTS:
            value = al.each(al.ELEMENTS[name], *args)
        elif name in al.MATRICES:
            value = al.MATRICES[name](*args)
        else:
            raise ReadError(f"the function {name}")
        return value if exponent is None else al.power(value, exponent)

    def read_mathrm(self) -> Any:
        """A name that is no letter: it may hold underscores."""
        self.take("{")
        name = ""
        while self.peek() != "}":
            name += self.take().lstrip("\\")
        self.take("}")
        return self.names[name] if name in self.names else self.call(name)

    def read_infty(self) -> Scalar:
        return al.scalar(np.inf)

    def read_varphi(self) -> Any:
        return self.call("phi")

    def read_operatorname(self) -> Any:
        self.take("{")
        name = ""
        while self.peek() != "}":
            name += self.take().lstrip("\\")
        self.take("}")
        if self.peek() == "_" and self.peek(2) == r"\text":
            return self.call(f"{name}_{self.read_words()}")
        if name == "softmax" and self.peek() == "_":
            self.take(), self.take("{")
            letters = [self.index()]
            while self.take(",", "}") == ",":
                letters.append(self.index())
            return al.softmax_over(al.number(self.factor()), letters)
        if name == "firstmax" and self.peek() == "_":
            return self.read_firstmax()
        if name == "stack":
            axis = 0
            if self.peek() == "_":
                self.take(), self.take("{")
                axis = int(self.take())
                self.take("}")
            self.take("(")
            members = [self.condition()]
            while self.take(",", ")") == ",":
                members.append(self.condition())
            return al.stacked(members, axis)
        if name == "onehot":
            self.take("_")
            size = round(float(al.number(self.group()).array))
            self.take("(")
            ids = self.sum()
            self.take(")")
            return al.one_hot(ids, size)
        if name == "band":
            self.take("_")
            self.take("{")
            lower = self.sum()
            self.take(",")
            upper = self.sum()
            self.take("}")
            return band(self.factor(), lower, upper)
        return self.call(name)

    def read_words(self) -> str:
        """The words at the lower right of a function's name."""
        self.take("_"), self.take("{"), self.take(r"\text"), self.take("{")
        words = []
        while self.peek() != "}":
            words.append(self.take())
        self.take("}"), self.take("}")
        return "_".join(words)

    def read_bar(self) -> Any:
        return al.MATRICES["mean"](self.group())

    def read_psi(self) -> Any:
        order = al.scalar(0)
        if self.peek() == "^":
            self.take(), self.take("{")
            order = self.factor()
            self.take("}")
        return al.each(al.ELEMENTS["polygamma"], order, self.factor())

    def read_mathbf(self) -> Any:
        self.take("{")
        digit = self.take("0", "1")
        self.take("}")
        if digit == "1" and self.peek() == "_":
            self.take()
            return Matrix(np.ones((round(float(al.number(self.group()).array)), 1)))
        if digit == "0" and self.peek() == "_":
            self.take(), self.take("{")
            shape = [self.sum()]
            while self.take(",", "}") == ",":
                shape.append(self.sum())
            return Matrix(np.zeros([round(float(d.array)) for d in (*shape, al.scalar(1))[:2]]))
        return al.ONES if digit == "1" else Matrix(np.zeros((1, 1)), (True, True))

    def read_frac(self) -> Any:
        over = self.group()
        under = al.scalars(np.divide, al.scalar(1), al.number(self.group()))
        return self.product([under, over])

    def read_sqrt(self) -> Any:
        root = 2.0
        if self.peek() == "[":
            self.take()
            root = float(self.take())
            self.take("]")
        inner = self.group()
        return al.each(lambda x: np.power(x, 1 / root), al.number(inner) if al.small(inner) else inner)

    def read_lfloor(self) -> Any:
        return al.each(np.floor, self.closed(r"\rfloor"))

    def read_lceil(self) -> Any:
        return al.each(np.ceil, self.closed(r"\rceil"))

    def read_neg(self) -> Any:
        return al.each(np.logical_not, self.factor())

    def read_sum(self) -> Any:
        return self.read_over(np.add, 0.0)

    def read_prod(self) -> Any:
        return self.read_over(np.multiply, 1.0)

    def read_max(self) -> Any:
        return self.read_over(np.maximum, -np.inf) if self.peek() == "_" else self.call("max")

    def read_min(self) -> Any:
        return self.read_over(np.minimum, np.inf) if self.peek() == "_" else self.call("min")

    def read_over(self, combine: np.ufunc, nothing: float) -> Any:
        """What is summed reaches to the end of the product."""
        self.take("_")
        self.take("{")
        limits = []
        outer = self.names
        if self.peek() == r"\substack":
            self.take(), self.take("{")
            limits = self.ranges(r"\\")
            self.take("}")
        elif self.peek(1) == "=" or self.peek(1) == "_":
            name = self.index()
            self.take("=")
            low = self.sum()
            self.take("}"), self.take("^")
            limits.append((name, low, self.group()))
        else:
            limits = self.ranges(",")
        bound = {k: al.range_of(k, low, high) for k, low, high in limits}
        start = self.at

        def read(bound: dict[str, Scalar]) -> Scalar:
            self.names, self.at = outer | bound, start
            return al.number(self.product(self.juxtaposed()))

        body = al.settle(bound, read)
        self.names = outer
        for k, low, high in reversed(limits):
            body = al.summed(al.within(body, bound[k], low, high, nothing), k, len(bound[k].array), combine)
        return body

    def read_firstmax(self) -> Scalar:
        """What is over indices with limits, at places of these."""
        self.take(), self.take("{")
        outer = self.names
        if self.peek() == r"\substack":
            self.take(), self.take("{")
            limits = self.ranges(r"\\")
            self.take("}")
        else:
            limits = self.ranges(",")
        bound = {k: al.range_of(k, low, high) for k, low, high in limits}
        self.take("(")
        start = self.at

        def read(bound: dict[str, Scalar]) -> Scalar:
            self.names, self.at = outer | bound, start
            return al.number(self.condition())

        body = al.first_over(al.settle(bound, read), [*bound])
        self.names = outer
        self.take(")"), self.take("_"), self.take("{")
        places = [al.number(self.sum())]
        while self.take(",", "}") == ",":
            places.append(al.number(self.sum()))
        return al.at_places(body, [*bound], places)

    def ranges(self, between: str) -> list[tuple[str, Scalar, Scalar]]:
        r"""Indices with their limits up to a brace: ``0 \leq i \leq n - 1``; those below may be bounded by it."""
        limits = []
        while self.peek() != "}":
            low = self.sum()
            self.take(r"\leq")
            name = self.index()
            self.take(r"\leq")
            limits.append((name, low, self.sum()))
            self.names = self.names | {name: al.range_of(*limits[-1])}
            if self.peek() == between:
                self.take()
        self.take("}")
        return limits

    def index(self) -> str:
        """The name of an index, its number written as a subscript."""
        name = self.take()
        if self.peek() == "_":
            self.take(), self.take("{")
            name += self.take()
            self.take("}")
        return name

    def read_begin(self) -> Any:
        self.take("{")
        kind = self.take("cases", "bmatrix")
        self.take("}")
        rows: list[Any] = []
        while self.peek() != r"\end":
            value = self.condition()
            if kind == "cases":
                self.take("&"), self.take(r"\text"), self.take("{")
                otherwise = self.take("if", "otherwise") == "otherwise"
                self.take("}")
                rows.append((value, al.scalar(1) if otherwise else self.condition()))
            else:
                row = [value]
                while self.peek() == "&":
                    self.take()
                    row.append(self.condition())
                rows.append(row)
            if self.peek() == r"\\":
                self.take()
        self.take(), self.take("{"), self.take(kind), self.take("}")
        return al.piecewise(rows) if kind == "cases" else al.blocks(rows)
