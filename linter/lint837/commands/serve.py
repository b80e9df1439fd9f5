"""`lint837 serve`: a page on the user's own machine."""

import contextlib

import click

from lint837.commands.common import config_option, facts_option, guide_option, isolated_option, rulebook_for
from lint837.rules.rulebook import Rulebook


@click.command()
@click.option("--no-browser", is_flag=True, help="Only print the address of the page, and open no browser.")
@guide_option
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(
    context: click.Context, /, guide: str | None, extra: tuple[str, ...], *, no_browser: bool, isolated: bool
) -> None:
    """Open a page on this machine, to check and correct claim files in a browser.

    Drop files on the page, see what is found, correct it, and download the corrected file, a report, and the log of
    corrections. The page is served on 127.0.0.1, to this machine alone, at an address that works once. Files stay in
    memory: nothing is written to disk, and all is forgotten when the page is closed or lint837 ends. End it with
    Ctrl-C.

    It needs more packages: pip install 'lint837[serve]'.

    Exit status: 0 ended; 2 usage error, or the packages are missing; 4 no port could be opened.
    """
    try:
        from lint837.serve.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise click.UsageError("serve needs more packages: pip install 'lint837[serve]'", context) from None
    rulebook = _rules(context, extra, guide, isolated=isolated)

    def tell(address: str) -> None:
        nonlocal no_browser
        click.echo(f"lint837: open {address}")
        if not no_browser:
            import webbrowser

            no_browser = True  # once: later ones are for whoever asks for them
            webbrowser.open(address)

    click.echo("lint837: this address works once, on this machine only. Ctrl-C ends lint837 and forgets all files.")
    with contextlib.suppress(KeyboardInterrupt):
        serve(rulebook, tell)


def _rules(context: click.Context, extra: tuple[str, ...], guide: str | None, *, isolated: bool) -> Rulebook:
    """The rules that the page runs: those of the configuration. This is the one place where they are chosen."""
    return rulebook_for(context, extra, isolated=isolated, guide=guide)
