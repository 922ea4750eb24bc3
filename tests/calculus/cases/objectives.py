"""Factorisation, projection, kernel and graph objectives; solves, powers and other matrix functions."""

import numpy as np

from ..case import case
from ..functions import det, diag, dot, eye, inv, lower, norm, outer, relu, rows, sigmoid, softmax, trace

GILES = "Giles (2008), Collected matrix derivative results, "


def squares(tf, x):
    return tf.reduce_sum(tf.square(x))


# factorisations and projections
case("factorisation-left", "Koren, Bell & Volinsky (2009)", "A:n,m U:n,k V:k,m", "U",
     lambda tf, A, U, V: squares(tf, A - U @ V), lambda A, U, V: -2 * (A - U @ V) @ V.T)  # fmt: skip
case("factorisation-right", "Lee & Seung (2001)", "A:n,m U:n,k V:k,m", "V",
     lambda tf, A, U, V: 0.5 * squares(tf, A - U @ V), lambda A, U, V: U.T @ (U @ V - A))  # fmt: skip
case("factorisation-masked", "Salakhutdinov & Mnih (2007)", "A:n,m M:n,m~mask U:n,k V:m,k c~positive", "U",
     lambda tf, A, M, U, V, c: 0.5 * squares(tf, M * (A - U @ tf.transpose(V))) + 0.5 * c * squares(tf, U),
     lambda A, M, U, V, c: c * U - (M**2 * (A - U @ V.T)) @ V)  # fmt: skip
case("factorisation-symmetric", "Kuang, Ding & Park (2012)", "A:n,n U:n,k", "U",
     lambda tf, A, U: squares(tf, A - U @ tf.transpose(U)),
     lambda A, U: -2 * ((A + A.T) - 2 * U @ U.T) @ U)  # fmt: skip
case("factorisation-tri", "Ding et al. (2006)", "A:n,m U:n,k S:k,l V:l,m", "S",
     lambda tf, A, U, S, V: squares(tf, A - U @ S @ V),
     lambda A, U, S, V: -2 * U.T @ (A - U @ S @ V) @ V.T)  # fmt: skip
case("factorisation-divergence", "Lee & Seung (2001), 3", "A:n,m~positive W:n,k~positive H:k,m~positive", "H",
     lambda tf, A, W, H: tf.reduce_sum(W @ H - A * tf.math.log(W @ H)),
     lambda A, W, H: W.T @ (1 - A / (W @ H)))  # fmt: skip
case("procrustes", "Schönemann (1966)", "A:n,d B:n,k Q:d,k", "Q", lambda tf, A, B, Q: squares(tf, A @ Q - B),
     lambda A, B, Q: 2 * A.T @ (A @ Q - B))  # fmt: skip
case("orthogonality-penalty", "Brock et al. (2017)", "W:d,k", "W",
     lambda tf, W: squares(tf, tf.transpose(W) @ W - tf.eye(W.shape[1])),
     lambda W: 4 * W @ (W.T @ W - eye(W, 1)))  # fmt: skip
case("orthogonality-rows", "Bansal, Chen & Wang (2018)", "W:d,k c~positive", "W",
     lambda tf, W, c: c * squares(tf, W @ tf.transpose(W) - tf.eye(W.shape[0])),
     lambda W, c: 4 * c * (W @ W.T - eye(W)) @ W)  # fmt: skip
case("pca-variance", "Jolliffe (2002)", "X:n,d w:d", "w", lambda tf, X, w: squares(tf, X @ w) / X.shape[0],
     lambda X, w: 2 / X.shape[0] * X.T @ (X @ w))  # fmt: skip
case("pca-reconstruction", "Bishop (2006), 12.1", "X:n,d W:d,k", "W",
     lambda tf, X, W: squares(tf, X - X @ W @ tf.transpose(W)),
     lambda X, W: (lambda R: -2 * (X.T @ R + R.T @ X) @ W)(X - X @ W @ W.T))  # fmt: skip
case("pca-trace", "Kokiopoulou, Chen & Saad (2011)", "S:d,d W:d,k", "W",
     lambda tf, S, W: tf.linalg.trace(tf.transpose(W) @ S @ W), lambda S, W: (S + S.T) @ W)  # fmt: skip
case("pca-lagrangian", "Bishop (2006), 12.4", "S:d,d w:d t", "w",
     lambda tf, S, w, t: tf.tensordot(w, S @ w, 1) + t * (1.0 - tf.tensordot(w, w, 1)),
     lambda S, w, t: (S + S.T) @ w - 2 * t * w)  # fmt: skip
