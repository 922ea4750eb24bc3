"""Losses of linear models, robust and classification losses, distances and margins."""

import numpy as np

from ..case import case
from ..functions import diag, dot, inv, norm, outer, relu, rows, sigmoid, softmax, square, step

BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006), "
ESL = "Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), "
data = "X:n,d w:d y:n"


def sums(tf, x):
    return tf.reduce_sum(tf.square(x))


# linear regression
case("least-squares-half", BISHOP + "3.12", data, "w", lambda tf, X, w, y: 0.5 * sums(tf, X @ w - y),
     lambda X, w, y: X.T @ (X @ w - y))  # fmt: skip
case("least-squares-bias", BISHOP + "3.18", "X:n,d w:d b y:n", "b",
     lambda tf, X, w, b, y: sums(tf, X @ w + b - y), lambda X, w, b, y: 2 * np.sum(X @ w + b - y))  # fmt: skip
case("least-squares-by-data", "input gradient of least squares", data, "X", lambda tf, X, w, y: sums(tf, X @ w - y),
     lambda X, w, y: 2 * outer(X @ w - y, w))  # fmt: skip
case("least-squares-mean-bias", "mean over a symbolic number of rows", "X:n,d w:d b y:n", "b",
     lambda tf, X, w, b, y: tf.reduce_mean(tf.square(X @ w + b - y)),
     lambda X, w, b, y: 2 / X.shape[0] * np.sum(X @ w + b - y))  # fmt: skip
case("least-squares-matrix", "multivariate regression, " + ESL + "3.39", "X:n,d W:d,k Y:n,k", "W",
     lambda tf, X, W, Y: tf.reduce_mean(tf.square(X @ W - Y)),
     lambda X, W, Y: 2 / Y.shape[0] / Y.shape[1] * X.T @ (X @ W - Y))  # fmt: skip
case("weighted-least-squares", BISHOP + "3.104", "X:n,d w:d y:n r:n~positive", "w",
     lambda tf, X, w, y, r: 0.5 * tf.reduce_sum(r * tf.square(X @ w - y)),
     lambda X, w, y, r: X.T @ (r * (X @ w - y)))  # fmt: skip
case("generalised-least-squares", "Aitken (1935)", "X:n,d w:d y:n S:n,n~definite", "w",
     lambda tf, X, w, y, S: tf.tensordot(X @ w - y, tf.linalg.inv(S) @ (X @ w - y), 1),
     lambda X, w, y, S: X.T @ (inv(S) + inv(S).T) @ (X @ w - y))  # fmt: skip
case("ridge-mean", ESL + "3.41", "X:n,d w:d y:n c~positive", "w",
     lambda tf, X, w, y, c: tf.reduce_mean(tf.square(X @ w - y)) + c * sums(tf, w),
     lambda X, w, y, c: 2 / X.shape[0] * X.T @ (X @ w - y) + 2 * c * w)  # fmt: skip
case("ridge-matrix", ESL + "3.41", "X:n,d W:d,k Y:n,k c~positive", "W",
     lambda tf, X, W, Y, c: sums(tf, X @ W - Y) + c * sums(tf, W),
     lambda X, W, Y, c: 2 * (X.T @ (X @ W - Y) + c * W))  # fmt: skip
case("tikhonov", "Tikhonov regularisation", "A:m,n x:n b:m L:p,n", "x",
     lambda tf, A, x, b, L: sums(tf, A @ x - b) + sums(tf, L @ x),
     lambda A, x, b, L: 2 * (A.T @ (A @ x - b) + L.T @ (L @ x)))  # fmt: skip
case("lasso", ESL + "3.52", "X:n,d w:d y:n c~positive", "w",
     lambda tf, X, w, y, c: 0.5 * sums(tf, X @ w - y) + c * tf.reduce_sum(tf.abs(w)),
     lambda X, w, y, c: X.T @ (X @ w - y) + c * np.sign(w))  # fmt: skip
