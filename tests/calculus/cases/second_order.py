"""Hessians, Jacobians and mixed second derivatives."""

import numpy as np

from ..case import case
from ..functions import det, diag, dot, eye, inv, norm, ones, outer, sigmoid, softmax, step

BOYD = "Boyd & Vandenberghe, Convex Optimization (2004), "
MAGNUS = "Magnus & Neudecker, Matrix Differential Calculus (2019), "
BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006), "


def squares(tf, x):
    return tf.reduce_sum(tf.square(x))


def hessian(name, source, inputs, wrt, program, formula, **sizes):
    case(f"hessian-{name}", source, inputs, wrt, program, formula, ask="hessian", **sizes)


def jacobian(name, source, inputs, wrt, program, formula, **sizes):
    case(f"jacobian-{name}", source, inputs, wrt, program, formula, ask="jacobian", **sizes)


def mixed(name, source, inputs, wrt, program, formula, **sizes):
    case(f"mixed-{name}", source, inputs, wrt, program, formula, ask="mixed", **sizes)


# Hessians by vectors
hessian("least-squares", BOYD + "A.4", "X:n,d w:d y:n", "w", lambda tf, X, w, y: squares(tf, X @ w - y),
        lambda X, w, y: 2 * X.T @ X)  # fmt: skip
hessian("ridge", BOYD + "6.3", "X:n,d w:d y:n c~positive", "w",
        lambda tf, X, w, y, c: 0.5 * squares(tf, X @ w - y) + 0.5 * c * squares(tf, w),
        lambda X, w, y, c: X.T @ X + c * eye(w))  # fmt: skip
hessian("mean-squares", BOYD + "A.4", "X:n,d w:d y:n", "w", lambda tf, X, w, y: tf.reduce_mean(tf.square(X @ w - y)),
        lambda X, w, y: 2 / X.shape[0] * X.T @ X)  # fmt: skip
hessian("quadratic-form", "Matrix Cookbook (2012), eq. 98", "x:n A:n,n c:n", "x",
        lambda tf, x, A, c: 0.5 * tf.tensordot(x - c, A @ (x - c), 1), lambda x, A, c: 0.5 * (A + A.T))  # fmt: skip
hessian("logistic", BISHOP + "4.97", "X:n,d w:d y:n~unit", "w",
        lambda tf, X, w, y: tf.reduce_sum(tf.nn.softplus(X @ w) - y * (X @ w)),
        lambda X, w, y: (lambda s: X.T @ diag(s * (1 - s)) @ X)(sigmoid(X @ w)))  # fmt: skip
hessian("logistic-ridge", "Murphy (2022), 10.2", "X:n,d w:d y:n~unit c~positive", "w",
        lambda tf, X, w, y, c: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=X @ w))
        + c * squares(tf, w),
        lambda X, w, y, c: (lambda s: 1 / X.shape[0] * X.T @ diag(s * (1 - s)) @ X + 2 * c * eye(w))(
            sigmoid(X @ w)))  # fmt: skip
hessian("poisson", "McCullagh & Nelder (1989), 2.5", "X:n,d~small w:d y:n~positive", "w",
        lambda tf, X, w, y: tf.reduce_sum(tf.exp(X @ w) - y * (X @ w)),
        lambda X, w, y: X.T @ diag(np.exp(X @ w)) @ X)  # fmt: skip
hessian("weighted", BISHOP + "4.3.3", "X:n,d w:d r:n~positive", "w",
        lambda tf, X, w, r: tf.reduce_sum(r * tf.square(X @ w)), lambda X, w, r: 2 * X.T @ diag(r) @ X)  # fmt: skip
hessian("log-sum-exp", BOYD + "3.1.5", "z:n", "z", lambda tf, z: tf.reduce_logsumexp(z),
        lambda z: (lambda p: diag(p) - outer(p, p))(softmax(z)))  # fmt: skip
hessian("log-sum-exp-affine", BOYD + "A.4", "A:m,n x:n b:m", "x", lambda tf, A, x, b: tf.reduce_logsumexp(A @ x + b),
        lambda A, x, b: (lambda p: A.T @ (diag(p) - outer(p, p)) @ A)(softmax(A @ x + b)))  # fmt: skip
hessian("cross-entropy", BISHOP + "4.110", "z:k y:k~onehot", "z",
        lambda tf, z, y: -tf.reduce_sum(y * tf.nn.log_softmax(z)),
        lambda z, y: (lambda p: np.sum(y) * (diag(p) - outer(p, p)))(softmax(z)))  # fmt: skip
hessian("norm", BOYD + "A.4", "x:n", "x", lambda tf, x: tf.norm(x),
        lambda x: eye(x) / norm(x) - outer(x, x) / norm(x) ** 3)  # fmt: skip
