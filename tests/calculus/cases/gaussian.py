"""Gaussian likelihoods, divergences and processes, by mean and by covariance."""

import numpy as np

from ..case import case
from ..functions import det, diag, dot, eye, half_lower, inv, lower, outer, rows, trace

BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006), "
RASMUSSEN = "Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), "


def form(tf, S, r):
    return tf.tensordot(r, tf.linalg.inv(S) @ r, 1)


def log_density(tf, x, m, S):
    return -0.5 * form(tf, S, x - m) - 0.5 * tf.linalg.logdet(S)


one = "x:n m:n S:n,n~definite"
case("gauss-mean", BISHOP + "2.43", one, "m", log_density, lambda x, m, S: 0.5 * (inv(S) + inv(S).T) @ (x - m))
case("gauss-point", BISHOP + "2.43", one, "x", log_density, lambda x, m, S: -0.5 * (inv(S) + inv(S).T) @ (x - m))
case("gauss-covariance", BISHOP + "2.122", one, "S", log_density,
     lambda x, m, S: 0.5 * (outer(inv(S).T @ (x - m), inv(S) @ (x - m)) - inv(S).T))  # fmt: skip
case("gauss-precision", BISHOP + "2.43", "x:n m:n P:n,n~definite", "P",
     lambda tf, x, m, P: 0.5 * tf.linalg.logdet(P) - 0.5 * tf.tensordot(x - m, P @ (x - m), 1),
     lambda x, m, P: 0.5 * (inv(P).T - outer(x - m, x - m)))  # fmt: skip
case("gauss-solve", BISHOP + "2.43", one, "m",
     lambda tf, x, m, S: -0.5 * tf.tensordot(x - m, tf.linalg.solve(S, (x - m)[:, None])[:, 0], 1),
     lambda x, m, S: 0.5 * (inv(S) + inv(S).T) @ (x - m))  # fmt: skip


def sample_likelihood(tf, X, m, S):
    R = X - m
    return -0.5 * X.shape[0] * tf.linalg.logdet(S) - 0.5 * tf.linalg.trace(tf.linalg.inv(S) @ tf.transpose(R) @ R)


many = "X:N,n m:n S:n,n~definite"
case("gauss-sample-mean", BISHOP + "2.120", many, "m", sample_likelihood,
     lambda X, m, S: 0.5 * (inv(S) + inv(S).T) @ np.sum(X - m, axis=0))  # fmt: skip
case("gauss-sample-covariance", BISHOP + "2.124", many, "S", sample_likelihood,
     lambda X, m, S: 0.5 * (inv(S) @ (X - m).T @ (X - m) @ inv(S) - X.shape[0] * inv(S)).T)  # fmt: skip
case("gauss-diagonal-mean", BISHOP + "1.54", "x:n m:n s:n~positive", "m",
     lambda tf, x, m, s: -tf.reduce_sum(tf.math.log(s) + tf.square((x - m) / s) / 2),
     lambda x, m, s: (x - m) / s**2)  # fmt: skip
case("gauss-diagonal-scale", BISHOP + "1.54", "x:n m:n s:n~positive", "s",
     lambda tf, x, m, s: -tf.reduce_sum(tf.math.log(s) + tf.square((x - m) / s) / 2),
     lambda x, m, s: ((x - m) / s) ** 2 / s - 1 / s)  # fmt: skip
case("gauss-variance", BISHOP + "1.54", "X:n,d v~positive", "v",
     lambda tf, X, v: -0.5 * X.shape[0] * tf.math.log(v) - 0.5 * tf.reduce_sum(tf.square(X)) / v,
     lambda X, v: dot(X, X) / (2 * v**2) - X.shape[0] / (2 * v))  # fmt: skip


def divergence(tf, m, S, p, T):
    P = tf.linalg.inv(T)
    return 0.5 * (tf.linalg.trace(P @ S) + tf.tensordot(p - m, P @ (p - m), 1)
                  + tf.linalg.logdet(T) - tf.linalg.logdet(S))  # fmt: skip


