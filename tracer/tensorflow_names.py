"""What to write instead of TensorFlow's names that are not here.

A name is looked up with the modules before it, ``keras.losses.MSE``, then its modules alone. Two tables hold the
answers: what has a counterpart, as Python text, and what has none, by the reason.
"""

from __future__ import annotations

import difflib
import dis
import sys
from collections.abc import Callable, Iterable, Sequence
from types import FrameType

WRITE = {
    # Types and dtypes.
    "DType": "a string: 'float64', 'float32', 'int64', 'int32' or 'bool'",
    "as_dtype": "the dtype's name as a string, such as 'float64'",
    "double": "'float64'",
    "Graph": "x.graph, the networkx graph of all traced operations",
    "Operation": "a tensor itself: x.op, x.graph, x.node",
    "IndexedSlices": "tracer.scatter_nd(indices, values, shape), for gradients and updates are dense",
    "TensorArraySpec": "tracer.TensorSpec(shape, dtype)",
    "TypeSpec": "tracer.TensorSpec(shape, dtype)",
    "get_static_value": "x.numpy()",
    "is_symbolic_tensor": "tracer.is_tensor(x); x.numpy() raises ValueError where there is no value",
    "saturate_cast": "tracer.cast(tracer.clip_by_value(x, low, high), dtype)",
    "type_spec_from_value": "tracer.TensorSpec.from_tensor(x)",
    # Elementwise operations and arrays.
    "realdiv": "tracer.divide(x, y)",
    "truncatediv": "tracer.sign(x / y) * tracer.floor(tracer.abs(x / y))",
    "truncatemod": "x - y * tracer.sign(x / y) * tracer.floor(tracer.abs(x / y))",
    "strided_slice": "x[begin:end:stride]",
    "identity_n": "[tracer.identity(t) for t in tensors]",
    "shape_n": "[tracer.shape(t) for t in tensors]",
    "tuple": "[tracer.identity(t) for t in tensors]",
    "parallel_stack": "tracer.stack(values)",
    "matrix_square_root": "tracer.linalg.sqrtm(x)",
    "sequence_mask": "tracer.range(maxlen) < tracer.expand_dims(lengths, -1)",
    "searchsorted": "tracer.reduce_sum(tracer.cast(sequence < tracer.expand_dims(values, -1), 'int64'), -1)",
    "dynamic_partition": "[tracer.boolean_mask(data, partitions == k) for k in range(num_partitions)]",
    "dynamic_stitch": "tracer.scatter_nd(tracer.expand_dims(tracer.concat(indices, 0), -1), tracer.concat(data, 0), "
    "shape)",
    "unravel_index": "numpy.unravel_index(indices, dims)",
    "unique": "numpy.unique(x.numpy())",
    "unique_with_counts": "numpy.unique(x.numpy(), return_counts=True)",
    "histogram_fixed_width": "numpy.histogram(x.numpy(), bins, range=value_range)[0]",
    "histogram_fixed_width_bins": "numpy.digitize(x.numpy(), edges)",
    "reverse_sequence": "tracer.concat([tracer.reverse(x[:length], [0]), x[length:]], 0) for each row",
    "batch_to_space": "tracer.reshape and tracer.transpose",
    "space_to_batch": "tracer.pad, tracer.reshape and tracer.transpose",
    "space_to_batch_nd": "tracer.pad, tracer.reshape and tracer.transpose",
    "required_space_to_batch_paddings": "tracer.pad with the paddings that the block needs",
    "broadcast_dynamic_shape": "numpy.broadcast_shapes(x.shape, y.shape)",
    "broadcast_static_shape": "numpy.broadcast_shapes(x.shape, y.shape)",
    "approx_top_k": "tracer.top_k(x, k)",
    "bitcast": "x.numpy().view(dtype)",
    "conv": "tracer.nn.conv2d(x, filters, strides, padding)",
    "conv2d_backprop_filter_v2": "tracer.gradients(tracer.nn.conv2d(x, w, strides, padding), w, grad_ys=g)",
    "conv2d_backprop_input_v2": "tracer.gradients(tracer.nn.conv2d(x, w, strides, padding), x, grad_ys=g)",
    # Programs.
    "control_dependencies": "the operations in their order: Python's order counts",
    "group": "the operations in their order: Python's order counts",
    "no_op": "pass",
    "guarantee_const": "tracer.stop_gradient(x)",
    "init_scope": "the block itself: every operation is traced where it stands",
    "executing_eagerly": "nothing: values are there as soon as all sources have one, and formulas always",
    "inside_function": "nothing: every operation is traced, within a function or not",
    "numpy_function": "tracer.custom_gradient, with the function in NumPy on tensors: numpy.sin(x) is traced",
    "py_function": "the function itself, for Python is traced; tracer.custom_gradient gives it a rule of its own",
    "nondifferentiable_batch_function": "tracer.vectorized_map(f, x)",
    "recompute_grad": "f itself: nothing is kept for the reverse pass but the graph",
    "RegisterGradient": "tracer.custom_gradient(f)",
    "register_tensor_conversion_function": "an __array__ method in the class",
    "get_current_name_scope": "the name that `with tracer.name_scope(...) as name:` binds",
    "variable_creator_scope": "a function that makes the variable",
    "get_logger": "logging.getLogger()",
    "timestamp": "time.time()",
    "version": "tracer.__version__",
    "Assert": "tracer.debugging.Assert(condition, data)",
    "assert_equal": "tracer.debugging.assert_equal(x, y)",
    "assert_greater": "tracer.debugging.assert_greater(x, y)",
    "assert_less": "tracer.debugging.assert_less(x, y)",
    "assert_rank": "tracer.debugging.assert_rank(x, rank)",
    "verify_tensor_all_finite": "tracer.debugging.assert_all_finite(x, message)",
    "debugging.get_log_device_placement": "nothing: NumPy computes, and it has one device",
    "debugging.set_log_device_placement": "nothing: NumPy computes, and it has one device",
    "debugging.enable_traceback_filtering": "nothing: errors end at the caller's line as they are",
    "debugging.disable_traceback_filtering": "nothing: errors end at the caller's line as they are",
    "debugging.is_traceback_filtering_enabled": "True",
    "debugging.experimental": "tracer.diagnose(tensor), which says where a value that is not finite comes from",
    "errors": "ValueError, TypeError, LookupError or RuntimeError: Python's own errors are raised",
    "errors.InvalidArgumentError": "ValueError",
    "errors.OutOfRangeError": "IndexError",
    "errors.NotFoundError": "LookupError",
    "test": "tracer.testing, numpy.testing or pytest",
    "test.compute_gradient": "tracer.testing.verify_formula(f, ...), exact and by differences",
    # Initial values.
    "initializers": "tracer.random.normal(shape), tracer.random.uniform(shape), tracer.zeros(shape) or "
    "tracer.ones(shape)",
    "zeros_initializer": "tracer.zeros",
    "ones_initializer": "tracer.ones",
    "constant_initializer": "lambda shape: tracer.fill(shape, value)",
    "random_normal_initializer": "lambda shape: tracer.random.normal(shape, stddev=0.05)",
    "random_uniform_initializer": "lambda shape: tracer.random.uniform(shape, -0.05, 0.05)",
    # Learning.
    "losses": "the formula in tracer's functions, such as tracer.reduce_mean(tracer.square(y - prediction))",
    "metrics": "the formula in tracer's functions, such as tracer.reduce_mean(tracer.cast(y == prediction, 'float64'))",
    "optimizers": "w.assign_sub(rate * gradient) for each variable",
    "train": "w.assign_sub(rate * gradient) for each variable; numpy.savez(file, w=w.numpy()) keeps values",
    "train.ExponentialMovingAverage": "average.assign(decay * average + (1 - decay) * w)",
    "train.Checkpoint": "numpy.savez(file, w=w.numpy()) and w.assign(numpy.load(file)['w'])",
    "keras": "tracer.Module with tracer.Variable, and the layer's formula in its __call__",
    "keras.Model": "tracer.Module, with a __call__ that says what the model computes",
    "keras.Sequential": "a tracer.Module that calls its layers one after the other",
    "keras.Input": "tracer.placeholder(name, shape)",
    "keras.Variable": "tracer.Variable(value)",
    "keras.layers": "tracer.Module with tracer.Variable, and the layer's formula in its __call__",
    "keras.layers.Layer": "tracer.Module",
    "keras.layers.Dense": "activation(x @ kernel + bias), with kernel and bias of tracer.Variable",
    "keras.layers.Flatten": "tracer.reshape(x, (x.shape[0], -1))",
    "keras.layers.Dropout": "tracer.nn.dropout(x, rate)",
    "keras.layers.Embedding": "tracer.gather(table, ids), with table of tracer.Variable",
    "keras.layers.Conv2D": "tracer.nn.conv2d(x, filters, strides, padding)",
    "keras.layers.Conv1D": "tracer.nn.conv1d(x, filters, stride, padding)",
    "keras.layers.MaxPool2D": "tracer.nn.max_pool2d(x, size, strides, padding)",
    "keras.layers.MaxPooling2D": "tracer.nn.max_pool2d(x, size, strides, padding)",
    "keras.layers.AveragePooling2D": "tracer.nn.avg_pool2d(x, size, strides, padding)",
    "keras.layers.BatchNormalization": "tracer.nn.batch_normalization(x, mean, variance, offset, scale, epsilon)",
    "keras.layers.LayerNormalization": "tracer.nn.moments(x, [-1], keepdims=True), then the formula",
    "keras.layers.Concatenate": "tracer.concat(values, axis)",
    "keras.layers.Add": "tracer.add_n(tensors)",
    "keras.layers.Softmax": "tracer.nn.softmax(x)",
    "keras.layers.ReLU": "tracer.nn.relu(x)",
    "keras.layers.LeakyReLU": "tracer.nn.leaky_relu(x, alpha)",
    "keras.layers.Activation": "the function itself, such as tracer.nn.relu(x)",
    "keras.losses": "the formula in tracer's functions, such as tracer.reduce_mean(tracer.square(y - prediction))",
    **dict.fromkeys(
        ("keras.losses.MSE", "keras.losses.mse", "keras.losses.MeanSquaredError", "losses.MSE", "losses.mse"),
        "tracer.reduce_mean(tracer.square(y - prediction), -1)",
    ),
    **dict.fromkeys(
        ("keras.losses.MAE", "keras.losses.mae", "keras.losses.MeanAbsoluteError", "losses.MAE", "losses.mae"),
        "tracer.reduce_mean(tracer.abs(y - prediction), -1)",
    ),
    **dict.fromkeys(
        ("keras.losses.BinaryCrossentropy", "keras.losses.binary_crossentropy"),
        "tracer.reduce_mean(tracer.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z), -1)",
    ),
    **dict.fromkeys(
        ("keras.losses.CategoricalCrossentropy", "keras.losses.categorical_crossentropy"),
        "tracer.nn.softmax_cross_entropy_with_logits(labels=y, logits=z)",
    ),
    **dict.fromkeys(
        ("keras.losses.SparseCategoricalCrossentropy", "keras.losses.sparse_categorical_crossentropy"),
        "tracer.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)",
    ),
    **dict.fromkeys(
        ("keras.losses.Hinge", "keras.losses.hinge"), "tracer.reduce_mean(tracer.maximum(1 - y * prediction, 0.0), -1)",
    ),
    **dict.fromkeys(
        ("keras.losses.KLDivergence", "keras.losses.KLD", "keras.losses.kl_divergence"),
        "tracer.reduce_sum(y * tracer.log(y / prediction), -1)",
    ),
    **dict.fromkeys(
        ("keras.losses.Huber", "keras.losses.huber"),
        "tracer.where(tracer.abs(e) <= delta, e**2 / 2, delta * (tracer.abs(e) - delta / 2)) of the error e",
    ),
    "keras.activations": "the function of tracer.nn, such as tracer.nn.relu(x)",
    "keras.optimizers": "w.assign_sub(rate * gradient) for each variable",
    "keras.initializers": "tracer.random.normal(shape), tracer.random.uniform(shape), tracer.zeros(shape) or "
    "tracer.ones(shape)",
    "keras.regularizers": "rate * tracer.reduce_sum(w**2), added to the loss",
    "keras.regularizers.L2": "rate * tracer.reduce_sum(w**2)",
    "keras.regularizers.L1": "rate * tracer.reduce_sum(tracer.abs(w))",
    "keras.metrics": "the formula in tracer's functions, such as tracer.reduce_mean(tracer.cast(y == prediction, "
    "'float64'))",
    "keras.backend": "the function of the same name of tracer or tracer.math",
    "keras.utils.to_categorical": "tracer.one_hot(y, count)",
    # Other modules.
    "compat": "the function of the same name of tracer",
    "compat.v1.Session": "x.numpy() or x.eval({x: value}), without a session",
    "compat.v1.placeholder": "tracer.placeholder(name, shape)",
    "compat.v1.get_variable": "tracer.Variable(value, name=name)",
    "compat.v1.global_variables_initializer": "nothing: variables have their values when they are made",
    "compat.v1.disable_eager_execution": "nothing: every operation is traced, and has its value where sources have one",
    "compat.v1.disable_v2_behavior": "nothing: every operation is traced, and has its value where sources have one",
    "experimental": "nothing of it; of experimental.numpy, NumPy's functions on tensors: numpy.sin(x)",
    "experimental.numpy": "NumPy's functions on tensors: numpy.sin(x) is traced",
    "bitwise": "the operators & | ^ ~ of boolean tensors",
    "summary": "tracer.print(x), or x.numpy() in the tool that you use",
    "profiler": "cProfile or timeit around the call of a function that tracer.compile made",
    "raw_ops": "the function of the same name of tracer, in lower case with underscores",
    "saved_model": "tracer.compile(outputs, inputs).source, a module of NumPy to keep",
    "lite": "tracer.compile(outputs, inputs).source, a module of NumPy to keep",
    "signal.frame": "tracer.gather(x, starts[:, None] + numpy.arange(frame_length))",
    "image.flip_left_right": "tracer.reverse(image, [-2])",
    "image.flip_up_down": "tracer.reverse(image, [-3])",
    "image.total_variation": "tracer.reduce_sum(tracer.abs(x[..., 1:, :] - x[..., :-1, :])) for each axis",
    "feature_column": "tracer.one_hot(ids, depth) and tracer.gather(table, ids)",
    "sparse": "a dense tensor: tracer.scatter_nd(indices, values, shape)",
    "SparseTensor": "a dense tensor: tracer.scatter_nd(indices, values, shape)",
    "SparseTensorSpec": "tracer.TensorSpec(shape, dtype)",
    # tf.math.
    "math.accumulate_n": "tracer.add_n(inputs)",
    "math.approx_max_k": "tracer.top_k(x, k)",
    "math.approx_min_k": "tracer.top_k(-x, k)",
    "math.bessel_i0": "tracer.apply(sympy.besseli, 0, x)",
    "math.bessel_i1": "tracer.apply(sympy.besseli, 1, x)",
    "math.bessel_i0e": "tracer.exp(-tracer.abs(x)) * tracer.apply(sympy.besseli, 0, x)",
    "math.bessel_i1e": "tracer.exp(-tracer.abs(x)) * tracer.apply(sympy.besseli, 1, x)",
    "math.betainc": "tracer.apply(sympy.betainc_regularized, a, b, 0, x)",
    "math.igamma": "tracer.apply(lambda a, x: sympy.lowergamma(a, x) / sympy.gamma(a), a, x)",
    "math.igammac": "tracer.apply(lambda a, x: sympy.uppergamma(a, x) / sympy.gamma(a), a, x)",
    "math.lbeta": "tracer.reduce_sum(tracer.lgamma(x), -1) - tracer.lgamma(tracer.reduce_sum(x, -1))",
    "math.bincount": "tracer.math.unsorted_segment_sum(tracer.ones(ids.shape), ids, count)",
    "math.confusion_matrix": "tracer.matmul(tracer.one_hot(labels, n), tracer.one_hot(predictions, n), "
    "transpose_a=True)",
    "math.in_top_k": "tracer.reduce_any(tracer.top_k(predictions, k).indices == tracer.expand_dims(targets, -1), -1)",
    "math.invert_permutation": "tracer.argsort(x)",
    "math.is_non_decreasing": "tracer.reduce_all(x[:-1] <= x[1:])",
    "math.is_strictly_increasing": "tracer.reduce_all(x[:-1] < x[1:])",
    "math.zero_fraction": "tracer.reduce_mean(tracer.cast(x == 0, 'float64'))",
    "math.special": "the function of the same name of tracer.math, or tracer.apply with sympy's",
    # tf.nn.
    "nn.atrous_conv2d": "tracer.nn.conv2d(x, filters, 1, padding, dilations=rate)",
    "nn.conv1d_transpose": "tracer.gradients(tracer.nn.conv1d(y, filters, stride, padding), y, grad_ys=x)",
    "nn.conv2d_transpose": "tracer.gradients(tracer.nn.conv2d(y, filters, strides, padding), y, grad_ys=x)",
    "nn.conv_transpose": "tracer.gradients(tracer.nn.conv2d(y, filters, strides, padding), y, grad_ys=x)",
    "nn.crelu": "tracer.concat([tracer.nn.relu(x), tracer.nn.relu(-x)], -1)",
    "nn.approx_max_k": "tracer.top_k(x, k)",
    "nn.approx_min_k": "tracer.top_k(-x, k)",
    "nn.compute_average_loss": "tracer.reduce_sum(losses) / batch",
    "nn.scale_regularization_loss": "the loss itself: there is one replica",
    "nn.depth_to_space": "tracer.reshape and tracer.transpose",
    "nn.space_to_depth": "tracer.reshape and tracer.transpose",
    "nn.space_to_batch": "tracer.pad, tracer.reshape and tracer.transpose",
    "nn.pool": "tracer.nn.max_pool(x, size, strides, padding)",
    "nn.in_top_k": "tracer.reduce_any(tracer.top_k(predictions, k).indices == tracer.expand_dims(targets, -1), -1)",
    "nn.local_response_normalization": "x / (bias + alpha * window) ** beta, with window the sums of x**2 over "
    "channels",
    "nn.lrn": "x / (bias + alpha * window) ** beta, with window the sums of x**2 over channels",
    "nn.normalize_moments": "mean / count + shift, and variance / count - (mean / count) ** 2",
    "nn.sufficient_statistics": "tracer.nn.moments(x, axes)",
    "nn.weighted_moments": "tracer.reduce_sum(x * w, axes) / tracer.reduce_sum(w, axes), and the same of the squares",
    "nn.batch_norm_with_global_normalization": "tracer.nn.batch_normalization(x, mean, variance, offset, scale, "
    "epsilon)",
    "nn.zero_fraction": "tracer.reduce_mean(tracer.cast(x == 0, 'float64'))",
    # tf.linalg.
    "linalg.matrix_rank": "numpy.linalg.matrix_rank(x.numpy())",
    "linalg.banded_triangular_solve": "tracer.linalg.triangular_solve(matrix, rhs)",
    "linalg.eigh_tridiagonal": "tracer.linalg.eigh(matrix)",
    "linalg.tridiagonal_matmul": "tracer.matmul(matrix, rhs)",
    "linalg.tridiagonal_solve": "tracer.linalg.solve(matrix, rhs)",
    "linalg.experimental": "tracer.linalg.solve(matrix, rhs)",
    "linalg.LinearOperator": "the matrix itself: matrix @ x, tracer.linalg.solve(matrix, x), "
    "tracer.linalg.logdet(matrix)",
    "linalg.LinearOperatorDiag": "tracer.linalg.diag(d)",
    "linalg.LinearOperatorIdentity": "tracer.eye(n)",
    "linalg.LinearOperatorKronecker": "tracer.linalg.kron(a, b)",
    # tf.random.
    "random.Generator": "tracer.random.set_seed(seed), then tracer.random.normal(shape) and its like",
    "random.get_global_generator": "tracer.random.set_seed(seed), then tracer.random.normal(shape) and its like",
    "random.set_global_generator": "tracer.random.set_seed(seed)",
    "random.stateless_normal": "tracer.random.normal(shape, seed=seed)",
    "random.stateless_uniform": "tracer.random.uniform(shape, seed=seed)",
    "random.stateless_truncated_normal": "tracer.random.truncated_normal(shape, seed=seed)",
    "random.gamma": "tracer.constant(numpy.random.default_rng(seed).gamma(alpha, size=shape))",
    "random.stateless_gamma": "tracer.constant(numpy.random.default_rng(seed).gamma(alpha, size=shape))",
    "random.poisson": "tracer.constant(numpy.random.default_rng(seed).poisson(rate, size=shape))",
    "random.stateless_poisson": "tracer.constant(numpy.random.default_rng(seed).poisson(rate, size=shape))",
    "random.stateless_binomial": "tracer.constant(numpy.random.default_rng(seed).binomial(n, p, size=shape))",
    "random.categorical": "tracer.constant(numpy.random.default_rng(seed).choice(n, size=shape, p=p))",
    "random.stateless_categorical": "tracer.constant(numpy.random.default_rng(seed).choice(n, size=shape, p=p))",
    "random.split": "another seed",
    "random.fold_in": "another seed",
    # Methods.
    "Variable.scatter_update": "v.scatter_nd_update([[k]], [row])",
    "Variable.scatter_add": "v.scatter_nd_add([[k]], [row])",
    "Variable.scatter_sub": "v.scatter_nd_sub([[k]], [row])",
    "Variable.scatter_max": "v.scatter_nd_max([[k]], [row])",
    "Variable.scatter_min": "v.scatter_nd_min([[k]], [row])",
    "Variable.scatter_mul": "v[k].assign(v[k] * row)",
    "Variable.scatter_div": "v[k].assign(v[k] / row)",
    "Variable.batch_scatter_update": "v.scatter_nd_update(indices, rows)",
    "Variable.load": "v.assign(value)",
    "Variable.initialized_value": "v.read_value()",
    "Variable.initial_value": "a value that you keep",
    "Variable.experimental_ref": "v.ref()",
    "Variable.count_up_to": "v.assign_add(1)",
    "Tensor.experimental_ref": "x.ref()",
    # Names of NumPy and of JAX that are typed here.
    "array": "tracer.constant(value)",
    "asarray": "tracer.convert_to_tensor(value)",
    "sum": "tracer.reduce_sum(x), or numpy.sum(x)",
    "mean": "tracer.reduce_mean(x), or numpy.mean(x)",
    "prod": "tracer.reduce_prod(x), or numpy.prod(x)",
    "max": "tracer.reduce_max(x), or numpy.max(x)",
    "min": "tracer.reduce_min(x), or numpy.min(x)",
    "var": "tracer.math.reduce_variance(x), or numpy.var(x)",
    "std": "tracer.math.reduce_std(x), or numpy.std(x)",
    "dot": "x @ y, or numpy.dot(x, y)",
    "concatenate": "tracer.concat(values, axis)",
    "jit": "tracer.compile(outputs, inputs)",
    "jacrev": "tracer.jacobian(f)",
    "jacfwd": "tracer.jacobian(f)",
    "numpy": "NumPy's functions on tensors: numpy.sin(x) is traced",
}  # fmt: skip
"""What to write, by TensorFlow's name; a module's entry holds for all of its names that have none of their own."""

