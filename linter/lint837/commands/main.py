"""The command line: `lint837 COMMAND`. Each command is a module of this folder, imported when it runs.

Exit status; of several reasons the first in this order counts: 4 a report is not complete; 2 usage error, before
anything is read; 3 something could not be checked, or no claim was found; 1 findings at or above --fail-on; 0.
"""

import contextlib
import errno
import importlib
import io
import os
import signal
import sys
from collections.abc import Mapping
from types import FrameType

import click

from lint837 import __version__
from lint837.commands.loading import loading

_NO_REPORT = 4
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
# The module of each command, and its summary in `lint837 --help`, short enough for 80 columns.
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "check": ("check", "Check claim files and report what is wrong."),
    "split": ("split", "Split a file into accepted and rejected claims."),
    "fix": ("fix", "Write a copy with corrections of findings applied."),
    "serve": ("serve", "Check and correct files on a page of your own."),
    "show": ("show", "Show how each drug line of a file was judged."),
    "ask": ("ask", "Ask what to bill, without a claim file."),
    "lines": ("lines", "Write every service line as a row, for analysis."),
    "convert": ("convert", "Write a JSON report in another format."),
    "plan": ("plan", "Divide files into parts for several machines."),
    "merge": ("merge", "Join the JSON reports of all parts of a plan."),
    "rules": ("rules", "List the rules."),
    "explain": ("explain", "Explain a rule with examples and sources."),
    "facts": ("facts", "Show what is known of a drug; import CMS files."),
    "test-rules": ("test_rules", "Run the examples of a rule package."),
    "init": ("init", "Write a lint837.toml that shows every key."),
}


class _Commands(click.Group):
    """The commands, in the order above."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and cmd_name in _COMMANDS:
            module, summary = _COMMANDS[cmd_name]
            with loading():
                command: click.Command = importlib.import_module(f"lint837.commands.{module}").command
            command.name, command.short_help = cmd_name, summary
            if command.help is None and command.callback:  # Python dropped the docstring (-OO)
                from lint837.rules.docstring import NoSourceError, docstring

                with contextlib.suppress(NoSourceError):
                    command.help = docstring(command.callback)
            self.add_command(command)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from lint837.facts.nearest import nearest

            ctx.fail(f"No such command {args[0]!r}{nearest(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Find the drug lines of X12 837 claim files that a payer would reject, before the payer does.",
)
@click.version_option(__version__, prog_name="lint837")
def cli() -> None:
    """The command line."""


def main() -> None:
    """Run the command, and exit with its status. Of an internal error only its type and place are shown. INT, TERM and
    HUP end every command alike: what it has begun to write is removed, and its workers end.
    """
    try:
        _main()
    except (ImportError, MemoryError, SystemError, OSError) as error:  # before anything was read
        if isinstance(error, OSError) and error.errno != errno.ENOMEM:
            raise
        try:
            sys.stderr.write("lint837: there is not enough memory to start, or a part of lint837 is missing\n")
            sys.exit(_NO_REPORT)
        except (MemoryError, SystemError):  # not even for that
            os._exit(_NO_REPORT)


def _main() -> None:
    _hold_standard_streams()
    for name in _SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, _interrupt)
    with loading():
        from lint837.commands import complete
        from lint837.report.output import OutputLostError
        from lint837.rules.rulebook import failure

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an old code page has no "…"
    try:
        status = complete.reply(cli) if complete.asked() else cli.main(prog_name="lint837", standalone_mode=False)
    except click.exceptions.Exit as done:
        status = done.exit_code
    except click.ClickException as error:
        error.show()
        status = 2
    except OutputLostError:  # the user knows why
        status = _NO_REPORT
    except (click.Abort, KeyboardInterrupt):
        click.echo("lint837: interrupted; what was not complete by then was removed", err=True)
        status = _NO_REPORT
    except BaseException as error:  # noqa: BLE001 - no exception's text or traceback, which may hold claim data
        if isinstance(error, FileNotFoundError) and _directory_is_gone():
            click.echo("Error: the current directory was removed; go to another one, or give absolute paths", err=True)
            sys.exit(2)
        with contextlib.suppress(OSError):
            click.echo(f"lint837: internal error: {failure(error)}; the report is not complete", err=True)
        status = _NO_REPORT
    sys.exit(status if isinstance(status, int) else 0)


def _hold_standard_streams() -> None:
    """Hold the descriptors of standard streams that are closed, with what cannot be read or written. Else the next file
    to be opened would get one, and a report would be read as standard input.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:  # it is the lowest that is free, so it is what is opened now
            os.open(os.devnull, os.O_RDONLY if descriptor else os.O_WRONLY)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - writing says why


def _directory_is_gone() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 - whether it is there is all that is asked
    except OSError:
        return True
    return False


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for name in _SIGNALS:  # nothing interrupts what is done now
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    raise KeyboardInterrupt