case("elastic-net", "Zou & Hastie (2005)", "X:n,d w:d y:n a~positive b~positive", "w",
     lambda tf, X, w, y, a, b: sums(tf, X @ w - y) + a * tf.norm(w, ord=1) + b * sums(tf, w),
     lambda X, w, y, a, b: 2 * (X.T @ (X @ w - y) + b * w) + a * np.sign(w))  # fmt: skip
case("group-lasso", "Yuan & Lin (2006)", "W:d,k", "W", lambda tf, W: tf.reduce_sum(tf.norm(W, axis=1)),
     lambda W: W / np.sqrt(rows(W**2)))  # fmt: skip
case("least-absolute", "least absolute deviations", data, "w", lambda tf, X, w, y: tf.reduce_sum(tf.abs(X @ w - y)),
     lambda X, w, y: X.T @ np.sign(X @ w - y))  # fmt: skip
case("root-mean-square", "root mean square error", data, "w",
     lambda tf, X, w, y: tf.sqrt(tf.reduce_mean(tf.square(X @ w - y))),
     lambda X, w, y: X.T @ (X @ w - y) / (X.shape[0] ** 0.5 * norm(X @ w - y)))  # fmt: skip
case("huber", "Huber (1964)", data, "w",
     lambda tf, X, w, y: (lambda r: tf.reduce_sum(tf.where(tf.abs(r) <= 1.0, 0.5 * r**2, tf.abs(r) - 0.5)))(X @ w - y),
     lambda X, w, y: X.T @ np.clip(X @ w - y, -1, 1))  # fmt: skip
case("pseudo-huber", "Charbonnier et al. (1994)", "X:n,d w:d y:n", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.sqrt(1.0 + tf.square(X @ w - y))),
     lambda X, w, y: (lambda r: X.T @ (r / np.sqrt(1 + r**2)))(X @ w - y))  # fmt: skip
case("cauchy-loss", "Black & Anandan (1996)", data, "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.math.log1p(tf.square(X @ w - y))),
     lambda X, w, y: (lambda r: 2 * X.T @ (r / (1 + r**2)))(X @ w - y))  # fmt: skip
case("log-cosh", "log-cosh loss", data, "w", lambda tf, X, w, y: tf.reduce_sum(tf.math.log(tf.cosh(X @ w - y))),
     lambda X, w, y: X.T @ np.tanh(X @ w - y))  # fmt: skip
case("polynomial-residuals", "fourth powers", data, "w", lambda tf, X, w, y: tf.reduce_sum((X @ w - y) ** 4),
     lambda X, w, y: 4 * X.T @ (X @ w - y) ** 3)  # fmt: skip
case("normal-equations", "gradient of the norm of the normal equations", "A:m,n x:n b:m", "x",
     lambda tf, A, x, b: sums(tf, tf.transpose(A) @ (A @ x - b)),
     lambda A, x, b: 2 * A.T @ (A @ (A.T @ (A @ x - b))))  # fmt: skip

# classification
case("logistic-signs", "Boyd & Vandenberghe (2004), 7.1", "X:n,d w:d y:n~sign", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.nn.softplus(-y * (X @ w))),
     lambda X, w, y: -X.T @ (y * sigmoid(-y * (X @ w))))  # fmt: skip
case("logistic-bias", BISHOP + "4.91", "X:n,d w:d b y:n~unit", "b",
     lambda tf, X, w, b, y: tf.reduce_sum(tf.nn.softplus(X @ w + b) - y * (X @ w + b)),
     lambda X, w, b, y: np.sum(sigmoid(X @ w + b) - y))  # fmt: skip
case("logistic-entropy", BISHOP + "4.90", "X:n,d~small w:d y:n~unit", "w",
     lambda tf, X, w, y: -tf.reduce_sum(
         y * tf.math.log(tf.sigmoid(X @ w)) + (1.0 - y) * tf.math.log(1.0 - tf.sigmoid(X @ w))),
     lambda X, w, y: X.T @ (sigmoid(X @ w) - y))  # fmt: skip
