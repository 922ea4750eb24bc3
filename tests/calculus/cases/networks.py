"""Perceptrons, recurrent cells and normalisation layers, by each of their weights."""

import numpy as np

from ..case import case
from ..functions import dot, erf, norm, outer, relu, rows, sigmoid, softmax, step

GOODFELLOW = "Goodfellow, Bengio & Courville, Deep Learning (2016), 6.5"


def squares(tf, x):
    return tf.reduce_sum(tf.square(x))


def family(name, source, inputs, program, formulas, **sizes):
    """One case for each argument; `formulas` are functions of all inputs."""
    for wrt, formula in formulas.items():
        case(f"{name}-by-{wrt}", source, inputs, wrt, program, formula, **sizes)


# two-layer perceptrons
def tanh_network(tf, X, W1, b1, W2, b2, Y):
    return 0.5 * squares(tf, tf.tanh(X @ W1 + b1) @ W2 + b2 - Y)


def tanh_parts(X, W1, b1, W2, b2, Y):
    H = np.tanh(X @ W1 + b1)
    R = H @ W2 + b2 - Y
    return H, R, (R @ W2.T) * (1 - H**2)


family("mlp-tanh", GOODFELLOW, "X:n,d W1:d,h b1:h W2:h,k b2:k Y:n,k", tanh_network, {
    "W1": lambda X, W1, b1, W2, b2, Y: X.T @ tanh_parts(X, W1, b1, W2, b2, Y)[2],
    "b1": lambda X, W1, b1, W2, b2, Y: np.sum(tanh_parts(X, W1, b1, W2, b2, Y)[2], axis=0),
    "b2": lambda X, W1, b1, W2, b2, Y: np.sum(tanh_parts(X, W1, b1, W2, b2, Y)[1], axis=0),
    "X": lambda X, W1, b1, W2, b2, Y: tanh_parts(X, W1, b1, W2, b2, Y)[2] @ W1.T,
})  # fmt: skip


def relu_network(tf, X, W1, W2, Y):
    return squares(tf, tf.nn.relu(X @ W1) @ W2 - Y)


family("mlp-relu", GOODFELLOW, "X:n,d W1:d,h W2:h,k Y:n,k", relu_network, {
    "W1": lambda X, W1, W2, Y: 2 * X.T @ (((relu(X @ W1) @ W2 - Y) @ W2.T) * step(X @ W1)),
    "W2": lambda X, W1, W2, Y: 2 * relu(X @ W1).T @ (relu(X @ W1) @ W2 - Y),
})  # fmt: skip


def classifier(tf, X, W, V, Y):
    logits = tf.nn.sigmoid(X @ W) @ V
    return tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(labels=Y, logits=logits))


def classifier_parts(X, W, V, Y):
    H = sigmoid(X @ W)
    return H, softmax(H @ V) - Y


family("mlp-classifier", "Bishop (2006), 5.3", "X:n,d W:d,h V:h,k Y:n,k~onehot", classifier, {
    "W": lambda X, W, V, Y: (lambda H, D: X.T @ ((D @ V.T) * H * (1 - H)))(*classifier_parts(X, W, V, Y)),
    "V": lambda X, W, V, Y: (lambda H, D: H.T @ D)(*classifier_parts(X, W, V, Y)),
})  # fmt: skip


def single(tf, x, W1, b1, W2, b2, y):
    return 0.5 * squares(tf, W2 @ tf.sigmoid(W1 @ x + b1) + b2 - y)


def single_parts(x, W1, b1, W2, b2, y):
    h = sigmoid(W1 @ x + b1)
    r = W2 @ h + b2 - y
    return h, r, (W2.T @ r) * h * (1 - h)


family("mlp-one-example", "Rumelhart, Hinton & Williams (1986)", "x:d W1:h,d b1:h W2:k,h b2:k y:k", single, {
    "W1": lambda x, W1, b1, W2, b2, y: outer(single_parts(x, W1, b1, W2, b2, y)[2], x),
    "W2": lambda x, W1, b1, W2, b2, y: (lambda h, r, d: outer(r, h))(*single_parts(x, W1, b1, W2, b2, y)),
    "x": lambda x, W1, b1, W2, b2, y: W1.T @ single_parts(x, W1, b1, W2, b2, y)[2],
})  # fmt: skip


