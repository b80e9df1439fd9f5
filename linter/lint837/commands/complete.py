"""Shell completion: rules, drugs and file names. Commands, options and their choices are completed by click itself;
docs/pipelines.md says how to set up a shell.
"""

import os

import click
from click.shell_completion import CompletionItem, shell_complete

from lint837.facts.drugs import FactsError
from lint837.report.model import rule_texts
from lint837.rules.rule import RuleError
from lint837.rules.rulebook import Rulebook, load_rulebook

_VARIABLE = "_LINT837_COMPLETE"  # the name that click's scripts for the shells use


def asked() -> bool:
    """True if a shell asks for completions, or for its completion script."""
    return bool(os.environ.get(_VARIABLE))


def reply(command: click.Command) -> int:
    """Write the answer to standard output. Returns the exit status."""
    return shell_complete(command, {}, "lint837", _VARIABLE, os.environ[_VARIABLE])


def files(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Files and directories: the shell lists them itself."""
    return [CompletionItem(begun, type="file")]


def rules(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """The rules whose code begins with the text, else those whose name does, each with its title. In a list with commas
    the last word is completed.
    """
    before, comma, word = begun.rpartition(",")
    rulebook = _rulebook()
    if rulebook is None:
        return []
    texts = rule_texts(rulebook, rulebook.names)
    found = [(text.code, text.title) for text in texts if text.code.startswith(word.upper())]
    found = found or [(text.name, text.title) for text in texts if text.name.startswith(word.lower())]
    return [CompletionItem(before + comma + name, help=title) for name, title in found]


def drugs(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """The drugs whose facts are known."""
    rulebook = _rulebook()
    known = rulebook.formulary.drugs if rulebook else ()
    return [CompletionItem(drug.name, help=drug.title) for drug in known if drug.name.startswith(begun.lower())]


def _rulebook() -> Rulebook | None:
    """The installed rules; None where one cannot be loaded, an error that the command itself reports."""
    try:
        return load_rulebook()
    except (RuleError, FactsError):
        return None