two = "m:n S:n,n~definite p:n T:n,n~definite"
KL = "Kullback-Leibler divergence of Gaussians, Duchi (2007)"
case("kl-mean-first", KL, two, "m", divergence, lambda m, S, p, T: 0.5 * (inv(T) + inv(T).T) @ (m - p))
case("kl-mean-second", KL, two, "p", divergence, lambda m, S, p, T: 0.5 * (inv(T) + inv(T).T) @ (p - m))
case("kl-covariance-first", KL, two, "S", divergence, lambda m, S, p, T: 0.5 * (inv(T).T - inv(S).T))
case("kl-covariance-second", KL, two, "T", divergence,
     lambda m, S, p, T: 0.5 * (inv(T) - inv(T) @ (S + outer(p - m, p - m)) @ inv(T)).T)  # fmt: skip
case("kl-standard-mean", "Kingma & Welling (2014), B", "m:n s:n~positive", "m",
     lambda tf, m, s: -0.5 * tf.reduce_sum(1.0 + tf.math.log(s**2) - m**2 - s**2), lambda m, s: m)  # fmt: skip
case("kl-standard-scale", "Kingma & Welling (2014), B", "m:n s:n~positive", "s",
     lambda tf, m, s: -0.5 * tf.reduce_sum(1.0 + tf.math.log(s**2) - m**2 - s**2),
     lambda m, s: s - 1 / s)  # fmt: skip
case("kl-standard-log-variance", "Kingma & Welling (2014), B", "m:n v:n", "v",
     lambda tf, m, v: 0.5 * tf.reduce_sum(m**2 + tf.exp(v) - v - 1.0), lambda m, v: (np.exp(v) - 1) / 2)  # fmt: skip
case("gaussian-entropy", "Cover & Thomas (2006), 8.4", "S:n,n~definite", "S",
     lambda tf, S: 0.5 * tf.linalg.logdet(2 * np.pi * np.e * S), lambda S: inv(S).T / 2)  # fmt: skip
case("wishart", BISHOP + "B.78", "L:n,n~definite W:n,n~definite v~large", "L",
     lambda tf, L, W, v: 0.5 * (v - L.shape[0] - 1.0) * tf.linalg.logdet(L)
     - 0.5 * tf.linalg.trace(tf.linalg.inv(W) @ L),
     lambda L, W, v: 0.5 * ((v - L.shape[0] - 1) * inv(L).T - inv(W).T))  # fmt: skip
case("student-multivariate", BISHOP + "2.162", "x:n m:n P:n,n~definite v~positive", "x",
     lambda tf, x, m, P, v: -0.5 * (v + x.shape[0]) * tf.math.log(1.0 + tf.tensordot(x - m, P @ (x - m), 1) / v),
     lambda x, m, P, v: (lambda r: -0.5 * (v + x.shape[0]) / (v + r @ P @ r) * ((P + P.T) @ r))(x - m))  # fmt: skip
case("laplace-likelihood", "Laplace (1774)", "x:n m b~positive", "b",
     lambda tf, x, m, b: -x.shape[0] * tf.math.log(2.0 * b) - tf.reduce_sum(tf.abs(x - m)) / b,
     lambda x, m, b: np.sum(np.abs(x - m)) / b**2 - x.shape[0] / b)  # fmt: skip


# Gaussian processes
def evidence(tf, K, y):
    return -0.5 * tf.tensordot(y, tf.linalg.inv(K) @ y, 1) - 0.5 * tf.linalg.logdet(K)


case("gp-evidence-kernel", RASMUSSEN + "5.9", "K:n,n~definite y:n", "K", evidence,
     lambda K, y: 0.5 * (outer(inv(K).T @ y, inv(K) @ y) - inv(K).T))  # fmt: skip
case("gp-evidence-noise", RASMUSSEN + "5.9", "K:n,n~definite y:n s~positive", "s",
     lambda tf, K, y, s: evidence(tf, K + s * tf.eye(K.shape[0]), y),
     lambda K, y, s: (lambda P: 0.5 * ((P.T @ y) @ (P @ y) - trace(P)))(inv(K + s * eye(K))))  # fmt: skip
case("gp-evidence-scale", RASMUSSEN + "5.9", "K:n,n~definite y:n c~positive", "c",
     lambda tf, K, y, c: evidence(tf, c * K, y),
     lambda K, y, c: (y @ inv(K) @ y) / (2 * c**2) - y.shape[0] / (2 * c))  # fmt: skip
case("gp-evidence-targets", RASMUSSEN + "5.8", "K:n,n~definite y:n", "y", evidence,
     lambda K, y: -0.5 * (inv(K) + inv(K).T) @ y)  # fmt: skip


