"""The networkx view of the trace: what it shows, what it refuses, when nodes go; and the checker of traces."""

import time
import weakref

import networkx as nx
import pytest
import sympy

import tracer
from tests.helpers import free_own_garbage
from tracer import rules, tensor
from tracer.alive import live
from tracer.checking import check, node_faults
from tracer.graph import GRAPH, _tensor
from tracer.ops.contraction import operation
from tracer.rules import TABLE
from tracer.shapes import Subscripts
from tracer.tensor import Tensor


@pytest.fixture
def x():
    return tracer.placeholder("x", shape=("n",))


@pytest.fixture
def alone():
    """The graph of a test shows nothing that other tests have left."""
    others = dict(live)
    live.clear()
    yield
    own = dict(live)
    live.clear()
    live.update((key, r) for key, r in others.items() if r() is not None)
    live.update(own)


@pytest.mark.usefixtures("alone")
class TestView:
    def test_edges_bear_positions(self, x):
        y = x * x
        z = tracer.where(y > 0, x, y)
        assert list(y.graph.in_edges(y.node, keys=True)) == [(x.node, y.node, 0), (x.node, y.node, 1)]
        assert sorted(k for _, _, k in z.graph.in_edges(z.node, keys=True)) == [0, 1, 2]
        assert set(z.graph.successors(x.node)) == {y.node, z.node}
        assert z.graph.number_of_edges(x.node, y.node) == 2
        assert z.graph.has_edge(x.node, y.node, 1)
        assert not z.graph.has_edge(y.node, x.node)

    def test_edges_leave_where_they_arrive_from(self, x):
        for _ in range(3):  # the view is made again when tensors come and when they go
            y = x * x + tracer.sin(x)
            assert set(y.graph.out_edges(keys=True)) == set(y.graph.in_edges(keys=True))
            del y
            assert set(x.graph.out_edges(keys=True)) == set(x.graph.in_edges(keys=True))

    @pytest.mark.unchecked
    def test_what_has_gone_costs_nothing(self, x):
        y = x * x

        def measure():
            times = []
            for _ in range(5):
                started = time.process_time()
                for _ in range(200):
                    assert not y.graph.succ[y.node]
                times.append(time.process_time() - started)
            return min(times)

        before = measure()
        many = [x * x for _ in range(40_000)]
        assert len(many) < len(live)
        del many
        assert measure() < 5 * before

    def test_literals_have_no_edge(self, x):
        y = 2 * x
        assert list(y.graph.in_edges(y.node, keys=True)) == [(x.node, y.node, 1)]
        assert y.graph.nodes[y.node]["args"] == (2, x.node)

    def test_attributes(self, x):
        y = tracer.sin(x)
        node = y.graph.nodes[y.node]
        assert set(node) == {"op", "args", "params", "shape", "dtype", "name", "expr"}
        assert len(node) == 7
        assert (node["op"], node["shape"], node["dtype"], node["name"]) == ("sin", x.shape, "float64", y.name)
        assert isinstance(node["expr"], sympy.Basic)
        assert node["expr"] == y.expr
        with pytest.raises(KeyError):
            node["colour"]
        assert dict(y.graph.nodes(data="op"))[y.node] == "sin"

    def test_every_source_is_in_the_one_graph(self, x):
        assert tracer.Variable(1.0).graph is tracer.constant(1.0).graph is x.graph is GRAPH

    def test_algorithms(self, x):
        y = tracer.exp(x) + x
        assert nx.is_directed_acyclic_graph(y.graph)
        assert nx.ancestors(y.graph, y.node) == {x.node, y.node - 1}
        assert nx.descendants(y.graph, x.node) == {y.node - 1, y.node}
        assert nx.shortest_path_length(y.graph, x.node, y.node) == 1
        order = [k for k in nx.topological_sort(y.graph) if k >= x.node]
        assert order == sorted(order)

    def test_garbage_does_not_go_while_an_algorithm_runs(self):
        x = tracer.Variable(1.0)
        y = x * 2 + 1
        assert y > 0  # the variable and the decision hold each other
        del x, y
        kept = tracer.placeholder("kept") * 2
        order = nx.topological_sort(kept.graph)
        first = next(order)
        free_own_garbage()
        assert kept.node in [first, *order]

    def test_a_variable_is_seen_by_its_current_value(self):
        v = tracer.Variable(1.0)
        old = v * v
        v.assign(2.0)
        new = v * v
        assert v.node == new.args[0].node != old.args[0].node
        assert list(v.graph.successors(v.node)) == [new.node]

    @pytest.mark.parametrize(
        "change",
        [
            lambda g: g.add_node(0),
            lambda g: g.add_edge(0, 1),
            lambda g: g.remove_node(0),
            lambda g: g.remove_edge(0, 1),
            lambda g: g.add_nodes_from([1]),
            lambda g: g.add_edges_from([(0, 1)]),
            lambda g: g.update([(0, 1)]),
            lambda g: g.clear(),
            lambda g: g.remove_nodes_from([0]),
            lambda g: g.remove_edges_from([(0, 1)]),
        ],
    )
    def test_it_is_read_only(self, x, change):
        with pytest.raises(TypeError, match="copy"):
            change(x.graph)

    def test_copies_are_plain_and_may_be_edited(self, x):
        y = x * x
        plain = nx.MultiDiGraph(y.graph.subgraph([x.node, y.node]))
        plain.add_edge(y.node, "more")
        assert sorted(plain.edges(x.node, keys=True)) == [(x.node, y.node, 0), (x.node, y.node, 1)]
        assert "more" not in y.graph
        assert plain.nodes[y.node]["op"] == "multiply"
        copy = y.graph.copy()
        copy.remove_node(x.node)
        assert x.node in y.graph
        assert y.node in copy
        assert set(y.graph.reverse().successors(y.node)) == {x.node}

    def test_missing_nodes(self, x):
        missing = x.node + 10**9
        assert missing not in x.graph
        with pytest.raises(KeyError):
            x.graph.nodes[missing]
        with pytest.raises(nx.NetworkXError):
            x.graph.predecessors(missing)


