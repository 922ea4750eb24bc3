"""Petersen & Pedersen, The Matrix Cookbook (version of November 2012), chapter 2, by equation."""

import numpy as np

from ..case import case
from ..functions import det, diag, dot, eye, inv, norm, ones, outer, trace

BOOK = "Matrix Cookbook (2012), eq. "


def book(number, *args, part="", **sizes):
    case(f"cookbook-{number}{part}", f"{BOOK}{number}", *args, **sizes)


# 2.1 determinants
book(50, "X:n,n~invertible", "X", lambda tf, X: tf.square(tf.linalg.det(X)), lambda X: 2 * det(X) ** 2 * inv(X).T)
book(51, "A:n,n~invertible X:n,n~invertible B:n,n~invertible", "X",
     lambda tf, A, X, B: tf.linalg.det(A @ X @ B), lambda A, X, B: det(A @ X @ B) * inv(X).T)  # fmt: skip
book(52, "X:n,n~invertible A:n,n~invertible", "X",
     lambda tf, X, A: tf.linalg.det(tf.transpose(X) @ A @ X),
     lambda X, A: 2 * det(X.T @ A @ X) * inv(X).T)  # fmt: skip


def gram_determinant(X, A):
    G = X.T @ A @ X
    return det(G) * (A @ X @ inv(G) + A.T @ X @ inv(G.T))


book(54, "X:n,k A:n,n~invertible", "X", lambda tf, X, A: tf.linalg.det(tf.transpose(X) @ A @ X), gram_determinant,
     n=(5, 6), k=(2, 3))  # fmt: skip
book(55, "X:n,k", "X", lambda tf, X: tf.linalg.logdet(tf.transpose(X) @ X), lambda X: 2 * X @ inv(X.T @ X),
     n=(5, 6), k=(2, 3))  # fmt: skip
book(57, "A:n,n~invertible X:n,n~invertible", "X", lambda tf, A, X: tf.linalg.logdet(A @ X), lambda A, X: inv(X).T)
book(58, "X:n,n~invertible", "X", lambda tf, X: tf.linalg.det(tf.linalg.matrix_power(X, 3)),
     lambda X: 3 * det(X) ** 3 * inv(X).T)  # fmt: skip
book(62, "X:n,n~invertible", "X", lambda tf, X: tf.linalg.det(tf.linalg.inv(X)), lambda X: -inv(X).T / det(X))

# 2.2 inverses
book(61, "a:n X:n,n~invertible b:n", "X",
     lambda tf, a, X, b: tf.reduce_sum(a * tf.linalg.matvec(tf.linalg.inv(X), b)),
     lambda a, X, b: -outer(inv(X).T @ a, inv(X) @ b))  # fmt: skip
book(63, "A:m,n X:n,n~invertible", "X", lambda tf, A, X: tf.reduce_sum(A @ tf.linalg.inv(X)),
     lambda A, X: -inv(X).T @ np.outer(A.T @ ones(A, 0), inv(X) @ ones(X, 0)))  # fmt: skip
book(64, "X:n,n~invertible A:n,n~small", "X", lambda tf, X, A: tf.linalg.trace(tf.linalg.inv(X + A)),
     lambda X, A: -(inv(X + A) @ inv(X + A)).T)  # fmt: skip

# 2.3 eigenvalues
book(65, "X:n,n~spectrum", "X", lambda tf, X: tf.reduce_sum(tf.square(tf.linalg.eigvalsh((X + tf.transpose(X)) / 2))),
     lambda X: X + X.T)  # fmt: skip

# 2.4 vectors and scalar forms
book(69, "x:n a:n", "x", lambda tf, x, a: tf.tensordot(x, a, 1), lambda x, a: a)
book(70, "a:n X:n,m b:m", "X", lambda tf, a, X, b: tf.tensordot(a, X @ b, 1), lambda a, X, b: outer(a, b))
book(71, "a:m X:n,m b:n", "X", lambda tf, a, X, b: tf.tensordot(a, tf.transpose(X) @ b, 1),
     lambda a, X, b: outer(b, a))  # fmt: skip
book(72, "a:n,1 X:n,n", "X", lambda tf, a, X: tf.reduce_sum(tf.transpose(a) @ tf.transpose(X) @ a),
     lambda a, X: a @ a.T)  # fmt: skip
