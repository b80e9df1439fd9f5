"""The reports of the parts of a plan, joined into the report of the whole."""

import re
from collections.abc import Sequence

from lint837.lint.finding import InputSummary, SuppressionUse
from lint837.report.entry import Entry
from lint837.report.model import Tally
from lint837.report.read import Document, DocumentError

_PART = re.compile(r"([0-9]{1,6}) of ([0-9]{1,6}) of ([0-9a-f]{64})")
# What of an input is not a count.
_NO_COUNTS = frozenset({"path", "complete", "suppressions", "not_read"})


def merged(documents: Sequence[Document]) -> Document:
    """The report of the whole from those of all parts, in any order. Raises DocumentError where one is missing, is
    there twice, or is of another plan or another way to check.
    """
    ordered = _ordered(documents)
    first = ordered[0]
    about = first.about._replace(part="")
    for one in ordered:
        if one.about._replace(part="") != about:
            raise DocumentError("the parts were not checked with the same rules, facts, configuration and redaction")
    tally = Tally()
    findings: list[Entry] = []
    for one in ordered:
        for entry in one.findings:
            tally.finding(entry)
            findings.append(entry)
    for item in _inputs(ordered):
        tally.input(item)
    totals = tally.totals()
    rules = {rule.code: rule for one in ordered for rule in one.rules}
    texts = tuple(rule for _, rule in sorted(rules.items()))
    return Document(about, texts, tuple(findings), tuple(tally.inputs), totals, totals.exit_status(about.fail_on))


def _ordered(documents: Sequence[Document]) -> list[Document]:
    by_number: dict[int, Document] = {}
    plans, counts = set(), set()
    for one in documents:
        match = _PART.fullmatch(one.about.part)
        if match is None:
            raise DocumentError("a report is not that of a part: make it by lint837 check --part PLAN#N --format json")
        number = int(match[1])
        if number in by_number:
            raise DocumentError(f"part {number} is there twice")
        by_number[number] = one
        counts.add(int(match[2]))
        plans.add(match[3])
    if len(plans) > 1:
        raise DocumentError("the reports are of different plans")
    missing = [str(number) for number in range(1, counts.pop() + 1) if number not in by_number]
    if missing:
        raise DocumentError(f"missing: part {', '.join(missing)}")
    return [by_number[number] for number in sorted(by_number)]


def _inputs(documents: Sequence[Document]) -> list[InputSummary]:
    """What each input held, its ranges put together."""
    found: dict[str, InputSummary] = {}
    for item in (item for one in documents for item in one.inputs):
        known = found.get(item.path)
        if known is None:
            found[item.path] = item
            continue
        counts = [name for name in item._fields if name not in _NO_COUNTS]
        found[item.path] = known._replace(
            complete=known.complete and item.complete,
            suppressions=SuppressionUse.added([known.suppressions, item.suppressions]),
            not_read=tuple(dict.fromkeys((*known.not_read, *item.not_read))),
            **{name: getattr(known, name) + getattr(item, name) for name in counts},
        )
    return list(found.values())
