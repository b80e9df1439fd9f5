"""`lint837 test-rules`: runs the examples of rule packages, and shows the traceback of a rule that raises."""

import traceback
from collections.abc import Iterator, Sequence

import click

from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say
from lint837.facts.nearest import nearest
from lint837.lint.examples import Failure, failures
from lint837.rules.rule import Rule
from lint837.rules.rulebook import Rulebook, installed_packages
from lint837.rules.values import counted


@click.command()
@click.argument("package", required=False)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(context: click.Context, /, package: str | None, extra: tuple[str, ...], *, isolated: bool) -> None:
    """Run the examples of every installed rule, or of the rules in PACKAGE. Each rule runs alone.

    Exit status: 0 every example passed; 1 some failed; 2 usage error, or PACKAGE has no rules.
    """
    rulebook = rulebook_for(context, extra, isolated=isolated)
    rules = [rule for rule in rulebook.claim_rules if package is None or _is_in(rule.module, package)]
    if not rules:
        raise click.UsageError(_no_rules(package), context)
    found = [failure for rule in rules for failure in failures(rule, rulebook)]
    say(_lines(rules, found, rulebook))
    context.exit(int(bool(found)))


def _no_rules(package: str | None) -> str:
    installed = installed_packages()
    if package is None or package in installed:
        return f"{package or 'this configuration'} has no rules to test"
    meant = nearest(package, installed) or f"; installed rule packages: {', '.join(installed)}"
    return f"unknown rule package {package!r}{meant}"


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _lines(rules: Sequence[Rule], found: Sequence[Failure], rulebook: Rulebook) -> Iterator[str]:
    """The examples that failed, and the totals."""
    for failure in found:
        yield f"{failure.rule}: {failure.example}"
        yield f"  expected: {failure.expected}"
        yield f"  found:    {failure.found}"
        if failure.error:
            trace = "".join(traceback.format_exception(failure.error))
            yield from (f"  {line}" for line in trace.splitlines())
        yield ""
    examples = sum(len(rule.good) + len(rule.bad) for rule in rules)
    drugs = ", ".join(drug.name for drug in rulebook.formulary.drugs)
    totals = ((len(rules), "rule"), (examples, "example"), (len(found), "failure"))
    yield f"{', '.join(counted(number, what) for number, what in totals)} (facts: {drugs})"
