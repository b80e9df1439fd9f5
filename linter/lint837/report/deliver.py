"""Reports written: files whole or not at all, then standard output."""

import functools
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import click

from lint837.files.outputs import replacing, standard_stream
from lint837.report.formats import FORMATS, render
from lint837.report.model import Results
from lint837.report.redact import Redaction, redacted

_NO_CLAIMS = 3  # the exit status, where no finding says why


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to write: the format of standard output, further formats each with a path, what of them to redact; `quiet`:
    of the text the findings only; `color`: where standard output is a terminal.
    """

    form: str
    files: Sequence[tuple[str, str]] = ()
    redaction: Redaction = field(default_factory=Redaction)
    quiet: bool = False
    color: bool = True


def deliver(results: Results, wanted: Wanted) -> bool:
    """Write everything that is wanted. False where something could not be; which and why is said on standard error."""

    @functools.cache
    def seen(*, redacts: bool) -> Results:
        return redacted(results, wanted.redaction) if redacts else results

    written = []
    for form, path in wanted.files:
        redacts = wanted.redaction.applies(
            public=FORMATS[form].public or (under_ci() and standard_stream(path) is not None)
        )
        written.append(_file(seen(redacts=redacts), form, path))
    return all([*written, _standard_output(seen(redacts=is_redacted(wanted)), wanted)])


def is_redacted(wanted: Wanted) -> bool:
    """Whether what goes to standard output is redacted."""
    return wanted.redaction.applies(public=FORMATS[wanted.form].public or under_ci())


def lost_output(error: OSError) -> None:
    """Nothing more can be written to standard output, also not at the interpreter's end: say why. Whoever closed a pipe
    need not be told.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        click.echo(f"lint837: the report could not be written: {error.strerror}", err=True)


def under_ci() -> bool:
    """Whether a CI service runs this, by its variable CI: many may read what is written to standard output."""
    return os.environ.get("CI", "").strip().lower() not in ("", "0", "false", "no", "off")


def _file(results: Results, form: str, path: str) -> bool:
    document = render(form, results)
    data = document if isinstance(document, bytes) else click.unstyle(document).encode("utf-8", "backslashreplace")
    try:
        with replacing(path) as file:
            file.write(data)
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL byte
        reason = getattr(error, "strerror", None) or "not a path"
        click.echo(f"lint837: the {form} report could not be written: {reason}", err=True)
        return False
    return True


def _standard_output(results: Results, wanted: Wanted) -> bool:
    terminal = sys.stdout is not None and sys.stdout.isatty()
    try:
        if wanted.form == "text":
            from lint837.report import text

            width = text.NARROWEST
            if terminal:
                import shutil

                columns = shutil.get_terminal_size((text.NARROWEST, 24)).columns
                width = min(max(columns, text.NARROWEST), text.WIDEST)
            told = text.document(results, width, quiet=wanted.quiet)
            color = wanted.color and terminal and not os.environ.get("NO_COLOR")
            click.echo(told, nl=False, color=color)
        else:
            click.echo(render(wanted.form, results), nl=False)
        sys.stdout.flush()
    except OSError as error:
        lost_output(error)
        return False
    silent = not FORMATS[wanted.form].tells_all or (wanted.form == "text" and wanted.quiet)
    if silent and results.exit_status == _NO_CLAIMS and not results.findings:
        click.echo("lint837: no 837P or 837I claim was found", err=True)  # else the status would be a riddle
    return True
