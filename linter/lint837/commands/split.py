"""`lint837 split`: a claim file divided into its accepted and its rejected claims."""

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from lint837.commands import complete
from lint837.commands.acknowledgement import (
    ACKNOWLEDGEMENT,
    STRUCTURE,
    ack_date_option,
    ack_options_for,
    ack_warnings_option,
    check_places,
    with_values_option,
)
from lint837.commands.common import (
    FAIL_ON,
    INCOMPLETE,
    NO_REPORT,
    claims_option,
    config_option,
    facts_option,
    guide_option,
    isolated_option,
    rulebook_for,
    say,
    warn,
)
from lint837.commands.options import jobs_option, report_option
from lint837.commands.progress import progress
from lint837.report.phrases import inert
from lint837.rules.rule import Severity
from lint837.rules.values import counted

if TYPE_CHECKING:
    from lint837.split.write import Outcome


@click.command()
@click.argument("path", metavar="FILE", shell_complete=complete.files)
@click.option(
    "--accepted",
    required=True,
    metavar="PATH",
    shell_complete=complete.files,
    help="File for the accepted claims.",
)
@click.option(
    "--rejected",
    required=True,
    metavar="PATH",
    shell_complete=complete.files,
    help="File for the rejected claims.",
)
@report_option(
    "reports",
    [ACKNOWLEDGEMENT, STRUCTURE],
    "FORMAT=PATH",
    "Also write a 277CA (277ca=PATH) or a 999 (999=PATH) for the submitter.",
)
@click.option(
    "--reject-on",
    type=click.Choice([str(severity) for severity in sorted(Severity, reverse=True)]),
    default="error",
    show_default=True,
    help="Reject claims with findings of this severity or above.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=complete.rules,
    help="Reject by these rules only: codes, groups such as HCP, or names, separated by commas.",
)
@click.option(
    "--ignore", multiple=True, metavar="RULES", shell_complete=complete.rules, help="Do not reject by these rules."
)
@guide_option
@claims_option
@ack_date_option
@ack_warnings_option
@with_values_option
@facts_option
@config_option
@isolated_option
@jobs_option
@click.option("--quiet", "-q", is_flag=True, help="No summary.")
@click.pass_context
def command(
    context: click.Context,
    /,
    path: str,
    accepted: str,
    rejected: str,
    reports: list[tuple[str, str]],
    reject_on: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    guide: str | None,
    ack_date: datetime | None,
    extra: tuple[str, ...],
    jobs: int,
    *,
    claims: bool | None,
    ack_warnings: bool,
    with_values: bool,
    isolated: bool,
    quiet: bool,
) -> None:
    """Split a claim file into accepted and rejected claims.

    No claim is lost or changed: both files are read again and compared with FILE before they appear. A file that would
    hold no claim is not written. The files hold patient data; only you can read them.

    Exit status: 0 all claims accepted; 1 some rejected; 2 usage error; 3 FILE was refused and nothing was written;
    4 a file could not be written.
    """
    from lint837.ack.x999 import Options999
    from lint837.files.outputs import PublishError
    from lint837.files.rereadable import RefusedError
    from lint837.split.plan import ACCEPTED, REJECTED
    from lint837.split.verify import VerificationError
    from lint837.split.write import split_file

    places = {ACCEPTED: accepted, REJECTED: rejected}
    asked = dict(reports)
    place, structure = asked.get(ACKNOWLEDGEMENT), asked.get(STRUCTURE)
    check_places(context, [path], [*places.values(), *asked.values()])
    rulebook = rulebook_for(context, extra, select, ignore, isolated=isolated, guide=guide, claims=claims)
    least = FAIL_ON[reject_on] or Severity.ERROR
    ack = ack_options_for(context, rulebook, least, ack_date, warnings=ack_warnings) if place else None
    try:
        with progress(quiet=quiet) as advance:
            outcome = split_file(
                path,
                places,
                rulebook,
                least,
                (place, ack) if place and ack else None,
                (structure, Options999(ack_date, with_values, by_claim=True)) if structure else None,
                warn,
                jobs,
                advance,
            )
    except RefusedError as error:
        click.echo(f"lint837: not split, nothing was written: {error}", err=True)
        context.exit(INCOMPLETE)
    except PublishError as error:
        done = ", ".join(map(inert, error.published))
        click.echo(f"lint837: only published: {done}; the other files could not be: {error.strerror}", err=True)
        context.exit(NO_REPORT)
    except OSError as error:
        click.echo(f"lint837: not split: a file could not be written: {error.strerror}", err=True)
        context.exit(NO_REPORT)
    except VerificationError as error:
        defect = "a defect of lint837 or of the disk"
        click.echo(f"lint837: not split, nothing was written: {error} ({defect})", err=True)
        context.exit(NO_REPORT)
    if not quiet:
        try:
            say(_lines(path, places, place, structure, outcome))
            sys.stdout.flush()
        except OSError:  # the claims are where they should be, and the status says so
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    context.exit(int(outcome.rejected > 0))


def _lines(
    path: str, places: Mapping[int, str], acknowledgement: str | None, structure: str | None, outcome: "Outcome"
) -> Iterator[str]:
    """The totals, what each file holds, and how many claims each rule rejected."""
    yield (
        f"{inert(path)}: {counted(outcome.accepted + outcome.rejected, 'claim')}, "
        f"{outcome.accepted:,} accepted, {outcome.rejected:,} rejected"
    )
    from lint837.split.plan import ACCEPTED, REJECTED

    for side, count, name in ((ACCEPTED, outcome.accepted, "accepted"), (REJECTED, outcome.rejected, "rejected")):
        what = counted(count, "claim") if outcome.written[side] else "no claims, so not written; any old file was kept"
        yield f"  {name}  {inert(places[side])}: {what}"
    if acknowledgement:
        yield f"  277CA     {inert(acknowledgement)}: {counted(outcome.accepted + outcome.rejected, 'claim')}"
    if structure:
        yield f"  999       {inert(structure)}"
    for rule, count in outcome.rules.items():
        yield f"  {rule} rejected {counted(count, 'claim')}"