def three_layers(tf, x, A, B, c):
    return tf.tensordot(c, tf.tanh(B @ tf.tanh(A @ x)), 1)


def three_parts(x, A, B, c):
    u = np.tanh(A @ x)
    d = c * (1 - np.tanh(B @ u) ** 2)
    return u, d, (B.T @ d) * (1 - u**2)


family("mlp-deep", GOODFELLOW, "x:d A:h,d B:m,h c:m", three_layers, {
    "A": lambda x, A, B, c: outer(three_parts(x, A, B, c)[2], x),
    "B": lambda x, A, B, c: (lambda u, d, e: outer(d, u))(*three_parts(x, A, B, c)),
})  # fmt: skip
case("linear-deep", "Saxe, McClelland & Ganguli (2014)", "X:d,n A:h,d B:k,h Y:k,n", "A",
     lambda tf, X, A, B, Y: 0.5 * squares(tf, B @ A @ X - Y),
     lambda X, A, B, Y: B.T @ (B @ A @ X - Y) @ X.T)  # fmt: skip
case("residual-block", "He et al. (2016)", "x:d W:d,d c:d", "W",
     lambda tf, x, W, c: tf.tensordot(c, x + tf.nn.relu(W @ x), 1),
     lambda x, W, c: outer(c * step(W @ x), x))  # fmt: skip
case("residual-by-input", "He et al. (2016)", "x:d W:d,d c:d", "x",
     lambda tf, x, W, c: tf.tensordot(c, x + tf.tanh(W @ x), 1),
     lambda x, W, c: c + W.T @ (c * (1 - np.tanh(W @ x) ** 2)))  # fmt: skip
case("highway", "Srivastava, Greff & Schmidhuber (2015)", "x:d W:d,d T:d,d c:d", "T",
     lambda tf, x, W, T, c: (lambda g: tf.tensordot(c, g * tf.tanh(W @ x) + (1.0 - g) * x, 1))(tf.sigmoid(T @ x)),
     lambda x, W, T, c: (lambda g: outer(c * (np.tanh(W @ x) - x) * g * (1 - g), x))(sigmoid(T @ x)))  # fmt: skip
case("gated-linear", "Dauphin et al. (2017)", "X:n,d W:d,h V:d,h G:n,h", "V",
     lambda tf, X, W, V, G: tf.reduce_sum(G * (X @ W) * tf.sigmoid(X @ V)),
     lambda X, W, V, G: (lambda s: X.T @ (G * (X @ W) * s * (1 - s)))(sigmoid(X @ V)))  # fmt: skip
case("swish", "Ramachandran, Zoph & Le (2017)", "X:n,d W:d,h G:n,h", "W",
     lambda tf, X, W, G: tf.reduce_sum(G * tf.nn.silu(X @ W)),
     lambda X, W, G: (lambda Z: X.T @ (G * sigmoid(Z) * (1 + Z * (1 - sigmoid(Z)))))(X @ W))  # fmt: skip
case("gelu", "Hendrycks & Gimpel (2016)", "x:n", "x", lambda tf, x: tf.reduce_sum(tf.nn.gelu(x)),
     lambda x: (1 + erf(x / 2**0.5)) / 2 + x * np.exp(-0.5 * x**2) / (2 * np.pi) ** 0.5)  # fmt: skip
case("leaky-relu", "Maas, Hannun & Ng (2013)", "X:n,d w:d", "w",
     lambda tf, X, w: tf.reduce_sum(tf.nn.leaky_relu(X @ w, alpha=0.1)),
     lambda X, w: X.T @ np.where(X @ w > 0, 1.0, 0.1))  # fmt: skip
case("dropout-mask", "Srivastava et al. (2014)", "X:n,d M:n,d~mask W:d,k Y:n,k", "W",
     lambda tf, X, M, W, Y: squares(tf, (X * M) @ W - Y),
     lambda X, M, W, Y: 2 * (X * M).T @ ((X * M) @ W - Y))  # fmt: skip
