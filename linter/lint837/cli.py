"""The command line: check and split claim files, convert a report; rules, explain, facts, show and ask tell why.

Exit status, in this order of precedence: 4 no complete report; 2 usage error, before anything is read; 3 something
could not be checked, or no claim was found; 1 findings at or above --fail-on; 0.
"""

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint837 import __version__, complete
from lint837.ask import SETTINGS, Question, answer, told
from lint837.discover import FILE, SettingsError, find
from lint837.engine import Report, exit_status, in_order, notes_on
from lint837.facts import FactsError
from lint837.finding import Finding, InputSummary
from lint837.jobs import Plan, lint_all
from lint837.options import ACKNOWLEDGEMENT, Reading, reads_claims, reports_in_files, writes_a_report
from lint837.report.deliver import Wanted, deliver
from lint837.report.results import about, results
from lint837.report.stream import Stream, StreamLostError
from lint837.rule import RuleError, Severity
from lint837.rulebook import Rulebook, UnknownRuleError, failure, load_rulebook
from lint837.segment import plain_decimal
from lint837.source import STANDARD_INPUT, Blocks, Input, PassedOver, inputs, size

if TYPE_CHECKING:
    from lint837.acknowledge import Reply
    from lint837.settings import Settings

INCOMPLETE, NO_REPORT = 3, 4
_CONFIG = "lint837.config"  # what --config says, in a command's context
_LONG = 32 * 1024 * 1024  # from so many bytes on, a terminal is shown the progress
_Result = tuple[InputSummary, tuple[Finding, ...]]
_FAIL_ON = {str(severity): severity for severity in sorted(Severity, reverse=True)} | {"never": None}


def _remember(context: click.Context, _: click.Parameter, value: str | None) -> None:
    context.meta[_CONFIG] = value


_isolated = click.option(
    "--isolated", is_flag=True, help="Only the rules and facts that come with lint837, and no configuration."
)
_config = click.option(
    "--config",
    metavar="FILE",
    expose_value=False,
    callback=_remember,
    shell_complete=complete.files,
    help="The configuration; without it lint837.toml or pyproject.toml in this directory or above.",
)
_facts = click.option(
    "--facts",
    "extra",
    multiple=True,
    metavar="FILE",
    shell_complete=complete.files,
    help="A facts file of another drug, beside the installed ones; may be repeated.",
)


_ack_date = click.option(
    "--ack-date",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    metavar="DATE",
    help="The date of the 277CA, such as 2025-03-04 or 2025-03-04T09:30; by default GS04 and GS05 of the file.",
)
_ack_warnings = click.option(
    "--ack-warnings", is_flag=True, help="In the 277CA tell of warnings, too, also on accepted claims."
)


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
    type=click.Choice([*_FAIL_ON]),
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
@_facts
@_config
@_isolated
@_ack_date
@_ack_warnings
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
    rulebook = _rulebook(context, extra, select, ignore, isolated=isolated)
    settings = _settings(context, isolated=isolated)
    if show_settings:
        _say(_in_effect(settings, rulebook, {"select": select, "ignore": ignore, "fail-on": fail_on, "facts": extra}))
        return
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.", context)
    if list_files:
        from lint837.report.words import inert

        _say(inert(item.path) for item in inputs(paths) if isinstance(item, Input))
        return
    fail_on = fail_on or (settings.fail_on if settings else "error")
    place, wanted = _place_of_acknowledgement(wanted)
    least = _FAIL_ON[fail_on]
    reject_on = least or Severity.ERROR
    reply = _reply(context, rulebook, reject_on, ack_date, warnings=ack_warnings) if place else None
    if place:
        _separate(context, paths, [place])
    found = list(inputs(paths))
    _spare(context, [item.path for item in found], wanted)
    items = [item for item in found if isinstance(item, Input)]
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
        status = max(status, _acknowledge(place, report, reject_on, reply))
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


