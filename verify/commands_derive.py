"""`lemmata derive`: the kernels of an activation in closed form, with derivation, verdict and code, or as certified numbers."""

from __future__ import annotations

import click

from lemmata.verify.options import AS_EXPECTED, Mistake, OneOf

WHAT = ("all", "kernel", "slope", "length", "chi1", "critical", "fixed")
FORMATS = ("text", "latex", "python", "torch")
MOST_DIGITS = 50


@click.command(epilog="Exit status: 0, or 2 when the text is no activation or a value is impossible.")
@click.argument("expr", metavar="EXPR")
@click.option("--what", default="all", type=OneOf("object", WHAT), help="kernel, slope, length, chi1, critical, fixed, or all of them.")
@click.option("--format", "form", default="text", type=OneOf("format", FORMATS), help="text, latex, python (NumPy) or torch.")
@click.option("--at", "at", default="", metavar="NAME=NUMBER,...", help="Certified numbers at sigma_w, sigma_b, q, q1, q2, c.")
@click.option("--digits", default=15, type=click.IntRange(3, MOST_DIGITS), help="Digits of certified numbers.")
@click.option("--check/--no-check", "judged", default=True, help="Judge each closed form like any other claim.")
def derive(expr: str, what: str, form: str, at: str, digits: int, judged: bool) -> int:
    """Closed forms of an activation, with proof, LaTeX and code.

    EXPR is a function of x in mathematical notation, such as 'Max(0, x)^2', 'x*erf(x)' or 'tanh'; it is read by a grammar and
    never run. Where no closed form is derived, certified numbers are printed.

    \b
    lemmata derive 'Max(0, x)^2'
    lemmata derive 'tanh(x)' --at sigma_w=1.5,sigma_b=0.3
    """
    from lemmata.theory.grammar import GrammarError, read
    from lemmata.theory.kernels.admissible import ActivationError
    from lemmata.theory.kernels.duals import dual
    from lemmata.verify.derive_expression import values
    from lemmata.verify.derive_expression.answers import What
    from lemmata.verify.derive_expression.report import lines

    try:
        point = values.point(at)
        activation = dual(read(expr))
    except (GrammarError, ActivationError) as error:
        raise Mistake(str(error)) from None
    wanted = frozenset(What) if what == "all" else frozenset({What(what)})
    for line in lines(activation, wanted, form, point, digits, judged):
        click.echo(line)
    return AS_EXPECTED
