"""`lint837 explain`: one rule on one screen."""

import click

from lint837.commands import complete
from lint837.commands.common import config_option, facts_option, isolated_option, meant, rulebook_for, say


@click.command()
@click.argument("code", shell_complete=complete.rules)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(context: click.Context, /, code: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Explain a rule, by its code or name: why, how to correct, examples, dates, sources."""
    from lint837.report import rules as report

    rulebook = rulebook_for(context, extra, isolated=isolated)
    rule = rulebook.rule(code)
    if rule is None:
        raise click.UsageError(f"unknown rule {code!r}{meant(code, rulebook)}", context)
    say(report.explanation(rule, rulebook))
