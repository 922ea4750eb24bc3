"""Names for the values of a program, as a lecturer chooses them.

A value keeps the name that its program gives it. Others have a letter of the operation, as ``P`` for a softmax, ``R``
for a residual, which is a difference that is squared, ``C`` for what its mean was taken from,
``s`` for a root, or ``Z``; small letters
for numbers and vectors, and numbers where there are several. No name is that of a source or of a dimension.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from tracer.tensor import Operand, Tensor

LETTERS: Mapping[str, str] = {
    "softmax": "p",
    "tanh": "h",
    "relu": "h",
    "gelu": "h",
    "elu": "h",
    "selu": "h",
    "silu": "h",
    "leaky_relu": "h",
    "reduce_mean": "mu",
    "sqrt": "s",
}


def name_values(values: Sequence[Tensor], targets: Iterable[Tensor], taken: Iterable[str]) -> dict[int, str]:
    """A name for each value, by its key.

    Parameters
    ----------
    values : sequence of Tensor
        In the order in which they are computed.
    targets : iterable of Tensor
        Those that are differentiated: a scalar is ``L``, a loss; what is itself a gradient is ``g``.
    taken : iterable of str
        The names of sources and dimensions.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", ("n", "d")), tracer.placeholder("w", ("d", "k"))
    >>> a = X @ w
    >>> b = tracer.nn.softmax(a)
    >>> c = tracer.reduce_sum(b)
    >>> list(name_values([a, b, c], [c], ["X", "w", "n", "d", "k"]).values())
    ['Z', 'P', 'L']
    """
    used = {*taken, *(t.label for t in values if t.label)}
    wanted = {t.node: "g" if t.derived is not None else "L" for t in targets if not t.shape}
    squared = {t.args[0].node for t in values if is_square(t)}
    stems: dict[int, str] = {}
    count: dict[str, int] = {}
    for t in values:
        if t.label is None:
            stem = stems[t.node] = wanted.get(t.node) or _choose_letter(t, squared)
            count[stem] = count.get(stem, 0) + 1
    names: dict[int, str] = {}
    numbered: dict[str, Iterator[str]] = {}
    mine: set[str] = set()
    for t in values:
        stem = stems.get(t.node, t.label or "z")
        if t.label is not None and t.label not in {*taken} | mine:
            name = t.label
        elif count.get(stem) == 1 and stem not in used:
            name = stem
        else:
            name = next(n for n in numbered.setdefault(stem, _number_name(stem)) if n not in used)
        names[t.node] = name
        used.add(name)
        mine.add(name)
    return names


def _choose_letter(tensor: Tensor, squared: Container[int]) -> str:
    """The letter of an operation, a capital for a matrix."""
    letter = LETTERS.get(tensor.rule.name, "z")
    if tensor.rule.name == "subtract":
        taken = tensor.args[1]
        centred = type(taken) is Tensor and taken.rule.name == "reduce_mean" and tensor.args[0] is taken.args[0]
        letter = "c" if centred else "r" if tensor.node in squared else "z"
    matrix = tensor.ndim > 1 and 1 not in tensor.shape
    if letter == "mu":
        return "v" if is_square(tensor.args[0]) else "M" if matrix else letter
    return letter.upper() if matrix else letter


def is_square(tensor: Operand) -> bool:
    """Whether a tensor is the square of its first operand."""
    if type(tensor) is not Tensor:
        return False
    name, args = tensor.rule.name, tensor.args
    if name == "pow":
        return type(args[1]) is int and args[1] == 2
    return name == "square" or (name == "multiply" and args[0] is args[1])


def _number_name(stem: str) -> Iterator[str]:
    k = 0
    while True:
        k += 1
        yield f"{stem}{k}"


def name_gradients(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """The name of the gradient by each name: ``dz`` by ``z``, unless something else is called so.

    Examples
    --------
    >>> name_gradients(["x", "z"], ["x", "dx"])
    {'x': 'dx_', 'z': 'dz'}
    """
    used = {*taken}
    gradients: dict[str, str] = {}
    for name in names:
        gradient = f"d{name}"
        while gradient in used:
            gradient += "_"
        gradients[name] = gradient
        used.add(gradient)
    return gradients
