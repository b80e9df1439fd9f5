"""`lint837 facts`: what lint837 knows about a drug."""

import click

from lint837.commands import complete
from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say
from lint837.facts.nearest import nearest


@click.command()
@click.argument("drug", required=False, shell_complete=complete.drugs)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output format."
)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(context: click.Context, /, drug: str | None, form: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Show what lint837 knows about a drug: its codes by date, packages, doses, and sources.

    Without DRUG, show every drug.
    """
    from lint837.report import rules as report

    drugs = rulebook_for(context, extra, isolated=isolated).formulary.drugs
    shown = [known for known in drugs if drug in (None, known.name)]
    if drug and not shown:
        names = [known.name for known in drugs]
        meant = nearest(drug, names) or f"; known drugs: {', '.join(names) or 'none'}"
        raise click.UsageError(f"unknown drug {drug!r}{meant}", context)
    if form == "json":
        click.echo(report.facts_json(shown), nl=False)
    else:
        say(line for known in shown for line in report.sheet(known))
