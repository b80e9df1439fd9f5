"""`lint837 facts`: what is known of a drug."""

import click

from lint837.commands import complete
from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say


@click.command()
@click.argument("drug", required=False, shell_complete=complete.drugs)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The format.")
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(context: click.Context, /, drug: str | None, form: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Show a drug's facts: its codes on a time line, packages, doses, sources."""
    from lint837.report import rules as report

    drugs = rulebook_for(context, extra, isolated=isolated).formulary.drugs
    wanted = [known for known in drugs if drug in (None, known.name)]
    if not wanted:
        raise click.UsageError(f"unknown drug {drug!r}; known are {', '.join(known.name for known in drugs)}", context)
    if form == "json":
        click.echo(report.facts_json(wanted), nl=False)
    else:
        say(line for known in wanted for line in report.sheet(known))
