"""The 277CA and the 999 that `check` and `split` write: their options, and the files they may be written to."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint837.commands.common import INCOMPLETE, NO_REPORT, need_maps
from lint837.files.inputs import STANDARD_INPUT, Input, Opened
from lint837.report.output import OutputOptions
from lint837.rules.rule import RuleError, Severity
from lint837.rules.rulebook import Rulebook

if TYPE_CHECKING:
    from lint837.ack.x277ca import AckOptions
    from lint837.ack.x999 import Options999

ACKNOWLEDGEMENT = "277ca"  # its name in --report FORMAT=PATH; it holds claims, so it is never a report's format

STRUCTURE = "999"  # the same

ack_date_option = click.option(
    "--ack-date",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    metavar="DATE",
    help="Date of the 277CA or 999, such as 2025-03-04 or 2025-03-04T09:30. Default: GS04 and GS05 of the claim file.",
)
ack_warnings_option = click.option(
    "--ack-warnings", is_flag=True, help="Include warnings in the 277CA, for accepted claims too."
)


with_values_option = click.option(
    "--with-values",
    is_flag=True,
    help="In the 999, copy what is wrong (IK404) and the claim numbers (CTX). It may be a name or a member id.",
)


def places_of(context: click.Context, output: OutputOptions) -> tuple[dict[str, str], OutputOptions]:
    """The path of the 277CA and of the 999, where they are asked for; and the options for the reports alone. Raises a
    usage error where what a 999 needs is not installed.
    """
    places = {form: path for form, path in output.files if form in (ACKNOWLEDGEMENT, STRUCTURE)}
    if STRUCTURE in places:
        need_maps(context, "a 999")
    return places, output._replace(files=[file for file in output.files if file[0] not in places])


def check_places(
    context: click.Context, paths: Sequence[str], places: Sequence[str], reports: Sequence[str] = ()
) -> None:
    """Raise a usage error unless each of `places`, to which claims are written, is a file of its own, and not one of
    the claim files in `paths`; nor may one of `reports` be one of either.
    """
    from lint837.files.outputs import may_be_written

    if STANDARD_INPUT in paths:
        raise click.UsageError("standard input cannot be read more than once; name a file", context)
    seen = {Path(path).resolve() for path in paths}
    for place in places:
        if place == STANDARD_INPUT or not may_be_written(place):
            raise click.UsageError(f"{place!r}: claims can only be written to a file", context)
    for place in (*places, *reports):
        if Path(place).resolve() in seen:
            raise click.UsageError(f"{place!r} is named twice", context)
        seen.add(Path(place).resolve())


def acknowledge(place: str, items: Sequence[Input], rulebook: Rulebook, least: Severity, options: "AckOptions") -> int:
    """Write the 277CA of the files that were checked, as they were opened then. Returns the exit status that this alone
    would give.
    """
    from lint837.ack.x277ca import acknowledge_files

    return _written("277CA", place, lambda: acknowledge_files(items, place, rulebook, least, options))


def acknowledge_structure(place: str, items: Sequence[Input], options: "Options999") -> int:
    """Write the 999 of the files that were checked, as `acknowledge` writes the 277CA."""
    from lint837.ack.x999 import write_999

    return _written("999", place, lambda: write_999(items, place, options))


def _written(name: str, place: str, write: Callable[[], tuple[bool, list[tuple[str, str]]]]) -> int:
    from lint837.report.phrases import inert

    try:
        written, refused = write()
    except OSError as error:
        click.echo(f"lint837: the {name} could not be written to {inert(place)}: {error.strerror}", err=True)
        return NO_REPORT
    for path, why in refused:
        click.echo(f"lint837: {inert(path)} is not in the {name}: {why}", err=True)
    if not written:
        what = "claims" if name == "277CA" else "functional groups"
        click.echo(f"lint837: no {name} was written: there are no {what} to acknowledge", err=True)
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
