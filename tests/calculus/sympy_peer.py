"""The cases through the derivative of sympy's own matrix expressions, once, by hand.

``python -m tests.calculus.sympy_peer`` writes ``sympy_peer.json`` beside this file: what sympy answers, and whether it
has the value of the book's formula.  A program is written in the notation sympy offers for it, scalars once as traces
and once as elements of 1 by 1 matrices.  Before a derivative is asked for, the value of what was written is compared
with the program's.
"""

import functools
import json
import signal
import sys
import warnings
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy
from sympy import HadamardPower, HadamardProduct, OneMatrix, Trace
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.testing.interpreter import evaluate

from .case import Case
from .cases import CASES
from .numpy_tf import NumpyTF

RECORD = Path(__file__).with_name("sympy_peer.json")
SECONDS = 20
VERDICTS = ("right", "fails", "wrong", "zero", "unwritten")


class NoNotationError(NotImplementedError):
    """Sympy's matrix expressions have no way to write this."""


class Written:
    """A sympy expression and the shape it stands for; a vector is a column."""

    as_traces = True

    def __init__(self, e: Any, shape: tuple[Any, ...], factors: tuple["Written", ...] = ()) -> None:
        self.e, self.shape, self.factors = e, shape, factors
        if len(shape) > 2:
            raise NoNotationError(f"an array of rank {len(shape)}")

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: sympy.prod(self.shape))

    __neg__ = lambda self: self * -1  # noqa: E731
    __add__ = __radd__ = lambda self, other: combined(sympy.Add, self, other)
    __sub__ = lambda self, other: self + other * written(-1)  # noqa: E731
    __rsub__ = lambda self, other: -self + other  # noqa: E731
    __mul__ = __rmul__ = lambda self, other: combined(sympy.Mul, self, other)
    __truediv__ = lambda self, other: self * written(other) ** -1  # noqa: E731
    __rtruediv__ = lambda self, other: self**-1 * other  # noqa: E731

    __le__ = __gt__ = lambda self, other: missing("a comparison")

    def __pow__(self, power: Any) -> "Written":
        power = number(power) if not isinstance(power, Written) else power.e
        if not self.ndim:
            return Written(self.e**power, ())
        return Written(HadamardPower(self.e, power), self.shape, (self, self) if power == 2 else ())

    def __matmul__(self, other: "Written") -> "Written":
        if self.ndim == 1 and other.ndim == 1:
            return scalar(self.e.T * other.e)
        left = self.e.T if self.ndim == 1 else self.e
        product = left * other.e
        return Written(product.T if self.ndim == 1 else product, (*self.shape[:-1], *other.shape[1:]))

    def __getitem__(self, index: Any) -> "Written":
        if self.ndim == 1 and index == (slice(None), None):
            return Written(self.e, (*self.shape, 1))
        if self.ndim == 2 and index == (slice(None), 0) and self.shape[1] == 1:
            return Written(self.e, self.shape[:1])
        raise NoNotationError(f"the index {index}")


def number(x: Any) -> Any:
    return sympy.nsimplify(x, rational=True) if isinstance(x, float) and x * 1000 % 1 == 0 else sympy.sympify(x)


def written(x: Any) -> Written:
    return x if isinstance(x, Written) else Written(number(x), ())


def scalar(e: Any) -> Written:
    """A 1 by 1 matrix as a number."""
    return Written(Trace(e) if Written.as_traces else e[0, 0], ())


def spread(x: Written, shape: tuple[Any, ...]) -> Any:
    """The matrix expression of `x` broadcast to a shape."""
    rows, columns = (*shape, 1)[:2]
    if x.shape == shape:
        return x.e
    if not x.ndim:
        return x.e * OneMatrix(rows, columns)
    if x.ndim == 1 or x.shape[0] == 1:
        return OneMatrix(rows, 1) * (x.e.T if x.ndim == 1 else x.e)
    return x.e * OneMatrix(1, columns)