case("tied-autoencoder", "Vincent et al. (2010)", "X:n,d W:d,h", "W",
     lambda tf, X, W: squares(tf, X @ W @ tf.transpose(W) - X),
     lambda X, W: (lambda R: 2 * (X.T @ R + R.T @ X) @ W)(X @ W @ W.T - X))  # fmt: skip
case("word-embedding", "Mikolov et al. (2013), negative sampling", "u:d V:k,d y:k~mask", "V",
     lambda tf, u, V, y: tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=V @ u)),
     lambda u, V, y: outer(sigmoid(V @ u) - y, u))  # fmt: skip


# recurrent cells
def elman(tf, x, h, W, U, b, c):
    return tf.tensordot(c, tf.tanh(W @ x + U @ h + b), 1)


def elman_delta(x, h, W, U, b, c):
    return c * (1 - np.tanh(W @ x + U @ h + b) ** 2)


family("elman", "Elman (1990)", "x:d h:m W:m,d U:m,m b:m c:m", elman, {
    "W": lambda x, h, W, U, b, c: outer(elman_delta(x, h, W, U, b, c), x),
    "U": lambda x, h, W, U, b, c: outer(elman_delta(x, h, W, U, b, c), h),
    "b": elman_delta,
    "h": lambda x, h, W, U, b, c: U.T @ elman_delta(x, h, W, U, b, c),
})  # fmt: skip


def two_steps(tf, x, v, h, W, U, c):
    return tf.tensordot(c, tf.tanh(W @ v + U @ tf.tanh(W @ x + U @ h)), 1)


def two_parts(x, v, h, W, U, c):
    s = np.tanh(W @ x + U @ h)
    d = c * (1 - np.tanh(W @ v + U @ s) ** 2)
    return s, d, (U.T @ d) * (1 - s**2)


family("two-steps", "Werbos (1990), backpropagation through time", "x:d v:d h:m W:m,d U:m,m c:m", two_steps, {
    "W": lambda x, v, h, W, U, c: (lambda s, d, e: outer(d, v) + outer(e, x))(*two_parts(x, v, h, W, U, c)),
    "U": lambda x, v, h, W, U, c: (lambda s, d, e: outer(d, s) + outer(e, h))(*two_parts(x, v, h, W, U, c)),
})  # fmt: skip


def gru(tf, x, h, Wz, Uz, Wr, Ur, Wh, Uh, c):
    z = tf.sigmoid(Wz @ x + Uz @ h)
    r = tf.sigmoid(Wr @ x + Ur @ h)
    n = tf.tanh(Wh @ x + Uh @ (r * h))
    return tf.tensordot(c, (1.0 - z) * h + z * n, 1)


def gru_deltas(x, h, Wz, Uz, Wr, Ur, Wh, Uh, c):
    z = sigmoid(Wz @ x + Uz @ h)
    r = sigmoid(Wr @ x + Ur @ h)
    n = np.tanh(Wh @ x + Uh @ (r * h))
    dn = c * z * (1 - n**2)
    return {"z": c * (n - h) * z * (1 - z), "r": (Uh.T @ dn) * h * r * (1 - r), "h": dn, "state": r * h}


GRU = "x:d h:m Wz:m,d Uz:m,m Wr:m,d Ur:m,m Wh:m,d Uh:m,m c:m"
family("gru", "Cho et al. (2014)", GRU, gru, {
    "Wz": lambda x, h, Wz, Uz, Wr, Ur, Wh, Uh, c: outer(gru_deltas(x, h, Wz, Uz, Wr, Ur, Wh, Uh, c)["z"], x),
    "Uz": lambda x, h, Wz, Uz, Wr, Ur, Wh, Uh, c: outer(gru_deltas(x, h, Wz, Uz, Wr, Ur, Wh, Uh, c)["z"], h),
    "Wr": lambda x, h, Wz, Uz, Wr, Ur, Wh, Uh, c: outer(gru_deltas(x, h, Wz, Uz, Wr, Ur, Wh, Uh, c)["r"], x),
    "Ur": lambda x, h, Wz, Uz, Wr, Ur, Wh, Uh, c: outer(gru_deltas(x, h, Wz, Uz, Wr, Ur, Wh, Uh, c)["r"], h),
    "Wh": lambda x, h, Wz, Uz, Wr, Ur, Wh, Uh, c: outer(gru_deltas(x, h, Wz, Uz, Wr, Ur, Wh, Uh, c)["h"], x),
    "Uh": lambda x, h, Wz, Uz, Wr, Ur, Wh, Uh, c: (
        lambda d: outer(d["h"], d["state"]))(gru_deltas(x, h, Wz, Uz, Wr, Ur, Wh, Uh, c)),
})  # fmt: skip


