"""The 277CA that `check` and `split` write: its options, and where it may be written."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint837.commands.common import INCOMPLETE, NO_REPORT
from lint837.commands.options import ACKNOWLEDGEMENT
from lint837.files.inputs import STANDARD_INPUT
from lint837.report.output import OutputOptions
from lint837.rules.rule import RuleError, Severity
from lint837.rules.rulebook import Rulebook

if TYPE_CHECKING:
    from lint837.ack.x277ca import Reply

ack_date_option = click.option(
    "--ack-date",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    metavar="DATE",
    help="The date of the 277CA, such as 2025-03-04 or 2025-03-04T09:30; by default GS04 and GS05 of the file.",
)
ack_warnings_option = click.option(
    "--ack-warnings", is_flag=True, help="In the 277CA tell of warnings, too, also on accepted claims."
)


def place_of_acknowledgement(output: OutputOptions) -> tuple[str | None, OutputOptions]:
    """Where a 277CA is written, None for nowhere, and what else is wanted."""
    place = next((path for form, path in output.files if form == ACKNOWLEDGEMENT), None)
    return place, replace(output, files=[file for file in output.files if file[0] != ACKNOWLEDGEMENT])


def check_places(context: click.Context, paths: Sequence[str], places: Sequence[str]) -> None:
    """A usage error where one claim file would be written over another, or somewhere that is no file."""
    from lint837.files.outputs import may_be_written

    if STANDARD_INPUT in paths:
        raise click.UsageError("standard input cannot be read more than once; name a file", context)
    seen = {Path(path).resolve() for path in paths}
    for place in places:
        if place == STANDARD_INPUT or not may_be_written(place):
            raise click.UsageError(f"{place!r}: claims are written to a file only", context)
        if Path(place).resolve() in seen:
            raise click.UsageError(f"{place!r} is named twice", context)
        seen.add(Path(place).resolve())


def acknowledge(place: str, paths: Sequence[str], rulebook: Rulebook, least: Severity, reply: "Reply") -> int:
    """Write the 277CA of what was checked; the exit status that this asks for."""
    from lint837.ack.x277ca import acknowledge_files
    from lint837.report.phrases import inert

    try:
        told, refused = acknowledge_files(paths, place, rulebook, least, reply)
    except OSError as error:
        click.echo(f"lint837: the 277CA could not be written: {error.strerror}", err=True)
        return NO_REPORT
    for path, why in refused:
        click.echo(f"lint837: {inert(path)} is not in the 277CA: {why}", err=True)
    if not told:
        click.echo("lint837: no 277CA was written: there is no claim to tell of", err=True)
    return INCOMPLETE if refused else 0


def reply_for(
    context: click.Context, rulebook: Rulebook, least: Severity, made: datetime | None, *, warnings: bool
) -> "Reply":
    """How the 277CA is made."""
    from lint837.ack.status_codes import load_statuses
    from lint837.ack.x277ca import Reply

    try:
        statuses = load_statuses(rulebook)
    except RuleError as error:
        raise click.UsageError(str(error), context) from None
    return Reply(made, min(least, Severity.WARNING) if warnings else least, statuses)
