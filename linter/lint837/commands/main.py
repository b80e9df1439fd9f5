"""The command line: check claim files, convert a report; rules, explain, facts, show and ask tell why.

Exit status, in this order of precedence: 4 no complete report; 2 usage error, before anything is read; 3 something
could not be checked, or no claim was found; 1 findings at or above --fail-on; 0.
"""

import contextlib
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint837 import __version__
from lint837.claims.segment import plain_decimal
from lint837.commands import complete
from lint837.commands.common import (
    FAIL_ON,
    NO_REPORT,
    config_option,
    facts_option,
    isolated_option,
    meant,
    rulebook_for,
    say,
    settings_for,
    words_in,
)
from lint837.commands.options import Reading, reads_claims, writes_a_report
from lint837.commands.split import (
    ack_date_option,
    ack_warnings_option,
    acknowledge,
    check_places,
    place_of_acknowledgement,
    reply_for,
    split,
)
from lint837.config.discover import FILE
from lint837.files.inputs import STANDARD_INPUT, Blocks, Input, PassedOver, inputs, size
from lint837.lint.ask import SETTINGS, Question, answer, told
from lint837.lint.engine import Report, exit_status, in_order, notes_on
from lint837.lint.finding import Finding, InputSummary
from lint837.lint.jobs import Plan, lint_all
from lint837.report.deliver import Wanted, deliver, under_ci
from lint837.report.model import about, results
from lint837.report.stream import Stream, StreamLostError
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook, failure

if TYPE_CHECKING:
    from lint837.config.settings import Settings

_STDIN = 0  # its descriptor
_LONG = 32 * 1024 * 1024  # from so many bytes on, a terminal is shown the progress
_Result = tuple[InputSummary, tuple[Finding, ...]]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lint837")
def cli() -> None:
    """Find the drug lines of X12 837 claim files that a payer would reject, before the payer does."""


@cli.command()
@click.argument("paths", nargs=-1, metavar="PATH...", shell_complete=complete.files)
@writes_a_report
@reads_claims
@click.option(
    "--fail-on",
    type=click.Choice([*FAIL_ON]),
    default=None,
    help="The least severity that makes the exit status 1; error, if nothing is said.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=complete.rules,
    help="Only these rules: codes, beginnings of codes, names.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULES",
    shell_complete=complete.rules,
    help="Not these rules. Incomplete findings always show.",
)
@facts_option
@config_option
@isolated_option
@ack_date_option
@ack_warnings_option
@click.option("--allow-empty", is_flag=True, help="Inputs without any 837P or 837I claim are no reason for status 3.")
@click.option(
    "--show-settings", is_flag=True, help="Show what is set, and where, and the rules that run; read nothing."
)
@click.option("--list-files", is_flag=True, help="Name the files that would be read; read nothing.")
@click.pass_context
def check(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extra: tuple[str, ...],
    ack_date: datetime | None,
    *,
    wanted: Wanted,
    reading: Reading,
    ack_warnings: bool,
    isolated: bool,
    allow_empty: bool,
    show_settings: bool,
    list_files: bool,
) -> None:
    """Lint claim files: files, directories, or - for standard input.

    In a directory, files are looked at whose names end in .837, .837p, .837i, .edi, .x12 or .txt, or that begin with
    ISA; hidden files are not.

    Exit status: 0 nothing found at or above --fail-on; 1 something found; 2 usage error; 3 something could not be
    checked, or no claim was found; 4 no complete report.
    """
    rulebook = rulebook_for(context, extra, select, ignore, isolated=isolated)
    settings = settings_for(context, isolated=isolated)
    if show_settings:
        say(_in_effect(settings, rulebook, {"select": select, "ignore": ignore, "fail-on": fail_on, "facts": extra}))
        return
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.", context)
    if list_files:
        from lint837.report.words import inert

        say(inert(item.path) for item in inputs(paths) if isinstance(item, Input))
        return
    fail_on = fail_on or (settings.fail_on if settings else "error")
    written = [path for _, path in wanted.files]
    place, wanted = place_of_acknowledgement(wanted)
    least = FAIL_ON[fail_on]
    reject_on = least or Severity.ERROR
    reply = reply_for(context, rulebook, reject_on, ack_date, warnings=ack_warnings) if place else None
    if place:
        check_places(context, paths, [place])
    found = list(inputs(paths))
    items = [item for item in found if isinstance(item, Input)]
    _spare(context, [item.path for item in items], written, "that is to be linted")
    # Of a report that is written as it comes nothing is kept.
    stream = (
        Stream(about(rulebook, __version__, least), wanted)
        if wanted.form == "jsonl" and not (wanted.files or place)
        else None
    )
    plan = Plan(rulebook, reading.limits, reading.ratio, reading.prefilter, reading.jobs)
    with _progress(items, quiet=wanted.quiet) as advance:
        linted = dict(_linted(items, lint_all(items, plan, advance), stream))
    passed_over = tuple(item.path for item in found if isinstance(item, PassedOver) or item not in linted)
    on_suppressions = notes_on(rulebook, [summary for summary, _ in linted.values()])
    if stream:
        for finding in on_suppressions:
            stream.finding(finding)
        status = exit_status(
            [summary for summary, _ in linted.values()],
            max(stream.severities, default=None),
            least,
            allow_empty=allow_empty,
        )
        stream.end(passed_over, status)
        context.exit(status)
    report = Report(
        (*(finding for _, findings in linted.values() for finding in findings), *on_suppressions),
        tuple(summary for summary, _ in linted.values()),
        passed_over,
        rulebook,
    )
    status = report.exit_status(least, allow_empty=allow_empty)
    whole = deliver(results(report, __version__, least, status), wanted)
    if place and reply:
        status = max(status, acknowledge(place, report, reject_on, reply))
    context.exit(status if whole else NO_REPORT)


