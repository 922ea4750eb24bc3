"""Pictures of a graph: DOT text, and what draws it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tracer.nest import shown

if TYPE_CHECKING:
    import graphviz

    AnyPath = TypeVar("AnyPath", bound=str | os.PathLike[str])

FORMATS = (".svg", ".png", ".pdf", ".dot")


def to_graphviz(
    tensors: object,
    gradients: object = None,
    view: str = "forward",
    depth: int | None = None,
    max_nodes: int = 400,
    explain: object = None,
) -> graphviz.Digraph:
    """The graph of tensors, and of their gradients, as a Graphviz drawing.

    A node shows its name, its formula in the names of its operands, its operation and its shape. Nodes are numbered
    within the picture, so that the text depends on the graph alone.

    Parameters
    ----------
    tensors : Tensor or nest of tensors
        What is drawn, with all that it depends on.
    gradients : nest or dict, optional
        Gradients; or a dict from each source to its gradient, which may be None. By default, where the view asks for
        them, those of ``tensors`` by all placeholders and trainable variables.
    view : {"forward", "backward", "both"}
        The computation, the reverse pass with what it reads, or both.
    depth : int, optional
        Draw name scopes as one node each from this level on: 0 collapses the outermost, 1 the next inner. By default
        none are collapsed, and each is a box around its operations.
    max_nodes : int
        The largest picture.
    explain : Connection, Diagnosis or nest, optional
        Answers of :func:`tracer.explain`: the way that a gradient takes is lit, and what cuts it is red and says why.
        A source whose gradient is given as None is explained without being asked. Answers of :func:`tracer.diagnose`:
        the first node that is not finite is red and says what it needs.

    Returns
    -------
    graphviz.Digraph
        Its ``source`` is the DOT text; in a notebook it shows itself.

    Raises
    ------
    ValueError
        If the view is unknown, or the graph has more than ``max_nodes`` nodes.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> drawing = tracer.to_graphviz(x * tracer.stop_gradient(y))
    >>> "octagon" in drawing.source
    True
    """
    from tracer.draw import dot, picture

    return dot.draw(picture.picture_of(tensors, gradients, view, depth, max_nodes, explain))


def render(tensors: object, filename: AnyPath, **options: Any) -> AnyPath:
    """Draw the graph of tensors into a file.

    Parameters
    ----------
    tensors : Tensor or nest of tensors
        What is drawn, with all that it depends on.
    filename : str or path
        Its extension says the format: ``.svg``, ``.png``, ``.pdf`` or ``.dot``.
    **options
        Those of :func:`to_graphviz`.

    Returns
    -------
    str or path
        The filename.

    Raises
    ------
    TypeError
        If the file name is neither a string nor a path.
    ValueError
        If the extension is none of these, or the file can't be written.
    RuntimeError
        If nothing that draws is installed, or the layout fails; then no file is left behind.

    Examples
    --------
    >>> import pathlib, tempfile, tracer
    >>> x = tracer.symbols("x")
    >>> path = pathlib.Path(tempfile.mkdtemp(), "cube.dot")
    >>> tracer.render(x**3, path).read_text().startswith("digraph")
    True
    """
    from tracer.draw.renderers import picture

    if not isinstance(filename, (str, os.PathLike)):
        raise TypeError(f"render takes a file name, got {shown(filename)}; write for instance render(y, 'y.svg')")
    path = Path(filename)
    extension = path.suffix.lower()
    if extension not in FORMATS:
        known = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        raise ValueError(f"can't draw into {path.name!r}; its name must end in {known}")
    source = to_graphviz(tensors, **options).source
    drawn = source.encode() if extension == ".dot" else picture(source, extension[1:])
    _write(path, drawn)
    return filename


def _write(path: Path, content: bytes) -> None:
    """A file with a content, or none: what was half written goes."""
    try:
        target = Path(os.path.realpath(path))  # a link stays one
        part = target.with_name(f".{target.name[:40]}.{os.getpid()}.part")
        try:
            part.write_bytes(content)
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"can't write {str(path)!r}: {reason}; name a file in a directory that is there") from None
