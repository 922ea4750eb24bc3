"""Hadamard products, broadcasting, reductions, structure, and arrays of rank three and four."""

import numpy as np

from ..case import case
from ..functions import dot, erf, inv, lower, ones, outer, rows, sigmoid, softmax, step

MAGNUS = "Magnus & Neudecker, Matrix Differential Calculus (2019), "
HORN = "Horn & Johnson, Topics in Matrix Analysis (1991), ch. 5"
TENSOR = "Kolda & Bader (2009), "
RULE = "rule of the operation"


def squares(tf, x):
    return tf.reduce_sum(tf.square(x))


# Hadamard products and elementwise functions
case("hadamard-three", HORN, "A:n,m B:n,m X:n,m", "X", lambda tf, A, B, X: tf.reduce_sum(A * B * X),
     lambda A, B, X: A * B)  # fmt: skip
case("hadamard-cubed", HORN, "X:n,m A:n,m", "X", lambda tf, X, A: tf.reduce_sum(A * X * X * X),
     lambda X, A: 3 * A * X**2)  # fmt: skip
case("hadamard-product-inside", HORN, "x:m A:n,m X:n,m y:n", "X",
     lambda tf, x, A, X, y: tf.tensordot(y, (A * X) @ x, 1), lambda x, A, X, y: A * outer(y, x))  # fmt: skip
case("hadamard-trace", HORN, "A:n,m X:n,m B:m,n", "X", lambda tf, A, X, B: tf.linalg.trace((A * X) @ B),
     lambda A, X, B: A * B.T)  # fmt: skip
case("hadamard-gram", HORN, "X:n,d A:n,n", "X",
     lambda tf, X, A: tf.reduce_sum(A * tf.square(X @ tf.transpose(X))),
     lambda X, A: 2 * ((A + A.T) * (X @ X.T)) @ X)  # fmt: skip
case("hadamard-quotient", HORN, "X:n,m~positive A:n,m", "X", lambda tf, X, A: tf.reduce_sum(A / X),
     lambda X, A: -A / X**2)  # fmt: skip
case("elementwise-sine", RULE, "A:m,n x:n", "x", lambda tf, A, x: tf.reduce_sum(tf.sin(A @ x)),
     lambda A, x: A.T @ np.cos(A @ x))  # fmt: skip
case("elementwise-composed", RULE, "X:n,d w:d c:n", "w",
     lambda tf, X, w, c: tf.reduce_sum(c * tf.exp(tf.sin(X @ w))),
     lambda X, w, c: X.T @ (c * np.exp(np.sin(X @ w)) * np.cos(X @ w)))  # fmt: skip
case("elementwise-matrix", RULE, "A:n,m X:m,k", "A", lambda tf, A, X: tf.reduce_sum(tf.exp(A @ X)),
     lambda A, X: np.exp(A @ X) @ X.T)  # fmt: skip
case("error-function", RULE, "X:n,d w:d", "w", lambda tf, X, w: tf.reduce_sum(tf.math.erf(X @ w)),
     lambda X, w: 2 / np.pi**0.5 * X.T @ np.exp(-((X @ w) ** 2)))  # fmt: skip
case("probit", "Bliss (1934)", "x:n w:n", "w",
     lambda tf, x, w: tf.math.log(0.5 * (1.0 + tf.math.erf(tf.tensordot(x, w, 1) / 2.0**0.5))),
     lambda x, w: (2 / np.pi) ** 0.5 * np.exp(-0.5 * (x @ w) ** 2) / (1 + erf((x @ w) / 2**0.5)) * x)  # fmt: skip
case("power-by-exponent", RULE, "x:n~positive p:n", "p", lambda tf, x, p: tf.reduce_sum(tf.pow(x, p)),
     lambda x, p: x**p * np.log(x))  # fmt: skip
case("power-by-scalar", RULE, "x:n~positive p", "p", lambda tf, x, p: tf.reduce_sum(x**p),
     lambda x, p: np.log(x) @ x**p)  # fmt: skip
case("square-root-sum", RULE, "X:n,m~positive w:m~positive", "w", lambda tf, X, w: tf.reduce_sum(tf.sqrt(X @ w)),
     lambda X, w: X.T @ (1 / (2 * np.sqrt(X @ w))))  # fmt: skip
case("where-sign", RULE, "x:n a:n b:n", "x", lambda tf, x, a, b: tf.reduce_sum(tf.where(x > 0.0, a * x, b * x**2)),
     lambda x, a, b: np.where(x > 0, a, 2 * b * x))  # fmt: skip
case("clipped-square", RULE, "x:n", "x", lambda tf, x: squares(tf, tf.maximum(x, 0.0)),
     lambda x: 2 * np.maximum(x, 0))  # fmt: skip