book(76, "X:n,m", "X", lambda tf, X: tf.reduce_sum(X) ** 2, lambda X: 2 * np.sum(X) * ones(X))
book(77, "b:m X:n,m c:m", "X", lambda tf, b, X, c: tf.tensordot(X @ b, X @ c, 1),
     lambda b, X, c: X @ (outer(b, c) + outer(c, b)))  # fmt: skip
book(78, "B:p,n x:n b:p C:p,q D:q,n d:q", "x",
     lambda tf, B, x, b, C, D, d: tf.tensordot(B @ x + b, C @ (D @ x + d), 1),
     lambda B, x, b, C, D, d: B.T @ C @ (D @ x + d) + D.T @ C.T @ (B @ x + b))  # fmt: skip
book(80, "X:n,m B:n,n C:m,m", "X", lambda tf, X, B, C: tf.reduce_sum((tf.transpose(X) @ B @ X) * C),
     lambda X, B, C: B @ X @ C.T + B.T @ X @ C)  # fmt: skip
book(81, "x:n B:n,n", "x", lambda tf, x, B: tf.einsum("i,ij,j->", x, B, x), lambda x, B: (B + B.T) @ x)
book(82, "b:m X:n,m D:n,n c:m", "X", lambda tf, b, X, D, c: tf.tensordot(X @ b, D @ (X @ c), 1),
     lambda b, X, D, c: D.T @ outer(X @ b, c) + D @ outer(X @ c, b))  # fmt: skip
book(83, "X:n,m b:m c:n D:n,n", "X", lambda tf, X, b, c, D: tf.tensordot(X @ b + c, D @ (X @ b + c), 1),
     lambda X, b, c, D: outer((D + D.T) @ (X @ b + c), b))  # fmt: skip
weighted = "x:n A:n,m s:m W:n,n"
book(84, weighted, "s", lambda tf, x, A, s, W: tf.tensordot(x - A @ s, tf.linalg.matvec(W, x - A @ s), 1),
     lambda x, A, s, W: -A.T @ (W + W.T) @ (x - A @ s))  # fmt: skip
book(85, "x:n s:n W:n,n", "s", lambda tf, x, s, W: tf.tensordot(x - s, tf.linalg.matvec(W, x - s), 1),
     lambda x, s, W: -(W + W.T) @ (x - s))  # fmt: skip
book(87, weighted, "x", lambda tf, x, A, s, W: tf.tensordot(x - A @ s, tf.linalg.matvec(W, x - A @ s), 1),
     lambda x, A, s, W: (W + W.T) @ (x - A @ s))  # fmt: skip
book(88, weighted, "A", lambda tf, x, A, s, W: tf.tensordot(x - A @ s, tf.linalg.matvec(W, x - A @ s), 1),
     lambda x, A, s, W: -outer((W + W.T) @ (x - A @ s), s))  # fmt: skip
book(91, "a:n X:n,n b:n", "X", lambda tf, a, X, b: tf.tensordot(a, tf.linalg.matrix_power(X, 3) @ b, 1),
     lambda a, X, b: outer(a, X @ (X @ b)) + outer(X.T @ a, X @ b) + outer(X.T @ (X.T @ a), b))  # fmt: skip


def power_gram(a, X, b):
    u, v = X @ (X @ b), X @ (X @ a)
    return outer(u, X @ a) + X.T @ outer(u, a) + outer(v, X @ b) + X.T @ outer(v, b)


book(92, "a:n X:n,n b:n", "X",
     lambda tf, a, X, b: tf.reduce_sum(a * (tf.transpose(X @ X) @ ((X @ X) @ b))), power_gram)  # fmt: skip
book(97, "x:n A:n,n b:n", "x", lambda tf, x, A, b: 0.5 * tf.tensordot(x, A @ x, 1) - tf.tensordot(b, x, 1),
     lambda x, A, b: 0.5 * (A + A.T) @ x - b)  # fmt: skip

