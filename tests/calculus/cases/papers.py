"""Objectives of papers on learning, ranking, generation, survival and finance, each by one of its parameters."""

import numpy as np

from ..case import case
from ..functions import diag, digamma, erf, eye, inv, norm, outer, sigmoid, softmax, step


def squares(tf, x):
    return tf.reduce_sum(tf.square(x))


def distances(tf, X, Y):
    return tf.reduce_sum(tf.square(tf.expand_dims(X, 1) - tf.expand_dims(Y, 0)), axis=2)


def kernel(tf, X, Y):
    return tf.exp(-distances(tf, X, Y) / 2)


# preferences and policies
case("dpo", "Rafailov et al. (2023), eq. 7", "X:n,d w:d r:n b~positive", "w",
     lambda tf, X, w, r, b: tf.reduce_sum(tf.nn.softplus(-b * (X @ w - r))),
     lambda X, w, r, b: -b * X.T @ sigmoid(b * (r - X @ w)))  # fmt: skip
case("dpo-hessian", "Rafailov et al. (2023), eq. 7", "X:n,d w:d r:n b~positive", "w",
     lambda tf, X, w, r, b: tf.reduce_sum(tf.nn.softplus(-b * (X @ w - r))),
     lambda X, w, r, b: (lambda p: b**2 * X.T @ diag(p * (1 - p)) @ X)(sigmoid(b * (X @ w - r))),
     "hessian")  # fmt: skip
case("ppo", "Schulman et al. (2017), eq. 7", "q:n~small o:n~small a:n", "q",
     lambda tf, q, o, a: (lambda r: tf.reduce_sum(tf.minimum(r * a, tf.clip_by_value(r, 0.8, 1.2) * a)))(tf.exp(q - o)),
     lambda q, o, a: (lambda r: r * a * np.where(r * a <= np.clip(r, 0.8, 1.2) * a, 1.0, 0.0))(
         np.exp(q - o)))  # fmt: skip
case("policy-entropy-bonus", "Mnih et al. (2016), eq. 4.3", "z:n a:n b", "z",
     lambda tf, z, a, b: tf.reduce_sum(tf.stop_gradient(a) * tf.nn.log_softmax(z)) - b * tf.reduce_sum(
         tf.nn.softmax(z) * tf.nn.log_softmax(z)),
     lambda z, a, b: (lambda p: a - np.sum(a) * p - b * p * (np.log(p) - p @ np.log(p)))(softmax(z)))  # fmt: skip
case("td-semi-gradient", "Sutton & Barto (2018), eq. 9.7", "x:d z:d w:d r g~unit", "w",
     lambda tf, x, z, w, r, g: tf.square(r + g * tf.stop_gradient(tf.tensordot(z, w, 1)) - tf.tensordot(x, w, 1)) / 2,
     lambda x, z, w, r, g: (x @ w - r - g * (z @ w)) * x)  # fmt: skip
case("ranknet", "Burges et al. (2005), eq. 3", "x:d z:d w:d p~unit", "w",
     lambda tf, x, z, w, p: (lambda o: tf.nn.softplus(o) - p * o)(tf.tensordot(x - z, w, 1)),
     lambda x, z, w, p: (sigmoid((x - z) @ w) - p) * (x - z))  # fmt: skip
case("listnet", "Cao et al. (2007), eq. 5", "s:n y:n", "s",
     lambda tf, s, y: -tf.reduce_sum(tf.nn.softmax(y) * tf.nn.log_softmax(s)),
     lambda s, y: softmax(s) - softmax(y))  # fmt: skip
case("bpr", "Rendle et al. (2009), eq. 8", "u:d P:n,d N:n,d c~positive", "u",
     lambda tf, u, P, N, c: tf.reduce_sum(tf.nn.softplus(-((P - N) @ u))) + c * squares(tf, u),
     lambda u, P, N, c: 2 * c * u - (P - N).T @ sigmoid((N - P) @ u))  # fmt: skip