class TestLifetime:
    """What is freed here is freed by reference counting: while a test runs, no garbage is looked for."""

    def test_a_result_goes_with_its_last_handle(self, x):
        before = len(live)
        y = tracer.sin(x * x) + 1
        assert len(live) == before + 3
        keys = set(nx.ancestors(y.graph, y.node))
        assert x.node in keys
        del y
        assert len(live) == before
        assert x.node in x.graph

    def test_a_gradient_goes_too(self):
        v = tracer.Variable([1.0, 2.0])
        before = len(live)
        with tracer.GradientTape() as tape:
            loss = tracer.reduce_sum(tracer.sin(v) * v)
        g = tape.gradient(loss, v)
        assert len(live) > before
        del g, loss, tape
        assert len(live) == before

    def test_jacobians_and_hessians_go(self):
        def f(x):
            return tracer.reduce_sum(tracer.sin(x) * x[0])

        tracer.hessian(f)([1.0, 2.0]).numpy()
        before = len(live)
        tracer.hessian(f)([1.0, 2.0]).numpy()
        tracer.jvp(f, ([1.0, 2.0],), ([1.0, 0.0],))[1].numpy()
        assert len(live) == before

    def test_assigned_values_go(self):
        v = tracer.Variable(1.0)
        before = len(live)
        for _ in range(20):
            v.assign_add(1.0)
        assert len(live) == before
        assert v.numpy() == 21.0
        assert len(v.versions()) == 1

    def test_the_view_follows(self, x):
        y = x + 1
        assert set(x.graph.successors(x.node)) == {y.node}
        z = x + 2
        assert set(x.graph.successors(x.node)) == {y.node, z.node}
        del y
        assert set(x.graph.successors(x.node)) == {z.node}
        assert list(x.graph.predecessors(z.node)) == [x.node]

    def test_a_node_that_goes_while_the_view_is_read(self, x):
        kept = [x + k for k in range(20)]
        seen = []
        for key in x.graph:
            if kept:
                kept.pop()
            seen.append(key)
        assert x.node in seen


