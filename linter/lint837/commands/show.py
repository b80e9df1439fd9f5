"""`lint837 show`: how each drug line of a file was judged."""

import click

from lint837.commands import complete
from lint837.commands.common import config_option, facts_option, isolated_option, meant, rulebook_for, say
from lint837.commands.progress import progress
from lint837.files.inputs import Blocks, Input
from lint837.report.output import under_ci


@click.command()
@click.argument("path", metavar="FILE", shell_complete=complete.files)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(context: click.Context, /, path: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Show each drug line of a claim file: how it was identified, its date of service, the arithmetic, and the result
    of every rule.

    Where the variable CI is set, dates of service are left out.
    """
    from lint837.report import show as report

    rulebook = rulebook_for(context, extra, isolated=isolated)
    item = Input(path)
    with progress([item]) as advance:
        blocks = Blocks(item, advance)
        lines = list(report.drug_lines(blocks, rulebook.for_file(path), redacts=under_ci()))
    say(lines or ["no drug line was found; lint837 check says what could not be read"])
    if blocks.error:
        raise click.FileError(path, blocks.error + meant(path))