def _linted(
    items: Iterable[Input], events: Iterator[Finding | InputSummary], stream: Stream | None
) -> Iterator[tuple[Input, _Result]]:
    """The inputs that are no other files, each with what it held and its findings, unless a stream takes them."""
    for item in items:
        findings: list[Finding] = []
        summary = None
        while summary is None:
            event = next(events)
            if isinstance(event, InputSummary):
                summary = event
            elif stream and not item.may_be_other:
                stream.finding(event)
            else:
                findings.append(event)
        if item.may_be_other and not summary.interchanges and not any(f.rule == "ENV011" for f in findings):
            continue
        if stream:
            for finding in findings:
                stream.finding(finding)
            stream.input(summary)
            findings = []
        yield item, (summary, in_order(findings))


def _spare(context: click.Context, paths: Sequence[str], places: Sequence[str], why: str) -> None:
    """A usage error where a report, at one of `places`, would take the place of a file that is read: one of `paths`,
    the archive of which one is a member, or what standard input comes from. `why` says what it is read for.
    """
    if not places:
        return
    from lint837.report.words import inert

    read: set[Path] = set()
    for path in paths:
        if path == STANDARD_INPUT:
            continue
        real = Path(os.path.realpath(path))
        read |= {real, *real.parents}  # a parent that is a file is an archive
    from_input = _status(_STDIN) if STANDARD_INPUT in paths else None
    for place in places:
        status = _status(place)
        if status is None or not stat.S_ISREG(status.st_mode):
            continue
        if Path(os.path.realpath(place)) in read or (from_input and os.path.samestat(status, from_input)):
            raise click.UsageError(f"--report names a file {why}: {inert(place)}", context)


def _status(path: str | int) -> os.stat_result | None:
    try:
        return Path(path).stat() if isinstance(path, str) else os.fstat(path)
    except (OSError, ValueError):  # ValueError: a path with a NUL byte
        return None