def combined(operation: Any, a: Any, b: Any) -> Written:
    a, b = written(a), written(b)
    rank = max(a.ndim, b.ndim)
    padded = [(1,) * (rank - x.ndim) + x.shape for x in (a, b)]
    shape = tuple(q if p == 1 else p for p, q in zip(*padded, strict=True))
    if not rank:
        return Written(operation(a.e, b.e), ())
    if operation is sympy.Mul:
        if not a.ndim or not b.ndim:
            return Written(a.e * b.e, shape)
        return Written(HadamardProduct(spread(a, shape), spread(b, shape)), shape, (a, b) if a.shape == b.shape else ())
    return Written(spread(a, shape) + spread(b, shape), shape)


def elementwise(function: Any) -> Any:
    def apply(x: Any) -> Written:
        x = written(x)
        return Written(x.e.applyfunc(function) if x.ndim else function(x.e), x.shape)

    return apply


def reduce_sum(x: Written, axis: Any = None, keepdims: bool = False) -> Written:
    if x.ndim == 0:
        return x
    if axis is None or (x.ndim == 1 and axis in (0, -1)):
        if x.factors:
            a, b = x.factors
            return a @ b if x.ndim == 1 else Written(Trace(a.e.T * b.e), ())
        ones = OneMatrix(1, x.shape[0])
        return scalar(ones * x.e if x.ndim == 1 else ones * x.e * OneMatrix(x.shape[1], 1))
    if x.ndim == 2 and axis in (1, -1):
        total = x.e * OneMatrix(x.shape[1], 1)
        return Written(total, (x.shape[0], 1) if keepdims else x.shape[:1])
    total = OneMatrix(1, x.shape[0]) * x.e
    return Written(total, (1, x.shape[1])) if keepdims else Written(total.T, x.shape[1:])


def trace_of(x: Written) -> Written:
    return Written(Trace(x.e), ())


def reduce_mean(x: Written, axis: Any = None, keepdims: bool = False) -> Written:
    axis = axis[0] if isinstance(axis, list) else axis
    return reduce_sum(x, axis, keepdims) * (1 / sympy.sympify(x.size if axis is None else x.shape[axis]))


def variance(x: Written, axis: Any = None, keepdims: bool = False) -> Written:
    centred = x - reduce_mean(x, axis, axis is not None)
    return reduce_mean(centred**2, axis, keepdims)


def log_sum_exp(x: Written, axis: Any = None, keepdims: bool = False) -> Written:
    return LOG(reduce_sum(EXP(x), axis, keepdims))


def softmax(x: Written) -> Written:
    return EXP(x) / reduce_sum(EXP(x), axis=-1, keepdims=x.ndim == 2)


def log_softmax(x: Written) -> Written:
    return x - log_sum_exp(x, axis=-1, keepdims=x.ndim == 2)


def norm(x: Written, ord: Any = 2, axis: Any = None) -> Written:
    if ord == 1:
        return reduce_sum(elementwise(sympy.Abs)(x), axis)
    return elementwise(sympy.sqrt)(reduce_sum(x**2, axis))


def tensordot(a: Written, b: Written, axes: int) -> Written:
    return a @ b if axes == 1 else Written(a.e * b.e.T, (*a.shape, *b.shape))


def solve(a: Written, b: Written, adjoint: bool = False) -> Written:
    return Written((a.e.T if adjoint else a.e).inv() * b.e, b.shape)


def einsum(pattern: str, *operands: Written) -> Written:
    if pattern == "i,ij,j->":
        return operands[0] @ operands[1] @ operands[2]
    if pattern == "i,j->ij":
        return tensordot(*operands, 0)
    raise NoNotationError(f"einsum {pattern}")


def write_maximum(a: Any, b: Any) -> Any:
    numbers = [x for x in (a, b) if not isinstance(x, Written)]
    if numbers != [0.0]:
        raise NoNotationError("maximum of two matrices")
    return elementwise(sympy.Lambda(t, sympy.Max(0, t)))(next(x for x in (a, b) if isinstance(x, Written)))


