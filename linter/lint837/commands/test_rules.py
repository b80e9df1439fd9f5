"""`lint837 test-rules`: the examples of a rule package, run, with the traceback of an exception."""

import traceback
from collections.abc import Iterator, Sequence

import click

from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say
from lint837.lint.examples import Failure, failures
from lint837.rules.rule import Rule
from lint837.rules.rulebook import Rulebook
from lint837.rules.values import counted


@click.command()
@click.argument("package", required=False)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(context: click.Context, /, package: str | None, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Run the examples of every installed rule, or of the rules in PACKAGE, each rule alone.

    Exit status: 0 all examples hold; 1 some do not; 2 usage error, also where PACKAGE has no rule.
    """
    rulebook = rulebook_for(context, extra, isolated=isolated)
    rules = [rule for rule in rulebook.claim_rules if package is None or _is_in(rule.module, package)]
    if not rules:
        raise click.UsageError(f"{package!r} is no installed package with rules", context)
    found = [failure for rule in rules for failure in failures(rule, rulebook)]
    say(_lines(rules, found, rulebook))
    context.exit(int(bool(found)))


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _lines(rules: Sequence[Rule], found: Sequence[Failure], rulebook: Rulebook) -> Iterator[str]:
    for failure in found:
        yield str(failure)
        if failure.error:
            yield from "".join(traceback.format_exception(failure.error)).rstrip().splitlines()
        yield ""
    examples = sum(len(rule.good) + len(rule.bad) for rule in rules)
    drugs = ", ".join(drug.name for drug in rulebook.formulary.drugs)
    yield f"{counted(len(rules), 'rule')}, {counted(examples, 'example')}, {counted(len(found), 'failure')} ({drugs})"