case("bradley-terry", "Hunter (2004), eq. 2", "t:n W:n,n~positive", "t",
     lambda tf, t, W: tf.reduce_sum(W * tf.math.log(tf.sigmoid(tf.expand_dims(t, 1) - t))),
     lambda t, W: (lambda P: np.sum(P, axis=1) - np.sum(P, axis=0))(
         W * sigmoid(t - t[:, None])))  # fmt: skip
case("item-response", "Birnbaum (1968), ch. 17", "Y:n,m~unit t:n a:m b:m", "b",
     lambda tf, Y, t, a, b: (lambda z: tf.reduce_sum(Y * z - tf.nn.softplus(z)))(a * (tf.expand_dims(t, 1) - b)),
     lambda Y, t, a, b: a * np.sum(sigmoid(a * (t[:, None] - b)) - Y, axis=0))  # fmt: skip

# classes and pictures
case("focal", "Lin et al. (2017), eq. 4", "z:n", "z",
     lambda tf, z: (lambda p: -tf.reduce_sum((1.0 - p) ** 2 * tf.math.log(p)))(tf.sigmoid(z)),
     lambda z: (lambda p: (1 - p) ** 2 * (2 * p * np.log(p) + p - 1))(sigmoid(z)))  # fmt: skip
case("dice", "Milletari et al. (2016), sec. 3", "p:n~unit g:n~unit", "p",
     lambda tf, p, g: 2.0 * tf.tensordot(p, g, 1) / (squares(tf, p) + squares(tf, g)),
     lambda p, g: (lambda s: 2 * g / s - 4 * (p @ g) / s**2 * p)(p @ p + g @ g))  # fmt: skip
case("clip", "Radford et al. (2021), fig. 3", "Z:n,d C:n,d t~positive", "Z",
     lambda tf, Z, C, t: (lambda S: tf.reduce_sum(
         tf.reduce_logsumexp(S, axis=1) + tf.reduce_logsumexp(S, axis=0)) / 2.0 - tf.linalg.trace(S))(
             t * Z @ tf.transpose(C)),
     lambda Z, C, t: (lambda S: t * ((softmax(S) + softmax(S.T).T) / 2 - eye(Z)) @ C)(t * Z @ C.T))  # fmt: skip
case("simsiam", "Chen & He (2021), eq. 1", "p:n z:n", "p",
     lambda tf, p, z: -tf.tensordot(p, tf.stop_gradient(z), 1) / (tf.norm(p) * tf.norm(tf.stop_gradient(z))),
     lambda p, z: ((p @ z) / norm(p) ** 2 * p - z) / (norm(p) * norm(z)))  # fmt: skip
case("vicreg-covariance", "Bardes et al. (2022), eq. 4", "Z:n,d", "Z",
     lambda tf, Z: (lambda C: squares(tf, C) - squares(tf, tf.linalg.diag_part(C)))(
         tf.transpose(Z - tf.reduce_mean(Z, axis=0)) @ (Z - tf.reduce_mean(Z, axis=0))),
     lambda Z: (lambda X: (lambda C: 4 * X @ (C - diag(diag(C))))(X.T @ X))(Z - np.mean(Z, axis=0)))  # fmt: skip
case("hard-negatives", "Mikolov et al. (2013), eq. 4", "v:d u:d N:k,d", "v",
     lambda tf, v, u, N: tf.math.log(tf.sigmoid(tf.tensordot(u, v, 1))) + tf.reduce_sum(
         tf.math.log(tf.sigmoid(-(N @ v)))),
     lambda v, u, N: sigmoid(-(u @ v)) * u - N.T @ sigmoid(N @ v))  # fmt: skip

# weights and layers
case("lora", "Hu et al. (2022), eq. 3", "X:n,d W:d,k A:d,r B:r,k Y:n,k", "A",
     lambda tf, X, W, A, B, Y: squares(tf, X @ (W + A @ B) - Y) / 2,
     lambda X, W, A, B, Y: X.T @ (X @ (W + A @ B) - Y) @ B.T)  # fmt: skip