case("scaled-sigmoid", RULE, "X:n,d w:d a", "a", lambda tf, X, w, a: tf.reduce_sum(tf.sigmoid(a * (X @ w))),
     lambda X, w, a: (lambda z, s: z @ (s * (1 - s)))(X @ w, sigmoid(a * (X @ w))))  # fmt: skip

# broadcasting and reductions
case("bias-by-input", RULE, "X:n,d b:d Y:n,d", "X", lambda tf, X, b, Y: squares(tf, X + b - Y),
     lambda X, b, Y: 2 * (X + b - Y))  # fmt: skip
case("bias-of-product", RULE, "X:n,d W:d,k b:k Y:n,k", "b", lambda tf, X, W, b, Y: squares(tf, X @ W + b - Y),
     lambda X, W, b, Y: 2 * np.sum(X @ W + b - Y, axis=0))  # fmt: skip
case("bias-of-product-weight", RULE, "X:n,d W:d,k b:k Y:n,k", "W",
     lambda tf, X, W, b, Y: tf.reduce_mean(tf.square(tf.nn.bias_add(X @ W, b) - Y)),
     lambda X, W, b, Y: 2 / Y.shape[0] / Y.shape[1] * X.T @ (X @ W + b - Y))  # fmt: skip
case("row-scale", RULE, "X:n,d a:n,1 Y:n,d", "a", lambda tf, X, a, Y: squares(tf, a * X - Y),
     lambda X, a, Y: 2 * rows((a * X - Y) * X))  # fmt: skip
case("column-scale", RULE, "X:n,d a:d Y:n,d", "a", lambda tf, X, a, Y: squares(tf, X * a - Y),
     lambda X, a, Y: 2 * np.sum((X * a - Y) * X, axis=0))  # fmt: skip
case("outer-broadcast", RULE, "a:n b:m C:n,m", "a",
     lambda tf, a, b, C: tf.reduce_sum(C * (a[:, None] + b) ** 2),
     lambda a, b, C: 2 * np.sum(C * (a[:, None] + b), axis=1))  # fmt: skip
case("scalar-broadcast", RULE, "A:n,m c", "c", lambda tf, A, c: squares(tf, A - c), lambda A, c: -2 * np.sum(A - c))
case("scalar-times-matrix", RULE, "A:n,m B:n,m c", "c", lambda tf, A, B, c: squares(tf, c * A - B),
     lambda A, B, c: 2 * dot(c * A - B, A))  # fmt: skip
case("sum-of-matrix", RULE, "A:n,m X:m,k B:k,l", "X", lambda tf, A, X, B: tf.reduce_sum(A @ X @ B),
     lambda A, X, B: outer(np.sum(A, axis=0), np.sum(B, axis=1)))  # fmt: skip
case("mean-of-matrix", RULE, "X:n,m", "X", lambda tf, X: tf.reduce_mean(X),
     lambda X: ones(X) / (X.shape[0] * X.shape[1]))  # fmt: skip
case("mean-of-squares", RULE, "X:n,m", "X", lambda tf, X: tf.reduce_mean(tf.square(X)),
     lambda X: 2 / (X.shape[0] * X.shape[1]) * X)  # fmt: skip
case("mean-rows-squared", RULE, "X:n,d", "X", lambda tf, X: squares(tf, tf.reduce_mean(X, axis=0)),
     lambda X: ones(X, 0)[:, None] @ (2 / X.shape[0] ** 2 * np.sum(X, axis=0)[None]))  # fmt: skip
case("centring", RULE, "X:n,d A:n,d", "X", lambda tf, X, A: tf.reduce_sum(A * (X - tf.reduce_mean(X, axis=0))),
     lambda X, A: A - np.sum(A, axis=0) / X.shape[0])  # fmt: skip
case("row-sums-squared", RULE, "X:n,d", "X", lambda tf, X: squares(tf, tf.reduce_sum(X, axis=1)),
     lambda X: 2 * outer(np.sum(X, axis=1), ones(X, 1)))  # fmt: skip
case("normalised-rows", RULE, "X:n,d~positive C:n,d", "X",
     lambda tf, X, C: tf.reduce_sum(C * X / tf.reduce_sum(X, axis=1, keepdims=True)),
     lambda X, C: (C - rows(C * X) / rows(X)) / rows(X))  # fmt: skip
case("normalised-vector", RULE, "x:n~positive c:n", "x", lambda tf, x, c: tf.tensordot(c, x / tf.reduce_sum(x), 1),
     lambda x, c: (c - c @ x / np.sum(x)) / np.sum(x))  # fmt: skip