def lstm(tf, x, h, s, Wi, Wf, Wo, Wg, Ui, Uf, Uo, Ug, c):
    i, f = tf.sigmoid(Wi @ x + Ui @ h), tf.sigmoid(Wf @ x + Uf @ h)
    o, g = tf.sigmoid(Wo @ x + Uo @ h), tf.tanh(Wg @ x + Ug @ h)
    return tf.tensordot(c, o * tf.tanh(f * s + i * g), 1)


def lstm_deltas(x, h, s, Wi, Wf, Wo, Wg, Ui, Uf, Uo, Ug, c):
    i, f = sigmoid(Wi @ x + Ui @ h), sigmoid(Wf @ x + Uf @ h)
    o, g = sigmoid(Wo @ x + Uo @ h), np.tanh(Wg @ x + Ug @ h)
    t = np.tanh(f * s + i * g)
    d = c * o * (1 - t**2)
    return {
        "i": d * g * i * (1 - i), "f": d * s * f * (1 - f), "o": c * t * o * (1 - o), "g": d * i * (1 - g**2),
        "s": d * f,
    }  # fmt: skip


LSTM = "x:d h:m s:m Wi:m,d Wf:m,d Wo:m,d Wg:m,d Ui:m,m Uf:m,m Uo:m,m Ug:m,m c:m"


def lstm_weight(gate, by):
    def formula(x, h, s, Wi, Wf, Wo, Wg, Ui, Uf, Uo, Ug, c):
        delta = lstm_deltas(x, h, s, Wi, Wf, Wo, Wg, Ui, Uf, Uo, Ug, c)[gate]
        return {"": delta, "x": outer(delta, x), "h": outer(delta, h)}[by]

    return formula


family("lstm", "Hochreiter & Schmidhuber (1997); Gers et al. (2000)", LSTM, lstm, {
    "Wi": lstm_weight("i", "x"), "Wf": lstm_weight("f", "x"), "Wo": lstm_weight("o", "x"), "Wg": lstm_weight("g", "x"),
    "Uf": lstm_weight("f", "h"), "Ug": lstm_weight("g", "h"), "s": lstm_weight("s", ""),
})  # fmt: skip


# normalisation
def batch_norm(tf, X, a, b, G):
    mean, variance = tf.nn.moments(X, [0])
    return tf.reduce_sum(G * (a * (X - mean) / tf.sqrt(variance + 0.1) + b))


def standardised(X, axis=0):
    n = X.shape[axis]
    C = X - np.sum(X, axis=axis, keepdims=True) / n
    s = np.sqrt(np.sum(C**2, axis=axis, keepdims=True) / n + 0.1)
    return C / s, s


def batch_norm_input(X, a, b, G):
    Z, s = standardised(X)
    n = X.shape[0]
    return a / s * (G - np.sum(G, axis=0) / n - Z * (np.sum(G * Z, axis=0) / n))


family("batch-norm", "Ioffe & Szegedy (2015)", "X:n,d a:d b:d G:n,d", batch_norm, {
    "a": lambda X, a, b, G: np.sum(G * standardised(X)[0], axis=0),
    "b": lambda X, a, b, G: np.sum(G, axis=0),
    "X": batch_norm_input,
}, n=(5, 6))  # fmt: skip


def layer_norm(tf, x, a, b, g):
    m = tf.reduce_mean(x)
    return tf.reduce_sum(g * (a * (x - m) / tf.sqrt(tf.reduce_mean(tf.square(x - m)) + 0.1) + b))


def layer_norm_input(x, a, b, g):
    n = x.shape[0]
    z = x - np.sum(x) / n
    s = np.sqrt(z @ z / n + 0.1)
    v = g * a
    return (v - np.sum(v) / n - (z @ v) / (n * s**2) * z) / s


