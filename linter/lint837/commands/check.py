"""`lint837 check`: claim files in, reports out."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
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
    acknowledge,
    acknowledge_structure,
    check_places,
    kept_open,
    places_of,
    with_values_option,
)
from lint837.commands.common import (
    FAIL_ON,
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
    warn,
    words_in,
)
from lint837.commands.options import KEY_FILE, Reading, keep_inputs, reads_claims, writes_a_report
from lint837.commands.progress import progress
from lint837.files.inputs import Input, Opened, PassedOver, inputs
from lint837.lint.finding import Finding, InputSummary
from lint837.lint.parallel import RunOptions, lint_all
from lint837.report.model import about, notes_on, rule_texts
from lint837.report.output import Delivery, OutputOptions
from lint837.rules.rule import Severity
from lint837.rules.rulebook import OFF, Rulebook

if TYPE_CHECKING:
    from lint837.config.settings import Settings
    from lint837.lint.parts import Range


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...", shell_complete=complete.files)
@writes_a_report(ACKNOWLEDGEMENT, STRUCTURE)
@reads_claims
@click.option(
    "--fail-on",
    type=click.Choice([*FAIL_ON]),
    default=None,
    help="Exit with status 1 for findings of this severity or above. Default: error.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=complete.rules,
    help="Run only these rules: codes, groups such as HCP, or names, separated by commas.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULES",
    shell_complete=complete.rules,
    help="Run all rules except these. Findings marked (incomplete) are always reported.",
)
@guide_option
@claims_option
@facts_option
@config_option
@isolated_option
@ack_date_option
@ack_warnings_option
@with_values_option
@click.option(
    "--allow-empty", is_flag=True, help="Do not exit with status 3 where the inputs hold no 837P or 837I claim."
)
@click.option(
    "--show-settings",
    is_flag=True,
    help="Show every setting with its origin, and the rules that run. Check nothing.",
)
@click.option(
    "--part",
    metavar="PLAN#N",
    help="Check one part of the files in a plan of `lint837 plan`. `lint837 merge` joins the JSON reports.",
)
@click.option("--list-files", is_flag=True, help="List the files that would be checked. Check nothing.")
@click.pass_context
def command(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    guide: str | None,
    extra: tuple[str, ...],
    ack_date: datetime | None,
    *,
    claims: bool | None,
    output: OutputOptions,
    reading: Reading,
    ack_warnings: bool,
    with_values: bool,
    isolated: bool,
    allow_empty: bool,
    show_settings: bool,
    list_files: bool,
    part: str | None,
) -> None:
    """Check claim files and report what is wrong.

    Each PATH is a file, a directory, a gzip or ZIP archive, or - for standard input. In a directory lint837 checks the
    files named *.837, *.837p, *.837i, *.edi, *.x12 or *.txt, and any file that begins with ISA, GS or ST.
    It skips hidden files.

    Exit status: 0 nothing found at or above --fail-on; 1 something found; 2 usage error; 3 something could not be
    checked, or no claim was found; 4 a report could not be written.
    """
    rulebook = rulebook_for(context, extra, select, ignore, isolated=isolated, guide=guide, claims=claims)
    settings = settings_for(context, isolated=isolated)
    if show_settings:
        say(
            _in_effect(
                settings,
                rulebook,
                {
                    "select": select,
                    "ignore": ignore,
                    "guide": guide,
                    "claims": claims,
                    "fail-on": fail_on,
                    "facts": extra,
                },
            )
        )
        return
    if part and (paths or any(form in (ACKNOWLEDGEMENT, STRUCTURE) for form, _ in output.files)):
        raise click.UsageError("--part takes its files from the plan, and cannot make a 277CA or 999", context)
    if part and rulebook.guide != OFF:
        raise click.UsageError(
            "--part cannot check the structure, which is read in one piece: add --guide off, or check the whole files",
            context,
        )
    if not paths and not part:
        raise click.UsageError("Missing argument 'PATH...'.", context)
    if list_files:
        from lint837.report.phrases import inert

        say(inert(item.path) for item in inputs(paths, reading.ratio) if isinstance(item, Input))
        return
    given = {"select": select, "ignore": ignore, "guide": guide, "claims": claims, "fail-on": fail_on}
    configuration = configuration_of(settings, given)
    least = FAIL_ON[fail_on or (settings.fail_on if settings else "error")]
    written = [path for _, path in output.files]
    places, output = places_of(context, output)
    place = places.get(ACKNOWLEDGEMENT)
    reject_on = least or Severity.ERROR
    ack = ack_options_for(context, rulebook, reject_on, ack_date, warnings=ack_warnings) if place else None
    if places:
        check_places(context, paths, [*places.values()])
    name, ranges = _part_of(context, part) if part else ("", ())
    found = list(inputs(paths, reading.ratio)) if not part else [Input(one.path) for one in ranges]
    items = [item for item in found if isinstance(item, Input)]
    for path in paths:
        if question := meant(path):
            warn(f"{path}: no such file{question}")
    keep_inputs(context, [item.path for item in items], written, "claim file")
    _keep_settings(context, settings, extra, written)
    options = RunOptions(rulebook, reading.limits, reading.ratio, reading.prefilter, reading.jobs)
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(_opened_part(context, ranges))
        if places:
            items = stack.enter_context(kept_open(items))
        delivery = stack.enter_context(Delivery(output, about(rulebook, __version__, least, configuration, name)))
        with progress(items, quiet=output.quiet) as advance:
            events = _in_parts(ranges, opened, options) if part else lint_all(items, options, advance)
            others = set(_lint(items, events, delivery))
        for finding in () if part else notes_on(rulebook, delivery.tally.inputs):
            delivery.finding(finding)
        totals = delivery.tally.totals([item.path for item in found if isinstance(item, PassedOver) or item in others])
        status = totals.exit_status(least, allow_empty=allow_empty)
        whole = delivery.end(rule_texts(rulebook, delivery.tally.rules), totals, status)
        read = [item for item in items if item not in others]
        if place and ack:
            status = max(status, acknowledge(place, read, rulebook, reject_on, ack))
        if STRUCTURE in places:
            from lint837.ack.x999 import Options999

            made = Options999(ack_date, with_values, by_claim=place is not None)
            status = max(status, acknowledge_structure(places[STRUCTURE], read, made))
    context.exit(status if whole else NO_REPORT)


def _lint(items: Iterable[Input], events: Iterator[Finding | InputSummary], delivery: Delivery) -> Iterator[Input]:
    """Deliver what is found in each input. Yields the text files of directories that turn out to hold no claims."""
    for item in items:
        held: list[Finding] = []  # of a text file in which no interchange has been found so far
        summary = None
        while summary is None:
            event = next(events)
            if isinstance(event, InputSummary):
                summary = event
            elif item.may_be_other and not event.location.ordinals[0]:
                held.append(event)
            else:
                for finding in (*held, event):
                    delivery.finding(finding)
                held.clear()
        if item.may_be_other and not summary.interchanges and not any(one.rule == "ENV011" for one in held):
            yield item
            continue
        for finding in held:
            delivery.finding(finding)
        delivery.input(summary)


def _keep_settings(
    context: click.Context, settings: "Settings | None", facts: Sequence[str], places: Sequence[str]
) -> None:
    """Raise a usage error where a report, at one of `places`, would replace a configuration, facts or key file."""
    files = {"facts file": [*facts], "key": [context.meta[KEY_FILE]] if KEY_FILE in context.meta else []}
    if settings:
        files["configuration"] = [settings.origin]
        files["facts file"] += [str(settings.base / path) for path in settings.facts]
    for kind, paths in files.items():
        keep_inputs(context, paths, places, kind)


def _part_of(context: click.Context, part: str) -> "tuple[str, Sequence[Range]]":
    """The name and the ranges of a part, PLAN#N. Raises a usage error where there is none."""
    from lint837.files.settings_file import SettingsFileError, bytes_of
    from lint837.lint.parts import PlanError, read

    path, _, number = part.rpartition("#")
    if not path or not number.isascii() or not number.isdigit():
        raise click.UsageError("--part: expected PLAN#N, such as plan.json#1", context)
    try:
        plan = read(bytes_of(Path(path), None))
    except (PlanError, SettingsFileError) as error:
        raise click.UsageError(f"{path}: {error}", context) from None
    if not 1 <= int(number) <= len(plan.parts):
        raise click.UsageError(f"{path} has parts 1 to {len(plan.parts)}", context)
    return f"{int(number)} of {len(plan.parts)} of {plan.name}", plan.parts[int(number) - 1]


@contextlib.contextmanager
def _opened_part(context: click.Context, ranges: "Sequence[Range]") -> Iterator[Sequence[Opened]]:
    """The files of a part. Raises a usage error where one is not the file that was planned."""
    if not ranges:
        yield ()
        return
    from lint837.lint.parts import PlanError, opened_part

    with contextlib.ExitStack() as stack:
        try:
            files = stack.enter_context(opened_part(ranges))
        except PlanError as error:
            raise click.UsageError(str(error), context) from None
        yield files


def _in_parts(
    ranges: "Sequence[Range]", files: Sequence[Opened], options: RunOptions
) -> Iterator[Finding | InputSummary]:
    from lint837.lint.parts import lint_part

    return lint_part(ranges, files, options)


def _in_effect(
    settings: "Settings | None", rulebook: Rulebook, said: Mapping[str, Sequence[str] | str | bool | None]
) -> list[str]:
    from lint837.config.settings import Settings
    from lint837.report.settings import in_effect

    given = {
        key: words_in(value) if isinstance(value, tuple) and key in ("select", "ignore") else value
        for key, value in said.items()
        if value is not None and value != ()
    }
    return list(in_effect(settings or Settings(), given, rulebook))
