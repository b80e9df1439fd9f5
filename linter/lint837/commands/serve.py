"""`lint837 serve`: a page on the user's own machine."""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from lint837 import __version__
from lint837.commands.common import (
    FAIL_ON,
    NO_REPORT,
    claims_option,
    config_option,
    configuration_of,
    facts_option,
    guide_option,
    isolated_option,
    rulebook_for,
    settings_for,
)
from lint837.rules.rulebook import Rulebook

if TYPE_CHECKING:
    from lint837.report.model import About

_MISSING = (
    "serve needs two more packages: pip install 'lint837[serve]', or pipx inject lint837 starlette uvicorn, or uv tool "
    "install --with starlette --with uvicorn lint837"
)


@click.command()
@click.option("--no-browser", is_flag=True, help="Only print the address of the page, and open no browser.")
@guide_option
@claims_option
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(
    context: click.Context,
    /,
    guide: str | None,
    extra: tuple[str, ...],
    *,
    claims: bool | None,
    no_browser: bool,
    isolated: bool,
) -> None:
    """Open a page on this machine, to check and correct claim files in a browser.

    Drop files on the page, see what is found, correct it, and download the corrected file, a report, and the log of
    corrections. The page is served on 127.0.0.1, to this machine alone, at an address that works once. Files stay in
    memory: nothing is written to disk, and all is forgotten when the page is closed or lint837 ends. End it with
    Ctrl-C.

    It needs two more packages, starlette and uvicorn: pip install 'lint837[serve]', or pipx inject lint837 starlette
    uvicorn.

    Exit status: 0 ended; 2 usage error, or the packages are missing; 4 no port could be opened.
    """
    try:
        from lint837.serve.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise click.UsageError(_MISSING, context) from None
    rulebook = _rules(context, extra, guide, claims=claims, isolated=isolated)
    about = _about(context, rulebook, {"guide": guide, "claims": claims}, isolated=isolated)
    opened = 0

    def tell(address: str) -> None:
        nonlocal opened
        opened += 1
        if opened > 1:
            click.echo("lint837: the page was closed, and its files are forgotten. To go on, open the next address.")
        click.echo(f"lint837: {address}")
        if opened == 1 and not no_browser and _has_screen():
            import webbrowser

            webbrowser.open(address)

    click.echo("lint837: the page is for this machine alone, and its address works once. Ctrl-C ends it.")
    try:
        serve(rulebook, about, tell)
    except OSError as error:
        click.echo(f"lint837: no port of 127.0.0.1 can be opened: {error.strerror}", err=True)
        context.exit(NO_REPORT)
    except KeyboardInterrupt:
        click.echo("lint837: ended; all files are forgotten")


def _has_screen() -> bool:
    """Whether a browser can have a window: else one that runs in the terminal would take it."""
    return not sys.platform.startswith("linux") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))


def _about(context: click.Context, rulebook: Rulebook, given: Mapping[str, object], *, isolated: bool) -> "About":
    """What reports say of the program, as those of `check`."""
    from lint837.report.model import about

    settings = settings_for(context, isolated=isolated)
    fail_on = settings.fail_on if settings else "error"
    return about(rulebook, __version__, FAIL_ON[fail_on], configuration_of(settings, given))


def _rules(
    context: click.Context, extra: tuple[str, ...], guide: str | None, *, claims: bool | None, isolated: bool
) -> Rulebook:
    """The rules that the page runs: those of the configuration, and, unless it is said otherwise, those about every
    claim. This is the one place where they are chosen.
    """
    return rulebook_for(context, extra, isolated=isolated, guide=guide, claims=claims is not False)