case("pca-ratio", "linear discriminant analysis, Bishop (2006), 4.26", "W:d,k A:d,d~definite B:d,d", "W",
     lambda tf, W, A, B: tf.linalg.trace(tf.linalg.solve(tf.transpose(W) @ A @ W, tf.transpose(W) @ B @ W)),
     lambda W, A, B: discriminant(W, A, B), d=(5, 6), k=(2, 3))  # fmt: skip
case("canonical-correlation", "Hotelling (1936)", "a:p b:q A:p,p~definite B:q,q~definite C:p,q", "a",
     lambda tf, a, b, A, B, C: tf.tensordot(a, C @ b, 1)
     / tf.sqrt(tf.tensordot(a, A @ a, 1) * tf.tensordot(b, B @ b, 1)),
     lambda a, b, A, B, C: (C @ b - (a @ C @ b) / (2 * (a @ A @ a)) * ((A + A.T) @ a))
     / np.sqrt((a @ A @ a) * (b @ B @ b)))  # fmt: skip
case("independent-components", "Bell & Sejnowski (1995)", "W:d,d~invertible X:d,n", "W",
     lambda tf, W, X: tf.linalg.logdet(W) - tf.reduce_sum(tf.math.log(tf.cosh(W @ X))),
     lambda W, X: inv(W).T - np.tanh(W @ X) @ X.T)  # fmt: skip
case("sparse-coding", "Olshausen & Field (1996)", "x:d D:d,k a:k c~positive", "a",
     lambda tf, x, D, a, c: 0.5 * squares(tf, x - D @ a) + c * tf.reduce_sum(tf.math.log1p(a**2)),
     lambda x, D, a, c: D.T @ (D @ a - x) + 2 * c * a / (1 + a**2))  # fmt: skip
case("graphical-lasso-smooth", "Friedman, Hastie & Tibshirani (2008)", "T:n,n~definite S:n,n c~positive", "T",
     lambda tf, T, S, c: -tf.linalg.logdet(T) + tf.linalg.trace(S @ T) + c * tf.reduce_sum(tf.abs(T)),
     lambda T, S, c: S.T - inv(T).T + c * np.sign(T))  # fmt: skip
case("laplacian-smoothness", "Belkin & Niyogi (2003)", "L:n,n F:n,k", "F",
     lambda tf, L, F: tf.linalg.trace(tf.transpose(F) @ L @ F), lambda L, F: (L + L.T) @ F)  # fmt: skip
case("graph-convolution", "Kipf & Welling (2017)", "A:n,n X:n,d W:d,k Y:n,k", "W",
     lambda tf, A, X, W, Y: squares(tf, A @ X @ W - Y),
     lambda A, X, W, Y: 2 * (A @ X).T @ (A @ X @ W - Y))  # fmt: skip
case("graph-convolution-relu", "Kipf & Welling (2017)", "A:n,n X:n,d W:d,k Y:n,k", "W",
     lambda tf, A, X, W, Y: squares(tf, tf.nn.relu(A @ X @ W) - Y),
     lambda A, X, W, Y: 2 * (A @ X).T @ ((relu(A @ X @ W) - Y) * (A @ X @ W > 0)))  # fmt: skip
case("modularity", "Newman (2006)", "B:n,n S:n,k", "S",
     lambda tf, B, S: tf.linalg.trace(tf.transpose(S) @ B @ S) - 0.25 * squares(tf, tf.transpose(S) @ S),
     lambda B, S: (B + B.T) @ S - S @ S.T @ S)  # fmt: skip
case("sylvester-residual", "Bartels & Stewart (1972)", "A:n,n B:m,m X:n,m C:n,m", "X",
     lambda tf, A, B, X, C: squares(tf, A @ X + X @ B - C),
     lambda A, B, X, C: (lambda R: 2 * (A.T @ R + R @ B.T))(A @ X + X @ B - C))  # fmt: skip
case("commutator", "Frobenius norm of a commutator", "A:n,n X:n,n", "X",
     lambda tf, A, X: squares(tf, A @ X - X @ A),
     lambda A, X: (lambda R: 2 * (A.T @ R - R @ A.T))(A @ X - X @ A))  # fmt: skip
