"""Random pairs of programs: spelled in two ways, or with one mistake in the second; and what NumPy says of them."""

import re

import numpy as np

SCALARS, VECTORS, MATRICES = ["x", "y", "1", "2", "3", "(1/2)"], ["u", "v"], ["A", "B"]
SHAPES = {"x": (), "y": (), "u": ("n",), "v": ("n",), "A": ("n", "n"), "B": ("n", "n")}
LEAVES = {"s": SCALARS, "v": VECTORS, "M": MATRICES}

ANY = {
    "({0} + {1})": (["({1} + {0})", "-(-{0} - {1})", "({0} - (-1)*{1})"], ["({0} - {1})", "({0} + 2*{1})"]),
    "({0} - {1})": (["-({1} - {0})", "({0} + (-1)*{1})"], ["({1} - {0})", "({0} + {1})"]),
    "({0}*({1} + {0}))": (["({0}*{1} + {0}**2)", "({1} + {0})*{0}"], ["({0}*{1} + {0})"]),
    "({0}*{1})": (["({1}*{0})", "(({0} + {1})**2 - ({0} - {1})**2)/4", "(-{0}*(-{1}))"], ["({0}*abs({1}))"]),
    "sigmoid({0})": (["(1 - sigmoid(-({0})))", "1/(1 + exp(-({0})))", "(tanh(({0})/2) + 1)/2"], ["sigmoid(-({0}))"]),
    "tanh({0})": (["(2*sigmoid(2*{0}) - 1)", "-tanh(-({0}))", "sinh({0})/cosh({0})"], ["tanh(2*{0})", "sin({0})"]),
    "sin({0})": (["-sin(-({0}))", "2*sin(({0})/2)*cos(({0})/2)"], ["cos({0})", "tanh({0})"]),
    "cos({0})": (["(1 - 2*sin(({0})/2)**2)", "cos(-({0}))"], ["(1 - 2*sin({0})**2)"]),
    "abs({0})": (["sqrt(({0})**2)", "max({0}, -({0}))", "where({0} > 0, {0}, -({0}))"], ["{0}", "relu({0})"]),
    "relu({0})": (["max({0}, 0)", "where({0} > 0, {0}, 0*{0})", "({0} + abs({0}))/2"], ["abs({0})", "max({0}, 1)"]),
    "max({0}, {1})": (["-min(-({0}), -({1}))", "({0} + relu({1} - {0}))", "max({1}, {0})"], ["min({0}, {1})"]),
    "where({0} > {1}, {0}, 2*{1})": (["where({0} <= {1}, 2*{1}, {0})"], ["where({0} < {1}, {0}, 2*{1})"]),
    "exp(({0})/4)": (["exp(({0})/8)**2", "1/exp(-({0})/4)", "sqrt(exp(({0})/2))"], ["exp(-({0})/4)"]),
    "log(1 + ({0})**2)": (["log(({0})**2 + 1)", "2*log(sqrt(1 + ({0})**2))"], ["log(2 + ({0})**2)", "({0})**2"]),
    "sqrt(({0})**2 + 1)": (["1/(1 + ({0})**2)**(-1/2)", "exp(log(1 + ({0})**2)/2)"], ["(abs({0}) + 1)"]),
    "{0}/(1 + ({1})**2)": (["{0}*(1/(({1})**2 + 1))"], ["{0}/(2 + ({1})**2)", "{0}/(1 - ({1})**2)"]),
}
"""Of any kind, element by element: spellings of the same, and of what is not."""

KINDS = {
    ("s", "v"): {
        "sum({0})": (["n*mean({0})", "sum(2*{0})/2", "sum(({0})[::-1])"], ["mean({0})", "sum(abs({0}))"]),
        "mean(({0})**2)": (["sum({0}*({0}))/n", "mean(({0} - mean({0}))**2) + mean({0})**2"], ["mean({0})**2"]),
        "max({0})": (["-min(-({0}))", "(max({0} + 1) - 1)", "max(2*{0})/2"], ["min({0})", "sum({0})"]),
        "logsumexp({0})": (
            ["log(sum(exp({0})))", "(log(sum(exp({0} - max({0})))) + max({0}))", "(logsumexp({0} + 1) - 1)"],
            ["log(mean(exp({0})))", "max({0})"],
        ),
    },
    ("s", "vv"): {
        "sum({0}*({1}))": (["({0})@({1})", "({1})@({0})"], ["sum({0})*sum({1})", "({0})@({0})"]),
    },
    ("s", "M"): {
        "trace({0})": (["trace(({0}).T)", "-trace(-({0}))"], ["sum({0})", "det({0})"]),
        "det({0})": (["det(({0}).T)", "1/det(inv({0}))"], ["trace({0})", "abs(det({0}))"]),
    },
    ("s", "MM"): {
        "trace(({0}) @ ({1}))": (["trace(({1}) @ ({0}))", "sum({0}*({1}).T)"], ["sum({0}*({1}))"]),
        "det(({0}) @ ({1}))": (["det({0})*det({1})", "det(({1}) @ ({0}))"], ["det({0} + {1})"]),
    },
    ("v", "v"): {
        "softmax({0})": (
            ["exp({0})/sum(exp({0}))", "softmax({0} - max({0}))", "softmax({0} + 2)", "exp({0} - logsumexp({0}))"],
            ["sigmoid({0})", "softmax(2*{0})", "softmax(-({0}))"],
        ),
        "({0} - mean({0}))": (["-(mean({0}) - ({0}))", "({0} - sum({0})/n)"], ["({0} - sum({0}))"]),
    },
    ("v", "vs"): {"({0}*({1}))": (["({1}*({0}))"], ["({0}*({1}) + {0})"])},
    ("v", "Mv"): {
        "(({0}) @ ({1}))": (["(({1}) @ ({0}).T)"], ["(({0}).T @ ({1}))"]),
        "(({0}).T @ ({1}))": (["(({1}) @ ({0}))"], ["(({0}) @ ({1}))"]),
    },
    ("M", "MM"): {
        "(({0}) @ ({1}))": (["((({1}).T @ ({0}).T).T)"], ["(({1}) @ ({0}))", "(({0}) @ ({1}).T)"]),
        "inv(({0}) @ ({1}))": (["(inv({1}) @ inv({0}))"], ["(inv({0}) @ inv({1}))"]),
    },
    ("M", "M"): {
        "({0}).T": (["((({0}) + ({0}).T) - ({0}))"], ["({0})", "(({0}).T + {0})/2"]),
        "inv({0})": (["inv(({0}).T).T", "2*inv(2*{0})"], ["inv({0}).T", "({0})"]),
    },
}
"""The same of vectors and matrices, by what they answer and what they take."""