case("product-of-sums", RULE, "x:n", "x", lambda tf, x: tf.reduce_sum(x) * tf.reduce_sum(tf.square(x)),
     lambda x: dot(x, x) + 2 * np.sum(x) * x)  # fmt: skip
case("product-of-entries", RULE, "x:n~positive", "x", lambda tf, x: tf.reduce_prod(x),
     lambda x: np.prod(x) / x)  # fmt: skip

# structure
case("diag-solve", RULE, "d:n~positive A:n,m", "d",
     lambda tf, d, A: tf.linalg.trace(tf.transpose(A) @ tf.linalg.inv(tf.linalg.diag(d)) @ A),
     lambda d, A: -np.sum(A**2, axis=1) / d**2)  # fmt: skip
case("diag-part-squared", RULE, "X:n,n", "X", lambda tf, X: squares(tf, tf.linalg.diag_part(X)),
     lambda X: 2 * np.diag(np.diag(X)))  # fmt: skip
case("diag-sandwich", RULE, "A:n,m d:m B:m,n", "d", lambda tf, A, d, B: tf.linalg.trace(A @ tf.linalg.diag(d) @ B),
     lambda A, d, B: np.diag(B @ A))  # fmt: skip
case("band-part", RULE, "X:n,n A:n,n", "X", lambda tf, X, A: tf.reduce_sum(A * tf.linalg.band_part(X, -1, 0)),
     lambda X, A: lower(A))  # fmt: skip
case("triangular-factor", RULE, "L:n,n S:n,n", "L",
     lambda tf, L, S: (lambda T: squares(tf, T @ tf.transpose(T) - S))(tf.linalg.band_part(L, -1, 0)),
     lambda L, S: (lambda T: 2 * lower((2 * T @ T.T - S - S.T) @ T))(lower(L)))  # fmt: skip
case("outer-fit", RULE, "a:n b:m C:n,m", "a", lambda tf, a, b, C: squares(tf, C - tf.einsum("i,j->ij", a, b)),
     lambda a, b, C: 2 * (dot(b, b) * a - C @ b))  # fmt: skip
case("outer-square", RULE, "x:n A:n,n", "x", lambda tf, x, A: squares(tf, tf.tensordot(x, x, 0) - A),
     lambda x, A: 4 * dot(x, x) * x - 2 * (A + A.T) @ x)  # fmt: skip
case("kron-sum", MAGNUS + "ch. 3", "A:n,m B:p,q", "A", lambda tf, A, B: tf.reduce_sum(tf.linalg.kron(A, B)),
     lambda A, B: np.sum(B) * ones(A))  # fmt: skip
case("kron-frobenius", MAGNUS + "ch. 3", "A:n,m B:p,q", "A",
     lambda tf, A, B: squares(tf, tf.linalg.kron(A, B)), lambda A, B: 2 * dot(B, B) * A)  # fmt: skip
case("symmetrised", RULE, "X:n,n A:n,n", "X", lambda tf, X, A: squares(tf, (X + tf.transpose(X)) / 2.0 - A),
     lambda X, A: X + X.T - A - A.T)  # fmt: skip
case("antisymmetric", RULE, "X:n,n", "X", lambda tf, X: squares(tf, X - tf.transpose(X)),
     lambda X: 4 * (X - X.T))  # fmt: skip
case("cancelled", RULE, "X:n,m A:n,m", "X", lambda tf, X, A: tf.reduce_sum(A * (X - X) + A * X),
     lambda X, A: A)  # fmt: skip
case("transpose-twice", RULE, "X:n,m A:n,m", "X",
     lambda tf, X, A: tf.linalg.trace(tf.transpose(tf.transpose(tf.transpose(X))) @ A), lambda X, A: A)  # fmt: skip
case("cross-product", RULE, "a:3 b:3 c:3", "a", lambda tf, a, b, c: tf.tensordot(c, tf.linalg.cross(a, b), 1),
     lambda a, b, c: np.cross(b, c))  # fmt: skip

# rank three and four
case("einsum-batched-product", RULE, "A:b,n,m B:b,m,k G:b,n,k", "A",
     lambda tf, A, B, G: tf.reduce_sum(G * tf.einsum("bnm,bmk->bnk", A, B)),
     lambda A, B, G: np.einsum("bnk,bmk->bnm", G, B))  # fmt: skip
case("matmul-batched-shared", RULE, "X:b,n,d W:d,k G:b,n,k", "W",
     lambda tf, X, W, G: tf.reduce_sum(G * (X @ W)), lambda X, W, G: np.einsum("bnd,bnk->dk", X, G))  # fmt: skip