case("riccati", "quadratic regulator, Anderson & Moore (1990)", "K:m,n A:n,n B:n,m x:n", "K",
     lambda tf, K, A, B, x: 0.5 * squares(tf, (A - B @ K) @ x) + 0.5 * squares(tf, K @ x),
     lambda K, A, B, x: outer(K @ x - B.T @ ((A - B @ K) @ x), x))  # fmt: skip
case("quartic-gram", "trace of a squared Gram matrix", "X:n,m", "X",
     lambda tf, X: squares(tf, tf.transpose(X) @ X), lambda X: 4 * X @ X.T @ X)  # fmt: skip
case("style-transfer", "Gatys, Ecker & Bethge (2016)", "F:c,n G:c,c", "F",
     lambda tf, F, G: squares(tf, F @ tf.transpose(F) - G),
     lambda F, G: 2 * (2 * F @ F.T - (G + G.T)) @ F)  # fmt: skip
case("kernel-alignment", "Cristianini et al. (2002)", "X:n,d K:n,n", "X",
     lambda tf, X, K: tf.reduce_sum(K * (X @ tf.transpose(X))), lambda X, K: (K + K.T) @ X)  # fmt: skip
case("energy-model", "Hinton (2002), restricted Boltzmann machine", "v:d W:d,h b:h c:d", "W",
     lambda tf, v, W, b, c: -tf.tensordot(c, v, 1) - tf.reduce_sum(tf.nn.softplus(tf.transpose(W) @ v + b)),
     lambda v, W, b, c: -outer(v, sigmoid(W.T @ v + b)))  # fmt: skip
case("energy-model-visible", "Hinton (2002), restricted Boltzmann machine", "v:d W:d,h b:h c:d", "v",
     lambda tf, v, W, b, c: -tf.tensordot(c, v, 1) - tf.reduce_sum(tf.nn.softplus(tf.transpose(W) @ v + b)),
     lambda v, W, b, c: -c - W @ sigmoid(W.T @ v + b))  # fmt: skip


def discriminant(W, A, B):
    P = inv(W.T @ A @ W)
    N = W.T @ B @ W
    return B @ W @ P + B.T @ W @ P.T - A @ W @ P @ N @ P - A.T @ W @ (P @ N @ P).T


# kernels
KERNEL = "Rasmussen & Williams (2006), 4.2"
case("rbf-point", KERNEL, "x:d~small z:d~small s~positive", "x",
     lambda tf, x, z, s: tf.exp(-squares(tf, x - z) / (2.0 * s**2)),
     lambda x, z, s: np.exp(-dot(x - z, x - z) / (2 * s**2)) / s**2 * (z - x))  # fmt: skip
case("rbf-scale", KERNEL, "x:d~small z:d~small s~positive", "s",
     lambda tf, x, z, s: tf.exp(-squares(tf, x - z) / (2.0 * s**2)),
     lambda x, z, s: (lambda q: np.exp(-q / (2 * s**2)) * q / s**3)(dot(x - z, x - z)))  # fmt: skip
case("rbf-anisotropic", KERNEL, "x:d z:d r:d~unit", "r",
     lambda tf, x, z, r: tf.exp(-tf.reduce_sum(r * tf.square(x - z))),
     lambda x, z, r: -np.exp(-(r @ (x - z) ** 2)) * (x - z) ** 2)  # fmt: skip
case("rbf-sum", "kernel density estimate, Bishop (2006), 2.250", "x:d~small X:n,d~small s~positive", "x",
     lambda tf, x, X, s: tf.reduce_sum(tf.exp(-s * tf.reduce_sum(tf.square(X - x), axis=1))),
     lambda x, X, s: (lambda D: 2 * s * D.T @ np.exp(-s * np.sum(D**2, axis=1)))(X - x))  # fmt: skip
case("polynomial-kernel", KERNEL, "x:d z:d c~positive", "x", lambda tf, x, z, c: (tf.tensordot(x, z, 1) + c) ** 3,
     lambda x, z, c: 3 * (x @ z + c) ** 2 * z)  # fmt: skip
case("polynomial-kernel-matrix", KERNEL, "X:n,d Z:m,d C:n,m", "X",
     lambda tf, X, Z, C: tf.reduce_sum(C * tf.square(X @ tf.transpose(Z) + 1.0)),
     lambda X, Z, C: 2 * (C * (X @ Z.T + 1)) @ Z)  # fmt: skip
case("sigmoid-kernel", "Schölkopf & Smola (2002), 2.3", "x:d~small z:d~small a~unit b~unit", "x",
     lambda tf, x, z, a, b: tf.tanh(a * tf.tensordot(x, z, 1) + b),
     lambda x, z, a, b: a * (1 - np.tanh(a * (x @ z) + b) ** 2) * z)  # fmt: skip
