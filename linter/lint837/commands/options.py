"""Options that several commands have, each kind handed to the command as one value: in which formats a report is
written, where to, and what of it is redacted (`OutputOptions`); within which limits and how claims are read (`Reading`).
"""

import functools
import os
import re
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from lint837.commands.complete import files
from lint837.files.archive import RATIO
from lint837.files.inputs import STANDARD_INPUT
from lint837.report.formats import FORMATS
from lint837.report.output import OutputOptions
from lint837.report.redact import SHORTEST_KEY, Redaction
from lint837.x12.slices import Limits

_STDIN = 0  # its descriptor
KEY_VARIABLE = "LINT837_REDACT_KEY"
ACKNOWLEDGEMENT = "277ca"  # no format of a report: it is made of claims, and may not stand on standard output


def reports_in_files(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    """The formats and paths of `--report FORMAT=PATH`, of those that the command can write."""
    forms = {"split": [ACKNOWLEDGEMENT], "check": [*FORMATS, ACKNOWLEDGEMENT]}.get(
        str(context.command.name), [*FORMATS]
    )
    files = []
    for value in values:
        form, _, path = value.partition("=")
        if form not in forms or path in ("", STANDARD_INPUT):
            raise click.BadParameter(f"it must be FORMAT=PATH, with one of {', '.join(forms)}", context, parameter)
        files.append((form, path))
    if len({os.path.realpath(path) for _, path in files}) < len(files):
        raise click.BadParameter("two --report options write to the same file", context, parameter)
    if [form for form, _ in files].count(ACKNOWLEDGEMENT) > 1:
        raise click.BadParameter(f"{ACKNOWLEDGEMENT} is written once", context, parameter)
    return files


def _key(context: click.Context, parameter: click.Parameter, path: str | None) -> bytes:
    """The key of the hash, from a file or the variable; b"" where neither is given. It is never told."""
    if path is None:
        key = os.environ.get(KEY_VARIABLE, "").encode("utf-8", "surrogateescape")
        where = f"the key in {KEY_VARIABLE}"
    else:
        where = "the key in the file"
        try:
            key = Path(path).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a path"
            raise click.BadParameter(f"the key cannot be read: {reason}", context, parameter) from None
    key = key.rstrip(b"\r\n")
    if len(key) < SHORTEST_KEY and (key or path is not None):
        raise click.BadParameter(f"{where} is shorter than {SHORTEST_KEY} bytes", context, parameter)
    return key


_OPTIONS = (
    click.option(
        "--format", "form", type=click.Choice([*FORMATS]), default="text", help="The format of standard output."
    ),
    click.option(
        "--report",
        "files",
        multiple=True,
        metavar="FORMAT=PATH",
        callback=reports_in_files,
        help="A report in a file besides; may be repeated. A file is written whole or not at all, for its owner alone.",
    ),
    click.option(
        "--redact",
        "mode",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Leave claim numbers and dates of service out; auto: of sarif, junit, github and gitlab, and of standard "
        "output where the variable CI is set.",
    ),
    click.option(
        "--redact-key",
        "key",
        metavar="FILE",
        callback=_key,
        shell_complete=files,
        help=f"A key, at least {SHORTEST_KEY} bytes, with which claim numbers are hashed where they are left out; "
        f"or the variable {KEY_VARIABLE}.",
    ),
    click.option(
        "--redact-paths", "redact_paths", is_flag=True, help="Leave file names out too, where anything is redacted."
    ),
    click.option("--no-color", is_flag=True, help="No colours; so does the environment variable NO_COLOR."),
    click.option("--quiet", "-q", is_flag=True, help="Findings only: no summary, no progress."),
)


def writes_a_report(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options, and the parameter `output` in their place."""

    @functools.wraps(command)
    def with_output(
        *arguments: object,
        form: str,
        files: list[tuple[str, str]],
        mode: str,
        key: bytes,
        redact_paths: bool,
        no_color: bool,
        quiet: bool,
        **others: object,
    ) -> None:
        redaction = Redaction(mode, key, redact_paths)
        output = OutputOptions(form, files, redaction, quiet=quiet, color=not no_color)
        command(*arguments, output=output, **others)

    for option in reversed(_OPTIONS):
        with_output = option(with_output)
    return with_output


class Reading(NamedTuple):
    """How claim files are read: the reader's limits; how many bytes may come out of one of an archive; whether claims
    are passed over in which no rule can find anything; with how many processes.
    """

    limits: Limits
    ratio: int
    prefilter: bool
    jobs: int


_USUAL = Limits()
_LIMITS = {"segment": _USUAL.segment, "elements": _USUAL.elements, "claim": _USUAL.slice, "ratio": RATIO}


def _limits(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """All limits, with those of `--limit NAME=NUMBER` in the place of the usual ones."""
    limits = dict(_LIMITS)
    for value in values:
        name, _, number = value.partition("=")
        if name not in limits or not re.fullmatch("[1-9][0-9]{0,11}", number, re.ASCII):
            raise click.BadParameter(
                f"it must be NAME=NUMBER, with one of {', '.join(_LIMITS)}, and a number above 0", context, parameter
            )
        limits[name] = int(number)
    return limits


_READING_OPTIONS = (
    click.option(
        "--jobs",
        "-j",
        type=click.IntRange(1, 256),
        default=1,
        metavar="N",
        help="Read with N processes; the report is the same.",
    ),
    click.option(
        "--limit",
        "limits",
        multiple=True,
        metavar="NAME=NUMBER",
        callback=_limits,
        help="What is larger is told, and not read: segment (65536 bytes), elements (1000 of a segment), claim "
        "(2097152 bytes), ratio (100 bytes from each of an archive).",
    ),
    click.option(
        "--no-prefilter",
        is_flag=True,
        help="Read every claim, also where no rule can find anything. It only takes longer.",
    ),
)


def reads_claims(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options, and the parameter `reading` in their place."""

    @functools.wraps(command)
    def with_reading(
        *arguments: object, jobs: int, limits: dict[str, int], no_prefilter: bool, **others: object
    ) -> None:
        of_reader = Limits(limits["segment"], limits["elements"], limits["claim"])
        reading = Reading(of_reader, limits["ratio"], prefilter=not no_prefilter, jobs=jobs)
        command(*arguments, reading=reading, **others)

    for option in reversed(_READING_OPTIONS):
        with_reading = option(with_reading)
    return with_reading


def spare(context: click.Context, paths: Sequence[str], places: Sequence[str], why: str) -> None:
    """A usage error where a report, at one of `places`, would take the place of a file that is read: one of `paths`,
    the archive of which one is a member, or what standard input comes from. `why` says what it is read for.
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
            raise click.UsageError(f"--report names a file {why}: {inert(place)}", context)


def _status(path: str | int) -> os.stat_result | None:
    try:
        return Path(path).stat() if isinstance(path, str) else os.fstat(path)
    except (OSError, ValueError):  # ValueError: a path with a NUL byte
        return None