case("swiglu-gate", "Shazeer (2020), eq. 6", "x:d W:k,d V:k,d g:k", "W",
     lambda tf, x, W, V, g: (lambda z: tf.reduce_sum(g * z * tf.sigmoid(z) * (V @ x)))(W @ x),
     lambda x, W, V, g: (lambda z, p: outer(g * (V @ x) * (p + z * p * (1 - p)), x))(
         W @ x, sigmoid(W @ x)))  # fmt: skip
case("swiglu-linear", "Shazeer (2020), eq. 6", "x:d W:k,d V:k,d g:k", "V",
     lambda tf, x, W, V, g: (lambda z: tf.reduce_sum(g * z * tf.sigmoid(z) * (V @ x)))(W @ x),
     lambda x, W, V, g: outer(g * (W @ x) * sigmoid(W @ x), x))  # fmt: skip
case("gated-recurrent-update", "Cho et al. (2014), eq. 7", "h:n x:n W:n,n g:n", "x",
     lambda tf, h, x, W, g: (lambda z: tf.reduce_sum(g * (z * h + (1.0 - z) * tf.tanh(x))))(tf.sigmoid(W @ x)),
     lambda h, x, W, g: (lambda z, t: W.T @ (g * z * (1 - z) * (h - t)) + g * (1 - z) * (1 - t**2))(
         sigmoid(W @ x), np.tanh(x)))  # fmt: skip
case("gradient-penalty", "Gulrajani et al. (2017), eq. 3", "W:k,d v:k x:d", "v",
     lambda tf, W, v, x: tf.square(tf.norm(tf.transpose(W) @ (v * (1.0 - tf.square(tf.tanh(W @ x))))) - 1.0),
     lambda W, v, x: (lambda s: (lambda h: 2 * (1 - 1 / norm(h)) * s * (W @ h))(W.T @ (v * s)))(
         1 - np.tanh(W @ x) ** 2))  # fmt: skip
case("glove", "Pennington et al. (2014), eq. 8", "F:n,m~unit W:n,d C:m,d b:n c:m X:n,m~positive", "W",
     lambda tf, F, W, C, b, c, X: tf.reduce_sum(
         F * tf.square(W @ tf.transpose(C) + tf.expand_dims(b, 1) + c - tf.math.log(X))),
     lambda F, W, C, b, c, X: 2 * (F * (W @ C.T + b[:, None] + c - np.log(X))) @ C)  # fmt: skip
case("implicit-feedback", "Hu et al. (2008), eq. 3", "x:d Y:m,d c:m~positive p:m r~positive", "x",
     lambda tf, x, Y, c, p, r: tf.reduce_sum(c * tf.square(p - Y @ x)) + r * squares(tf, x),
     lambda x, Y, c, p, r: 2 * (Y.T @ (c * (Y @ x - p)) + r * x))  # fmt: skip
case("distmult", "Yang et al. (2015), eq. 3", "h:d r:d t:d y~sign", "r",
     lambda tf, h, r, t, y: tf.nn.softplus(-y * tf.reduce_sum(h * r * t)),
     lambda h, r, t, y: -y * sigmoid(-y * ((h * r) @ t)) * h * t)  # fmt: skip
case("poincare-distance", "Nickel & Kiela (2017), eq. 4", "u:2~small v:2~small", "u",
     lambda tf, u, v: (lambda g: tf.math.log(g + tf.sqrt(tf.square(g) - 1.0)))(
         1.0 + 2.0 * squares(tf, u - v) / ((1.0 - squares(tf, u)) * (1.0 - squares(tf, v)))),
     lambda u, v: (lambda a, b: (lambda g: 4 / (b * np.sqrt(g**2 - 1)) * (
         (v @ v - 2 * (u @ v) + 1) / a**2 * u - v / a))(1 + 2 * ((u - v) @ (u - v)) / (a * b)))(
             1 - u @ u, 1 - v @ v))  # fmt: skip

