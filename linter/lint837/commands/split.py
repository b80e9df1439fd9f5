"""`lint837 split`: a claim file divided into its accepted and its rejected claims."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from lint837 import __version__
from lint837.commands import complete
from lint837.commands.acknowledgement import (
    ACKNOWLEDGEMENT,
    STRUCTURE,
    ack_date_option,
    ack_options_for,
    ack_warnings_option,
    check_places,
    places_of,
    with_values_option,
)
from lint837.commands.common import (
    FAIL_ON,
    INCOMPLETE,
    NO_REPORT,
    claims_option,
    config_option,
    configuration_of,
    facts_option,
    guide_option,
    isolated_option,
    meant,
    rulebook_for,
    say,
    settings_for,
    unwritten,
    warn,
)
from lint837.commands.options import jobs_option, writes_report_files
from lint837.commands.progress import progress
from lint837.lint.engine import Lint
from lint837.report.model import about, notes_on, rule_texts
from lint837.report.output import Delivery, OutputOptions
from lint837.report.phrases import inert
from lint837.rules.rule import Severity
from lint837.rules.values import counted

if TYPE_CHECKING:
    from lint837.files.rereadable import Source
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
@writes_report_files(
    "Also write a 277CA (277ca=PATH) or a 999 (999=PATH) for the submitter, or a report on FILE in a format of lint837 "
    "check. Repeat for several.",
    ACKNOWLEDGEMENT,
    STRUCTURE,
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
    reject_on: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    guide: str | None,
    ack_date: datetime | None,
    extra: tuple[str, ...],
    jobs: int,
    *,
    output: OutputOptions,
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
    asked, output = places_of(context, output)
    place, structure = asked.get(ACKNOWLEDGEMENT), asked.get(STRUCTURE)
    check_places(context, [path], [*places.values(), *asked.values()], [report for _, report in output.files])
    rulebook = rulebook_for(context, extra, select, ignore, isolated=isolated, guide=guide, claims=claims)
    least = FAIL_ON[reject_on] or Severity.ERROR
    ack = ack_options_for(context, rulebook, least, ack_date, warnings=ack_warnings) if place else None
    settings = settings_for(context, isolated=isolated)
    configuration = configuration_of(settings, {"select": select, "ignore": ignore, "guide": guide, "claims": claims})
    whole = True
    try:
        with (
            Delivery(output, about(rulebook, __version__, least, configuration)) as delivery,
            progress(quiet=quiet) as advance,
        ):

            def report(source: "Source") -> None:
                lint = Lint(source.blocks(), path, rulebook)
                for finding in lint:
                    delivery.finding(finding)
                delivery.input(lint.summary)
                for finding in notes_on(rulebook, delivery.tally.inputs):
                    delivery.finding(finding)

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
                report if output.files else None,
            )
            if output.files:
                texts = rule_texts(rulebook, delivery.tally.rules)
                whole = delivery.end(texts, delivery.tally.totals(), int(outcome.rejected > 0))
    except RefusedError as error:
        click.echo(f"lint837: not split, nothing was written: {error}{meant(path)}", err=True)
        context.exit(INCOMPLETE)
    except PublishError as error:
        done = ", ".join(map(inert, error.published))
        click.echo(f"lint837: only published: {done}; the other files could not be: {error.strerror}", err=True)
        context.exit(NO_REPORT)
    except OSError as error:
        click.echo(f"lint837: not split: {unwritten(error)}", err=True)
        context.exit(NO_REPORT)
    except VerificationError as error:
        defect = "a defect of lint837 or of the disk"
        click.echo(f"lint837: not split, nothing was written: {error} ({defect})", err=True)
        context.exit(NO_REPORT)
    if not quiet:
        try:
            say(_lines(path, places, [*asked.items(), *output.files] if whole else [*asked.items()], outcome))
            sys.stdout.flush()
        except OSError:  # the claims are where they should be, and the status says so
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    context.exit(int(outcome.rejected > 0) if whole else NO_REPORT)


def _lines(
    path: str, places: Mapping[int, str], reports: Iterable[tuple[str, str]], outcome: "Outcome"
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
    for form, place in reports:
        claims = f": {counted(outcome.accepted + outcome.rejected, 'claim')}" if form == ACKNOWLEDGEMENT else ""
        yield f"  {'277CA' if form == ACKNOWLEDGEMENT else form:9} {inert(place)}{claims}"
    for rule, count in outcome.rules.items():
        yield f"  {rule} rejected {counted(count, 'claim')}"