@cli.command()
@click.argument("path", metavar="FILE", shell_complete=complete.files)
@writes_a_report
@click.pass_context
def convert(context: click.Context, /, path: str, *, wanted: Wanted) -> None:
    """Write the JSON report in FILE, or on standard input (-), in other formats, without linting again.

    Exit status: 0 written; 2 FILE is no JSON report; 4 a report could not be written.
    """
    from lint837.report.read import DocumentError, read
    from lint837.report.words import file_name

    _spare(context, [path], [place for _, place in wanted.files], "that is to be converted")
    blocks = Blocks(Input(path))
    data = b"".join(blocks)
    if blocks.error:
        raise click.UsageError(f"{file_name(path)}: {blocks.error}", context)
    try:
        document = read(data)
    except DocumentError as error:
        raise click.UsageError(f"{file_name(path)}: {error}", context) from None
    whole = deliver(document, wanted)
    context.exit(0 if whole else NO_REPORT)


def _in_effect(
    settings: "Settings | None", rulebook: Rulebook, said: Mapping[str, Sequence[str] | str | None]
) -> list[str]:
    from lint837.config.settings import Settings
    from lint837.report.settings import in_effect

    given = {key: words_in(value) if key in ("select", "ignore") else value for key, value in said.items() if value}
    return list(in_effect(settings or Settings(), given, rulebook))


