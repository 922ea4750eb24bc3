"""The docstring and the imports of a source."""

from tracer.backends.source_texts import write_docstring, write_imports


def test_names_of_one_module_are_imported_together():
    imports = ["from typing import Any", "from collections.abc import Sequence", "from collections.abc import Callable"]
    assert write_imports(imports) == "from collections.abc import Callable, Sequence\nfrom typing import Any"


def test_a_docstring_is_closed_by_nothing_in_it():
    text = write_docstring('one\n\n"""two\\')
    scope = {}
    exec(f"def f():\n{text}    return 1\n", scope)
    assert scope["f"].__doc__.split() == ["one", '"""two\\']