hessian("norm-squared", BOYD + "A.4", "x:n a:n", "x", lambda tf, x, a: squares(tf, x - a), lambda x, a: 2 * eye(x))
hessian("quartic", BOYD + "A.4", "x:n", "x", lambda tf, x: squares(tf, x) ** 2,
        lambda x: 4 * dot(x, x) * eye(x) + 8 * outer(x, x))  # fmt: skip
hessian("exp-linear", BOYD + "A.4", "a:n x:n", "x", lambda tf, a, x: tf.exp(tf.tensordot(a, x, 1)),
        lambda a, x: np.exp(a @ x) * outer(a, a))  # fmt: skip
hessian("gaussian-bump", "Rasmussen & Williams (2006), 9.4", "x:n~small m:n~small", "x",
        lambda tf, x, m: tf.exp(-0.5 * squares(tf, x - m)),
        lambda x, m: np.exp(-0.5 * dot(x - m, x - m)) * (outer(x - m, x - m) - eye(x)))  # fmt: skip
hessian("log-barrier", BOYD + "9.3", "A:m,n~small x:n~small b:m~large", "x",
        lambda tf, A, x, b: -tf.reduce_sum(tf.math.log(b - A @ x)),
        lambda A, x, b: A.T @ diag(1 / (b - A @ x) ** 2) @ A)  # fmt: skip
hessian("entropy", "Cover & Thomas (2006), 2.7", "p:n~probability", "p",
        lambda tf, p: tf.reduce_sum(p * tf.math.log(p)), lambda p: diag(1 / p))  # fmt: skip
hessian("separable", BOYD + "A.4", "x:n c:n", "x", lambda tf, x, c: tf.reduce_sum(c * tf.sin(x)),
        lambda x, c: -diag(c * np.sin(x)))  # fmt: skip
hessian("product-of-linear", BOYD + "A.4", "a:n b:n x:n", "x",
        lambda tf, a, b, x: tf.tensordot(a, x, 1) * tf.tensordot(b, x, 1),
        lambda a, b, x: outer(a, b) + outer(b, a))  # fmt: skip
hessian("hinge-squared", "Mangasarian (2002)", "X:n,d w:d y:n~sign", "w",
        lambda tf, X, w, y: 0.5 * squares(tf, tf.nn.relu(1.0 - y * (X @ w))),
        lambda X, w, y: X.T @ diag(y**2 * step(1 - y * (X @ w))) @ X)  # fmt: skip
hessian("gauss-mean", BISHOP + "2.43", "x:n m:n S:n,n~definite", "m",
        lambda tf, x, m, S: -0.5 * tf.tensordot(x - m, tf.linalg.inv(S) @ (x - m), 1),
        lambda x, m, S: -0.5 * (inv(S) + inv(S).T))  # fmt: skip
hessian("scalar", "second derivative by a number", "t A:n,n~invertible x:n", "t",
        lambda tf, t, A, x: squares(tf, x + t * (A @ x)), lambda t, A, x: 2 * dot(A @ x, A @ x))  # fmt: skip
hessian("variance", "population variance", "x:n", "x", lambda tf, x: tf.math.reduce_variance(x),
        lambda x: 2 / x.shape[0] * eye(x) - 2 / x.shape[0] ** 2 * ones(x, 0, 0))  # fmt: skip
hessian("one-hidden-unit", BISHOP + "5.4", "v:d x:d c", "v",
        lambda tf, v, x, c: c * tf.tanh(tf.tensordot(v, x, 1)),
        lambda v, x, c: (lambda t: -2 * c * t * (1 - t**2) * outer(x, x))(np.tanh(v @ x)))  # fmt: skip

# Hessians by matrices
hessian("trace-square", MAGNUS + "10.6", "X:n,n", "X", lambda tf, X: tf.linalg.trace(X @ X),
        lambda X: 2 * np.einsum("jk,il->ijkl", eye(X), eye(X)))  # fmt: skip
hessian("frobenius", MAGNUS + "10.6", "X:n,m", "X", lambda tf, X: squares(tf, X),
        lambda X: 2 * np.einsum("ik,jl->ijkl", eye(X), eye(X, 1)))  # fmt: skip
hessian("trace-quadratic", MAGNUS + "10.6", "X:n,m A:n,n", "X",
        lambda tf, X, A: tf.linalg.trace(tf.transpose(X) @ A @ X),
        lambda X, A: np.einsum("ik,jl->ijkl", A + A.T, eye(X, 1)))  # fmt: skip
