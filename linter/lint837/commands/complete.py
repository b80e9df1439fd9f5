"""What a shell offers where the tab key is pressed: rules, drugs, names of files. Commands and the words of an option
click offers itself. docs/pipelines.md says how a shell is told.
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
    """Whether a shell asks what it may offer, or for its script."""
    return bool(os.environ.get(_VARIABLE))


def reply(command: click.Command) -> int:
    """Tell the shell, on standard output; the exit status."""
    return shell_complete(command, {}, "lint837", _VARIABLE, os.environ[_VARIABLE])


def files(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Files and directories, which the shell looks up itself."""
    return [CompletionItem(begun, type="file")]


def rules(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """The rules whose code begins so, each with its title; by name where no code does. Of several with commas the last
    one is completed.
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
    """The installed rules; None where one cannot be used, which the command itself will tell."""
    try:
        return load_rulebook()
    except (RuleError, FactsError):
        return None
