"""Functions of scalars that are functions of matrices: where a derivative easily loses a factor or a term."""

import numpy as np

from ..case import case
from ..functions import det, diag, dot, eye, inv, norm, outer, sigmoid, trace

MAGNUS = "Magnus & Neudecker, Matrix Differential Calculus (2019), ch. 9"
CHAIN = "chain rule"

case("exp-trace", MAGNUS, "A:m,n X:n,m", "X", lambda tf, A, X: tf.exp(tf.linalg.trace(A @ X)),
     lambda A, X: np.exp(trace(A @ X)) * A.T)  # fmt: skip
case("exp-trace-square", CHAIN, "X:n,n~small", "X", lambda tf, X: tf.exp(tf.linalg.trace(X @ X)),
     lambda X: 2 * np.exp(trace(X @ X)) * X.T)  # fmt: skip
case("log-det-gram", MAGNUS, "X:n,k", "X", lambda tf, X: tf.math.log(tf.linalg.det(tf.transpose(X) @ X)),
     lambda X: 2 * X @ inv(X.T @ X), n=(5, 6), k=(2, 3))  # fmt: skip
case("log-of-det", MAGNUS, "X:n,n~invertible", "X", lambda tf, X: tf.math.log(tf.linalg.det(X)), lambda X: inv(X).T)
case("log-of-squared-det", MAGNUS, "X:n,n~invertible", "X", lambda tf, X: tf.math.log(tf.square(tf.linalg.det(X))),
     lambda X: 2 * inv(X).T)  # fmt: skip
case("sqrt-quadratic", "Boyd & Vandenberghe, Convex Optimization (2004), A.4", "x:n A:n,n~definite", "x",
     lambda tf, x, A: tf.sqrt(tf.tensordot(x, A @ x, 1)),
     lambda x, A: (A + A.T) @ x / (2 * np.sqrt(x @ A @ x)))  # fmt: skip
case("log-quadratic", "Boyd & Vandenberghe (2004), A.4", "x:n A:n,n~definite", "x",
     lambda tf, x, A: tf.math.log(tf.tensordot(x, A @ x, 1)),
     lambda x, A: (A + A.T) @ x / (x @ A @ x))  # fmt: skip
case("exp-quadratic", "Gaussian bump", "x:n~small A:n,n", "x",
     lambda tf, x, A: tf.exp(-0.5 * tf.tensordot(x, A @ x, 1)),
     lambda x, A: -0.5 * np.exp(-0.5 * (x @ A @ x)) * ((A + A.T) @ x))  # fmt: skip
case("rayleigh-quotient", "Golub & Van Loan (2013), 8.1", "x:n A:n,n", "x",
     lambda tf, x, A: tf.tensordot(x, A @ x, 1) / tf.tensordot(x, x, 1),
     lambda x, A: ((A + A.T) @ x - 2 * (x @ A @ x) / (x @ x) * x) / (x @ x))  # fmt: skip
case("generalised-rayleigh", "Bishop (2006), 4.26", "x:n A:n,n~definite B:n,n~definite", "x",
     lambda tf, x, A, B: tf.tensordot(x, A @ x, 1) / tf.tensordot(x, B @ x, 1),
     lambda x, A, B: ((A + A.T) @ x - (x @ A @ x) / (x @ B @ x) * ((B + B.T) @ x)) / (x @ B @ x))  # fmt: skip
case("product-of-traces", CHAIN, "A:m,n X:n,m B:m,n", "X",
     lambda tf, A, X, B: tf.linalg.trace(A @ X) * tf.linalg.trace(B @ X),
     lambda A, X, B: trace(B @ X) * A.T + trace(A @ X) * B.T)  # fmt: skip
case("squared-trace", CHAIN, "A:m,n X:n,m", "X", lambda tf, A, X: tf.linalg.trace(A @ X) ** 2,
     lambda A, X: 2 * trace(A @ X) * A.T)  # fmt: skip
case("trace-times-det", CHAIN, "X:n,n~invertible", "X", lambda tf, X: tf.linalg.trace(X) * tf.linalg.det(X),
     lambda X: det(X) * eye(X) + trace(X) * det(X) * inv(X).T)  # fmt: skip
case("trace-over-det", CHAIN, "X:n,n~invertible", "X", lambda tf, X: tf.linalg.trace(X) / tf.linalg.det(X),
     lambda X: (eye(X) - trace(X) * inv(X).T) / det(X))  # fmt: skip
case("quotient-of-traces", CHAIN, "A:n,n~definite X:n,m", "X",
     lambda tf, A, X: tf.linalg.trace(tf.transpose(X) @ A @ X) / tf.linalg.trace(tf.transpose(X) @ X),
     lambda A, X: ((A + A.T) @ X - 2 * trace(X.T @ A @ X) / dot(X, X) * X) / dot(X, X))  # fmt: skip
case("linear-plus-constant", "trace of a difference and a constant", "A:n,m U:n,k V:k,m", "U",
     lambda tf, A, U, V: tf.linalg.trace(tf.transpose(A - U @ V) @ (A - U @ V)) + tf.linalg.trace(tf.transpose(A) @ A),
     lambda A, U, V: -2 * (A - U @ V) @ V.T)  # fmt: skip