case("rational-quadratic", KERNEL, "x:d z:d a~positive", "x",
     lambda tf, x, z, a: 1.0 / (1.0 + a * squares(tf, x - z)),
     lambda x, z, a: -2 * a / (1 + a * dot(x - z, x - z)) ** 2 * (x - z))  # fmt: skip
case("exponential-kernel", KERNEL, "x:d z:d", "x", lambda tf, x, z: tf.exp(-tf.norm(x - z)),
     lambda x, z: -np.exp(-norm(x - z)) / norm(x - z) * (x - z))  # fmt: skip
case("cosine-kernel-matrix", "spherical k-means, Dhillon & Modha (2001)", "X:n,d C:n,d", "X",
     lambda tf, X, C: tf.reduce_sum(C * tf.nn.l2_normalize(X, axis=1)),
     lambda X, C: (lambda s: C / s - X * rows(X * C) / s**3)(np.sqrt(rows(X**2))))  # fmt: skip
case("kernel-ridge", "Saunders, Gammerman & Vovk (1998)", "K:n,n a:n y:n c~positive", "a",
     lambda tf, K, a, y, c: squares(tf, K @ a - y) + c * tf.tensordot(a, K @ a, 1),
     lambda K, a, y, c: 2 * K.T @ (K @ a - y) + c * ((K + K.T) @ a))  # fmt: skip

# solves, powers, pseudo-inverses, norms of matrix functions
SYSTEM = "A:n,n~invertible B:n,m C:n,m"
case("solve-matrix", GILES + "2.3.1", SYSTEM, "A", lambda tf, A, B, C: tf.reduce_sum(C * tf.linalg.solve(A, B)),
     lambda A, B, C: -inv(A).T @ C @ (inv(A) @ B).T)  # fmt: skip
case("solve-adjoint-rhs", GILES + "2.3.1", SYSTEM, "B",
     lambda tf, A, B, C: tf.reduce_sum(C * tf.linalg.solve(A, B, adjoint=True)),
     lambda A, B, C: inv(A) @ C)  # fmt: skip
case("solve-adjoint-matrix", GILES + "2.3.1", SYSTEM, "A",
     lambda tf, A, B, C: tf.reduce_sum(C * tf.linalg.solve(A, B, adjoint=True)),
     lambda A, B, C: -inv(A).T @ B @ (inv(A) @ C).T)  # fmt: skip
case("solve-least-squares", GILES + "2.3.1", "A:n,n~invertible b:n,1 y:n,1", "A",
     lambda tf, A, b, y: squares(tf, tf.linalg.solve(A, b) - y),
     lambda A, b, y: (lambda x: -2 * inv(A).T @ (x - y) @ x.T)(inv(A) @ b))  # fmt: skip
case("solve-quadratic", GILES + "2.3.1", "A:n,n~invertible b:n,1", "b",
     lambda tf, A, b: tf.reduce_sum(b * tf.linalg.solve(A, b)), lambda A, b: (inv(A) + inv(A).T) @ b)  # fmt: skip
case("triangular-solve", GILES + "2.3.1", "L:n,n~lower B:n,m C:n,m", "L",
     lambda tf, L, B, C: tf.reduce_sum(C * tf.linalg.triangular_solve(L, B)),
     lambda L, B, C: -lower(inv(L).T @ C @ (inv(L) @ B).T))  # fmt: skip
case("inverse-quadratic", GILES + "2.2.3", "C:n,n~invertible A:m,n B:n,m", "C",
     lambda tf, C, A, B: squares(tf, A @ tf.linalg.inv(C) @ B),
     lambda C, A, B: (lambda P: -2 * P.T @ A.T @ (A @ P @ B) @ B.T @ P.T)(inv(C)))  # fmt: skip
case("inverse-frobenius", GILES + "2.2.3", "C:n,n~invertible", "C", lambda tf, C: squares(tf, tf.linalg.inv(C)),
     lambda C: -2 * inv(C).T @ inv(C) @ inv(C).T)  # fmt: skip
case("determinant-of-product", GILES + "2.2.4", "A:n,n~invertible B:n,n~invertible", "A",
     lambda tf, A, B: tf.linalg.det(A @ B + B), lambda A, B: det(A @ B + B) * inv(A @ B + B).T @ B.T)  # fmt: skip
