"""Text is the same in every process: under any hash seed, and whatever else the process has done."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

PROGRAM = r"""
import json, re, sys
import tracer as tf

for k in range(int(sys.argv[1])):
    tf.sin(tf.placeholder("unrelated")) * k
X, w, y = (tf.placeholder(k, s) for k, s in [("X", ("n", "m")), ("w", ("m",)), ("y", ("n",))])

likelihood = tf.reduce_mean(tf.math.log(1 + tf.exp(-y * (X @ w)))) + 0.1 * tf.reduce_sum(w * w)
margin = tf.reduce_sum(tf.nn.softplus(-y * (X @ w))) + tf.reduce_sum(w**2)
e = tf.exp(X)
p = e / tf.reduce_sum(e, axis=1, keepdims=True)
entropy = tf.reduce_sum(tf.math.log(p) @ w - y) + tf.reduce_mean(tf.math.erf(X @ w) ** 2)
stopped = tf.reduce_sum(tf.tanh(X @ w) * tf.stop_gradient(tf.reduce_sum(w)))

def shift(text):
    # Numbers of nodes are counted from the first source.
    return re.sub(r"_(\d+)", lambda found: f"_{int(found[1]) - X.node}", text)

texts = {"edges": sorted((a - X.node, b - X.node, k) for a, b, k in likelihood.graph.edges(keys=True) if a >= X.node)}
for name, loss in [("likelihood", likelihood), ("margin", margin)]:
    (g,) = tf.gradients(loss, w)
    texts |= {f"{name}, {form}": str(tf.formula(g, form)) for form in ("matrix", "latex", "python", "index", "steps")}
    texts |= {f"{name}, printed": shift(repr(g)), f"{name}, expression": shift(str(g.expr))}
    texts |= {f"{name}, source": tf.compile(g, [X, w, y]).source, f"{name}, picture": tf.to_graphviz(g).source}
texts["entropy, source"] = tf.compile([entropy, *tf.gradients(entropy, [X, w])], [X, w, y]).source
texts["stopped, picture"] = tf.to_graphviz(stopped, view="both").source
print(json.dumps(texts))
"""


def texts(seed, history):
    """The texts of a process, by name."""
    command = [sys.executable, "-c", PROGRAM, history]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return json.loads(subprocess.run(command, env=environment, capture_output=True, check=True, cwd=ROOT).stdout)


def test_texts_are_the_same_in_every_process():
    first, second = (texts(*process) for process in (("0", "0"), ("424242", "40")))
    assert all(first.values())
    assert "np.exp" in first["entropy, source"]
    assert "stop_gradient" in first["stopped, picture"]
    assert second == first
