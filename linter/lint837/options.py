"""The options that say in which formats a report is written, where to, and what of it is redacted: of each command that
writes one, and handed to it as one `Wanted`.
"""

import functools
import os
from collections.abc import Callable
from pathlib import Path

import click

from lint837.redact import SHORTEST_KEY, Redaction
from lint837.report.deliver import Wanted
from lint837.report.formats import FORMATS
from lint837.source import STANDARD_INPUT

KEY_VARIABLE = "LINT837_REDACT_KEY"


def _files(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """The formats and paths of `--report FORMAT=PATH`."""
    files = []
    for value in values:
        form, _, path = value.partition("=")
        if form not in FORMATS or path in ("", STANDARD_INPUT):
            raise click.BadParameter(f"it must be FORMAT=PATH, with one of {', '.join(FORMATS)}", context, parameter)
        files.append((form, path))
    if len({os.path.realpath(path) for _, path in files}) < len(files):
        raise click.BadParameter("two reports have one path", context, parameter)
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
        callback=_files,
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
    """Give a command the options, and the parameter `wanted` in their place."""

    @functools.wraps(command)
    def with_wanted(
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
        wanted = Wanted(form, files, redaction, quiet=quiet, color=not no_color)
        command(*arguments, wanted=wanted, **others)

    for option in reversed(_OPTIONS):
        with_wanted = option(with_wanted)
    return with_wanted