hessian("sandwich", MAGNUS + "10.6", "X:n,m A:n,n B:m,m", "X",
        lambda tf, X, A, B: tf.linalg.trace(tf.transpose(X) @ A @ X @ B),
        lambda X, A, B: np.einsum("ik,lj->ijkl", A, B) + np.einsum("ki,jl->ijkl", A, B))  # fmt: skip
hessian("logdet", MAGNUS + "10.6", "X:n,n~invertible", "X", lambda tf, X: tf.linalg.logdet(X),
        lambda X: -np.einsum("jk,li->ijkl", inv(X), inv(X)))  # fmt: skip
hessian("determinant", MAGNUS + "10.6", "X:n,n~invertible", "X", lambda tf, X: tf.linalg.det(X),
        lambda X: det(X) * (np.einsum("ji,lk->ijkl", inv(X), inv(X)) - np.einsum("jk,li->ijkl", inv(X), inv(X)))
        )  # fmt: skip
hessian("regression-matrix", MAGNUS + "10.6", "X:n,d W:d,k Y:n,k", "W",
        lambda tf, X, W, Y: squares(tf, X @ W - Y),
        lambda X, W, Y: 2 * np.einsum("ik,jl->ijkl", X.T @ X, eye(W, 1)))  # fmt: skip
hessian("squared-trace", MAGNUS + "10.6", "A:m,n X:n,m", "X", lambda tf, A, X: tf.linalg.trace(A @ X) ** 2,
        lambda A, X: 2 * np.einsum("ij,kl->ijkl", A.T, A.T))  # fmt: skip
hessian("trace-inverse", MAGNUS + "10.6", "X:n,n~invertible", "X", lambda tf, X: tf.linalg.trace(tf.linalg.inv(X)),
        lambda X: (lambda P: np.einsum("jk,li->ijkl", P @ P, P) + np.einsum("jk,li->ijkl", P, P @ P))(
            inv(X)))  # fmt: skip

# Jacobians
jacobian("affine-transposed", MAGNUS + "9.3", "A:n,m x:n", "x", lambda tf, A, x: tf.transpose(A) @ x, lambda A, x: A.T)
jacobian("elementwise", MAGNUS + "9.3", "x:n", "x", lambda tf, x: tf.sin(x), lambda x: diag(np.cos(x)))
jacobian("layer", "Goodfellow et al. (2016), 6.5", "W:m,n x:n b:m", "x", lambda tf, W, x, b: tf.tanh(W @ x + b),
         lambda W, x, b: diag(1 - np.tanh(W @ x + b) ** 2) @ W)  # fmt: skip
jacobian("bias", "Goodfellow et al. (2016), 6.5", "W:m,n x:n b:m", "b", lambda tf, W, x, b: tf.sigmoid(W @ x + b),
         lambda W, x, b: (lambda s: diag(s * (1 - s)))(sigmoid(W @ x + b)))  # fmt: skip
jacobian("two-layers", "Goodfellow et al. (2016), 6.5", "A:k,m W:m,n x:n", "x",
         lambda tf, A, W, x: A @ tf.nn.relu(W @ x), lambda A, W, x: A @ diag(step(W @ x)) @ W)  # fmt: skip
jacobian("normalised", BOYD + "A.4", "x:n", "x", lambda tf, x: x / tf.norm(x),
         lambda x: eye(x) / norm(x) - outer(x, x) / norm(x) ** 3)  # fmt: skip
jacobian("softmax-affine", BISHOP + "4.106", "W:k,n x:n", "x", lambda tf, W, x: tf.nn.softmax(W @ x),
         lambda W, x: (lambda p: (diag(p) - outer(p, p)) @ W)(softmax(W @ x)))  # fmt: skip
jacobian("log-softmax", BISHOP + "4.106", "z:k", "z", lambda tf, z: tf.nn.log_softmax(z),
         lambda z: eye(z) - outer(ones(z, 0), softmax(z)))  # fmt: skip
jacobian("solve", "Giles (2008), 2.3.1", "A:n,n~invertible b:n", "b",
         lambda tf, A, b: tf.linalg.inv(A) @ b, lambda A, b: inv(A))  # fmt: skip
jacobian("quadratic-map", MAGNUS + "9.3", "X:n,d w:d", "w", lambda tf, X, w: tf.square(X @ w),
         lambda X, w: 2 * diag(X @ w) @ X)  # fmt: skip
jacobian("scaled", MAGNUS + "9.3", "a:n x:n", "x", lambda tf, a, x: a * x, lambda a, x: diag(a))
jacobian("self-outer", MAGNUS + "9.3", "a:n x:n", "x", lambda tf, a, x: tf.tensordot(a, x, 1) * x,
         lambda a, x: (a @ x) * eye(x) + outer(x, a))  # fmt: skip