OUTSIDE = {
    "there are no complex numbers; write real and imaginary parts": """
        complex complex64 complex128 fftnd ifftnd irfftnd rfftnd signal math.angle math.conj math.imag math.real
        """,
    "eigenvalues of matrices that are not symmetric are complex; for symmetric ones write "
    "tracer.linalg.eigh(x) or tracer.linalg.eigvalsh(x)": "eig eigvals linalg.eig linalg.eigvals",
    "dtypes are float64, float32, int64, int32 and bool": """
        bfloat16 float16 half int8 int16 uint8 uint16 uint32 uint64 qint8 qint16 qint32 quint8 quint16 resource string
        variant quantization
        """,
    "it holds tensors of numbers; keep texts in Python": """
        as_string strings edit_distance fingerprint math.sobol_sample
        """,
    "every tensor is dense and every row of equal length; pad the rows with tracer.pad": """
        ragged RaggedTensor RaggedTensorSpec ragged_fill_empty_rows ragged_fill_empty_rows_grad sets
        """,
    "it reads and writes no data; iterate over arrays in Python": """
        audio data io image lookup queue NoneTensorSpec OptionalSpec lite
        """,
    "it works in one process and on one device": """
        CriticalSection DeviceSpec VariableAggregation VariableSynchronization AggregationMethod check_pinned config
        device distribute dtensor tpu Variable.aggregation Variable.synchronization Variable.constraint
        Variable.initializer Variable.from_proto Variable.to_proto Variable.SaveSliceInfo
        """,
    "there are no graph files and no compiler of TensorFlow's; the graph of a tensor is x.graph, its code "
    "tracer.compile(outputs, inputs).source": """
        IndexedSlicesSpec autograph graph_util import_graph_def keras.saving load_library load_op_library
        make_ndarray make_tensor_proto mlir security sysconfig tools types xla Tensor.OVERLOADABLE_OPERATORS
        TensorArray.flow TensorArray.grad TensorArray.handle
        """,
    "it is not served; write its formula in tracer's functions": """
        extract_volume_patches random_index_shuffle math.nextafter
        nn.RNNCellDeviceWrapper nn.RNNCellDropoutWrapper nn.RNNCellResidualWrapper nn.all_candidate_sampler
        nn.atrous_conv2d_transpose nn.avg_pool3d nn.collapse_repeated nn.compute_accidental_hits nn.conv3d
        nn.conv3d_transpose nn.ctc_beam_search_decoder nn.ctc_greedy_decoder nn.ctc_loss nn.ctc_unique_labels
        nn.depthwise_conv2d nn.depthwise_conv2d_backprop_filter nn.depthwise_conv2d_backprop_input nn.dilation2d
        nn.embedding_lookup_sparse nn.erosion2d nn.experimental nn.fixed_unigram_candidate_sampler
        nn.fractional_avg_pool nn.fractional_max_pool nn.isotonic_regression nn.learned_unigram_candidate_sampler
        nn.max_pool3d nn.max_pool_with_argmax nn.nce_loss nn.safe_embedding_lookup_sparse nn.sampled_softmax_loss
        nn.separable_conv2d nn.with_space_to_batch
        """,
    "matrices are tensors; write their product, tracer.linalg.solve(matrix, x) or tracer.linalg.logdet(matrix)": """
        linalg.LinearOperatorAdjoint linalg.LinearOperatorBlockDiag linalg.LinearOperatorBlockLowerTriangular
        linalg.LinearOperatorCirculant linalg.LinearOperatorCirculant2D linalg.LinearOperatorCirculant3D
        linalg.LinearOperatorComposition linalg.LinearOperatorFullMatrix linalg.LinearOperatorHouseholder
        linalg.LinearOperatorInversion linalg.LinearOperatorLowRankUpdate linalg.LinearOperatorLowerTriangular
        linalg.LinearOperatorPermutation linalg.LinearOperatorScaledIdentity linalg.LinearOperatorToeplitz
        linalg.LinearOperatorTridiag linalg.LinearOperatorZeros
        """,
    "random numbers are NumPy's; write tracer.constant(numpy.random.default_rng(seed).normal(size=shape))": """
        random.Algorithm random.all_candidate_sampler random.create_rng_state random.experimental
        random.fixed_unigram_candidate_sampler random.learned_unigram_candidate_sampler
        random.log_uniform_candidate_sampler random.stateless_parameterized_truncated_normal
        random.uniform_candidate_sampler
        """,
}
"""The names that have no counterpart, by the reason; a module stands for all of its names."""