def _spare(context: click.Context, paths: Iterable[str], wanted: Wanted) -> None:
    """A usage error where a report would take the place of a claim file."""
    read = {os.path.realpath(path) for path in paths if path != STANDARD_INPUT}
    for _, path in wanted.files:
        if os.path.realpath(path) in read:
            raise click.UsageError("--report names a file that is to be linted", context)


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
    from lint837.report.settings import in_effect
    from lint837.settings import Settings

    given = {key: _words(value) if key in ("select", "ignore") else value for key, value in said.items() if value}
    return list(in_effect(settings or Settings(), given, rulebook))


def _say(lines: Iterable[str]) -> None:
    click.echo("".join(line + "\n" for line in lines), nl=False)


@cli.command()
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="The format.")
@_facts
@_config
@_isolated
@click.pass_context
def rules(context: click.Context, /, form: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """List the rules."""
    from lint837.report import rules as report

    rulebook = _rulebook(context, extra, isolated=isolated)
    if form == "json":
        click.echo(report.listing_json(rulebook), nl=False)
    else:
        _say(report.markdown(rulebook) if form == "markdown" else report.listing(rulebook))


@cli.command()
@click.argument("code", shell_complete=complete.rules)
@_facts
@_config
@_isolated
@click.pass_context
def explain(context: click.Context, /, code: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Explain a rule, by its code or name: why, how to correct, examples, dates, sources."""
    from lint837.report import rules as report

    rulebook = _rulebook(context, extra, isolated=isolated)
    try:
        _say(list(report.explanation(code, rulebook)))
    except KeyError:
        raise click.UsageError(f"{code!r} is no rule{_hint(code, rulebook)}", context) from None


@cli.command()
@click.argument("drug", required=False, shell_complete=complete.drugs)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The format.")
@_facts
@_config
@_isolated
@click.pass_context
def facts(context: click.Context, /, drug: str | None, form: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Show a drug's facts: its codes on a time line, packages, doses, sources."""
    from lint837.report import rules as report

    drugs = _rulebook(context, extra, isolated=isolated).formulary.drugs
    wanted = [known for known in drugs if drug in (None, known.name)]
    if not wanted:
        raise click.UsageError(f"{drug!r} is no drug; known: {', '.join(known.name for known in drugs)}", context)
    if form == "json":
        click.echo(report.facts_json(wanted), nl=False)
    else:
        _say(line for known in wanted for line in report.sheet(known))


@cli.command()
@click.argument("path", metavar="FILE", shell_complete=complete.files)
@_facts
@_config
@_isolated
@click.pass_context
def show(context: click.Context, /, path: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Show each drug line of a file: how it was identified, the date that decided, the arithmetic, and what every rule
    said of it.
    """
    from lint837.report import show as report

    rulebook = _rulebook(context, extra, isolated=isolated)
    blocks = Blocks(Input(path))
    _say(list(report.drug_lines(blocks, rulebook.for_file(path))))
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
@_facts
@_config
@_isolated
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
    rulebook = _rulebook(context, extra, isolated=isolated)
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
    _say(told(reply))
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


@cli.command()
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
@_ack_date
@_ack_warnings
@_facts
@_config
@_isolated
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
    from lint837.gate import RefusedError
    from lint837.plan import ACCEPTED, REJECTED
    from lint837.proof import UnprovenError
    from lint837.report import split as report
    from lint837.split import split_file

    places = {ACCEPTED: accepted, REJECTED: rejected}
    place = reports[0][1] if reports else None
    _separate(context, [path], [*places.values(), *([place] if place else [])])
    rulebook = _rulebook(context, extra, select, ignore, isolated=isolated)
    least = _FAIL_ON[reject_on] or Severity.ERROR
    reply = _reply(context, rulebook, least, ack_date, warnings=ack_warnings) if place else None
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
            _say(report.lines(path, places, place, outcome))
            sys.stdout.flush()
        except OSError:  # the claims are where they should be, and the status says so
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    context.exit(int(outcome.rejected > 0))


def _place_of_acknowledgement(wanted: Wanted) -> tuple[str | None, Wanted]:
    """Where a 277CA is written, None for nowhere, and what else is wanted."""
    place = next((path for form, path in wanted.files if form == ACKNOWLEDGEMENT), None)
    return place, replace(wanted, files=[file for file in wanted.files if file[0] != ACKNOWLEDGEMENT])


def _separate(context: click.Context, paths: Sequence[str], places: Sequence[str]) -> None:
    """A usage error where one claim file would be written over another, or somewhere that is no file."""
    from lint837.atomic import may_be_written

    if STANDARD_INPUT in paths:
        raise click.UsageError("standard input cannot be read more than once; name a file", context)
    seen = {Path(path).resolve() for path in paths}
    for place in places:
        if place == STANDARD_INPUT or not may_be_written(place):
            raise click.UsageError(f"{place!r}: claims are written to a file only", context)
        if Path(place).resolve() in seen:
            raise click.UsageError(f"{place!r} is named twice", context)
        seen.add(Path(place).resolve())


def _acknowledge(place: str, report: Report, least: Severity, reply: "Reply") -> int:
    """Write the 277CA of what was checked; the exit status that this asks for."""
    from lint837.acknowledge import acknowledge_files
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


def _reply(
    context: click.Context, rulebook: Rulebook, least: Severity, made: datetime | None, *, warnings: bool
) -> "Reply":
    """How the 277CA is made."""
    from lint837.acknowledge import Reply
    from lint837.claim_status import load_statuses

    try:
        statuses = load_statuses(rulebook)
    except RuleError as error:
        raise click.UsageError(str(error), context) from None
    return Reply(made, min(least, Severity.WARNING) if warnings else least, statuses)


def _rulebook(
    context: click.Context,
    facts: Sequence[str],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    *,
    isolated: bool,
) -> Rulebook:
    """The rules to run; a usage error where one cannot be loaded, or a name is no rule."""
    settings = _settings(context, isolated=isolated)
    words = [_words(given) for given in (select, ignore)]
    if (select and not words[0]) or (ignore and not words[1]):
        raise click.UsageError("--select and --ignore need the code or name of a rule", context)
    try:
        if settings:
            from lint837.configure import configured, loaded

            rulebook = loaded(settings, facts)
            narrowed = configured(rulebook, settings, *words)
        else:
            rulebook = load_rulebook(isolated=isolated, facts=facts)
            narrowed = rulebook.narrowed(*words)
    except UnknownRuleError as error:
        raise click.UsageError(f"{error}{_hint(error.word, rulebook)}", context) from None
    except (RuleError, FactsError, SettingsError) as error:
        raise click.UsageError(str(error), context) from None
    if not narrowed.chosen:
        origin = f"{settings.origin}, " if settings else ""
        raise click.UsageError(f"{origin}--select and --ignore leave no rule to run", context)
    return narrowed


def _words(given: Iterable[str]) -> list[str]:
    """The names in options that take several, with commas or blanks between."""
    return [word for part in given for word in part.replace(",", " ").split()]


def _settings(context: click.Context, *, isolated: bool) -> "Settings | None":
    """The configuration, None where there is none; a usage error where it cannot be used."""
    named = context.meta.get(_CONFIG)
    if isolated and named:
        raise click.UsageError("--isolated and --config exclude each other", context)
    try:
        path = Path(named) if named else None if isolated else find()
        if path is None:
            return None
        from lint837.settings import read

        return read(path)
    except SettingsError as error:
        raise click.UsageError(str(error), context) from None


def _hint(word: str, rulebook: Rulebook) -> str:
    """The rule that a mistyped word may mean."""
    from lint837.configure import near

    return near(word, rulebook)


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