class TestCheck:
    """Each planted fault is found; without it nothing is."""

    def test_a_sound_trace(self, x):
        v = tracer.Variable([[1.0, 2.0]])
        y = tracer.reduce_mean(v @ tracer.transpose(v) + 0.5) * x[0]
        check([y, tracer.gradients(y, [v, x])])
        check(v)

    def test_not_a_trace(self):
        with pytest.raises(TypeError, match="3"):
            check(3)

    def plant(self, rule, args, params, shape, dtype):
        """A node made past the operations, and so past the check at its creation."""
        made = Tensor()
        made.expression = None
        for slot, value in zip(("rule", "args", "params", "shape", "dtype"), (rule, args, params, shape, dtype)):
            setattr(made, slot, value)
        made.context, made.value, made.label = tensor.context.get(), None, None
        made.node = tensor.next_key()
        live[made.node] = weakref.ref(made)
        return made

    @pytest.mark.parametrize(
        ("fault", "text"),
        [
            (lambda x: (TABLE["sin"], (x,), None, (3,), "float64"), r"shape is \(3,\)"),
            (lambda x: (TABLE["sin"], (x,), None, x.shape, "float32"), "dtype is float32"),
            (lambda x: (TABLE["sin"], (x,), None, x.shape, "float16"), "float16.* unknown"),
            (lambda x: (TABLE["add"], (x,), None, x.shape, "float64"), "takes 2"),
            (lambda x: (TABLE["less"], (x, 0), None, x.shape, "float64"), "dtype is float64"),
            (
                lambda x: (rules.Elementwise("open", rules.argument(1) + 1, 1), (x,), None, x.shape, "float64"),
                "not closed",
            ),
            (lambda x: (operation("reduce_sum"), (x,), Subscripts(((0,),), ()), x.shape, "float64"), "give the shape"),
            (
                lambda x: (operation("reduce_sum"), (x,), Subscripts(((0, 1),), ()), (), "float64"),
                "do not fit the ranks",
            ),
            (lambda x: (operation("reduce_sum"), (x,), Subscripts(((0,),), ()), (), "float32"), "dtype is float32"),
            (
                lambda x: (operation("diag"), (x,), Subscripts(((0,),), (0, 0)), (*x.shape, 2), "float64"),
                "give the shape",
            ),
            (lambda x: (tensor.CONSTANT, (x,), None, (), "float64"), "has arguments"),
        ],
    )
    def test_planted(self, x, fault, text):
        planted = self.plant(*fault(x))
        assert any(node_faults(planted))
        with pytest.raises(ValueError, match=text):
            check(planted)

    def test_a_value_of_another_shape(self):
        c = tracer.constant([1.0, 2.0])
        c.shape = (3,)
        with pytest.raises(ValueError, match=r"value has the shape \(2,\)"):
            check(c)

    def test_an_older_child(self, x):
        y = x + 1
        z = y + 1
        y.args = (z, 1)
        with pytest.raises(ValueError, match="younger"):
            check(y)
        y.args = (x, 1)

    def test_equal_names(self, x):
        y, z = x + 1, x + 2
        y.label = z.name
        with pytest.raises(ValueError, match="same name"):
            check([y, z])

    def test_an_expression_in_alien_symbols(self, x, monkeypatch):
        y = tracer.sin(tracer.symbols("t"))
        monkeypatch.setattr(tensor, "lent", tensor.lent._replace(expression=lambda t: sympy.Symbol("u") + 1))
        with pytest.raises(ValueError, match="holds u"):
            check(y)
        monkeypatch.undo()

    def test_a_view_that_shows_other_edges(self, x, monkeypatch):
        y = x + 1
        monkeypatch.setattr(type(GRAPH), "in_edges", property(lambda self: lambda *args, **kwargs: []))
        with pytest.raises(ValueError, match="not those of the arguments"):
            check(y)
        monkeypatch.undo()


def test_a_node_that_went_meanwhile_has_its_key_in_the_error(monkeypatch):
    """Another thread may let the last reference go between the look into the table and the look behind it."""
    monkeypatch.setitem(live, 10**12, lambda: None)
    with pytest.raises(KeyError, match=r"^1000000000000$"):
        _tensor(10**12)