def missing(name: str, *args: Any, **options: Any) -> Any:
    raise NoNotationError(name)


EXP, LOG = elementwise(sympy.exp), elementwise(sympy.log)
t = sympy.Dummy("t", real=True)
SCALAR = {
    name: elementwise(function)
    for name, function in {
        "exp": sympy.exp, "log": sympy.log, "sin": sympy.sin, "cos": sympy.cos, "tanh": sympy.tanh, "cosh": sympy.cosh,
        "sqrt": sympy.sqrt, "abs": sympy.Abs, "sign": sympy.sign, "erf": sympy.erf,
        "log1p": sympy.Lambda(t, sympy.log(1 + t)), "sigmoid": sympy.Lambda(t, 1 / (1 + sympy.exp(-t))),
        "softplus": sympy.Lambda(t, sympy.log(1 + sympy.exp(t))), "relu": sympy.Lambda(t, sympy.Max(0, t)),
        "silu": sympy.Lambda(t, t / (1 + sympy.exp(-t))),
        "gelu": sympy.Lambda(t, t * (1 + sympy.erf(t / sympy.sqrt(2))) / 2),
    }.items()
}  # fmt: skip
MATRIX = {
    "trace": trace_of,
    "inv": lambda x: Written(x.e.inv(), x.shape),
    "det": lambda x: Written(sympy.Determinant(x.e), ()),
    "logdet": lambda x: Written(sympy.log(sympy.Determinant(x.e)), ()),
    "slogdet": lambda x: (None, Written(sympy.log(sympy.Determinant(x.e)), ())),
    "matrix_power": lambda x, n: Written(x.e**n, x.shape),
    "matvec": lambda a, x: a @ x,
    "diag": lambda x: Written(DiagMatrix(x.e), x.shape * 2),
    "diag_part": lambda x: Written(DiagonalOf(x.e), x.shape[:1]),
    "kron": lambda a, b: Written(
        sympy.KroneckerProduct(a.e, b.e), (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])
    ),
    "solve": solve,
    "norm": norm,
}  # fmt: skip
OTHER = {
    "transpose": lambda x: Written(x.e.T, x.shape[::-1]),
    "reduce_sum": reduce_sum, "reduce_mean": reduce_mean, "reduce_logsumexp": log_sum_exp, "tensordot": tensordot,
    "reduce_variance": variance, "reduce_std": lambda x: elementwise(sympy.sqrt)(variance(x)), "norm": norm,
    "square": lambda x: written(x) ** 2, "pow": lambda x, p: x**p, "einsum": einsum,
    "eye": lambda n: Written(sympy.Identity(n), (n, n)), "softmax": softmax, "log_softmax": log_softmax,
    "maximum": write_maximum,
    "moments": lambda x, axes: (reduce_mean(x, axes), variance(x, axes[0])), "bias_add": lambda x, b: x + b,
    "l2_normalize": lambda x, axis=None: x / norm(x, axis=axis) if axis is None else missing("l2_normalize"),
    "sigmoid_cross_entropy_with_logits": lambda labels, logits: SCALAR["softplus"](logits) - labels * logits,
    "softmax_cross_entropy_with_logits": lambda labels, logits: reduce_sum(-(labels * log_softmax(logits)), -1),
}  # fmt: skip


class Names(SimpleNamespace):
    def __getattr__(self, name: str) -> Any:
        return functools.partial(missing, name)


TF = Names(linalg=Names(**MATRIX), math=Names(**SCALAR, **OTHER), nn=Names(**SCALAR, **OTHER), **SCALAR, **OTHER)


def declare(case: Case) -> dict[str, Written]:
    inputs = {}
    for name, (shape, _) in case.inputs.items():
        dims = tuple(sympy.Symbol(d, integer=True, positive=True) if isinstance(d, str) else d for d in shape)
        symbol = sympy.MatrixSymbol(name, *(*dims, 1)[:2]) if dims else sympy.Symbol(name, real=True)
        inputs[name] = Written(symbol, dims)
    return inputs


