"""`lint837 rules`: the list of rules."""

import click

from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option(
    "--claims", is_flag=True, help="With markdown: the page on the rules about every claim, instead of that on others."
)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(context: click.Context, /, form: str, extra: tuple[str, ...], *, claims: bool, isolated: bool) -> None:
    """List the rules: code, name, severity, and what each one finds."""
    from lint837.report import rules as report

    rulebook = rulebook_for(context, extra, isolated=isolated)
    if form == "json":
        click.echo(report.listing_json(rulebook), nl=False)
    else:
        pages = report.what_is_checked if claims else report.markdown
        say(pages(rulebook) if form == "markdown" else report.listing(rulebook))