case("slogdet", "Matrix Cookbook (2012), eq. 57", "X:n,n~invertible A:n,n~small", "X",
     lambda tf, X, A: tf.linalg.slogdet(X + A)[1], lambda X, A: inv(X + A).T)  # fmt: skip
case("power-cubed-trace", "Matrix Cookbook (2012), eq. 122", "A:n,n X:n,n", "X",
     lambda tf, A, X: tf.linalg.trace(A @ tf.linalg.matrix_power(X, 2)), lambda A, X: (X @ A + A @ X).T)  # fmt: skip
case("power-frobenius", "Higham, Functions of Matrices (2008), 3.2", "X:n,n", "X",
     lambda tf, X: squares(tf, X @ X), lambda X: 2 * (X.T @ X @ X + X @ X @ X.T))  # fmt: skip
case("power-negative", "Matrix Cookbook (2012), eq. 64", "X:n,n~invertible", "X",
     lambda tf, X: tf.linalg.trace(tf.linalg.matrix_power(X, -2)),
     lambda X: -2 * (inv(X) @ inv(X) @ inv(X)).T)  # fmt: skip


def pinv_gradient(A, G):
    P = inv(A.T @ A) @ A.T
    S = inv(A.T @ A)
    return -P.T @ G @ P.T + (eye(A) - A @ P) @ G.T @ S


case("pinv", "Golub & Pereyra (1973)", "A:n,k G:k,n", "A", lambda tf, A, G: tf.reduce_sum(G * tf.linalg.pinv(A)),
     pinv_gradient, n=(5, 6), k=(2, 3))  # fmt: skip
case("hat-matrix", "Golub & Pereyra (1973), variable projection", "A:n,k y:n", "y",
     lambda tf, A, y: tf.tensordot(y, A @ (tf.linalg.inv(tf.transpose(A) @ A) @ (tf.transpose(A) @ y)), 1),
     lambda A, y: 2 * A @ (inv(A.T @ A) @ (A.T @ y)), n=(5, 6), k=(2, 3))  # fmt: skip
case("spectral-trace", "Magnus & Neudecker (2019), 9.12", "S:n,n~spectrum", "S",
     lambda tf, S: tf.reduce_sum(tf.linalg.eigvalsh((S + tf.transpose(S)) / 2)),
     lambda S: eye(S))  # fmt: skip
case("spectral-logdet", "sum of the logarithms of eigenvalues", "S:n,n~spectrum", "S",
     lambda tf, S: tf.reduce_sum(tf.math.log(tf.linalg.eigvalsh((S + tf.transpose(S)) / 2))),
     lambda S: inv((S + S.T) / 2))  # fmt: skip
case("weighted-norm-axis", "sum of weighted column norms", "W:d,k c:k", "W",
     lambda tf, W, c: tf.reduce_sum(c * tf.norm(W, axis=0)),
     lambda W, c: W * (c / np.sqrt(np.sum(W**2, axis=0))))  # fmt: skip
case("norm-infinity", "Boyd & Vandenberghe (2004), A.1", "x:n a:n", "x",
     lambda tf, x, a: tf.square(tf.tensordot(a, x, 1)) + tf.norm(x - a, ord=1),
     lambda x, a: 2 * (a @ x) * a + np.sign(x - a))  # fmt: skip
case("matrix-softmax-embedding", "Maddison, Mnih & Teh (2017)", "z:k E:k,d y:d", "E",
     lambda tf, z, E, y: squares(tf, tf.transpose(E) @ tf.nn.softmax(z) - y),
     lambda z, E, y: (lambda p: 2 * outer(p, E.T @ p - y))(softmax(z)))  # fmt: skip
case("trace-of-diag", "diagonal of a product", "a:n B:n,m C:m,n", "B",
     lambda tf, a, B, C: tf.tensordot(a, tf.linalg.diag_part(B @ C), 1), lambda a, B, C: diag(a) @ C.T)  # fmt: skip
case("trace-product-ratio", "normalised cut, Shi & Malik (2000)", "Z:n,k L:n,n D:n,n~definite", "Z",
     lambda tf, Z, L, D: tf.linalg.trace(tf.transpose(Z) @ L @ Z) / tf.linalg.trace(tf.transpose(Z) @ D @ Z),
     lambda Z, L, D: (lambda v: ((L + L.T) @ Z - trace(Z.T @ L @ Z) / v * ((D + D.T) @ Z)) / v)(
         trace(Z.T @ D @ Z)))  # fmt: skip