def layouts(case: Case, want: np.ndarray) -> list[np.ndarray]:
    """A Jacobian may have the axes of the source first, as sympy's have."""
    if case.ask == "gradient":
        return [want]
    last = len(case.inputs[case.wrt[-1]][0])
    return [want, np.moveaxis(want, range(-last, 0), range(last))]


def close(got: Any, choices: list[np.ndarray]) -> bool:
    """Whether `got` has the value of one of the choices; axes of size one do not count."""
    got = np.squeeze(np.asarray(got, float))
    return any(
        got.shape == want.shape and np.allclose(got, want, rtol=1e-7, atol=1e-7 * max(1, np.abs(want).max()))
        for want in map(np.squeeze, choices)
    )


def ask(case: Case, target: Any, inputs: dict[str, Written]) -> tuple[str, str]:
    """A verdict and what sympy said."""
    answer = target
    try:
        for name in case.wrt * (2 if case.ask == "hessian" else 1):
            answer = answer.diff(inputs[name].e)
        samples = [case.sample(trial) for trial in range(2)]
        values = [evaluate(answer, sizes, arrays, loose=True) for sizes, arrays in samples]
    except TimeoutError:
        raise
    except Exception as error:
        return "fails", f"{type(error).__name__}: {error}"
    wanted = [layouts(case, case.reference(arrays)) for _, arrays in samples]
    if all(map(close, values, wanted)):
        return "right", str(answer)
    return ("wrong" if any(map(np.any, values)) else "zero"), str(answer)


def judge(case: Case) -> tuple[str, str]:
    """The verdict in the notation at hand; a 1 by 1 matrix that is the whole target may stay one."""
    inputs = declare(case)
    target = written(case.program(TF, **inputs)).e
    sizes, arrays = case.sample(0)
    value = np.asarray(case.program(NumpyTF(), **arrays))
    assert close(evaluate(target, sizes, arrays, loose=True), [value]), (case.name, target)
    whole = [target.parent] if isinstance(target, MatrixElement) else []
    return min((ask(case, one, inputs) for one in [target, *whole]), key=lambda said: VERDICTS.index(said[0]))


def late(*_: Any) -> None:
    raise TimeoutError(f"no answer within {SECONDS} s")


def main() -> None:
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, late)
    record: dict[str, dict[str, dict[str, str]]] = {}
    for name in sys.argv[1:] or CASES:
        for notation in ("traces", "elements"):
            Written.as_traces = notation == "traces"
            signal.alarm(SECONDS)
            try:
                verdict, said = judge(CASES[name])
            except NoNotationError as error:
                verdict, said = "unwritten", str(error)
            except TimeoutError as error:
                verdict, said = "fails", str(error)
            finally:
                signal.alarm(0)
            record.setdefault(name, {})[notation] = {"verdict": verdict, "answer": " ".join(said.split())[:120]}
    if sys.argv[1:]:
        print(json.dumps(record, indent=1))
    else:
        RECORD.write_text(json.dumps({"sympy": sympy.__version__, "cases": record}, indent=1) + "\n")
        print("\n".join(table(record)))


def table(record: dict[str, dict[str, dict[str, str]]]) -> list[str]:
    """The rows of the documentation's table: a count for each verdict and notation."""
    counts = {
        "scalars as traces": Counter(r["traces"]["verdict"] for r in record.values()),
        "scalars as elements": Counter(r["elements"]["verdict"] for r in record.values()),
        "the better of both": Counter(
            min((said["verdict"] for said in r.values()), key=VERDICTS.index) for r in record.values()
        ),
    }
    rows = [f"| {name} | " + " | ".join(str(count[v]) for v in VERDICTS) + " |" for name, count in counts.items()]
    return ["| notation | " + " | ".join(VERDICTS) + " |", "|---" * (len(VERDICTS) + 1) + "|", *rows]


if __name__ == "__main__":
    main()