case("logistic-mean-ridge", "Murphy, Probabilistic Machine Learning (2022), 10.2", "X:n,d w:d y:n~unit c~positive", "w",
     lambda tf, X, w, y, c: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=X @ w))
     + c * sums(tf, w),
     lambda X, w, y, c: 1 / X.shape[0] * X.T @ (sigmoid(X @ w) - y) + 2 * c * w)  # fmt: skip
case("log1p-exp", "logistic loss written out", "X:n,d w:d y:n~unit", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.math.log(1.0 + tf.exp(X @ w)) - y * (X @ w)),
     lambda X, w, y: X.T @ (sigmoid(X @ w) - y))  # fmt: skip
case("softmax-regression", BISHOP + "4.109", "X:n,d W:d,k Y:n,k~onehot", "W",
     lambda tf, X, W, Y: tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(labels=Y, logits=X @ W)),
     lambda X, W, Y: X.T @ (softmax(X @ W) - Y))  # fmt: skip
case("softmax-regression-bias", BISHOP + "4.109", "X:n,d W:d,k b:k Y:n,k~onehot", "b",
     lambda tf, X, W, b, Y: tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(labels=Y, logits=X @ W + b)),
     lambda X, W, b, Y: np.sum(softmax(X @ W + b) - Y, axis=0))  # fmt: skip
case("softmax-regression-mean", "Murphy (2022), 10.3", "X:n,d W:d,k Y:n,k~probability", "W",
     lambda tf, X, W, Y: -tf.reduce_mean(tf.reduce_sum(Y * tf.nn.log_softmax(X @ W), axis=1)),
     lambda X, W, Y: 1 / X.shape[0] * X.T @ (rows(Y) * softmax(X @ W) - Y))  # fmt: skip
case("cross-entropy-logits", "Goodfellow et al., Deep Learning (2016), 6.2", "z:k p:k~probability", "z",
     lambda tf, z, p: -tf.reduce_sum(p * tf.nn.log_softmax(z)), lambda z, p: np.sum(p) * softmax(z) - p)  # fmt: skip
case("cross-entropy-lse", "Murphy (2022), 2.5", "z:k y:k~onehot", "z",
     lambda tf, z, y: tf.reduce_logsumexp(z) - tf.reduce_sum(y * z), lambda z, y: softmax(z) - y)  # fmt: skip
case("cross-entropy-by-probability", "Cover & Thomas (2006), 2.3", "p:k~probability q:k~probability", "q",
     lambda tf, p, q: -tf.reduce_sum(p * tf.math.log(q)), lambda p, q: -p / q)  # fmt: skip
case("entropy", "Cover & Thomas (2006), 2.1", "p:k~probability", "p", lambda tf, p: -tf.reduce_sum(p * tf.math.log(p)),
     lambda p: -np.log(p) - 1)  # fmt: skip
case("divergence-discrete", "Kullback & Leibler (1951)", "p:k~probability q:k~probability", "p",
     lambda tf, p, q: tf.reduce_sum(p * tf.math.log(p / q)), lambda p, q: np.log(p / q) + 1)  # fmt: skip
case("distillation", "Hinton, Vinyals & Dean (2015)", "z:n,k v:n,k c~positive", "z",
     lambda tf, z, v, c: tf.reduce_sum(
         tf.nn.softmax_cross_entropy_with_logits(labels=tf.stop_gradient(tf.nn.softmax(v / c)), logits=z / c)),
     lambda z, v, c: (softmax(z / c) - softmax(v / c)) / c)  # fmt: skip
case("hinge", "Cortes & Vapnik (1995)", "X:n,d w:d y:n~sign", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.nn.relu(1.0 - y * (X @ w))),
     lambda X, w, y: -X.T @ (y * step(1 - y * (X @ w))))  # fmt: skip
case("hinge-squared", "L2-SVM, Chang et al. (2008)", "X:n,d w:d y:n~sign c~positive", "w",
     lambda tf, X, w, y, c: 0.5 * sums(tf, w) + c * tf.reduce_sum(tf.square(tf.maximum(0.0, 1.0 - y * (X @ w)))),
     lambda X, w, y, c: w - 2 * c * X.T @ (y * relu(1 - y * (X @ w))))  # fmt: skip