# generation
case("discriminator", "Goodfellow et al. (2014), eq. 1", "X:n,d Z:m,d w:d", "w",
     lambda tf, X, Z, w: tf.reduce_sum(tf.math.log(tf.sigmoid(X @ w))) + tf.reduce_sum(
         tf.math.log(1.0 - tf.sigmoid(Z @ w))),
     lambda X, Z, w: X.T @ sigmoid(-(X @ w)) - Z.T @ sigmoid(Z @ w))  # fmt: skip
case("diffusion-noise", "Ho et al. (2020), eq. 14", "W:d,d x:d e:d a~unit", "W",
     lambda tf, W, x, e, a: squares(tf, e - W @ (tf.sqrt(a) * x + tf.sqrt(1.0 - a) * e)),
     lambda W, x, e, a: (lambda z: 2 * outer(W @ z - e, z))(np.sqrt(a) * x + np.sqrt(1 - a) * e))  # fmt: skip
case("score-matching", "Hyvarinen (2005), eq. 4", "X:n,d M:d,d m:d", "M",
     lambda tf, X, M, m: tf.reduce_mean(tf.reduce_sum(tf.square((X - m) @ M), axis=1)) / 2 - tf.linalg.trace(M),
     lambda X, M, m: (X - m).T @ (X - m) @ M / X.shape[0] - eye(M))  # fmt: skip
case("boltzmann-free-energy", "Hinton (2012), eq. 13", "v:n W:n,m a:n b:m", "W",
     lambda tf, v, W, a, b: -tf.tensordot(a, v, 1) - tf.reduce_sum(tf.nn.softplus(tf.transpose(W) @ v + b)),
     lambda v, W, a, b: -outer(v, sigmoid(W.T @ v + b)))  # fmt: skip
case("planar-flow", "Rezende & Mohamed (2015), eq. 12", "u:d~small w:d~small z:d b", "u",
     lambda tf, u, w, z, b: tf.math.log(
         1.0 + tf.tensordot(u, w, 1) * (1.0 - tf.square(tf.tanh(tf.tensordot(w, z, 1) + b)))),
     lambda u, w, z, b: (lambda s: s / (1 + s * (u @ w)) * w)(1 - np.tanh(w @ z + b) ** 2))  # fmt: skip
case("sinkhorn-dual", "Cuturi (2013), sec. 4", "f:n g:m C:n,m a:n e~positive", "f",
     lambda tf, f, g, C, a, e: tf.tensordot(a, f, 1) - e * tf.reduce_sum(tf.exp((tf.expand_dims(f, 1) + g - C) / e)),
     lambda f, g, C, a, e: a - np.sum(np.exp((f[:, None] + g - C) / e), axis=1))  # fmt: skip
case("semi-dual-transport", "Genevay et al. (2016), eq. 6", "g:m C:n,m a:n b:m~positive e~positive", "g",
     lambda tf, g, C, a, b, e: tf.tensordot(g, b, 1) - e * tf.reduce_sum(
         a * tf.reduce_logsumexp((g - C) / e + tf.math.log(b), axis=1)),
     lambda g, C, a, b, e: b - softmax((g - C) / e + np.log(b)).T @ a)  # fmt: skip
case("coupling-layer", "Dinh et al. (2017), eq. 7", "W:k,d V:k,d x:d z:k", "W",
     lambda tf, W, V, x, z: (lambda s: squares(tf, z * tf.exp(s) + V @ x) / 2 - tf.reduce_sum(s))(tf.tanh(W @ x)),
     lambda W, V, x, z: (lambda s: (lambda u: outer((u * (u + V @ x) - 1) * (1 - s**2), x))(z * np.exp(s)))(
         np.tanh(W @ x)))  # fmt: skip
