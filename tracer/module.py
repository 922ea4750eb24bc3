"""Modules: objects that find the variables among their attributes."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Concatenate, ParamSpec, TypeVar

from tracer import nest
from tracer.control import name_scope
from tracer.nest import shown
from tracer.tracebacks import concise_methods
from tracer.variable import Variable

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound="Module")
_PRIVATE = ("_name",)
_WORDS = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


@concise_methods("__init__")
class Module:
    """The base of layers and models: it finds variables and modules among its attributes.

    Attributes are looked through in alphabetical order, lists, tuples and dictionaries within them included; those of a
    module itself come before those of the modules within it, and each object comes once.

    Parameters
    ----------
    name : str, optional
        A Python identifier; by default the class's name in lower case with underscores.

    Examples
    --------
    >>> import tracer as tf
    >>> class Dense(tf.Module):
    ...     def __init__(self, inputs, outputs):
    ...         super().__init__()
    ...         self.w = tf.Variable(tf.random.normal([inputs, outputs]), name="w")
    ...         self.b = tf.Variable(tf.zeros([outputs]), name="b")
    ...
    ...     def __call__(self, x):
    ...         return tf.tanh(x @ self.w + self.b)
    >>> layer = Dense(3, 2)
    >>> layer.name, [v.name for v in layer.trainable_variables]
    ('dense', ['b', 'w'])
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = _WORDS.sub(r"_\1", type(self).__name__).lower()
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(
                f"{shown(name)} is not a name of a module; write a Python identifier, for instance 'layer1'"
            )
        self._name = name

    @property
    def name(self) -> str:
        """The name that was given, or that of the class in lower case with underscores.

        Raises
        ------
        AttributeError
            If the constructor did not call ``super().__init__()``.
        """
        try:
            return self._name
        except AttributeError:
            raise AttributeError(
                f"{type(self).__name__} has no name yet; call super().__init__() first in its __init__"
            ) from None

    @property
    def name_scope(self) -> AbstractContextManager[str]:
        """A context manager that groups operations under the module's name; see :func:`tracer.name_scope`."""
        return name_scope(self.name)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of the module and of the modules within it."""
        return tuple(leaf for leaf in _walk(self) if isinstance(leaf, Variable))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are trainable."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are not trainable."""
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self) -> tuple[Module, ...]:
        """The modules within the module, at any depth."""
        return tuple(leaf for leaf in _walk(self) if isinstance(leaf, Module))

    @classmethod
    def with_name_scope(cls, method: Callable[Concatenate[M, P], R]) -> Callable[Concatenate[M, P], R]:
        """Decorate a method so that its operations are grouped under the module's name.

        Examples
        --------
        >>> import tracer as tf
        >>> class Double(tf.Module):
        ...     @tf.Module.with_name_scope
        ...     def __call__(self, x):
        ...         return 2 * x
        >>> Double()(tf.constant(1.0)).name.startswith("double/multiply")
        True
        """

        @functools.wraps(method)
        def scoped(self: M, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return scoped


def _walk(module: Module) -> Iterator[object]:
    """What stands in the attributes of a module and of the modules within it, each object once."""
    seen = {id(module)}
    pending = [module]
    while pending:
        inner: list[Module] = []
        attributes = vars(pending.pop())
        for key in sorted(attributes):
            for leaf in nest.flatten(attributes[key]) if key not in _PRIVATE else ():
                if id(leaf) not in seen:
                    seen.add(id(leaf))
                    yield leaf
                    if isinstance(leaf, Module):
                        inner.append(leaf)
        pending += reversed(inner)
