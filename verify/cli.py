"""The command `lemmata`: commands are imported when they are called, so that `--help` answers at once."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version

import click

USAGE, INTERRUPTED = 2, 130

OWN = {
    "verify": ("lemmata.verify.commands_judge:verify", "Judge the claims of the built-in register."),
    "check": ("lemmata.verify.commands_judge:check", "Judge the claims in files of your own."),
    "new": ("lemmata.verify.commands_look:new", "Write a commented claim file that already runs."),
    "derive": ("lemmata.verify.commands_derive:derive", "Closed forms of an activation, with proof, LaTeX and code."),
    "list": ("lemmata.verify.commands_look:list_claims", "List what the register holds."),
    "show": ("lemmata.verify.commands_look:show", "Show one claim: statement, derivation, evidence, verdict."),
}
"""Command, where it lives, and its line in the help: known without importing it."""

PLUGGED = {"report": "Write theorems, derivations and evidence as LaTeX or PDF."}
"""The lines of commands that join through the entry-point group `lemmata.commands`."""

GROUP = "lemmata.commands"


def _plugged() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in OWN}


class Commands(click.Group):
    """The group of commands, each imported on its first call."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*OWN, *sorted(_plugged())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OWN:
            module, _, attribute = OWN[cmd_name][0].partition(":")
            found = getattr(import_module(module), attribute)
        else:
            entry = _plugged().get(cmd_name)
            if entry is None:
                return None
            try:
                found = entry.load()
            except ImportError as error:
                raise click.ClickException(f"the command {cmd_name} could not be imported ({error}); install {entry.value} anew") from None
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, line) for name, (_, line) in OWN.items()]
        rows += [(name, PLUGGED.get(name, f"Added by {entry.value.partition(':')[0]}.")) for name, entry in sorted(_plugged().items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        try:
            number = version("lemmata")
        except PackageNotFoundError:
            number = "(not installed)"
        click.echo(f"lemmata {number}")
        ctx.exit()


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version and exit.")
@click.pass_context
def group(ctx: click.Context) -> None:
    """Check theorems about neural networks: derived by SymPy, measured, judged.

    \b
    lemmata verify               judge the built-in register
    lemmata new my_claims.py     begin a claim file of your own
    lemmata check my_claims.py   judge it

    \b
    Exit status: 0 all claims as expected, 1 not, 2 a fault of usage or of a file,
    130 stopped by Ctrl-C. `lemmata COMMAND --help` says more.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; what a user did wrong is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        status = group.main(args=None if args is None else list(args), prog_name="lemmata", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "lemmata"
        advice = "" if type(error).__name__ == "Mistake" else f"; see `{command} --help`"
        return _complain(f"{command}: {error.format_message().rstrip('.')}{advice}")
    except click.ClickException as error:
        return _complain(f"lemmata: {error.format_message()}")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has gone, as in `lemmata list | head`: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except (OSError, EOFError, MemoryError) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        return _complain(f"lemmata: the system refuses to go on ({why}); free what it lacks, then --resume takes over what was recorded")
    return status if isinstance(status, int) else 0


def _complain(message: str) -> int:
    click.echo(" ".join(message.split()), err=True)
    return USAGE
