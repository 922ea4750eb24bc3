"""Record what TensorFlow, JAX and PyTorch answer to the programs of why-none.md; run by hand where they are installed.

    python docs/record_why_none.py

The programs are those of the page, with each framework's names for tracer's; the data file stands beside the page. JAX
differentiates a function of the source, whose body is the tape's block. PyTorch needs no tape: what is computed is
recorded. A program of what a framework does not have, as a tape that is reset, is not run there.
"""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import tensorflow
import torch
from jax import numpy as jnp
from recording import record, run, show


def slope(function: Callable[[tensorflow.Variable], tensorflow.Tensor]) -> Callable[..., tensorflow.Tensor | None]:
    """The derivative of a function, by a tape of its own."""

    def derivative(x: tensorflow.Variable) -> tensorflow.Tensor | None:
        with tensorflow.GradientTape() as tape:
            y = function(x)
        return tape.gradient(y, x)

    return derivative


TENSORFLOW = SimpleNamespace(**vars(tensorflow), grad=slope)

JAX = SimpleNamespace(
    Variable=lambda value, name: jnp.asarray(value),
    constant=lambda value, name=None: jnp.asarray(value),
    explain=lambda function, x: show(jax.grad(lambda x: jnp.sum(function(x)))(x)),
    **{name: getattr(jnp, name) for name in ("argmax", "floor", "tanh", "zeros_like")},
    cast=lambda x, dtype: x.astype(dtype),
    gather=lambda x, at: x[at],
    grad=jax.grad,
    linalg=SimpleNamespace(matvec=lambda a, x: a @ jnp.asarray(x)),
    numpy=np.asarray,
    reduce_sum=jnp.sum,
    stop_gradient=jax.lax.stop_gradient,
)


class Recorder(contextlib.nullcontext):
    """What stands for a tape where everything is recorded."""

    def __enter__(self) -> "Recorder":
        return self

    stop_recording = staticmethod(torch.no_grad)

    @staticmethod
    def explain(target: torch.Tensor, source: torch.Tensor) -> str | None:
        (gradient,) = torch.autograd.grad(target.sum(), source, allow_unused=True)
        return None if gradient is None else show(gradient)


TORCH = SimpleNamespace(
    Variable=lambda value, name, trainable=True: torch.tensor(value, requires_grad=trainable),
    constant=lambda value, name=None: torch.as_tensor(value),
    GradientTape=Recorder,
    **{name: getattr(torch, name) for name in ("floor", "tanh", "zeros_like")},
    argmax=lambda x, axis=None: torch.argmax(x, axis),
    cast=lambda x, dtype: x.to(getattr(torch, dtype)),
    gather=lambda x, at: x[at],
    grad=lambda function: lambda x: torch.autograd.grad(function(x), x, create_graph=True)[0],
    linalg=SimpleNamespace(matvec=lambda a, x: a @ torch.tensor(x)),
    reduce_sum=torch.sum,
    stop_gradient=torch.Tensor.detach,
)


def on_tape(program: str) -> str:
    """A program of TensorFlow: its constants have no names, and a tape is asked more than once."""
    text = re.sub(r'(tracer\.constant\([^\n]*), name="\w+"\)', r"\1)", program)
    return text.replace("GradientTape()", "GradientTape(persistent=True)").replace("tape.explain", "tape.gradient")


def as_function(program: str) -> str:
    """A program with a function of the source in place of the tape's block, and NumPy's function for its method."""
    program = re.sub(r"(\([^()]*\)|\w+)\.numpy\(\)", r"tracer.numpy(\1)", program)
    return re.sub(
        r"with tracer.GradientTape\(\) as tape:\n(.*?)print\(tape\.explain\((\w+), (\w+)\)",
        r"def function(\3):\n\1    return \2\nprint(tracer.explain(function, \3)",
        program,
        flags=re.DOTALL,
    )


def answer(namespace: object, rewrite: Callable[[str], str], lacking: str) -> Callable[[str], str]:
    """What a framework answers to a program, unless the program uses what it lacks."""

    def answered(program: str) -> str:
        return "nothing like it" if re.search(lacking, program) else run(rewrite(program), namespace)

    return answered


if __name__ == "__main__":
    np.seterr(all="ignore")
    record(
        Path(__file__).with_name("why-none.md"),
        {"TensorFlow": tensorflow.__version__, "JAX": jax.__version__, "PyTorch": torch.__version__},
        {
            "TensorFlow": answer(TENSORFLOW, on_tape, "(?!)"),
            "JAX": answer(JAX, as_function, r"tape\.(watch|reset|stop_recording)|trainable|\.assign\("),
            "PyTorch": answer(TORCH, str, r"tape\.(watch|reset)|\.assign\("),
        },
    )
