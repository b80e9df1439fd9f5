"""`lint837 explain`: one rule on one screen."""

import click

from lint837.commands import complete
from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say


@click.command()
@click.argument("code", metavar="RULE", shell_complete=complete.rules)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(context: click.Context, /, code: str, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Explain a rule: why a payer rejects the line, how to correct it, examples, and sources.

    RULE is the rule's code or name, such as HCP001 or expired-temporary-code.
    """
    from lint837.report import rules as report

    rulebook = rulebook_for(context, extra, isolated=isolated)
    rule = rulebook.rule(code)
    if rule is None:
        raise click.UsageError(f"unknown rule {code!r}{rulebook.nearest(code)}", context)
    say(report.explanation(rule, rulebook))