# 2.5 traces
book(99, "X:n,n", "X", lambda tf, X: tf.linalg.trace(X), lambda X: eye(X))
book(100, "A:n,n X:n,n", "X", lambda tf, A, X: tf.linalg.trace(A @ X + X), lambda A, X: A.T + eye(X))
book(102, "A:p,m X:n,m B:n,p", "X", lambda tf, A, X, B: tf.linalg.trace(A @ tf.transpose(X) @ B),
     lambda A, X, B: B @ A)  # fmt: skip
book(103, "X:n,m A:n,m", "X", lambda tf, X, A: tf.linalg.trace(tf.transpose(X) @ A), lambda X, A: A)
book(104, "A:n,m X:n,m", "X", lambda tf, A, X: tf.linalg.trace(A @ tf.transpose(X)), lambda A, X: A)
book(105, "A:m,m X:n,n", "X", lambda tf, A, X: tf.linalg.trace(tf.linalg.kron(A, X)),
     lambda A, X: trace(A) * eye(X))  # fmt: skip
book(107, "X:n,n B:n,n", "X", lambda tf, X, B: tf.linalg.trace(X @ X @ B), lambda X, B: (X @ B + B @ X).T)
book(109, "B:n,n X:n,m", "X", lambda tf, B, X: tf.linalg.trace(B @ X @ tf.transpose(X)), lambda B, X: (B + B.T) @ X)
book(110, "X:n,m B:n,n", "X", lambda tf, X, B: tf.linalg.trace(X @ tf.transpose(X) @ B), lambda X, B: (B + B.T) @ X)
book(111, "X:n,m B:m,m", "X", lambda tf, X, B: tf.linalg.trace(X @ B @ tf.transpose(X)), lambda X, B: X @ (B + B.T))
book(112, "B:m,m X:n,m", "X", lambda tf, B, X: tf.linalg.trace(B @ tf.transpose(X) @ X), lambda B, X: X @ (B + B.T))
book(113, "X:n,m B:m,m", "X", lambda tf, X, B: tf.linalg.trace(tf.transpose(X) @ X @ B), lambda X, B: X @ (B + B.T))
book(114, "A:m,n X:n,m B:m,n", "X", lambda tf, A, X, B: tf.linalg.trace(A @ X @ B @ X),
     lambda A, X, B: A.T @ X.T @ B.T + B.T @ X.T @ A.T)  # fmt: skip
book(115, "X:n,m", "X", lambda tf, X: tf.linalg.trace(X @ tf.transpose(X)), lambda X: 2 * X)
book(116, "B:m,p X:n,m C:n,n", "X", lambda tf, B, X, C: tf.linalg.trace(tf.transpose(B) @ tf.transpose(X) @ C @ X @ B),
     lambda B, X, C: (C + C.T) @ X @ B @ B.T)  # fmt: skip
book(117, "X:n,m B:n,n C:m,m", "X", lambda tf, X, B, C: tf.linalg.trace(tf.transpose(X) @ B @ X @ C),
     lambda X, B, C: B @ X @ C + B.T @ X @ C.T)  # fmt: skip
book(118, "A:p,n X:n,m B:m,m C:n,p", "X", lambda tf, A, X, B, C: tf.linalg.trace(A @ X @ B @ tf.transpose(X) @ C),
     lambda A, X, B, C: A.T @ C.T @ X @ B.T + C @ A @ X @ B)  # fmt: skip
book(119, "A:p,n X:n,m C:p,m", "X", lambda tf, A, X, C: tf.linalg.trace(tf.transpose(A @ X - C) @ (A @ X - C)),
     lambda A, X, C: 2 * A.T @ (A @ X - C))  # fmt: skip
book(120, "X:n,n", "X", lambda tf, X: tf.linalg.trace(tf.linalg.kron(X, X)),
     lambda X: 2 * trace(X) * eye(X))  # fmt: skip
book(121, "X:n,n", "X", lambda tf, X: tf.linalg.trace(tf.linalg.matrix_power(X, 4)), lambda X: 4 * (X @ X @ X).T)
book(122, "A:n,n X:n,n", "X", lambda tf, A, X: tf.linalg.trace(A @ X @ X @ X),
     lambda A, X: (X @ X @ A + X @ A @ X + A @ X @ X).T)  # fmt: skip


def sandwich(B, X, C):
    K, M = X.T @ C @ X, B @ B.T
    return C @ X @ K @ M + C.T @ X @ M @ K.T + C @ X @ M @ K + C.T @ X @ K.T @ M


