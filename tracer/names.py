"""Names of tensors: any text is kept as it was given, and spelled as an identifier where formulas and code need one."""

from __future__ import annotations

import weakref

from tracer.nest import shown


class Label(str):
    """The identifier that stands for a name which is none; ``full`` is the name.

    Examples
    --------
    >>> label = Label("dense/kernel:0")
    >>> label, label.full
    ('dense_kernel', 'dense/kernel:0')
    """

    __slots__ = ("full",)
    full: str

    def __new__(cls, full: str) -> Label:
        label = super().__new__(cls, spell(full))
        label.full = full
        return label

    def __reduce__(self) -> tuple[type[Label], tuple[str]]:
        return Label, (self.full,)


def spell(name: str) -> str:
    """An identifier like a name; the number of a first output goes, and what no identifier may hold is an underscore.

    Examples
    --------
    >>> spell("dense/kernel:0"), spell("my weight"), spell("3d"), spell("!")
    ('dense_kernel', 'my_weight', 'x_3d', 'x')
    """
    if name.isidentifier():
        return name
    words = "".join(c if f"x{c}".isidentifier() else " " for c in name.removesuffix(":0")).split()
    joined = "_".join(words)
    return joined if joined.isidentifier() else f"x_{joined}" if joined else "x"


class Uses:
    """The names of operations that are alive, for later ones to get others: ``logits``, ``logits_1``, ..."""

    def __init__(self) -> None:
        self._bearers: weakref.WeakValueDictionary[str, object] = weakref.WeakValueDictionary()
        self._last: dict[str, int] = {}

    def claim(self, name: str, bearer: object) -> str:
        """A name like the wanted one that nothing else bears."""
        found = name
        if name in self._bearers:
            count = self._last.get(name, 0) + 1
            while f"{name}_{count}" in self._bearers:
                count += 1
            self._last[name] = count
            found = f"{name}_{count}"
        else:
            self._last.pop(name, None)
        self._bearers[found] = bearer
        return found


def checked_name(name: object) -> str:
    """A name that was given, as the label that bears it.

    Raises
    ------
    TypeError
        If it is no text, or empty.
    """
    if type(name) is str and name.isidentifier():
        return name
    if not isinstance(name, str) or not name:
        raise TypeError(f"a name must be a non-empty string, got {shown(name)}")
    if isinstance(name, Label):
        return name
    return str(name) if name.isidentifier() else Label(name)
