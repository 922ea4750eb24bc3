"""One walk over the graph, which readings of it subclass."""

import pytest

import tracer
from tracer.reader import Reader


class Text(Reader):
    def literal(self, value):
        return str(value)

    def source(self, tensor):
        return tensor.name

    def elementwise(self, tensor, *parts):
        return f"{tensor.op}({', '.join(parts)})"

    def contraction(self, tensor, *parts):
        return f"[{tensor.params.text()}]({', '.join(parts)})"

    def row(self, tensor, *parts):
        return f"<{tensor.op}>({', '.join(parts)})"


def test_each_kind_of_operation_is_asked_for():
    X, w = tracer.placeholder("X", ("n", "m")), tracer.placeholder("w", ("m",))
    assert Text().read([tracer.cumsum(2 * tracer.sin(X @ w))]) == ["<cumsum>(multiply(2, sin([ab,b->a](X, w))))"]


def test_a_node_is_visited_once_and_nothing_recurses():
    visits = []

    class Count(Text):
        def elementwise(self, tensor, *parts):
            visits.append(tensor.node)
            return ""

    x = tracer.symbols("x")
    y = x
    for _ in range(3000):
        y = y + y
    Count().read([y, y])
    assert len(visits) == 3000


def test_what_lies_behind_a_stop_is_not_looked_at():
    x = tracer.symbols("x")
    u = tracer.sin(x)
    reader = Text()
    reader.parts[u.node] = "u"
    assert reader.read([tracer.cos(u)], stop=lambda t: t is u) == ["cos(u)"]


def test_a_reading_that_says_nothing_of_some_operations_is_refused_by_their_name():
    class Partial(Text):
        row = Reader.row

    with pytest.raises(TypeError, match=r"abstract class Partial .*method '?row"):
        Partial()
