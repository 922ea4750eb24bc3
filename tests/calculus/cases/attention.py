"""Scaled dot-product attention, by its inputs and its weights, and relatives."""

import numpy as np

from ..case import case
from ..functions import dot, outer, relu, rows, sigmoid, softmax, step

VASWANI = "Vaswani et al. (2017), eq. 1"


def attend(tf, Q, K, V, G):
    return tf.reduce_sum(G * (tf.nn.softmax(Q @ tf.transpose(K) / K.shape[1] ** 0.5) @ V))


def score_gradient(Q, K, V, G):
    """Of the scores before the scale."""
    P = softmax(Q @ K.T / K.shape[1] ** 0.5)
    D = G @ V.T
    return P * (D - rows(P * D)) / K.shape[1] ** 0.5


ATTENTION = "Q:n,d K:m,d V:m,e G:n,e"
case("attention-Q", VASWANI, ATTENTION, "Q", attend, lambda Q, K, V, G: score_gradient(Q, K, V, G) @ K)
case("attention-K", VASWANI, ATTENTION, "K", attend, lambda Q, K, V, G: score_gradient(Q, K, V, G).T @ Q)
case("attention-V", VASWANI, ATTENTION, "V", attend,
     lambda Q, K, V, G: softmax(Q @ K.T / K.shape[1] ** 0.5).T @ G)  # fmt: skip


def self_attend(tf, X, A, B, C, G):
    return tf.reduce_sum(G * (tf.nn.softmax(X @ A @ tf.transpose(X @ B)) @ (X @ C)))


def self_parts(X, A, B, C, G):
    P = softmax(X @ A @ (X @ B).T)
    D = G @ (X @ C).T
    return P, P * (D - rows(P * D))


SELF = "X:n,d~small A:d,k B:d,k C:d,e G:n,e"
case("self-attention-A", VASWANI, SELF, "A", self_attend,
     lambda X, A, B, C, G: X.T @ self_parts(X, A, B, C, G)[1] @ (X @ B))  # fmt: skip
case("self-attention-B", VASWANI, SELF, "B", self_attend,
     lambda X, A, B, C, G: X.T @ self_parts(X, A, B, C, G)[1].T @ (X @ A))  # fmt: skip
case("self-attention-C", VASWANI, SELF, "C", self_attend,
     lambda X, A, B, C, G: X.T @ (self_parts(X, A, B, C, G)[0].T @ G))  # fmt: skip


def single_query(tf, q, K, V, g):
    return tf.tensordot(g, tf.transpose(V) @ tf.nn.softmax(K @ q), 1)


def single_score(q, K, V, g):
    p = softmax(K @ q)
    return p * (V @ g - p @ (V @ g))


ONE = "q:d K:m,d V:m,e g:e"
case("attention-one-query-q", "Bahdanau, Cho & Bengio (2015)", ONE, "q", single_query,
     lambda q, K, V, g: K.T @ single_score(q, K, V, g))  # fmt: skip
case("attention-one-query-K", "Bahdanau, Cho & Bengio (2015)", ONE, "K", single_query,
     lambda q, K, V, g: outer(single_score(q, K, V, g), q))  # fmt: skip
case("attention-one-query-V", "Bahdanau, Cho & Bengio (2015)", ONE, "V", single_query,
     lambda q, K, V, g: outer(softmax(K @ q), g))  # fmt: skip
case("additive-attention", "Bahdanau, Cho & Bengio (2015), A.1", "w:h W:h,d K:m,d v:m", "w",
     lambda tf, w, W, K, v: tf.tensordot(v, tf.nn.softmax(tf.tanh(K @ tf.transpose(W)) @ w), 1),
     lambda w, W, K, v: (lambda T: (lambda p: T.T @ (p * (v - p @ v)))(softmax(T @ w)))(np.tanh(K @ W.T)))  # fmt: skip
case("linear-attention", "Katharopoulos et al. (2020)", ATTENTION, "K",
     lambda tf, Q, K, V, G: tf.reduce_sum(G * (Q @ (tf.transpose(K) @ V))),
     lambda Q, K, V, G: V @ G.T @ Q)  # fmt: skip
case("relu-attention", "Wortsman et al. (2023)", ATTENTION, "Q",
     lambda tf, Q, K, V, G: tf.reduce_sum(G * (tf.nn.relu(Q @ tf.transpose(K)) @ V)),
     lambda Q, K, V, G: (G @ V.T * step(Q @ K.T)) @ K)  # fmt: skip
case("relu-attention-V", "Wortsman et al. (2023)", ATTENTION, "V",
     lambda tf, Q, K, V, G: tf.reduce_sum(G * (tf.nn.relu(Q @ tf.transpose(K)) @ V)),
     lambda Q, K, V, G: relu(Q @ K.T).T @ G)  # fmt: skip