def low_rank_evidence(tf, W, y, s):
    C = W @ tf.transpose(W) + s * tf.eye(W.shape[0])
    return evidence(tf, C, y)


def low_rank_gradient(W, y, s):
    P = inv(W @ W.T + s * eye(W))
    return (outer(P @ y, P @ y) - P) @ W


case("probabilistic-pca", BISHOP + "12.43", "W:n,k y:n s~positive", "W", low_rank_evidence, low_rank_gradient)


# Cholesky factors
def cholesky_likelihood(tf, L, r):
    z = tf.linalg.triangular_solve(L, r)
    return -0.5 * tf.reduce_sum(tf.square(z)) - tf.reduce_sum(tf.math.log(tf.linalg.diag_part(L)))


def cholesky_likelihood_gradient(L, r):
    z = inv(L) @ r
    return lower((inv(L).T @ z) @ z.T) - diag(1 / diag(L))


case("cholesky-likelihood", "Murray (2016), 2", "L:n,n~lower r:n,1", "L", cholesky_likelihood,
     cholesky_likelihood_gradient)  # fmt: skip
case("cholesky-likelihood-residual", "Murray (2016), 2", "L:n,n~lower r:n,1", "r", cholesky_likelihood,
     lambda L, r: -inv(L).T @ (inv(L) @ r))  # fmt: skip
case("log-diagonal", "log-determinant from a factor", "L:n,n~lower", "L",
     lambda tf, L: 2.0 * tf.reduce_sum(tf.math.log(tf.linalg.diag_part(L))), lambda L: diag(2 / diag(L)))  # fmt: skip


def cholesky_pullback(S, G):
    L = np.linalg.cholesky(S)
    M = inv(L).T @ half_lower(L.T @ G) @ inv(L)
    return (M + M.T) / 2


case("cholesky", "Giles (2008), Murray (2016), eq. 8", "S:n,n~definite G:n,n", "S",
     lambda tf, S, G: tf.reduce_sum(G * tf.linalg.cholesky((S + tf.transpose(S)) / 2)),
     cholesky_pullback)  # fmt: skip
case("cholesky-logdet", "Murray (2016)", "S:n,n~definite", "S",
     lambda tf, S: 2.0 * tf.reduce_sum(tf.math.log(tf.linalg.diag_part(tf.linalg.cholesky((S + tf.transpose(S)) / 2)))),
     lambda S: inv((S + S.T) / 2))  # fmt: skip
case("cholesky-solve", "Murray (2016)", "L:n,n~lower b:n,1 c:n,1", "b",
     lambda tf, L, b, c: tf.reduce_sum(c * tf.linalg.cholesky_solve(L, b)),
     lambda L, b, c: inv(L @ L.T) @ c)  # fmt: skip
case("reparametrised-scale", "Kingma & Welling (2014), 2.4", "m:n L:n,n e:n y:n", "L",
     lambda tf, m, L, e, y: tf.reduce_sum(tf.square(y - m - L @ e)),
     lambda m, L, e, y: -2 * outer(y - m - L @ e, e))  # fmt: skip
case("covariance-by-data", "scatter matrix under a constant precision", "X:N,n P:n,n", "X",
     lambda tf, X, P: tf.linalg.trace(P @ tf.transpose(X) @ X) / X.shape[0],
     lambda X, P: 1 / X.shape[0] * X @ (P + P.T))  # fmt: skip
case("gaussian-density", BISHOP + "2.43", "x:n m:n P:n,n~definite", "x",
     lambda tf, x, m, P: tf.sqrt(tf.linalg.det(P)) * tf.exp(-0.5 * tf.tensordot(x - m, P @ (x - m), 1)),
     lambda x, m, P: (lambda r: -0.5 * np.sqrt(det(P)) * np.exp(-0.5 * (r @ P @ r)) * ((P + P.T) @ r))(
         x - m))  # fmt: skip
case("responsibility-weighted-means", BISHOP + "9.16", "X:N,n R:N,k~probability M:k,n", "M",
     lambda tf, X, R, M: -0.5 * tf.reduce_sum(R * (
         tf.reduce_sum(X * X, axis=1)[:, None] - 2.0 * X @ tf.transpose(M) + tf.reduce_sum(M * M, axis=1))),
     lambda X, R, M: R.T @ X - rows(R.T) * M)  # fmt: skip
