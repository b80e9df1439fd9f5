"""The 277CA that `check` and `split` write: its options, and the files it may be written to."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint837.commands.common import INCOMPLETE, NO_REPORT
from lint837.files.inputs import STANDARD_INPUT, Input, Opened
from lint837.report.output import OutputOptions
from lint837.rules.rule import RuleError, Severity
from lint837.rules.rulebook import Rulebook

if TYPE_CHECKING:
    from lint837.ack.x277ca import AckOptions

ACKNOWLEDGEMENT = "277ca"  # its name in --report FORMAT=PATH; it holds claims, so it is never a report's format

ack_date_option = click.option(
    "--ack-date",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    metavar="DATE",
    help="Date of the 277CA, such as 2025-03-04 or 2025-03-04T09:30. Default: GS04 and GS05 of the claim file.",
)
ack_warnings_option = click.option(
    "--ack-warnings", is_flag=True, help="Include warnings in the 277CA, for accepted claims too."
)


def place_of_acknowledgement(output: OutputOptions) -> tuple[str | None, OutputOptions]:
    """The path of the 277CA, None where none is asked for; and the options for the reports alone."""
    place = next((path for form, path in output.files if form == ACKNOWLEDGEMENT), None)
    return place, replace(output, files=[file for file in output.files if file[0] != ACKNOWLEDGEMENT])


def check_places(context: click.Context, paths: Sequence[str], places: Sequence[str]) -> None:
    """Raise a usage error unless each of `places` is a file of its own, and not one of the claim files in `paths`."""
    from lint837.files.outputs import may_be_written

    if STANDARD_INPUT in paths:
        raise click.UsageError("standard input cannot be read more than once; name a file", context)
    seen = {Path(path).resolve() for path in paths}
    for place in places:
        if place == STANDARD_INPUT or not may_be_written(place):
            raise click.UsageError(f"{place!r}: claims can only be written to a file", context)
        if Path(place).resolve() in seen:
            raise click.UsageError(f"{place!r} is named twice", context)
        seen.add(Path(place).resolve())


def acknowledge(place: str, items: Sequence[Input], rulebook: Rulebook, least: Severity, options: "AckOptions") -> int:
    """Write the 277CA of the files that were checked, as they were opened then. Returns the exit status that this alone
    would give.
    """
    from lint837.ack.x277ca import acknowledge_files
    from lint837.report.phrases import inert

    try:
        written, refused = acknowledge_files(items, place, rulebook, least, options)
    except OSError as error:
        click.echo(f"lint837: the 277CA could not be written: {error.strerror}", err=True)
        return NO_REPORT
    for path, why in refused:
        click.echo(f"lint837: {inert(path)} is not in the 277CA: {why}", err=True)
    if not written:
        click.echo("lint837: no 277CA was written: there are no claims to acknowledge", err=True)
    return INCOMPLETE if refused else 0


def ack_options_for(
    context: click.Context, rulebook: Rulebook, least: Severity, made: datetime | None, *, warnings: bool
) -> "AckOptions":
    """How to write the 277CA. Raises a usage error where a rule package's status codes cannot be used."""
    from lint837.ack.status_codes import load_statuses
    from lint837.ack.x277ca import AckOptions

    try:
        statuses = load_statuses(rulebook)
    except RuleError as error:
        raise click.UsageError(str(error), context) from None
    return AckOptions(made, min(least, Severity.WARNING) if warnings else least, statuses)


@contextlib.contextmanager
def kept_open(items: Sequence[Input]) -> Iterator[list[Input]]:
    """The inputs, each file opened once for all that is said of it. Where the system cannot keep so many open, those
    are left as they are, and have no 277CA.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no limit to raise
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with contextlib.ExitStack() as stack:
        kept = []
        for item in items:
            opened = None if item.error or item.member or item.path == STANDARD_INPUT else Opened.at(item.path)
            kept.append(item._replace(opened=stack.enter_context(opened)) if opened else item)
        yield kept