case("einsum-squares", RULE, "X:b,n,d W:d,k Y:b,n,k", "W",
     lambda tf, X, W, Y: squares(tf, tf.einsum("bnd,dk->bnk", X, W) - Y),
     lambda X, W, Y: 2 * np.einsum("bnd,bnk->dk", X, np.einsum("bnd,dk->bnk", X, W) - Y))  # fmt: skip
case("bilinear-layer", "Socher et al. (2013), neural tensor network", "x:n T:k,n,m y:m c:k", "T",
     lambda tf, x, T, y, c: tf.reduce_sum(c * tf.einsum("i,kij,j->k", x, T, y)),
     lambda x, T, y, c: np.einsum("k,i,j->kij", c, x, y))  # fmt: skip
case("bilinear-layer-input", "Socher et al. (2013), neural tensor network", "x:n T:k,n,m y:m c:k", "x",
     lambda tf, x, T, y, c: tf.reduce_sum(c * tf.einsum("i,kij,j->k", x, T, y)),
     lambda x, T, y, c: np.einsum("k,kij,j->i", c, T, y))  # fmt: skip
case("canonical-polyadic", TENSOR + "3", "T:i,j,k A:i,r B:j,r C:k,r", "A",
     lambda tf, T, A, B, C: squares(tf, T - tf.einsum("ir,jr,kr->ijk", A, B, C)),
     lambda T, A, B, C: -2 * np.einsum(
         "ijk,jr,kr->ir", T - np.einsum("ir,jr,kr->ijk", A, B, C), B, C))  # fmt: skip
case("tucker-core", TENSOR + "4", "T:i,j,k A:i,p B:j,q C:k,r G:p,q,r", "G",
     lambda tf, T, A, B, C, G: tf.reduce_sum(T * tf.einsum("ip,jq,kr,pqr->ijk", A, B, C, G)),
     lambda T, A, B, C, G: np.einsum("ijk,ip,jq,kr->pqr", T, A, B, C))  # fmt: skip
case("cubic-form", TENSOR + "5", "T:n,n,n x:n", "x", lambda tf, T, x: tf.einsum("ijk,i,j,k->", T, x, x, x),
     lambda T, x: np.einsum("ijk,j,k->i", T, x, x) + np.einsum("ijk,i,k->j", T, x, x)
     + np.einsum("ijk,i,j->k", T, x, x))  # fmt: skip
case("batched-trace", RULE, "A:b,n,n X:b,n,n", "X",
     lambda tf, A, X: tf.reduce_sum(tf.linalg.trace(A @ X)), lambda A, X: np.swapaxes(A, -1, -2))  # fmt: skip
case("batched-transpose", RULE, "X:b,n,m G:b,m,n", "X",
     lambda tf, X, G: tf.reduce_sum(G * tf.linalg.matrix_transpose(X)),
     lambda X, G: np.swapaxes(G, -1, -2))  # fmt: skip
case("batched-quadratic", RULE, "X:b,n A:n,n", "X", lambda tf, X, A: tf.reduce_sum(tf.einsum("bi,ij,bj->b", X, A, X)),
     lambda X, A: X @ (A + A.T))  # fmt: skip
case("batched-bias", RULE, "X:b,n,d c:d", "c", lambda tf, X, c: squares(tf, X + c),
     lambda X, c: 2 * np.einsum("bnd->d", X + c))  # fmt: skip
case("batched-logdet", RULE, "A:b,n,n~invertible", "A", lambda tf, A: tf.reduce_sum(tf.linalg.logdet(A)),
     lambda A: np.swapaxes(inv(A), -1, -2))  # fmt: skip
case("heads-attention-values", "Vaswani et al. (2017), 3.2.2", "Q:h,n,d K:h,m,d V:h,m,e G:h,n,e", "V",
     lambda tf, Q, K, V, G: tf.reduce_sum(
         G * tf.einsum("hnm,hme->hne", tf.nn.softmax(tf.einsum("hnd,hmd->hnm", Q, K)), V)),
     lambda Q, K, V, G: np.einsum("hnm,hne->hme", softmax(np.einsum("hnd,hmd->hnm", Q, K)), G))  # fmt: skip
case("elementwise-rank-three", RULE, "X:a,b,c G:a,b,c", "X", lambda tf, X, G: tf.reduce_sum(G * tf.tanh(X)),
     lambda X, G: G * (1 - np.tanh(X) ** 2))  # fmt: skip
case("relu-rank-three", RULE, "X:b,n,d W:d,k", "W", lambda tf, X, W: tf.reduce_sum(tf.nn.relu(X @ W)),
     lambda X, W: np.einsum("bnd,bnk->dk", X, step(X @ W)))  # fmt: skip