def layer_norm_scale(x, a, b, g):
    z = x - np.sum(x) / x.shape[0]
    return g * z / np.sqrt(z @ z / x.shape[0] + 0.1)


family("layer-norm", "Ba, Kiros & Hinton (2016)", "x:d a:d b:d g:d", layer_norm, {
    "x": layer_norm_input, "a": layer_norm_scale, "b": lambda x, a, b, g: g,
})  # fmt: skip


def layer_norm_rows(tf, X, G):
    m = tf.reduce_mean(X, axis=1, keepdims=True)
    return tf.reduce_sum(G * (X - m) / tf.sqrt(tf.reduce_mean(tf.square(X - m), axis=1, keepdims=True) + 0.1))


def layer_norm_rows_input(X, G):
    Z, s = standardised(X, 1)
    d = X.shape[1]
    return (G - rows(G) / d - Z * (rows(G * Z) / d)) / s


case("layer-norm-rows", "Ba, Kiros & Hinton (2016)", "X:n,d G:n,d", "X", layer_norm_rows, layer_norm_rows_input)
case("rms-norm", "Zhang & Sennrich (2019)", "x:d g:d", "x",
     lambda tf, x, g: tf.reduce_sum(g * x / tf.sqrt(tf.reduce_mean(tf.square(x)))),
     lambda x, g: x.shape[0] ** 0.5 / norm(x) * (g - dot(g, x) / dot(x, x) * x))  # fmt: skip
case("weight-norm-direction", "Salimans & Kingma (2016)", "v:d s x:d", "v",
     lambda tf, v, s, x: s * tf.tensordot(v, x, 1) / tf.norm(v),
     lambda v, s, x: s / norm(v) * (x - dot(v, x) / dot(v, v) * v))  # fmt: skip
case("weight-norm-scale", "Salimans & Kingma (2016)", "v:d s x:d", "s",
     lambda tf, v, s, x: s * tf.tensordot(v, x, 1) / tf.norm(v), lambda v, s, x: dot(v, x) / norm(v))  # fmt: skip
case("variance", "population variance", "x:n", "x", lambda tf, x: tf.math.reduce_variance(x),
     lambda x: 2 / x.shape[0] * (x - np.sum(x) / x.shape[0]))  # fmt: skip
case("standard-deviation", "population standard deviation", "x:n", "x", lambda tf, x: tf.math.reduce_std(x),
     lambda x: (lambda z: z / (x.shape[0] ** 0.5 * norm(z)))(x - np.sum(x) / x.shape[0]))  # fmt: skip

# stopped gradients
case("straight-through", "Bengio, Léonard & Courville (2013)", "x:n c:n", "x",
     lambda tf, x, c: tf.reduce_sum(c * (x + tf.stop_gradient(tf.sign(x) - x))), lambda x, c: c)  # fmt: skip
case("stop-target", "Mnih et al. (2015), temporal difference", "W:k,d x:d v:d r:k", "W",
     lambda tf, W, x, v, r: 0.5 * squares(tf, W @ x - tf.stop_gradient(r + W @ v)),
     lambda W, x, v, r: outer(W @ x - r - W @ v, x))  # fmt: skip
case("stop-weight", "iteratively reweighted least squares", "X:n,d w:d y:n", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.stop_gradient(1.0 / (1.0 + tf.square(X @ w - y))) * tf.square(X @ w - y)),
     lambda X, w, y: (lambda r: 2 * X.T @ (r / (1 + r**2)))(X @ w - y))  # fmt: skip
case("vector-quantisation", "van den Oord, Vinyals & Kavukcuoglu (2017)", "z:d e:d c~positive", "z",
     lambda tf, z, e, c: squares(tf, tf.stop_gradient(z) - e) + c * squares(tf, z - tf.stop_gradient(e)),
     lambda z, e, c: 2 * c * (z - e))  # fmt: skip
case("score-function", "Williams (1992)", "z:k a:k~onehot r", "z",
     lambda tf, z, a, r: -tf.stop_gradient(r * tf.reduce_sum(z)) * tf.reduce_sum(a * tf.nn.log_softmax(z)),
     lambda z, a, r: r * np.sum(z) * (softmax(z) - a))  # fmt: skip
