"""`lint837 fix`: the corrections of findings, applied to a copy of a claim file."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from lint837.commands import complete
from lint837.commands.acknowledgement import check_places
from lint837.commands.common import (
    INCOMPLETE,
    NO_REPORT,
    claims_option,
    config_option,
    facts_option,
    isolated_option,
    meant,
    rulebooks_for,
    say,
    unwritten,
)
from lint837.commands.progress import progress
from lint837.report.phrases import inert
from lint837.rules.values import counted
from lint837.x12.delimiters import LARGEST_CONTROL_NUMBER, safe_control_number

if TYPE_CHECKING:
    from lint837.fix.write import Fixed


@click.command()
@click.argument("path", metavar="FILE", shell_complete=complete.files)
@click.option(
    "--output", "-o", "place", metavar="PATH", shell_complete=complete.files, help="File for the corrected claims."
)
@click.option("--diff", is_flag=True, help="Show what would change, and write nothing.")
@click.option(
    "--unsafe",
    is_flag=True,
    help="Also apply corrections that change what is billed, such as a code. Check each of them against the chart.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=complete.rules,
    help="Correct what these rules find: codes, groups such as NDC, or names, separated by commas.",
)
@click.option(
    "--new-control-numbers",
    "first_number",
    type=click.IntRange(1, LARGEST_CONTROL_NUMBER),
    metavar="NUMBER",
    help="Give interchanges (ISA13, IEA02) and groups (GS06, GE02) the numbers from NUMBER on, for a file that is sent "
    "again. Choose one after the last that you sent.",
)
@click.option(
    "--log",
    "log",
    metavar="PATH",
    shell_complete=complete.files,
    help="Also write what was changed, as JSON lines. It holds claim numbers.",
)
@claims_option
@facts_option
@config_option
@isolated_option
@click.option("--quiet", "-q", is_flag=True, help="No summary, no progress line.")
@click.pass_context
def command(
    context: click.Context,
    /,
    path: str,
    place: str | None,
    select: tuple[str, ...],
    first_number: int | None,
    log: str | None,
    extra: tuple[str, ...],
    *,
    claims: bool | None,
    diff: bool,
    unsafe: bool,
    isolated: bool,
    quiet: bool,
) -> None:
    """Write a copy of a claim file with the corrections of findings applied.

    Only corrections of the form are applied, such as the digits of an NDC or letter case; with --unsafe also those that
    change what is billed. Where a finding offers alternatives, nothing is changed: only you know which is right. A
    claim that could not be checked stays as it is. The new file is compared with FILE and checked again before it
    appears.

    A receiver takes a file with the control numbers of one that it has for its duplicate. If FILE was sent already,
    give the copy others with --new-control-numbers. A claim that was accepted is corrected by a replacement claim
    (frequency 7), not by sending it again.

    Exit status: 0 written, or nothing to change; 2 usage error; 3 FILE was refused, or a claim could not be checked;
    4 the new file could not be written or proved.
    """
    from lint837.files.rereadable import RefusedError
    from lint837.fix.write import ProofError, fix_file, planned

    if diff == (place is not None):
        raise click.UsageError("give either --output or --diff", context)
    if diff and log:
        raise click.UsageError("--diff writes nothing, so there is nothing to log", context)
    check_places(context, [path], [one for one in (place, log) if one])
    # What a correction must not bring about is found by all rules.
    corrects, rulebook = rulebooks_for(context, extra, select, isolated=isolated, claims=claims)
    chosen = {rule.code for rule in corrects.running}
    try:
        with progress(quiet=quiet) as advance:
            correct = partial(fix_file, path, place) if place else partial(planned, path)
            done = correct(rulebook, chosen, unsafe=unsafe, first_number=first_number, advance=advance)
        if log and place:
            write_log(log, path, place, done)
    except RefusedError as error:
        click.echo(f"lint837: not corrected, nothing was written: {error}{meant(path)}", err=True)
        context.exit(INCOMPLETE)
    except OSError as error:
        click.echo(f"lint837: not corrected: {unwritten(error)}", err=True)
        context.exit(NO_REPORT)
    except ProofError as error:
        click.echo(
            f"lint837: not corrected, nothing was written: {error} (a defect of lint837, a rule or the disk)", err=True
        )
        context.exit(NO_REPORT)
    if diff:
        say(_difference(path, done))
    if not quiet:
        say(_summary(path, place, done))
    context.exit(INCOMPLETE if done.changes.left else 0)


def _difference(path: str, done: "Fixed") -> Iterator[str]:
    """Each segment that changes, as a report may show it."""
    from lint837.report.excerpt import excerpt

    shown: set[tuple[int, tuple[str, ...]]] = set()
    for change in done.changes.changes:
        at = change.finding.location
        key = (at.claim_ordinal or 0, change.before.texts)
        if key in shown:
            continue
        shown.add(key)
        line = f", line {at.service_line}" if at.service_line else ""
        yield f"{inert(path)}: claim {at.claim_ordinal}{line}: {change.finding.rule} {change.finding.name}"
        yield f"- {inert(excerpt(change.before, '').text)}"
        yield f"+ {inert(excerpt(change.after, '').text)}"
    for number in done.changes.numbers:
        yield f"{inert(path)}: {number.element}"
        yield f"- {safe_control_number(number.old)}"
        yield f"+ {number.new.decode()}"


def _summary(path: str, place: str | None, done: "Fixed") -> Iterator[str]:
    changes = done.changes
    safe = sum(change.safe for change in changes.changes)
    unsafe = len(changes.changes) - safe
    what = [counted(safe, "safe change")] + ([counted(unsafe, "change") + " of what is billed"] if unsafe else [])
    yield f"{inert(path)}: {counted(done.claims, 'claim')}, {', '.join(what)}"
    for rule, count in sorted(Counter(change.finding.rule for change in changes.changes).items()):
        yield f"  {rule} {counted(count, 'change')}"
    headers = [one.new.decode() for one in changes.numbers if one.element in ("ISA13", "GS06")]
    if headers:
        first, last = min(map(int, headers)), max(map(int, headers))
        yield f"  {counted(len(headers), 'new control number')}: {first}{f' to {last}' if last > first else ''}"
    for finding in done.revealed:
        at = finding.location
        line = f", line {at.service_line}" if at.service_line else ""
        yield f"  found now that the claim is corrected: {finding.rule} {finding.name}, claim {at.claim_ordinal}{line}"
    if changes.offered:
        yield f"  {counted(changes.offered, 'finding')} more with --unsafe, which changes what is billed"
    if changes.left:
        yield f"  left as they are, since they could not be checked: claim {', '.join(map(str, changes.left[:20]))}"
    if place:
        yield f"  written to {inert(place)}"


def write_log(log: str, path: str, place: str, done: "Fixed") -> None:
    """Write the log of a file that was corrected, whole or not at all. Raises OSError."""
    from lint837.files.outputs import replacing
    from lint837.fix.log import log_of
    from lint837.report.output import under_ci

    with replacing(log) as file:
        changes = done.changes
        before, after = (path, done.before), (place, done.after)
        file.writelines(log_of(before, after, changes.changes, changes.numbers, done.revealed, claims=not under_ci()))