case("determinantal-process", "Kulesza & Taskar (2012), sec. 4.1", "B:n,d", "B",
     lambda tf, B: tf.linalg.logdet(B @ tf.transpose(B)),
     lambda B: 2 * inv(B @ B.T) @ B, n=(2, 3), d=(4, 5))  # fmt: skip
case("mean-discrepancy", "Gretton et al. (2012), eq. 3", "X:n,d Y:m,d", "X",
     lambda tf, X, Y: tf.reduce_sum(tf.exp(-tf.reduce_sum(
         tf.square(tf.expand_dims(X, 1) - Y), axis=2) / 2.0)),
     lambda X, Y: (lambda K: K @ Y - diag(np.sum(K, axis=1)) @ X)(
         np.exp(-np.sum((X[:, None] - Y) ** 2, axis=2) / 2)))  # fmt: skip
case("mean-discrepancy-within", "Gretton et al. (2012), eq. 3", "X:n,d Y:m,d", "X",
     lambda tf, X, Y: tf.reduce_mean(kernel(tf, X, X)) - 2 * tf.reduce_mean(kernel(tf, X, Y)),
     lambda X, Y: (lambda K, L: 2 / len(X) * (
         (K @ X - diag(np.sum(K, axis=1)) @ X) / len(X) - (L @ Y - diag(np.sum(L, axis=1)) @ X) / len(Y)))(
         np.exp(-np.sum((X[:, None] - X) ** 2, axis=2) / 2),
         np.exp(-np.sum((X[:, None] - Y) ** 2, axis=2) / 2)))  # fmt: skip
case("stochastic-neighbours", "van der Maaten & Hinton (2008), eq. 5", "Y:n,d P:n,n~symmetric", "Y",
     lambda tf, Y, P: (lambda w: -tf.reduce_sum(P * tf.math.log(w / tf.reduce_sum(w))))(1 / (1 + distances(tf, Y, Y))),
     lambda Y, P: (lambda W: (lambda V: 4 * (diag(np.sum(V, axis=1)) @ Y - V @ Y))(
         (P - np.sum(P) * W / np.sum(W)) * W))(1 / (1 + np.sum((Y[:, None] - Y) ** 2, axis=2))))  # fmt: skip
case("metric-scaling", "Kruskal (1964), raw stress", "X:n,d D:n,n~symmetric", "X",
     lambda tf, X, D: tf.reduce_sum(tf.square(tf.sqrt(distances(tf, X, X) + 1) - D)),
     lambda X, D: (lambda W: 4 * (diag(np.sum(W, axis=1)) @ X - W @ X))(
         1 - D / np.sqrt(np.sum((X[:, None] - X) ** 2, axis=2) + 1)))  # fmt: skip
case("layer-norm-batch", "Ba, Kiros & Hinton (2016), eq. 4", "X:b,n,d G:b,n,d g:d e~positive", "X",
     lambda tf, X, G, g, e: tf.reduce_sum(G * g * (X - tf.reduce_mean(X, 2, keepdims=True))
                                          / tf.sqrt(tf.math.reduce_variance(X, 2, keepdims=True) + e)),
     lambda X, G, g, e: (lambda R: (lambda s: (lambda D: s * (
         D - np.mean(D, 2, keepdims=True) - s * R * np.mean(D * s * R, 2, keepdims=True)))(G * g))(
         1 / np.sqrt(np.mean(R**2, 2, keepdims=True) + e)))(X - np.mean(X, 2, keepdims=True)))  # fmt: skip
case("orthogonal-regression", "Brock et al. (2019), eq. 2", "R:d,d X:n,d Y:n,d c", "R",
     lambda tf, R, X, Y, c: squares(tf, X @ R - Y) + c * squares(tf, tf.transpose(R) @ R - tf.eye(R.shape[0])),
     lambda R, X, Y, c: 2 * (X.T @ (X @ R - Y) + 2 * c * (R @ R.T @ R - R)))  # fmt: skip