case("exponential-loss", "AdaBoost, " + ESL + "10.8", "X:n,d~small w:d y:n~sign", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.exp(-y * (X @ w))),
     lambda X, w, y: -X.T @ (y * np.exp(-y * (X @ w))))  # fmt: skip
case("poisson-regression", "McCullagh & Nelder (1989), 6.2", "X:n,d~small w:d y:n~positive", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.exp(X @ w) - y * (X @ w)),
     lambda X, w, y: X.T @ (np.exp(X @ w) - y))  # fmt: skip
case("gamma-regression", "McCullagh & Nelder (1989), 8.3", "X:n,d~small w:d y:n~positive", "w",
     lambda tf, X, w, y: tf.reduce_sum(X @ w + y * tf.exp(-(X @ w))),
     lambda X, w, y: X.T @ (1 - y * np.exp(-(X @ w))))  # fmt: skip
case("brier", "Brier (1950)", "z:k y:k~onehot", "z", lambda tf, z, y: sums(tf, tf.nn.softmax(z) - y),
     lambda z, y: (lambda p: 2 * p * (p - y - p @ (p - y)))(softmax(z)))  # fmt: skip
case("perceptron", "Rosenblatt (1958)", "X:n,d w:d y:n~sign", "w",
     lambda tf, X, w, y: tf.reduce_sum(tf.nn.relu(-y * (X @ w))),
     lambda X, w, y: -X.T @ (y * step(-y * (X @ w))))  # fmt: skip
case("smooth-max-margin", "Crammer & Singer (2001), smoothed", "x:d W:k,d y:k~onehot", "W",
     lambda tf, x, W, y: tf.reduce_logsumexp(W @ x - y) - tf.tensordot(y, W @ x, 1),
     lambda x, W, y: outer(softmax(W @ x - y) - y, x))  # fmt: skip

# distances, margins, similarities
case("cosine", "cosine similarity", "x:n y:n", "x",
     lambda tf, x, y: tf.reduce_sum(x * y) / (tf.norm(x) * tf.norm(y)),
     lambda x, y: (y - (x @ y) / (x @ x) * x) / (norm(x) * norm(y)))  # fmt: skip
case("cosine-normalised", "cosine similarity of normalised vectors", "x:n y:n", "x",
     lambda tf, x, y: tf.reduce_sum(tf.nn.l2_normalize(x) * tf.nn.l2_normalize(y)),
     lambda x, y: (y - (x @ y) / (x @ x) * x) / (norm(x) * norm(y)))  # fmt: skip
case("mahalanobis-root", "Mahalanobis (1936)", "x:n m:n P:n,n~definite", "x",
     lambda tf, x, m, P: tf.sqrt(tf.tensordot(x - m, P @ (x - m), 1)),
     lambda x, m, P: (lambda r: (P + P.T) @ r / (2 * np.sqrt(r @ P @ r)))(x - m))  # fmt: skip
case("mahalanobis-by-factor", "Weinberger & Saul (2009), 2.2", "L:k,n x:n y:n", "L",
     lambda tf, L, x, y: sums(tf, L @ (x - y)), lambda L, x, y: 2 * outer(L @ (x - y), x - y))  # fmt: skip
case("triplet", "Schroff, Kalenichenko & Philbin (2015)", "W:k,n a:n p:n q:n c~large", "W",
     lambda tf, W, a, p, q, c: tf.nn.relu(sums(tf, W @ (a - p)) - sums(tf, W @ (a - q)) + c),
     lambda W, a, p, q, c: 2 * step(dot(W @ (a - p), W @ (a - p)) - dot(W @ (a - q), W @ (a - q)) + c)
     * (W @ (outer(a - p, a - p) - outer(a - q, a - q))))  # fmt: skip
case("triplet-active", "Schroff, Kalenichenko & Philbin (2015)", "a:n p:n q:n", "a",
     lambda tf, a, p, q: sums(tf, a - p) - sums(tf, a - q) + 1.0, lambda a, p, q: 2 * (q - p))  # fmt: skip
