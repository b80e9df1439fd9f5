"""Options that several commands share, each group handed over as one value: which reports to write (`OutputOptions`),
and how to read claims (`Reading`).
"""

import functools
import os
import re
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem

from lint837.commands.common import warn
from lint837.commands.complete import files
from lint837.facts.nearest import nearest
from lint837.files.archive import RATIO
from lint837.files.inputs import STANDARD_INPUT
from lint837.files.settings_file import SettingsFileError, bytes_of
from lint837.report.formats import FORMATS
from lint837.report.output import OutputOptions
from lint837.report.redact import SHORTEST_KEY, Redaction
from lint837.x12.slices import Limits

_Command = Callable[..., None]
_Decorator = Callable[[_Command], _Command]
_STDIN = 0  # its descriptor
KEY_VARIABLE = "LINT837_REDACT_KEY"
KEY_FILE = "lint837.key"  # in a command's context: the file that --redact-key names


def _report_option(forms: Sequence[str], help_text: str) -> _Decorator:
    """The option --report FORMAT=PATH, as the parameter `files`: pairs of a format, one of `forms`, and a path. No two
    may have the same path, and each of `forms` that is not the format of a report may be written once only.
    """

    def read(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
        found = []
        for value in values:
            form, _, path = value.partition("=")
            if form not in forms or path in ("", STANDARD_INPUT):
                expected = f"expected FORMAT=PATH, where FORMAT is {_any_of(forms)}"
                raise click.BadParameter(
                    f"{expected}{'' if form in forms else nearest(form, forms)}", context, parameter
                )
            found.append((form, path))
        if len({os.path.realpath(path) for _, path in found}) < len(found):
            raise click.BadParameter("two --report options write to the same file", context, parameter)
        written = [form for form, _ in found]
        for form in written:
            if form not in FORMATS and written.count(form) > 1:
                raise click.BadParameter(f"only one {form} can be written", context, parameter)
        return found

    def complete(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
        if "=" in begun:
            return [CompletionItem(begun, type="file")]
        return [CompletionItem(f"{form}=") for form in forms if form.startswith(begun)]

    return click.option(
        "--report",
        "files",
        multiple=True,
        metavar="FORMAT=PATH",
        callback=read,
        shell_complete=complete,
        help=help_text,
    )


def _any_of(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _key(context: click.Context, parameter: click.Parameter, path: str | None) -> bytes:
    """The key that hashes claim numbers, from a file or the variable; b"" where neither is given. No error shows it."""
    if path is None:
        key = os.environ.get(KEY_VARIABLE, "").encode("utf-8", "surrogateescape")
        where = f"the key in {KEY_VARIABLE}"
    else:
        where = "the key in the file"
        try:
            key = bytes_of(Path(path))
        except SettingsFileError as error:
            raise click.BadParameter(f"the key cannot be read: {error}", context, parameter) from None
        context.meta[KEY_FILE] = path
    key = key.rstrip(b"\r\n")
    if len(key) < SHORTEST_KEY and (key or path is not None):
        raise click.BadParameter(f"{where} is shorter than {SHORTEST_KEY} bytes", context, parameter)
    return key


_REDACTION_OPTIONS: tuple[_Decorator, ...] = (
    click.option(
        "--redact",
        "mode",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Leave out claim numbers and dates of service. auto: in sarif, junit, github and gitlab reports, and on "
        "standard output where the variable CI is set.",
    ),
    click.option(
        "--redact-key",
        "key",
        metavar="FILE",
        callback=_key,
        shell_complete=files,
        help=f"Hash redacted claim numbers with the key in FILE, at least {SHORTEST_KEY} bytes, or in the variable "
        f"{KEY_VARIABLE}.",
    ),
    click.option("--redact-paths", is_flag=True, help="Redact file names too, in reports that are redacted."),
)
_OUTPUT_OPTIONS: tuple[_Decorator, ...] = (
    *_REDACTION_OPTIONS,
    click.option("--no-color", is_flag=True, help="No color. Setting the variable NO_COLOR does the same."),
    click.option(
        "--statistics",
        is_flag=True,
        help="Also count findings, lines and charges by rule, payer and month: after a text report, or on standard "
        "error.",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Findings only: no summary, no progress bar."),
)


def writes_a_report(*more_forms: str) -> _Decorator:
    """Give a command the options about reports, and the parameter `output` in their place. `more_forms`: what --report
    takes besides the formats of reports.
    """

    def decorate(command: _Command) -> _Command:
        @functools.wraps(command)
        def with_output(
            *arguments: object,
            form: str,
            files: list[tuple[str, str]],
            mode: str,
            key: bytes,
            redact_paths: bool,
            no_color: bool,
            statistics: bool,
            quiet: bool,
            **others: object,
        ) -> None:
            redaction = Redaction(mode, key, redact_paths)
            output = OutputOptions(form, files, redaction, quiet=quiet, color=not no_color, statistics=statistics)
            command(*arguments, output=output, **others)

        form_option = click.option(
            "--format",
            "form",
            type=click.Choice([*FORMATS]),
            default="text",
            show_default=True,
            metavar="FORMAT",
            help=f"Format of the report on standard output: {_any_of([*FORMATS])}.",
        )
        report_option = _report_option(
            [*FORMATS, *more_forms],
            "Also write a report to a file. Repeat for several. The file appears whole or not at all, and only you can "
            "read it.",
        )
        return _with(with_output, (form_option, report_option, *_OUTPUT_OPTIONS))

    return decorate


def writes_report_files(help_text: str, *more_forms: str) -> _Decorator:
    """The same for a command that writes reports to files only."""

    def decorate(command: _Command) -> _Command:
        @functools.wraps(command)
        def with_output(
            *arguments: object,
            files: list[tuple[str, str]],
            mode: str,
            key: bytes,
            redact_paths: bool,
            **others: object,
        ) -> None:
            output = OutputOptions(None, files, Redaction(mode, key, redact_paths))
            command(*arguments, output=output, **others)

        return _with(with_output, (_report_option([*more_forms, *FORMATS], help_text), *_REDACTION_OPTIONS))

    return decorate


def _with(command: _Command, options: Sequence[_Decorator]) -> _Command:
    """The command with options, which --help shows in their order."""
    for option in reversed(options):
        command = option(command)
    return command


class Reading(NamedTuple):
    """How to read claim files.

    limits: the reader's.
    ratio: how many bytes may come out of each byte of an archive.
    prefilter: skip claims in which no rule can find anything.
    jobs: the number of processes.
    """

    limits: Limits
    ratio: int
    prefilter: bool
    jobs: int


_DEFAULT = Limits()
_LIMITS = {"segment": _DEFAULT.segment, "elements": _DEFAULT.elements, "claim": _DEFAULT.slice, "ratio": RATIO}


def _limits(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """All limits, by name: the defaults, changed by --limit NAME=NUMBER."""
    limits = dict(_LIMITS)
    for value in values:
        name, _, number = value.partition("=")
        if name not in limits or not re.fullmatch("[1-9][0-9]{0,11}", number, re.ASCII):
            expected = f"expected NAME=NUMBER, where NAME is {_any_of([*_LIMITS])} and NUMBER is above 0"
            raise click.BadParameter(f"{expected}{'' if name in limits else nearest(name, limits)}", context, parameter)
        limits[name] = int(number)
    return limits


def _jobs(_context: click.Context, _parameter: click.Parameter, value: int) -> int:
    from lint837.lint.parallel import can_fork

    if value > 1 and not can_fork():
        warn("this system cannot fork, so there is one process, whatever --jobs says")
    return value


jobs_option = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    callback=_jobs,
    help="Number of processes. The output does not depend on it.",
)

_READING_OPTIONS: tuple[_Decorator, ...] = (
    jobs_option,
    click.option(
        "--limit",
        "limits",
        multiple=True,
        metavar="NAME=NUMBER",
        callback=_limits,
        help=f"Report what is larger instead of reading it: segment ({_DEFAULT.segment} bytes), elements "
        f"({_DEFAULT.elements} in a segment), claim ({_DEFAULT.slice} bytes), ratio ({RATIO} bytes out of each byte of "
        "an archive).",
    ),
    click.option(
        "--no-prefilter",
        is_flag=True,
        help="Read claims in which no rule can find anything, too. Slower, with the same findings.",
    ),
)


def reads_claims(command: _Command) -> _Command:
    """Give a command the options about reading, and the parameter `reading` in their place."""

    @functools.wraps(command)
    def with_reading(
        *arguments: object, jobs: int, limits: dict[str, int], no_prefilter: bool, **others: object
    ) -> None:
        of_reader = Limits(limits["segment"], limits["elements"], limits["claim"])
        reading = Reading(of_reader, limits["ratio"], prefilter=not no_prefilter, jobs=jobs)
        command(*arguments, reading=reading, **others)

    return _with(with_reading, _READING_OPTIONS)


def keep_inputs(context: click.Context, paths: Sequence[str], places: Sequence[str], kind: str) -> None:
    """Raise a usage error where a report, at one of `places`, would replace an input: one of `paths`, the archive that
    holds one, or the file that standard input comes from. `kind`: what the error calls the input.
    """
    if not places:
        return
    from lint837.report.phrases import inert

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
            raise click.UsageError(f"--report would replace the {kind}: {inert(place)}", context)


def _status(path: str | int) -> os.stat_result | None:
    try:
        return Path(path).stat() if isinstance(path, str) else os.fstat(path)
    except (OSError, ValueError):  # ValueError: a path with a NUL byte
        return None