case("generalised-mean-pooling", "Radenovic et al. (2018), eq. 3", "X:n,d~positive g:d p~positive", "X",
     lambda tf, X, g, p: tf.reduce_sum(g * tf.reduce_mean(X**p, axis=0) ** (1 / p)),
     lambda X, g, p: X ** (p - 1) * (g * np.mean(X**p, axis=0) ** (1 / p - 1)) / X.shape[0])  # fmt: skip
case("general-robust-loss", "Barron (2019), eq. 8", "X:n,d w:d y:n a~unit", "w",
     lambda tf, X, w, y, a: (lambda r: tf.reduce_sum(
         (2.0 - a) / a * ((tf.square(r) / (2.0 - a) + 1.0) ** (a / 2) - 1.0)))(X @ w - y),
     lambda X, w, y, a: (lambda r: X.T @ (r * (r**2 / (2 - a) + 1) ** (a / 2 - 1)))(X @ w - y))  # fmt: skip
case("geman-mcclure", "Geman & McClure (1985)", "X:n,d w:d y:n c~positive", "w",
     lambda tf, X, w, y, c: (lambda r: tf.reduce_sum(tf.square(r) / (c + tf.square(r))))(X @ w - y),
     lambda X, w, y, c: (lambda r: 2 * c * X.T @ (r / (c + r**2) ** 2))(X @ w - y))  # fmt: skip
case("log-cosh-regression", "Huber & Ronchetti (2009), ch. 4", "X:n,d w:d y:n", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.math.log(tf.cosh(X @ w - y))),
     lambda X, w, y: X.T @ np.tanh(X @ w - y))  # fmt: skip
case("gram-style", "Gatys et al. (2016), eq. 5", "F:n,d", "F",
     lambda tf, F: tf.norm(tf.transpose(F) @ F),
     lambda F: 2 * F @ (F.T @ F) / norm(F.T @ F))  # fmt: skip
case("ising-pseudo-likelihood", "Ravikumar et al. (2010), eq. 4", "X:n,d~sign x:n~sign w:d", "w",
     lambda tf, X, x, w: tf.reduce_sum(tf.nn.softplus(-2.0 * x * (X @ w))),
     lambda X, x, w: -2 * X.T @ (x * sigmoid(-2 * x * (X @ w))))  # fmt: skip

# counts, quantiles, lifetimes
case("quantile-regression", "Koenker & Bassett (1978), eq. 3.1", "X:n,d w:d y:n q~unit", "w",
     lambda tf, X, w, y, q: (lambda r: tf.reduce_sum(tf.maximum(q * r, (q - 1.0) * r)))(y - X @ w),
     lambda X, w, y, q: X.T @ (step(X @ w - y) - q))  # fmt: skip
case("student-regression", "Lange et al. (1989), eq. 2", "X:n,d w:d y:n s~positive", "w",
     lambda tf, X, w, y, s: tf.reduce_sum(tf.math.log(1.0 + tf.square(y - X @ w) / s)),
     lambda X, w, y, s: (lambda r: 2 * X.T @ (r / (s + r**2)))(X @ w - y))  # fmt: skip
case("negative-binomial", "Hilbe (2011), eq. 8.8", "X:n,d w:d y:n~positive a~positive", "w",
     lambda tf, X, w, y, a: (lambda m: tf.reduce_sum(y * tf.math.log(m) - (y + a) * tf.math.log(m + a)))(tf.exp(X @ w)),
     lambda X, w, y, a: (lambda m: X.T @ (a * (y - m) / (m + a)))(np.exp(X @ w)))  # fmt: skip
case("dirichlet", "Minka (2000), eq. 4", "a:n~positive p:n~unit", "a",
     lambda tf, a, p: tf.math.lgamma(tf.reduce_sum(a)) - tf.reduce_sum(tf.math.lgamma(a)) + tf.reduce_sum(
         (a - 1.0) * tf.math.log(p)),
     lambda a, p: np.log(p) + digamma(np.sum(a)) - digamma(a))  # fmt: skip