SAME = ("compat.v1", "compat.v2", "keras.activations", "keras.ops", "keras.backend", "math.special")
"""Modules whose names are those of tracer, tracer.nn, tracer.math or tracer.linalg, where these have them."""

_REASONS = {name: reason for reason, names in OUTSIDE.items() for name in names.split()}


def explain(path: Sequence[str], found: Callable[[str], str | None]) -> str | None:
    """What to write for a name of TensorFlow's; None if it is none.

    Parameters
    ----------
    path : sequence of str
        The name with the modules before it: ``("keras", "losses", "MSE")``.
    found : callable
        Where a name stands in this library, such as ``"tracer.nn.relu"``, or None.

    Examples
    --------
    >>> print(explain(["truncatediv"], lambda name: None))
    tf.truncatediv is not in tracer; write tracer.sign(x / y) * tracer.floor(tracer.abs(x / y))
    """
    whole = ".".join(path)
    for prefix in SAME if whole not in WRITE else ():
        if whole.startswith(prefix + "."):
            rest = path[prefix.count(".") + 1 :]
            here = found(rest[0]) or found(rest[-1])
            if here is not None:
                return f"tf.{whole} is not in tracer; write {here}"
            if prefix.startswith("compat"):
                inner = explain(rest, found)
                if inner is not None:
                    return inner.replace(f"tf.{'.'.join(rest)}", f"tf.{whole}", 1)
    for count in range(len(path), 0, -1):
        name = ".".join(path[:count])
        if name in WRITE:
            return f"tf.{whole} is not in tracer; write {WRITE[name]}"
        if name in _REASONS:
            return f"tf.{whole} is outside tracer: {_REASONS[name]}"
    return None


