"""The command line: ``tracer grad "sum((X @ w - y)**2)" --wrt w --shape X=n,m --shape w=m --shape y=n``."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from typing import NoReturn

import tracer
from tracer.explanations.connections import Connection, connect
from tracer.expressions import ExpressionError, parse_assumptions, parse_shape
from tracer.formulas.errors import TooLong
from tracer.formulas.reading import FORMS
from tracer.grammars import GRAMMARS, grammar_of, reader_of, require_sources
from tracer.places import NOWHERE
from tracer.scripts import explain_script
from tracer.shapes import show
from tracer.tensor import Tensor, context
from tracer.transforms import jacobian_of


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tracer", description="Symbolic gradients of tensor expressions.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {tracer.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in (("grad", "the gradient of an expression"), ("hessian", "its matrix of second derivatives")):
        command = commands.add_parser(
            name,
            help=summary,
            description=f"Print {summary}.",
            epilog=f'for instance: tracer {name} "sum((X @ w - y)**2)" --wrt w --shape X=n,m --shape w=m --shape y=n',
        )
        command.add_argument("expression", help="such as 'sum((X @ w - y)**2)' or \"norm2(X*w - y)^2\"")
        command.add_argument(
            "--wrt", action="append", required=True, metavar="NAME", help="differentiate by this source"
        )
        _add_declarations(command)
        command.add_argument("--stop", action="append", default=[], metavar="NAME", help="read through stop_gradient")
        command.add_argument("--form", choices=FORMS, help="how to print: matrix (steps where that is too long), ...")
        command.add_argument("--render", metavar="FILE", help="draw the graph into an .svg, .png, .pdf or .dot file")
    command = commands.add_parser(
        "explain",
        help="why a gradient is None",
        description="Say why the gradient of an expression, or of a name of a script, is None, or that it is not.",
        epilog="for instance: tracer explain train.py --target loss --source w",
    )
    command.add_argument("expression", help="such as 'sum(floor(x)*y)', or a script.py, which is run")
    command.add_argument("--wrt", "--source", action="append", required=True, metavar="NAME", help="the source")
    command.add_argument("--target", metavar="NAME", help="the name in the script whose gradient is meant")
    command.add_argument("--args", default="", metavar="WORDS", help="what the script is given, as one quoted word")
    command.add_argument("--tape", default="", metavar="NAME", help="by default the tape that recorded the target")
    _add_declarations(command)
    command.add_argument("--stop", action="append", default=[], metavar="NAME", help="read through stop_gradient")
    command.add_argument("--render", metavar="FILE", help="draw the graph with the way and what cuts it")
    command = commands.add_parser(
        "compare",
        help="whether two expressions are the same",
        description="Say whether two expressions are the same: proved, refuted at a point, or undecided. The exit "
        "status is 0 if they are proved the same or agree at all points, 1 if they differ, 2 for wrong usage.",
        epilog='for instance: tracer compare "mean((x - mean(x))**2)" "mean(x**2) - mean(x)**2" --shape x=n',
    )
    command.add_argument("expression", help="such as 'sum(x)**2'")
    command.add_argument("other", help="what it is compared with")
    _add_declarations(command)
    command.set_defaults(stop=[])
    return parser


def _add_declarations(command: argparse.ArgumentParser) -> None:
    """Give a command the options that say what expressions and their sources are."""
    command.add_argument(
        "--shape", action="append", default=[], metavar="NAME=DIMS", help="the shape of a source, such as X=n,3"
    )
    command.add_argument(
        "--assume",
        action="append",
        default=[],
        metavar="NAME=WORDS",
        help="what is known of a source, such as A=symmetric,positive_definite",
    )
    command.add_argument(
        "--grammar",
        choices=[*GRAMMARS],
        help="numpy: A @ x, A.T, x*y, and what has no shape is a scalar; matrix, that of matrixcalculus.org: A*x, A', "
        "x.*y, and what has no shape is a scalar (a to g), a vector (h to z) or a matrix (capitals); by default matrix "
        "where an expression has ', .*, ./, .^, norm1(, norm2(, tr(, vector( or matrix(",
    )


def _derivatives(command: str, target: Tensor, sources: Sequence[Tensor]) -> dict[str, Tensor | None]:
    """What is asked for, each under the name that it is printed with; None for a source that is not connected."""
    gradients = tracer.gradients(target, list(sources))
    if command == "grad":
        return {s.name: g for s, g in zip(sources, gradients, strict=True)}
    if target.shape:
        raise ValueError(f"a Hessian is that of a scalar, the expression has the shape {show(target.shape)}; sum it")
    blocks = {}
    for k, (s, g) in enumerate(zip(sources, gradients, strict=True)):
        for t in sources[k:]:
            name = s.name if s is t else f"{s.name}, {t.name}"
            blocks[name] = None if g is None else _derivative(g, t)
    return blocks


def _derivative(gradient: Tensor, source: Tensor) -> Tensor:
    (answer,) = jacobian_of(gradient, [source])
    return tracer.zeros(gradient.shape + source.shape) if answer is None else answer


def _text(derivative: Tensor, form: str | None) -> str:
    """A derivative as it is printed."""
    if form != "steps":
        try:
            return str(tracer.formula(derivative, form=form or "matrix"))
        except TooLong:
            if form is not None:
                raise
    steps, results = tracer.formula(derivative, form="steps")
    return "\n".join([*(f"{symbol} = {expression}" for symbol, expression in steps), *map(str, results)])


def _explained(target: Tensor, sources: Sequence[Tensor]) -> list[Connection]:
    return connect([target], sources, None, {target.node: "the expression"})


def _run(options: argparse.Namespace) -> str | tracer.Comparison:
    if options.command == "explain" and options.target is not None:
        names = [name for given in options.wrt for name in given.split(",")]
        given = shlex.split(options.args)
        return explain_script(options.expression, options.target, names, options.tape, options.render or "", given)
    if options.command == "explain" and options.expression.endswith(".py"):
        raise ExpressionError(f"{options.expression} is a script: name the tensor in it that is meant, --target NAME")
    texts = [options.expression, options.other] if options.command == "compare" else [options.expression]
    shapes, assumed = dict(map(parse_shape, options.shape)), dict(map(parse_assumptions, options.assume))
    if len(shapes) < len(options.shape) or len(assumed) < len(options.assume):
        raise ExpressionError(f"a name is given two {'shapes' if len(shapes) < len(options.shape) else 'declarations'}")
    reader = reader_of(options.grammar or grammar_of(*texts), shapes, options.stop, assumed)
    tensors = reader.read_alike(*texts)
    if options.command == "compare":
        require_sources(reader, [*shapes, *assumed])
        return tracer.compare(*tensors)
    target = tensors[0]
    wrt = list(dict.fromkeys(name for names in options.wrt for name in names.split(",")))
    require_sources(reader, [n for n in (*wrt, *options.stop, *shapes, *assumed) if not (n in wrt and n in shapes)])
    sources = [reader.source(name) for name in wrt]
    if options.command == "explain":
        connections = _explained(target, sources)
        if options.render:
            tracer.render(target, options.render, explain=connections)
        return "\n".join(map(str, connections))
    derivatives = _derivatives(options.command, target, sources)
    absent = {name: reader.source(name.partition(",")[0]) for name, d in derivatives.items() if d is None}
    reasons = dict(zip(absent, map(str, _explained(target, list(absent.values()))), strict=True))
    answers = {name: reasons[name] if d is None else _text(d, options.form) for name, d in derivatives.items()}
    if options.render:
        found = list(derivatives.values())
        gradients = dict(zip(sources, found, strict=True)) if options.command == "grad" else found
        tracer.render(target, options.render, gradients=gradients, view="both")
    return "\n".join(f"{name}: {text}" if len(answers) > 1 else text for name, text in answers.items())


INTERRUPTED = 130
"""The exit status of what Ctrl-C ends, as shells have it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, by default those of the process.

    Returns
    -------
    int
        The exit status: 0; of ``compare`` 1 where the two differ, or no point is known at which both are finite. Wrong
        usage exits with the status 2 and one line on the error stream, Ctrl-C with 130 and none.
    """
    arguments = sys.argv[1:] if argv is None else argv
    parser = _parser()
    # argparse takes an expression such as -x**2 for an option, unless it does not begin with the sign.
    options = parser.parse_args([f" {a}" if re.match("-[^-]", a) and a != "-h" else a for a in arguments])
    # No line of a program makes the operations of an expression.
    token = context.set(context.get()._replace(origin=NOWHERE))
    try:
        answer = _run(options)
    except (TypeError, ValueError, LookupError, RuntimeError, ArithmeticError, OSError) as error:
        parser.error(str(error) or type(error).__name__)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        context.reset(token)
    print(answer)
    return 0 if isinstance(answer, str) or answer.agrees else 1


if __name__ == "__main__":
    sys.exit(main())