case("times-constant-trace", CHAIN, "A:n,n X:n,n", "X", lambda tf, A, X: tf.linalg.trace(A) * tf.linalg.trace(X @ X),
     lambda A, X: 2 * trace(A) * X.T)  # fmt: skip
case("sigmoid-of-form", CHAIN, "a:n X:n,m b:m", "X", lambda tf, a, X, b: tf.sigmoid(tf.tensordot(a, X @ b, 1)),
     lambda a, X, b: (lambda s: s * (1 - s) * outer(a, b))(sigmoid(a @ X @ b)))  # fmt: skip
case("tanh-of-trace", CHAIN, "A:m,n~small X:n,m", "X", lambda tf, A, X: tf.tanh(tf.linalg.trace(A @ X)),
     lambda A, X: (1 - np.tanh(trace(A @ X)) ** 2) * A.T)  # fmt: skip
case("log-one-plus-form", "Student-t energy", "x:n m:n c~positive", "x",
     lambda tf, x, m, c: tf.math.log1p(tf.reduce_sum(tf.square(x - m)) / c),
     lambda x, m, c: 2 * (x - m) / (c + dot(x - m, x - m)))  # fmt: skip
case("norm-times-linear", CHAIN, "x:n a:n", "x", lambda tf, x, a: tf.norm(x) * tf.tensordot(a, x, 1),
     lambda x, a: (a @ x) / norm(x) * x + norm(x) * a)  # fmt: skip
case("inverse-norm", "potential of a point charge", "x:n a:n", "x", lambda tf, x, a: 1.0 / tf.norm(x - a),
     lambda x, a: -(x - a) / norm(x - a) ** 3)  # fmt: skip
case("norm-cubed", CHAIN, "x:n", "x", lambda tf, x: tf.norm(x) ** 3, lambda x: 3 * norm(x) * x)
case("trace-of-inverse-squared", CHAIN, "X:n,n~invertible", "X",
     lambda tf, X: tf.linalg.trace(tf.linalg.inv(X)) ** 2,
     lambda X: -2 * trace(inv(X)) * (inv(X) @ inv(X)).T)  # fmt: skip
case("inverse-of-gram-plus-identity", "Magnus & Neudecker (2019), 9.13", "X:n,m A:m,m", "X",
     lambda tf, X, A: tf.linalg.trace(A @ tf.linalg.inv(tf.eye(X.shape[1]) + tf.transpose(X) @ X)),
     lambda X, A: (lambda P: -X @ P @ (A + A.T) @ P)(inv(eye(X, 1) + X.T @ X)))  # fmt: skip
case("logdet-identity-plus-gram", "log-determinant rank surrogate, Fazel (2003)", "X:n,m c~positive", "X",
     lambda tf, X, c: tf.linalg.logdet(tf.eye(X.shape[1]) + tf.transpose(X) @ X / c),
     lambda X, c: 2 * X @ inv(c * eye(X, 1) + X.T @ X))  # fmt: skip
case("scalar-by-scalar-in-matrix", CHAIN, "t~positive A:n,n~invertible", "t",
     lambda tf, t, A: tf.linalg.logdet(A + t * tf.eye(A.shape[0])),
     lambda t, A: trace(inv(A + t * eye(A))))  # fmt: skip
case("trace-inverse-by-scalar", "Matrix Cookbook (2012), eq. 59", "t~positive A:n,n~invertible B:n,n~small", "t",
     lambda tf, t, A, B: tf.linalg.trace(tf.linalg.inv(A + t * B)),
     lambda t, A, B: (lambda P: -trace(P @ B @ P))(inv(A + t * B)))  # fmt: skip
case("det-by-scalar", "Matrix Cookbook (2012), eq. 46", "t~unit A:n,n~invertible B:n,n~small", "t",
     lambda tf, t, A, B: tf.linalg.det(A + t * B),
     lambda t, A, B: det(A + t * B) * trace(inv(A + t * B) @ B))  # fmt: skip
case("softplus-of-norm", CHAIN, "x:n", "x", lambda tf, x: tf.nn.softplus(tf.reduce_sum(tf.square(x))),
     lambda x: 2 * sigmoid(dot(x, x)) * x)  # fmt: skip
case("geometric-mean-det", "D-optimal design, Boyd & Vandenberghe (2004), 7.5", "V:k,n p:n~positive", "p",
     lambda tf, V, p: -tf.linalg.logdet(V @ tf.linalg.diag(p) @ tf.transpose(V)),
     lambda V, p: -diag(V.T @ inv(V @ diag(p) @ V.T) @ V), k=(2, 3), n=(5, 6))  # fmt: skip
case("a-optimal", "A-optimal design, Boyd & Vandenberghe (2004), 7.5", "V:k,n p:n~positive", "p",
     lambda tf, V, p: tf.linalg.trace(tf.linalg.inv(V @ tf.linalg.diag(p) @ tf.transpose(V))),
     lambda V, p: (lambda M: -np.sum((M @ V) ** 2, axis=0))(inv(V @ diag(p) @ V.T)), k=(2, 3), n=(5, 6))  # fmt: skip
