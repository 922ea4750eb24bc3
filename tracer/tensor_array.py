"""Lists of tensors of one dtype, written and read by index, as loops fill them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex

from tracer import shapes
from tracer.dtypes import FLOATS, DTypeLike, as_dtype
from tracer.ops.casting import cast
from tracer.ops.creation import zeros
from tracer.ops.indexing import unstack
from tracer.ops.structure import concat, stack
from tracer.shapes import ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor
from tracer.tensor_shape import TensorShape
from tracer.tracebacks import concise_methods


@concise_methods("__init__", "write", "read", "stack", "concat", "gather", "unstack", "scatter", "split")
class TensorArray:
    """A list of tensors of one dtype; what is written to it keeps its gradient.

    Parameters
    ----------
    dtype : str
    size : int, optional
        How many elements there are, 0 by default.
    dynamic_size : bool, optional
        Whether a write beyond the end makes it longer.
    clear_after_read : bool, optional
        Whether an element may be read only once, as in TensorFlow by default.
    tensor_array_name, handle, flow, colocate_with_first_write_call, name : optional
        Accepted for TensorFlow's sake.
    infer_shape : bool, optional
        Whether all elements must have the shape of the first that is written.
    element_shape : shape, optional
        The shape of the elements, with None for dimensions that are not known.

    Examples
    --------
    >>> import tracer as tf
    >>> x = tf.symbols("x")
    >>> powers = tf.TensorArray("float64", size=3)
    >>> for k in range(3):
    ...     powers = powers.write(k, x ** (k + 1))
    >>> tf.gradients(powers.stack()[2], x)[0].formula()
    3*x**2
    """

    def __init__(
        self,
        dtype: DTypeLike,
        size: SupportsIndex | None = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: object = None,
        flow: object = None,
        infer_shape: bool = True,
        element_shape: ShapeLike = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        self._dtype = as_dtype(dtype) or "float64"
        self._elements: list[Tensor | None] = [None] * (0 if size is None else shapes.integer(size, "the size"))
        self._cleared: set[int] = set()
        self._dynamic = bool(dynamic_size)
        self._clears = clear_after_read is not False
        self._infers = infer_shape
        self._shape = None if element_shape is None else TensorShape(element_shape)

    def __repr__(self) -> str:
        return f"<TensorArray size={len(self._elements)} dtype={self._dtype} element_shape={self._shape}>"

    @property
    def dtype(self) -> str:
        """The dtype of the elements."""
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        """Whether a write beyond the end makes it longer."""
        return self._dynamic

    @property
    def element_shape(self) -> TensorShape | None:
        """The shape of the elements; None where it is not known."""
        return self._shape

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are."""
        return as_tensor(len(self._elements))

    def write(self, index: SupportsIndex, value: TensorLike, name: str | None = None) -> TensorArray:
        """Write one element.

        Returns
        -------
        TensorArray
            The array itself.

        Raises
        ------
        IndexError
            If the index is negative, or beyond the end of an array of fixed size.
        TypeError, ValueError
            If the value has another dtype or shape than the elements.
        """
        k = shapes.integer(index, "an index of a TensorArray")
        if k < 0:
            raise IndexError(f"write to the index {k} of a TensorArray; indices begin at 0")
        if k >= len(self._elements):
            if not self._dynamic:
                raise IndexError(
                    f"write to the index {k} of a TensorArray of size {len(self._elements)}; "
                    "create it with dynamic_size=True, or with a greater size"
                )
            self._elements += [None] * (k + 1 - len(self._elements))
        self._elements[k] = self._checked(value)
        self._cleared.discard(k)
        return self

    def _checked(self, value: TensorLike) -> Tensor:
        tensor = as_tensor(value)
        if tensor.dtype != self._dtype:
            if isinstance(value, Tensor) or (tensor.dtype in FLOATS and self._dtype not in FLOATS):
                raise TypeError(
                    f"a TensorArray of dtype {self._dtype} can't hold {tensor.name} of dtype {tensor.dtype}; "
                    f"write cast(value, {self._dtype!r})"
                )
            tensor = cast(tensor, self._dtype)
        if self._shape is not None and not self._shape.is_compatible_with(tensor.shape):
            raise ValueError(
                f"the elements of this TensorArray have the shape {shapes.show(self._shape)}, {tensor.name} has "
                f"{shapes.show(tensor.shape)}; create it with infer_shape=False for elements of different shapes"
            )
        if self._infers:
            self._shape = TensorShape(tensor.shape) if self._shape is None else self._shape.merge_with(tensor.shape)
        return tensor

    def read(self, index: SupportsIndex, name: str | None = None) -> Tensor:
        """One element; zeros where nothing was written, if the shape is known.

        Raises
        ------
        IndexError
            If there is no such element.
        ValueError
            If it was read before and ``clear_after_read`` is not False, or was not written and has no known shape.
        """
        k = shapes.integer(index, "an index of a TensorArray")
        if not 0 <= k < len(self._elements):
            raise IndexError(f"read of the index {k} of a TensorArray of size {len(self._elements)}")
        found = self._element(k)
        if self._clears:
            self._cleared.add(k)
        return found

    def _element(self, k: int) -> Tensor:
        if k in self._cleared:
            raise ValueError(
                f"the element {k} of a TensorArray was read before; create it with clear_after_read=False to read again"
            )
        found = self._elements[k]
        if found is not None:
            return found
        if self._shape is None or None in self._shape:
            raise ValueError(f"the element {k} of a TensorArray was not written, and has no known shape")
        return zeros(self._shape, self._dtype)

    def _all(self) -> list[Tensor]:
        return [self._element(k) for k in range(len(self._elements))]

    def stack(self, name: str | None = None) -> Tensor:
        """The elements along a new first axis."""
        return stack(self._all()) if self._elements else self._nothing()

    def concat(self, name: str | None = None) -> Tensor:
        """The elements one after the other along their first axis."""
        return concat(self._all(), 0) if self._elements else self._nothing()

    def _nothing(self) -> Tensor:
        return zeros((0, *(d for d in self._shape or () if d is not None)), self._dtype)

    def gather(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The elements at indices that have values, along a new first axis."""
        return stack([self.read(k) for k in as_tensor(indices).numpy().ravel().tolist()])

    def unstack(self, value: TensorLike, name: str | None = None) -> TensorArray:
        """Write the slices of a tensor along its first axis.

        Raises
        ------
        ValueError
            If there are more of them than elements, and the size is fixed.
        """
        rows = unstack(as_tensor(value))
        if len(rows) > len(self._elements) and not self._dynamic:
            raise ValueError(
                f"{len(rows)} slices do not fit a TensorArray of size {len(self._elements)}; "
                "create it with dynamic_size=True, or with a greater size"
            )
        return self._filled(enumerate(rows))

    def scatter(self, indices: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """Write the slices of a tensor along its first axis at indices that have values."""
        return self._filled(zip(as_tensor(indices).numpy().ravel().tolist(), unstack(as_tensor(value))))

    def split(self, value: TensorLike, lengths: TensorLike, name: str | None = None) -> TensorArray:
        """Write parts of a tensor of the given lengths along its first axis."""
        tensor = as_tensor(value)
        counts = as_tensor(lengths).numpy().ravel().tolist()
        total = sum(counts)
        if not tensor.shape or tensor.shape[0] != total:
            raise ValueError(
                f"parts of the lengths {counts} have {total} slices together, {tensor.name} has the shape "
                f"{shapes.show(tensor.shape)}"
            )
        starts = [sum(counts[:k]) for k in range(len(counts))]
        if len(set(counts)) > 1:
            self._infers = False
        return self._filled((k, tensor[s : s + n]) for k, (s, n) in enumerate(zip(starts, counts)))

    def _filled(self, pairs: Iterable[tuple[int, Tensor]]) -> TensorArray:
        for k, row in pairs:
            self.write(k, row if row.dtype == self._dtype else cast(row, self._dtype))
        return self

    def identity(self) -> TensorArray:
        """The array itself."""
        return self

    def close(self, name: str | None = None) -> None:
        """Forget the elements."""
        self._elements = []