@cli.command()
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="The format.")
@facts_option
@config_option
@isolated_option
@click.pass_context
def rules(context: click.Context, /, form: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """List the rules."""
    from lint837.report import rules as report

    rulebook = rulebook_for(context, extra, isolated=isolated)
    if form == "json":
        click.echo(report.listing_json(rulebook), nl=False)
    else:
        say(report.markdown(rulebook) if form == "markdown" else report.listing(rulebook))


@cli.command()
@click.argument("code", shell_complete=complete.rules)
@facts_option
@config_option
@isolated_option
@click.pass_context
def explain(context: click.Context, /, code: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Explain a rule, by its code or name: why, how to correct, examples, dates, sources."""
    from lint837.report import rules as report

    rulebook = rulebook_for(context, extra, isolated=isolated)
    try:
        say(list(report.explanation(code, rulebook)))
    except KeyError:
        raise click.UsageError(f"{code!r} is no rule{meant(code, rulebook)}", context) from None


@cli.command()
@click.argument("drug", required=False, shell_complete=complete.drugs)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The format.")
@facts_option
@config_option
@isolated_option
@click.pass_context
def facts(context: click.Context, /, drug: str | None, form: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Show a drug's facts: its codes on a time line, packages, doses, sources."""
    from lint837.report import rules as report

    drugs = rulebook_for(context, extra, isolated=isolated).formulary.drugs
    wanted = [known for known in drugs if drug in (None, known.name)]
    if not wanted:
        raise click.UsageError(f"{drug!r} is no drug; known: {', '.join(known.name for known in drugs)}", context)
    if form == "json":
        click.echo(report.facts_json(wanted), nl=False)
    else:
        say(line for known in wanted for line in report.sheet(known))


@cli.command()
@click.argument("path", metavar="FILE", shell_complete=complete.files)
@facts_option
@config_option
@isolated_option
@click.pass_context
def show(context: click.Context, /, path: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Show each drug line of a file: how it was identified, the date that decided, the arithmetic, and what every rule
    said of it. Where the variable CI is set, without dates of service.
    """
    from lint837.report import show as report

    rulebook = rulebook_for(context, extra, isolated=isolated)
    blocks = Blocks(Input(path))
    say(list(report.drug_lines(blocks, rulebook.for_file(path), redacted=under_ci())))
    if blocks.error:
        raise click.FileError(path, blocks.error)


@cli.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The date of service.")
@click.option("--ndc", required=True, help="The package's NDC, in any written form.")
@click.option("--quantity", required=True, metavar="NUMBER", help="The NDC quantity.")
@click.option("--unit", default="UN", show_default=True, help="The NDC quantity's unit of measure: UN, ME, GR, ML, F2.")
@click.option("--code", default="", help="The procedure code that is billed; without it the right one is told.")
@click.option("--units", default="", metavar="NUMBER", help="The units that are billed.")
@click.option("--modifier", "modifiers", multiple=True, help="A modifier that is billed; may be repeated.")
@click.option("--payer", default="MB", show_default=True, help="The claim filing code, SBR09: MB, MC, CI, ...")
@click.option("--setting", type=click.Choice([*SETTINGS]), default="office", show_default=True, help="Where.")
@facts_option
@config_option
@isolated_option
@click.pass_context
def ask(
    context: click.Context,
    /,
    day: datetime,
    ndc: str,
    quantity: str,
    unit: str,
    code: str,
    units: str,
    modifiers: tuple[str, ...],
    payer: str,
    setting: str,
    extra: tuple[str, ...],
    *,
    isolated: bool,
) -> None:
    """Ask without a claim file: what to bill for a package on a date, or what is wrong with a line.

    Exit status 1 where something is wrong by a source.
    """
    rulebook = rulebook_for(context, extra, isolated=isolated)
    for name, value in (("--quantity", quantity), ("--units", units)):
        if value and plain_decimal(value) is None:
            raise click.UsageError(f"{name} must be a plain decimal number such as 10 or 0.5", context)
    for name, value in (
        ("--code", code),
        ("--unit", unit),
        ("--payer", payer),
        ("--ndc", ndc),
        *(("--modifier", m) for m in modifiers),
    ):
        if not re.fullmatch(r"[A-Za-z0-9 -]*", value):
            raise click.UsageError(f"{name} may hold letters, digits, hyphens and blanks", context)
    question = Question(day.date(), ndc, quantity, unit, code, units, modifiers, payer, setting)
    try:
        reply = answer(question, rulebook)
    except LookupError as error:
        raise click.UsageError(str(error.args[0]), context) from None
    say(told(reply))
    context.exit(int(any(finding.severity is Severity.ERROR for finding in reply.findings)))


@cli.command()
@click.option("--schema", is_flag=True, help="Print the JSON schema of the configuration instead.")
@click.pass_context
def init(context: click.Context, /, *, schema: bool) -> None:
    """Write a lint837.toml here, in which every key is shown and none is set."""
    from lint837.report import settings as report

    if schema:
        click.echo(report.schema(), nl=False)
        return
    try:
        with Path(FILE).open("x", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in report.template())
    except OSError as error:
        raise click.UsageError(f"{FILE}: {(error.strerror or 'it cannot be written').lower()}", context) from None
    click.echo(f"{FILE} is written; every line in it is a comment")


@contextlib.contextmanager
def _progress(items: list[Input], *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A progress bar on standard error, for long input on a terminal; yields what to tell how many bytes were read."""
    sizes = [size(item) for item in items]
    total = sum(known for known in sizes if known)
    if quiet or total < _LONG or None in sizes or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=total, label="reading", file=sys.stderr) as bar:
        yield bar.update


cli.add_command(split)


def main() -> None:
    """Run the command, and exit with its status; of an internal error only its kind and place are told."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an old code page has no "…"
    try:
        status = complete.reply(cli) if complete.asked() else cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        status = done.exit_code
    except click.ClickException as error:
        error.show()
        status = 2
    except StreamLostError:  # which was told
        status = NO_REPORT
    except (click.Abort, KeyboardInterrupt):
        click.echo("lint837: interrupted; there is no report", err=True)
        status = NO_REPORT
    except BaseException as error:  # noqa: BLE001 - no exception's text or traceback, which may hold claim data
        with contextlib.suppress(OSError):
            click.echo(f"lint837: internal error: {failure(error)}; the report is not complete", err=True)
        status = NO_REPORT
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
