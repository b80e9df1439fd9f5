"""What is wrong with a claim file, as the text of a failed test. The pytest plugin calls it."""

import functools
from collections.abc import Sequence
from pathlib import Path

from lint837.config.apply import configured, loaded
from lint837.config.discover import SettingsError, find
from lint837.config.settings import read
from lint837.facts.drugs import FactsError
from lint837.report.concise import line
from lint837.report.entry import entry_of
from lint837.report.model import Report, lint_file
from lint837.report.output import under_ci
from lint837.report.phrases import inert
from lint837.report.redact import redacted
from lint837.rules.rule import RuleError, Severity
from lint837.rules.rulebook import Rulebook, UnknownRuleError, failure, load_rulebook
from lint837.rules.values import counted

UNUSABLE = (SettingsError, UnknownRuleError, RuleError, FactsError)
_NEVER = "never"


def complaint(path: str, fail_on: str, rulebook: Rulebook) -> str:
    """Why a claim file does not pass, with a line for each finding as in `lint837 check --format concise`; "" where it
    passes. Redacted where the variable CI is set. Raises ValueError where `fail_on` is neither a severity nor "never".
    """
    least = _severity(fail_on)
    report = _linted(path, rulebook)
    status = report.exit_status(least)
    if not status:
        return ""
    counting = (one for one in report.findings if one.incomplete or (least is not None and one.severity >= least))
    found = [redacted(entry_of(one)) if under_ci() else entry_of(one) for one in counting]
    if not report.complete:
        why = "not everything could be checked"
    elif not any(item.claims for item in report.inputs):
        why = "no 837P or 837I claim was found"
    else:
        why = f"{counted(len(found), 'finding')} at or above {fail_on}"
    return "\n".join([f"{inert(path)}: {why}", *map(line, found)])


def _linted(path: str, rulebook: Rulebook) -> Report:
    """The report. An internal error becomes a RuntimeError, so that pytest shows no claim data in its traceback."""
    try:
        return lint_file(path, rulebook=rulebook)
    except Exception as error:  # noqa: BLE001 - its text and variables may hold claim data
        shown = failure(error)
    raise RuntimeError(f"lint837: internal error: {shown}")


def _severity(fail_on: str) -> Severity | None:
    if fail_on == _NEVER:
        return None
    for severity in Severity:
        if fail_on == str(severity):
            return severity
    raise ValueError(f"fail_on must be error, warning, info or {_NEVER}, not {fail_on!r}")


@functools.lru_cache(16)
def rulebook_in(directory: Path, select: Sequence[str], ignore: Sequence[str]) -> Rulebook:
    """The rules that `lint837 check --select ... --ignore ...` runs in a directory, with the configuration found there
    or above. Raises one of UNUSABLE.
    """
    path = find(directory)
    if path is None:
        return load_rulebook().narrowed(select, ignore)
    settings = read(path)
    return configured(loaded(settings), settings, select, ignore)