book(123, "B:m,p X:n,m C:n,n", "X",
     lambda tf, B, X, C: (lambda K: tf.linalg.trace(tf.transpose(B) @ K @ K @ B))(tf.transpose(X) @ C @ X),
     sandwich)  # fmt: skip
book(124, "A:n,n X:n,n~invertible", "X", lambda tf, A, X: tf.linalg.trace(tf.linalg.inv(X) @ A),
     lambda A, X: -(inv(X) @ A @ inv(X)).T)  # fmt: skip


def inverse_gram(X, C, A):
    P = inv(X.T @ C @ X)
    M = P @ A @ P
    return -C @ X @ M - C.T @ X @ M.T


book(125, "X:n,k C:n,n~definite A:k,k", "X",
     lambda tf, X, C, A: tf.linalg.trace(tf.linalg.inv(tf.transpose(X) @ C @ X) @ A), inverse_gram,
     n=(5, 6), k=(2, 3))  # fmt: skip


def rayleigh(X, C, B):
    P = inv(X.T @ C @ X)
    N = X.T @ B @ X
    return -C @ X @ P @ N @ P - C.T @ X @ (P @ N @ P).T + B @ X @ P + B.T @ X @ P.T


book(126, "X:n,k C:n,n~definite B:n,n", "X",
     lambda tf, X, C, B: tf.linalg.trace(tf.linalg.inv(tf.transpose(X) @ C @ X) @ (tf.transpose(X) @ B @ X)), rayleigh,
     n=(5, 6), k=(2, 3))  # fmt: skip


def shifted_rayleigh(A, X, C, B):
    P = inv(A + X.T @ C @ X)
    M = P @ X.T @ B @ X @ P
    return -C @ X @ M - C.T @ X @ M.T + B @ X @ P + B.T @ X @ P.T


book(127, "A:k,k~definite X:n,k C:n,n~definite B:n,n", "X",
     lambda tf, A, X, C, B: tf.linalg.trace(
         tf.linalg.inv(A + tf.transpose(X) @ C @ X) @ (tf.transpose(X) @ B @ X)), shifted_rayleigh,
     n=(5, 6), k=(2, 3))  # fmt: skip
book(128, "X:n,n", "X", lambda tf, X: tf.linalg.trace(tf.linalg.expm(X)),
     lambda X: matrix_exponential(X).T)  # fmt: skip


def matrix_exponential(X):
    from scipy.linalg import expm

    from ..counting import named

    return named()(expm)(X)


# 2.6, 2.7 norms
book(129, "A:m,n x:n b:m", "x", lambda tf, A, x, b: tf.norm(A @ x - b),
     lambda A, x, b: A.T @ (A @ x - b) / norm(A @ x - b))  # fmt: skip
book(130, "x:n a:n c:n", "x", lambda tf, x, a, c: tf.tensordot(c, (x - a) / tf.norm(x - a), 1),
     lambda x, a, c: c / norm(x - a) - dot(c, x - a) / norm(x - a) ** 3 * (x - a))  # fmt: skip
book(131, "x:n", "x", lambda tf, x: tf.norm(x) ** 2, lambda x: 2 * x)
book(132, "X:n,m", "X", lambda tf, X: tf.linalg.norm(X) ** 2, lambda X: 2 * X)
book(132, "A:p,n X:n,m B:p,m", "X", lambda tf, A, X, B: tf.linalg.norm(A @ X - B),
     lambda A, X, B: A.T @ (A @ X - B) / norm(A @ X - B), part="-norm")  # fmt: skip

# 2.8 structured matrices
book(138, "x:n A:n,n", "x", lambda tf, x, A: tf.linalg.trace(A @ tf.linalg.diag(x)), lambda x, A: diag(A))
book(140, "x:n~positive A:n,n~definite", "x", lambda tf, x, A: tf.linalg.logdet(A + tf.linalg.diag(x)),
     lambda x, A: diag(inv(A + diag(x))))  # fmt: skip
book(141, "A:n,n B:n,n", "A", lambda tf, A, B: tf.reduce_sum((A + tf.transpose(A)) * B), lambda A, B: B + B.T)