case("contrastive", "Hadsell, Chopra & LeCun (2006)", "x:n~small y:n~small c~large", "x",
     lambda tf, x, y, c: 0.5 * tf.square(tf.maximum(0.0, c - tf.norm(x - y))),
     lambda x, y, c: -relu(c - norm(x - y)) / norm(x - y) * (x - y))  # fmt: skip
case("info-nce", "van den Oord, Li & Vinyals (2018)", "Q:n,d K:n,d", "Q",
     lambda tf, Q, K: tf.reduce_sum(
         tf.reduce_logsumexp(Q @ tf.transpose(K), axis=1) - tf.reduce_sum(Q * K, axis=1)),
     lambda Q, K: softmax(Q @ K.T) @ K - K)  # fmt: skip
case("pairwise-distances", "distances of all pairs", "X:n,d Y:m,d C:n,m", "X",
     lambda tf, X, Y, C: tf.reduce_sum(C * (
         tf.reduce_sum(X * X, axis=1)[:, None] - 2.0 * X @ tf.transpose(Y) + tf.reduce_sum(Y * Y, axis=1))),
     lambda X, Y, C: 2 * (rows(C) * X - C @ Y))  # fmt: skip
case("soft-threshold-distance", "Minkowski distance of order 4", "x:n y:n", "x",
     lambda tf, x, y: tf.reduce_sum((x - y) ** 4) ** 0.25,
     lambda x, y: (x - y) ** 3 / np.sum((x - y) ** 4) ** 0.75)  # fmt: skip
case("hellinger", "Hellinger distance", "p:n~probability q:n~probability", "p",
     lambda tf, p, q: 0.5 * sums(tf, tf.sqrt(p) - tf.sqrt(q)),
     lambda p, q: (1 - np.sqrt(q / p)) / 2)  # fmt: skip
case("log-barrier", "Boyd & Vandenberghe (2004), 9.3", "A:m,n~small x:n~small b:m~large", "x",
     lambda tf, A, x, b: -tf.reduce_sum(tf.math.log(b - A @ x)), lambda A, x, b: A.T @ (1 / (b - A @ x)))  # fmt: skip
case("portfolio", "Boyd & Vandenberghe (2004), 4.4", "w:n m:n S:n,n c~positive", "w",
     lambda tf, w, m, S, c: tf.tensordot(m, w, 1) - c * tf.tensordot(w, S @ w, 1),
     lambda w, m, S, c: m - c * ((S + S.T) @ w))  # fmt: skip
case("sharpe", "Sharpe (1966)", "w:n m:n S:n,n~definite", "w",
     lambda tf, w, m, S: tf.tensordot(m, w, 1) / tf.sqrt(tf.tensordot(w, S @ w, 1)),
     lambda w, m, S: (lambda v: (m - (m @ w) / (2 * v) * ((S + S.T) @ w)) / np.sqrt(v))(w @ S @ w))  # fmt: skip
case("total-variation-smooth", "Rudin, Osher & Fatemi (1992)", "D:m,n x:n y:n c~positive", "x",
     lambda tf, D, x, y, c: 0.5 * sums(tf, x - y) + c * tf.reduce_sum(tf.sqrt(tf.square(D @ x) + 1.0)),
     lambda D, x, y, c: x - y + c * (D.T @ ((D @ x) / np.sqrt((D @ x) ** 2 + 1))))  # fmt: skip
case("diag-of-residuals", "quadratic form with a diagonal", "w:n A:n,m x:m", "w",
     lambda tf, w, A, x: tf.tensordot(A @ x, tf.linalg.diag(w) @ (A @ x), 1),
     lambda w, A, x: square(A @ x))  # fmt: skip
case("row-scaling", "diagonal scaling", "a:n B:n,m C:n,m", "a",
     lambda tf, a, B, C: tf.linalg.trace(tf.transpose(C) @ tf.linalg.diag(a) @ B),
     lambda a, B, C: diag(B @ C.T))  # fmt: skip
