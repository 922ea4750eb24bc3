"""The names of what NumPy's arrays have and tensors have too; what they do is imported when one of them is read.

They are named here, each an attribute of the class of tensors: a class with ``__getattr__`` has every attribute of its
instances read several times slower.
"""

from __future__ import annotations

METHODS = (
    "all", "any", "argmax", "argmin", "argsort", "astype", "choose", "clip", "compress", "conj", "conjugate", "copy",
    "cumprod", "cumsum", "diagonal", "dot", "fill", "flatten", "max", "mean", "min", "prod", "ravel", "repeat",
    "reshape", "round", "searchsorted", "sort", "squeeze", "std", "sum", "swapaxes", "take", "tolist", "trace",
    "transpose", "var",
)  # fmt: skip
PROPERTIES = ("device", "imag", "itemsize", "mT", "nbytes", "real", "size")
REFUSED = (
    "OVERLOADABLE_OPERATORS", "argpartition", "byteswap", "dump", "dumps", "experimental_ref", "nonzero", "partition",
    "put", "resize", "tobytes", "tofile", "view",
)  # fmt: skip
"""What NumPy's arrays or TensorFlow's tensors have, and reading or calling it says what to write instead."""
