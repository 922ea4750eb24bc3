"""The names that sources take from the statements that bind them."""

import subprocess
import sys

import tracer
from tracer import Variable, binding, constant


def names(source):
    """The names of the tensors that a piece of code without a file binds, by variable."""
    scope = {"tf": tracer, "Variable": Variable}
    exec(source, scope)
    return {k: v.name for k, v in scope.items() if isinstance(v, tracer.Tensor)}


def wrapper(value):
    return Variable(value)


def test_the_bytecode_of_this_python_is_known():
    version = sys.version_info[:2]
    assert version in binding.VERSIONS, (
        f"read the list of new instructions of Python {version} (help('dis')), add to binding.OPERANDS those that "
        "evaluate operands, and to _targets those that store; then run these tests with it, and add it to VERSIONS"
    )


class TestStatements:
    def test_assignment(self):
        weights = Variable(1.0)
        bias = constant([1.0])
        assert (weights.name, bias.name) == ("weights", "bias")

    def test_a_name_that_is_given_wins(self):
        w = Variable(1.0, name="bias")
        assert w.name == "bias"

    def test_tuple_targets(self):
        w, b = Variable(1.0), Variable(2.0)
        assert (w.name, b.name) == ("w", "b")
        p, q, r = Variable(1.0), constant(2.0), Variable(3.0)
        assert (p.name, q.name, r.name) == ("p", "q", "r")
        s, (t, u) = Variable(1.0), (Variable(2.0), Variable(3.0))
        assert s.name == "s"
        assert not {t.name, u.name} & {"s"}
        kernel, bias = Variable([[1.0, 2.0, 3.0, 4.0]], trainable=True), Variable(abs(-2.0) + len([1, 2]))
        assert (kernel.name, bias.name) == ("kernel", "bias")

    def test_tuples_of_attributes(self):
        class Model:
            pass

        model = Model()
        model.w, model.b = Variable(1.0), Variable(2.0)
        assert (model.w.name, model.b.name) == ("w", "b")

    def test_chained_targets_take_the_first(self):
        a = b = Variable(1.0)
        assert a is b
        assert a.name == "a"

    def test_attributes(self):
        class Model:
            def __init__(self):
                self.kernel = Variable([1.0])

        model = Model()
        model.bias = Variable(0.0)
        assert (model.kernel.name, model.bias.name) == ("kernel", "bias")

    def test_annotated(self):
        w: Variable = Variable(1.0)
        assert w.name == "w"

    def test_walrus(self):
        if (w := Variable(1.0)) is not None:
            assert w.name == "w"
        assert [(v := Variable(2.0))] == [v]
        assert v.name == "v"

    def test_a_closure_variable(self):
        w = Variable(1.0)

        def reader():
            return w

        assert reader().name == "w"

    def test_global(self):
        assert names("def f():\n    global w\n    w = tf.Variable(1.0)\nf()") == {"w": "w"}

    def test_over_several_lines(self):
        w = Variable(
            [
                1.0,
                2.0,
            ],
            trainable=False,
        )
        assert w.name == "w"

    def test_many_names(self):
        """Operands beyond 255 take an extended argument."""
        lines = [f"v{k} = tf.Variable(1.0)" for k in range(300)]
        assert names("\n".join(lines)) == {f"v{k}": f"v{k}" for k in range(300)}
        body = "\n".join(f"    {line}" for line in lines)
        scope = {"tf": tracer}
        exec(f"def f():\n{body}\n    return {{k: v.name for k, v in locals().items()}}", scope)
        assert scope["f"]() == {f"v{k}": f"v{k}" for k in range(300)}


class TestNoName:
    """Where no statement binds the source alone, it is x1, x2, ...; a constant has none."""

    def own(self, tensor):
        return tensor.label is None or (tensor.label[0] == "x" and tensor.label[1:].isdigit())

    def test_part_of_an_expression(self):
        y = Variable(1.0) * 2
        assert self.own(y.args[0])
        z = [Variable(1.0), Variable(2.0)]
        assert all(map(self.own, z))
        d = {"k": Variable(1.0)}
        assert self.own(d["k"])
        first = (Variable(1.0), 3)[0]
        assert self.own(first)

    def test_bound_in_another_place(self):
        w = wrapper(1.0)
        assert self.own(w)
        [v] = [Variable(1.0) for _ in range(1)]
        assert self.own(v)

    def test_passed_on(self):
        found = []
        found.append(Variable(1.0))
        assert self.own(found[0])

    def test_a_literal_in_arithmetic(self):
        y = constant([1.0]) + [2.0]  # noqa: RUF005
        assert y.args[1].label is None

    def test_subscripts(self):
        table = {}
        table["k"] = Variable(1.0)
        assert self.own(table["k"])

    def test_loops_and_with(self):
        for v in (Variable(1.0),):
            assert self.own(v)


class TestWithoutSource:
    def test_exec_and_eval(self):
        assert names("w = tf.Variable(1.0)") == {"w": "w"}
        assert names("w, b = tf.Variable(1.0), tf.constant(2.0)\nq = w") == {"w": "w", "b": "b", "q": "w"}
        assert eval("Variable(1.0)", {"Variable": Variable}).name.startswith("x")

    def test_a_program_without_a_file_and_without_assertions(self):
        program = "import tracer as tf\nw, b = tf.Variable(1.0), tf.Variable(2.0)\nprint(w.name, b.name)"
        done = subprocess.run([sys.executable, "-O", "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "w b\n"

    def test_called_by_another_language_or_thread(self):
        assert next(map(Variable, [1.0])).name.startswith("x")
        import threading

        found = []
        thread = threading.Thread(target=lambda: found.append(Variable(1.0)))
        thread.start()
        thread.join()
        assert found[0].name.startswith("x")