case("proportional-hazards", "Cox (1972), eq. 12", "X:n,d w:d e:n~mask R:n,n~positive", "w",
     lambda tf, X, w, e, R: tf.reduce_sum(e * (X @ w - tf.math.log(R @ tf.exp(X @ w)))),
     lambda X, w, e, R: (lambda h: X.T @ (e - h * (R.T @ (e / (R @ h)))))(np.exp(X @ w)))  # fmt: skip
case("weibull-scale", "Kalbfleisch & Prentice (2002), sec. 3.4", "t:n~positive e:n~mask k~positive s~positive", "s",
     lambda tf, t, e, k, s: tf.reduce_sum(e * (tf.math.log(k / s) + (k - 1.0) * tf.math.log(t / s)) - (t / s) ** k),
     lambda t, e, k, s: k / s * (np.sum((t / s) ** k) - np.sum(e)))  # fmt: skip
case("michaelis-menten", "Michaelis & Menten (1913)", "v:n s:n~positive c~positive k~positive", "k",
     lambda tf, v, s, c, k: squares(tf, v - c * s / (k + s)),
     lambda v, s, c, k: 2 * c * np.sum((v - c * s / (k + s)) * s / (k + s) ** 2))  # fmt: skip
case("multi-task-weights", "Kendall et al. (2018), eq. 7", "c:n~positive s:n", "s",
     lambda tf, c, s: tf.reduce_sum(c * tf.exp(-2.0 * s) / 2.0 + s),
     lambda c, s: 1 - c * np.exp(-2 * s))  # fmt: skip
case("heteroscedastic", "Lakshminarayanan et al. (2017), eq. 1", "y:n m:n s:n", "s",
     lambda tf, y, m, s: tf.reduce_sum(s + tf.square(y - m) * tf.exp(-s)) / 2,
     lambda y, m, s: (1 - (y - m) ** 2 * np.exp(-s)) / 2)  # fmt: skip


# bets
def Phi(x):
    return (1 + erf(x / 2**0.5)) / 2


def phi(x):
    return np.exp(-(x**2) / 2) / (2 * np.pi) ** 0.5


def expected_improvement(tf, m, s, f):
    u = (f - m) / s
    bell = tf.exp(-tf.square(u) / 2.0) / (2.0 * np.pi) ** 0.5
    return tf.reduce_sum((f - m) * (1.0 + tf.math.erf(u / 2**0.5)) / 2.0 + s * bell)


case("expected-improvement-mean", "Jones et al. (1998), eq. 15", "m:n s:n~positive f", "m", expected_improvement,
     lambda m, s, f: -Phi((f - m) / s))  # fmt: skip
case("expected-improvement-scale", "Jones et al. (1998), eq. 15", "m:n s:n~positive f", "s", expected_improvement,
     lambda m, s, f: phi((f - m) / s))  # fmt: skip
case("kelly", "Kelly (1956)", "X:n,d~unit w:d~unit", "w",
     lambda tf, X, w: tf.reduce_mean(tf.math.log(1.0 + X @ w)),
     lambda X, w: X.T @ (1 / (1 + X @ w)) / X.shape[0])  # fmt: skip


def call_price(tf, S, K, r, s, T):
    a = (tf.math.log(S / K) + (r + tf.square(s) / 2) * T) / (s * tf.sqrt(T))
    first, second = ((1.0 + tf.math.erf(x / 2**0.5)) / 2 for x in (a, a - s * tf.sqrt(T)))
    return S * first - K * tf.exp(-r * T) * second


case("black-scholes-vega", "Black & Scholes (1973)", "S~positive K~positive r~unit s~unit T~positive", "s", call_price,
     lambda S, K, r, s, T: S * np.sqrt(T) * phi(
         (np.log(S / K) + (r + s**2 / 2) * T) / (s * np.sqrt(T))))  # fmt: skip
