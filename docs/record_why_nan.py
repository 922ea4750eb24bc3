"""Record what TensorFlow, JAX and PyTorch answer to the programs of why-nan.md; run by hand where they are installed.

    python docs/record_why_nan.py

The programs are those of the page, with each framework's names for tracer's; the data file stands beside the page.
"""

import re
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import tensorflow
import torch
from jax import numpy as jnp
from recording import record, run, show

TENSORFLOW = SimpleNamespace(**vars(tensorflow), diagnose=show)

JAX = SimpleNamespace(
    Variable=lambda value, name: jnp.asarray(value),
    gradient=lambda function, x: jax.grad(lambda x: jnp.sum(function(x)))(x),
    diagnose=show,
    **{name: getattr(jnp, name) for name in ("abs", "cos", "exp", "sin", "sqrt", "tanh", "where", "equal")},
    acos=jnp.arccos,
    atan2=jnp.arctan2,
    cast=lambda x, dtype: x.astype(dtype),
    norm=jnp.linalg.norm,
    reduce_sum=jnp.sum,
    reduce_mean=jnp.mean,
    math=SimpleNamespace(log=jnp.log, reduce_std=jnp.std),
    nn=jax.nn,
    linalg=jnp.linalg,
)

TORCH = SimpleNamespace(
    Variable=lambda value, name: torch.tensor(value, requires_grad=True),
    gradient=lambda function, x: torch.autograd.grad(function(x).sum(), x)[0],
    diagnose=lambda value: show(value.detach()),
    **{name: getattr(torch, name) for name in ("abs", "cos", "exp", "sin", "sqrt", "tanh", "where", "acos", "atan2")},
    equal=torch.eq,
    cast=lambda x, dtype: x.to(dtype),
    norm=torch.linalg.norm,
    reduce_sum=torch.sum,
    reduce_mean=torch.mean,
    math=SimpleNamespace(log=torch.log, reduce_std=lambda x: torch.std(x, correction=0)),
    nn=SimpleNamespace(softmax=lambda x: torch.softmax(x, -1)),
    linalg=torch.linalg,
)


def without_tape(program: str) -> str:
    """A program with a function of the source in place of the tape's block."""
    body, target, source = r"with tracer.GradientTape\(\) as tape:\n(.*?)", r"(\w+)", r"(\w+)"
    return re.sub(
        rf"{body}(print\(tracer\.diagnose\()tape\.gradient\({target}, {source}\)",
        r"def function(\4):\n\1    return \3\n\2tracer.gradient(function, \4)",
        program,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    versions = {"TensorFlow": tensorflow.__version__, "JAX": jax.__version__, "PyTorch": torch.__version__}
    np.seterr(all="ignore")
    record(
        Path(__file__).with_name("why-nan.md"),
        versions,
        {
            "TensorFlow": lambda program: run(program, TENSORFLOW),
            "JAX": lambda program: run(without_tape(program), JAX),
            "PyTorch": lambda program: run(without_tape(program), TORCH),
        },
    )