def missing(
    module: str, name: str, public: Iterable[str], found: Callable[[str], str | None], elsewhere: Iterable[str] = ()
) -> AttributeError:
    """The error for a name that a module of this library lacks.

    Parameters
    ----------
    module : str
        ``"tracer"``, ``"tracer.nn"`` and so on.
    name : str
    public : iterable of str
        The module's names, among which near ones are looked for.
    found : callable
        As for :func:`explain`.
    elsewhere : iterable of str
        The names of all modules, where the module itself has no near one.
    """
    here = found(name)
    if here is not None and here != f"{module}.{name}":
        return AttributeError(f"module {module!r} has no attribute {name!r}; write {here}")
    path = [*module.split(".")[1:], name, *_names_after(sys._getframe(1), name)]
    text = explain(path, found)
    if text is not None:
        return AttributeError(text)
    near = _near(name, public) or [found(n) or n for n in _near(name, elsewhere)]
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return AttributeError(f"module {module!r} has no attribute {name!r}{hint}")


def _near(name: str, public: Iterable[str]) -> list[str]:
    """The names that are spelled much like another, else the longest that it begins with: ``det`` of determinant."""
    names = [n for n in public if not n.startswith("_")]
    beginnings = [n for n in names if len(n) > 2 and name.startswith(n)]
    return difflib.get_close_matches(name, names, 3, 0.7) or sorted(beginnings, key=len)[-1:]


def _names_after(frame: FrameType | None, name: str) -> list[str]:
    """The attributes that the caller asks for after this one: of ``tf.keras.losses.MSE``, what follows ``keras``."""
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "tracer":
        frame = frame.f_back
    if frame is None:
        return []
    names: list[str] = []
    seen = False
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset < frame.f_lasti or instruction.opname == "EXTENDED_ARG":
            continue
        attribute = instruction.opname in ("LOAD_ATTR", "LOAD_METHOD")
        if not seen:
            if not attribute or instruction.argval != name:
                return []
            seen = True
        elif attribute:
            names.append(str(instruction.argval))
        else:
            break
    return names