def grow(rng, kind, depth):
    """A program as a tree: a template, the spellings of the same, those of what is not, and the parts."""
    if depth == 0 or rng.random() < 0.1:
        leaf = str(rng.choice(LEAVES[kind]))
        return leaf, [leaf], [f"({leaf}*1.01)", f"({leaf} + 1/10)", f"(-{leaf})"], []
    tables = [(takes, table) for (answers, takes), table in KINDS.items() if answers == kind]
    choices = [(text, same, wrong, takes) for takes, table in tables for text, (same, wrong) in table.items()]
    choices += [
        (text, same, wrong, kind * (1 + ("{1}" in text)))
        for text, (same, wrong) in ANY.items()
        if rng.random() < 0.5 or not choices
    ]
    text, same, wrong, takes = choices[rng.integers(len(choices))]
    return text, [text, *same], wrong, [grow(rng, k, depth - 1) for k in takes]


def spell(rng, tree, mistake=None):
    """A tree as text; ``mistake`` is the number of the node that is spelled as what it is not."""
    _, same, wrong, parts = tree
    chosen = wrong if mistake == 0 else same
    at = None if mistake is None else mistake - 1
    spelled = []
    for part in parts:
        size = count(part)
        spelled.append(spell(rng, part, at if at is not None and 0 <= at < size else None))
        at = None if at is None else at - size
    template = str(chosen[rng.integers(len(chosen))])
    return f"({str.format(template, *spelled)})" if parts else template


def count(tree):
    return 1 + sum(map(count, tree[3]))


def names(text):
    return [name for name in dict.fromkeys(re.findall(r"\b[A-Za-z]\w*", text)) if name in SHAPES]


def draw_pair(seed, depth=3):
    """Two programs, whether they were spelled the same, and the names of their parameters."""
    rng = np.random.default_rng(seed)
    while True:
        tree = grow(rng, str(rng.choice(["s", "s", "v", "M"])), int(rng.integers(1, depth + 1)))
        same = bool(rng.random() < 0.5)
        first, second = spell(rng, tree), spell(rng, tree, None if same else int(rng.integers(count(tree))))
        used = names(f"{first} {second}")
        if first != second and used and len(first) + len(second) < 400:
            return first, second, same, used


def evaluate(text, values):
    """The value of a text by NumPy alone; NaN where there is none."""

    def extreme(pair, one):
        return lambda *a: pair(*a) if len(a) == 2 else one(*a)

    def softmax(t):
        e = np.exp(t - np.max(t))
        return e / np.sum(e)

    scope = {
        "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh,
        "sqrt": np.sqrt, "abs": np.abs, "where": np.where, "sum": np.sum, "mean": np.mean, "trace": np.trace,
        "inv": np.linalg.inv, "det": np.linalg.det, "max": extreme(np.maximum, np.max), "softmax": softmax,
        "min": extreme(np.minimum, np.min), "sigmoid": lambda t: 1 / (1 + np.exp(-t)),
        "relu": lambda t: np.maximum(t, 0), "logsumexp": lambda t: np.log(np.sum(np.exp(t))), **values,
    }  # fmt: skip
    with np.errstate(all="ignore"):
        try:
            return np.asarray(eval(text, {"__builtins__": {}}, scope), float)
        except np.linalg.LinAlgError:
            return np.asarray(np.nan)


def tell_difference(first, second, used, points=60):
    """At what part of random points two texts differ by more than a millionth, and at how many both are finite."""
    rng = np.random.default_rng(1)
    differ = known = 0
    for _ in range(points):
        n = int(rng.integers(1, 4))
        values = {k: 1.5 * rng.normal(size=tuple(n for _ in SHAPES[k])) for k in used} | {"n": float(n)}
        a, b = evaluate(first, values), evaluate(second, values)
        if np.isfinite(a).all() and np.isfinite(b).all():
            known += 1
            differ += not np.allclose(a, b, rtol=1e-6, atol=1e-9)
    return differ / max(known, 1), known
