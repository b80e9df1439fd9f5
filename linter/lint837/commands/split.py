"""The split command, and the 277CA that check writes as well."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint837.commands import complete
from lint837.commands.common import (
    FAIL_ON,
    INCOMPLETE,
    NO_REPORT,
    config_option,
    facts_option,
    isolated_option,
    rulebook_for,
    say,
)
from lint837.commands.options import ACKNOWLEDGEMENT, reports_in_files
from lint837.files.inputs import STANDARD_INPUT
from lint837.lint.engine import Report
from lint837.report.deliver import Wanted
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


@click.command()
@click.argument("path", metavar="FILE", shell_complete=complete.files)
@click.option(
    "--accepted",
    required=True,
    metavar="PATH",
    shell_complete=complete.files,
    help="Where the accepted claims are written.",
)
@click.option(
    "--rejected",
    required=True,
    metavar="PATH",
    shell_complete=complete.files,
    help="Where the rejected claims are written.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="277ca=PATH",
    callback=reports_in_files,
    help="Write a 277CA for the submitter, too.",
)
@click.option(
    "--reject-on",
    type=click.Choice([str(severity) for severity in sorted(Severity, reverse=True)]),
    default="error",
    show_default=True,
    help="The least severity that rejects a claim.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=complete.rules,
    help="Only these rules reject: codes, beginnings, names.",
)
@click.option(
    "--ignore", multiple=True, metavar="RULES", shell_complete=complete.rules, help="These rules do not reject."
)
@ack_date_option
@ack_warnings_option
@facts_option
@config_option
@isolated_option
@click.option("--quiet", "-q", is_flag=True, help="No summary.")
@click.pass_context
def split(
    context: click.Context,
    /,
    path: str,
    accepted: str,
    rejected: str,
    reports: list[tuple[str, str]],
    reject_on: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    ack_date: datetime | None,
    extra: tuple[str, ...],
    *,
    ack_warnings: bool,
    isolated: bool,
    quiet: bool,
) -> None:
    """Split a claim file into its accepted and its rejected claims; nothing is lost or altered, or nothing is written.

    A side without claims is not written. The files hold what the claims hold: they can be read by you alone.

    Exit status: 0 all claims accepted; 1 some rejected; 2 usage error; 3 the file is refused, nothing was written;
    4 a file could not be written.
    """
    from lint837.lint.verdicts import RefusedError
    from lint837.report import split_text as report
    from lint837.split.plan import ACCEPTED, REJECTED
    from lint837.split.verify import UnprovenError
    from lint837.split.write import split_file

    places = {ACCEPTED: accepted, REJECTED: rejected}
    place = reports[0][1] if reports else None
    check_places(context, [path], [*places.values(), *([place] if place else [])])
    rulebook = rulebook_for(context, extra, select, ignore, isolated=isolated)
    least = FAIL_ON[reject_on] or Severity.ERROR
    reply = reply_for(context, rulebook, least, ack_date, warnings=ack_warnings) if place else None
    try:
        outcome = split_file(path, places, rulebook, least, (place, reply) if place and reply else None)
    except RefusedError as error:
        click.echo(f"lint837: not split, nothing was written: {error}", err=True)
        context.exit(INCOMPLETE)
    except OSError as error:
        click.echo(f"lint837: not split: a file could not be written: {error.strerror}", err=True)
        context.exit(NO_REPORT)
    except UnprovenError as error:
        click.echo(f"lint837: not split, nothing was written: by a defect of lint837 or the disk, {error}", err=True)
        context.exit(NO_REPORT)
    if not quiet:
        try:
            say(report.lines(path, places, place, outcome))
            sys.stdout.flush()
        except OSError:  # the claims are where they should be, and the status says so
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    context.exit(int(outcome.rejected > 0))


def place_of_acknowledgement(wanted: Wanted) -> tuple[str | None, Wanted]:
    """Where a 277CA is written, None for nowhere, and what else is wanted."""
    place = next((path for form, path in wanted.files if form == ACKNOWLEDGEMENT), None)
    return place, replace(wanted, files=[file for file in wanted.files if file[0] != ACKNOWLEDGEMENT])


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


def acknowledge(place: str, report: Report, least: Severity, reply: "Reply") -> int:
    """Write the 277CA of what was checked; the exit status that this asks for."""
    from lint837.ack.x277ca import acknowledge_files
    from lint837.report.words import inert

    try:
        told, refused = acknowledge_files([item.path for item in report.inputs], place, report.rulebook, least, reply)
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