case("masked-attention", VASWANI, "Q:n,d K:m,d V:m,e M:n,m G:n,e", "V",
     lambda tf, Q, K, V, M, G: tf.reduce_sum(G * (tf.nn.softmax(Q @ tf.transpose(K) + M) @ V)),
     lambda Q, K, V, M, G: softmax(Q @ K.T + M).T @ G)  # fmt: skip
case("hopfield-energy", "Ramsauer et al. (2021)", "x:d X:m,d b~positive", "x",
     lambda tf, x, X, b: 0.5 * tf.tensordot(x, x, 1) - tf.reduce_logsumexp(b * (X @ x)) / b,
     lambda x, X, b: x - X.T @ softmax(b * (X @ x)))  # fmt: skip
case("gated-attention", "Qiu et al. (2025)", "Q:n,d K:m,d V:m,e X:n,c W:c,e G:n,e", "W",
     lambda tf, Q, K, V, X, W, G: tf.reduce_sum(G * (tf.nn.softmax(Q @ tf.transpose(K)) @ V) * tf.sigmoid(X @ W)),
     lambda Q, K, V, X, W, G: (lambda s: X.T @ (G * (softmax(Q @ K.T) @ V) * s * (1 - s)))(sigmoid(X @ W)))  # fmt: skip
case("soft-cap", "Gemma 2 (2024), sec. 2", "Q:n,d K:m,d V:m,e G:n,e c~positive", "Q",
     lambda tf, Q, K, V, G, c: tf.reduce_sum(G * (tf.nn.softmax(c * tf.tanh(Q @ tf.transpose(K) / c)) @ V)),
     lambda Q, K, V, G, c: (lambda T, D: (lambda P: (P * (D - rows(P * D)) * (1 - T**2)) @ K)(softmax(c * T)))(
         np.tanh(Q @ K.T / c), G @ V.T))  # fmt: skip
case("graph-attention", "Velickovic et al. (2018), eq. 3", "a:n b:m V:m,e G:n,e", "a",
     lambda tf, a, b, V, G: tf.reduce_sum(
         G * (tf.nn.softmax(tf.nn.leaky_relu(tf.expand_dims(a, 1) + b, alpha=0.2)) @ V)),
     lambda a, b, V, G: (lambda E, D: (lambda P: np.sum(
         P * (D - rows(P * D)) * np.where(E > 0, 1.0, 0.2), axis=1))(softmax(np.where(E > 0, E, 0.2 * E))))(
         a[:, None] + b, G @ V.T))  # fmt: skip

# log-sum-exp and softmax
BOYD = "Boyd & Vandenberghe, Convex Optimization (2004), "
case("log-sum-exp-rows", BOYD + "3.1.5", "X:n,d W:d,k", "W",
     lambda tf, X, W: tf.reduce_sum(tf.reduce_logsumexp(X @ W, axis=1)), lambda X, W: X.T @ softmax(X @ W))  # fmt: skip
case("log-sum-exp-temperature", BOYD + "3.1.5", "x:n t~positive", "x",
     lambda tf, x, t: t * tf.reduce_logsumexp(x / t), lambda x, t: softmax(x / t))  # fmt: skip
case("log-sum-exp-by-temperature", BOYD + "3.2.6", "x:n t~positive", "t",
     lambda tf, x, t: tf.reduce_logsumexp(x / t), lambda x, t: -dot(x, softmax(x / t)) / t**2)  # fmt: skip
case("geometric-program", BOYD + "4.5", "A:m,n~small x:n b:m", "x",
     lambda tf, A, x, b: tf.math.log(tf.reduce_sum(tf.exp(A @ x + b))),
     lambda A, x, b: A.T @ softmax(A @ x + b))  # fmt: skip
case("expected-reward", "Sutton & Barto (2018), 13.1", "z:k r:k", "z",
     lambda tf, z, r: tf.tensordot(r, tf.nn.softmax(z), 1),
     lambda z, r: (lambda p: p * (r - r @ p))(softmax(z)))  # fmt: skip
case("softmax-entropy", "maximum-entropy policy, Haarnoja et al. (2018)", "z:k", "z",
     lambda tf, z: -tf.reduce_sum(tf.nn.softmax(z) * tf.nn.log_softmax(z)),
     lambda z: (lambda p: -p * (np.log(p) - p @ np.log(p)))(softmax(z)))  # fmt: skip
case("mixture-log-likelihood", "Bishop (2006), 9.14", "z:k q:k", "z",
     lambda tf, z, q: tf.reduce_logsumexp(tf.nn.log_softmax(z) + q),
     lambda z, q: softmax(z + q) - softmax(z))  # fmt: skip
case("log-softmax-weighted", "weights that do not sum to one", "X:n,d W:d,k C:n,k", "W",
     lambda tf, X, W, C: tf.reduce_sum(C * tf.nn.log_softmax(X @ W)),
     lambda X, W, C: X.T @ (C - rows(C) * softmax(X @ W)))  # fmt: skip