jacobian("matrix-vector-by-matrix", MAGNUS + "9.5", "A:m,n x:n", "A", lambda tf, A, x: A @ x,
         lambda A, x: np.einsum("ij,k->ijk", eye(A), x))  # fmt: skip
jacobian("matrix-product", MAGNUS + "9.6", "A:m,n X:n,k", "X", lambda tf, A, X: A @ X,
         lambda A, X: np.einsum("ik,jl->ijkl", A, eye(X, 1)))  # fmt: skip
jacobian("inverse", MAGNUS + "9.6", "X:n,n~invertible", "X", lambda tf, X: tf.linalg.inv(X),
         lambda X: -np.einsum("ik,lj->ijkl", inv(X), inv(X)))  # fmt: skip
jacobian("row-sums", MAGNUS + "9.5", "X:n,d", "X", lambda tf, X: tf.reduce_sum(X, axis=1),
         lambda X: np.einsum("ik,l->ikl", eye(X), ones(X, 1)))  # fmt: skip
jacobian("scalar", MAGNUS + "9.3", "t x:n A:n,n", "t", lambda tf, t, x, A: tf.exp(t * (A @ x)),
         lambda t, x, A: (A @ x) * np.exp(t * (A @ x)))  # fmt: skip
jacobian("gradient-step", "Goodfellow et al. (2016), 4.3", "A:n,n x:n b:n c~positive", "x",
         lambda tf, A, x, b, c: x - c * (A @ x - b), lambda A, x, b, c: eye(x) - c * A)  # fmt: skip
jacobian("row-norms", MAGNUS + "9.3", "X:n,d w:d", "w", lambda tf, X, w: tf.reduce_sum(tf.square(X - w), axis=1),
         lambda X, w: -2 * (X - w))  # fmt: skip

# mixed derivatives
mixed("bilinear", MAGNUS + "10.5", "x:n A:n,m y:m", "x,y", lambda tf, x, A, y: tf.tensordot(x, A @ y, 1),
      lambda x, A, y: A)  # fmt: skip
mixed("least-squares-data", "influence of a target, Koh & Liang (2017)", "X:n,d w:d y:n", "w,y",
      lambda tf, X, w, y: squares(tf, X @ w - y), lambda X, w, y: -2 * X.T)  # fmt: skip
mixed("distance", "Boyd & Vandenberghe (2004), A.4", "x:n z:n", "x,z", lambda tf, x, z: 0.5 * squares(tf, x - z),
      lambda x, z: -eye(x))  # fmt: skip
mixed("logistic-bias", BISHOP + "4.91", "X:n,d w:d b y:n~unit", "w,b",
      lambda tf, X, w, b, y: tf.reduce_sum(tf.nn.softplus(X @ w + b) - y * (X @ w + b)),
      lambda X, w, b, y: (lambda s: X.T @ (s * (1 - s)))(sigmoid(X @ w + b)))  # fmt: skip
mixed("ridge-penalty", "Bengio (2000), hyperparameters", "X:n,d w:d y:n c~positive", "w,c",
      lambda tf, X, w, y, c: squares(tf, X @ w - y) + c * squares(tf, w), lambda X, w, y, c: 2 * w)  # fmt: skip
mixed("rbf", "gradient observations, Rasmussen & Williams (2006), 9.4", "x:n~small z:n~small", "x,z",
      lambda tf, x, z: tf.exp(-0.5 * squares(tf, x - z)),
      lambda x, z: np.exp(-0.5 * dot(x - z, x - z)) * (eye(x) - outer(x - z, x - z)))  # fmt: skip
mixed("factorisation", "Koren, Bell & Volinsky (2009)", "A:n,m u:n v:m", "u,v",
      lambda tf, A, u, v: 0.5 * squares(tf, A - tf.tensordot(u, v, 0)),
      lambda A, u, v: 2 * outer(u, v) - A)  # fmt: skip
mixed("exp-bilinear", MAGNUS + "10.5", "x:n~small y:n~small", "x,y", lambda tf, x, y: tf.exp(tf.tensordot(x, y, 1)),
      lambda x, y: np.exp(x @ y) * (eye(x) + outer(y, x)))  # fmt: skip
mixed("weighted-squares", "Koh & Liang (2017)", "X:n,d w:d r:n", "w,r",
      lambda tf, X, w, r: 0.5 * tf.reduce_sum(r * tf.square(X @ w)),
      lambda X, w, r: X.T @ diag(X @ w))  # fmt: skip
mixed("quadratic-matrix", MAGNUS + "10.5", "x:n A:n,n", "x,A", lambda tf, x, A: tf.tensordot(x, A @ x, 1),
      lambda x, A: np.einsum("ij,k->ijk", eye(x), x) + np.einsum("ik,j->ijk", eye(x), x))  # fmt: skip
