"""The cases of a rule: its own examples, the longer list in CODE.toml, and the same lines on other kinds of claims.

A file CODE.toml has tables [[bad]] and [[good]] with the fields of Bad and Good as keys. Line breaks in `lines` are layout.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from lint837 import Bad, Finding, Good, NotChecked, PayerProfile, Problem, Rule, Rulebook, Severity, entry_of
from lint837.lint.examples import claim_file, findings_in, findings_on
from lint837.lint.finding import TextEdit

# The elements of SV1 (837P) and of SV2 (837I) that hold the same.
_ELEMENTS = {"SV101": "SV202", "SV102": "SV203", "SV103": "SV204", "SV104": "SV205"}


def cases_of(rule: Rule) -> list[Good | Bad]:
    """The examples in the rule's module, then those in its file."""
    return [*rule.good, *rule.bad, *more_of(rule)]


def more_of(rule: Rule) -> list[Good | Bad]:
    """The examples in the rule's file."""
    return list(_cases_in(f"{rule.code}.toml"))


@cache
def _cases_in(name: str) -> tuple[Good | Bad, ...]:
    tables = tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return (*(_case(Bad, table) for table in tables.get("bad", ())), *(_case(Good, t) for t in tables.get("good", ())))


def _case(kind: type[Good | Bad], table: dict[str, Any]) -> Good | Bad:
    values = table | {key: table.get(key, "").replace("\n", "") for key in ("lines", "earlier")}
    if "severity" in values:
        values["severity"] = Severity[values["severity"].upper()]
    values |= {key: tuple(values[key]) for key in ("also", "listed", "codes") if key in values}
    if "instead" in values:
        values["instead"] = tuple((old, new) for old, new in values["instead"])
    if "payer" in values:
        payer: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values["payer"].items()
        }
        values["payer"] = PayerProfile(**payer)
    return kind(**values)


def bad_cases(rule: Rule) -> list[Bad]:
    """The wrong ones among the cases of a rule."""
    return [case for case in cases_of(rule) if isinstance(case, Bad)]


def in_one_file(cases: Iterable[Good | Bad]) -> bytes:
    """The cases as interchanges of one file, each with another member, so that none bills what another one does."""
    numbered = enumerate(map(claim_file, cases), 1)
    return b"".join(
        data.replace(b"*000000001", b"*%09d" % number).replace(b"1EG4TE5MK73", b"1EG4TE5%04d" % number)
        for number, data in numbered
    )


def on_an_837i(case: Bad) -> Bad:
    """The same lines on an outpatient 837I; an 837I as it is."""
    if case.guide == "837I":
        return case
    lines, earlier = (
        re.sub(r"SV1\*([^*~]*)((?:\*[^*~]*){0,3})[^~]*~", r"SV2*0636*\1\2~", lines)
        for lines in (case.lines, case.earlier)
    )
    return replace(case, lines=lines, earlier=earlier, guide="837I", facility="", at=_renamed(case.at, _ELEMENTS))


def on_an_837p(case: Bad) -> Bad:
    """The same lines on an 837P; an 837P as it is."""
    if case.guide == "837P":
        return case
    lines, earlier = (
        re.sub(r"SV2\*[^*~]*\*([^*~]*)((?:\*[^*~]*){0,3})[^~]*~", r"SV1*\1\2***1~", lines)
        for lines in (case.lines, case.earlier)
    )
    elements = {other: element for element, other in _ELEMENTS.items()}
    return replace(case, lines=lines, earlier=earlier, guide="837P", facility="", at=_renamed(case.at, elements))


def _renamed(at: str, elements: dict[str, str]) -> str:
    element, dash, component = at.partition("-")
    return elements.get(element, element) + dash + component


def inpatient(case: Bad) -> Bad:
    """The same lines on an inpatient 837I."""
    return replace(on_an_837i(case), facility="11")


def every_bad(rules: tuple[Rule, ...]) -> Iterator[tuple[Rule, Bad]]:
    """Each rule with each of its wrong cases."""
    for rule in rules:
        for case in bad_cases(rule):
            yield rule, case


def _whole(finding: Finding) -> str:
    """All of a finding: its place and values on one line, then its sentences."""
    entry, at = entry_of(finding), finding.location
    related = " ".join(f"{place.note}={place.element or place.segment}:{place.excerpt}" for place in entry.related)
    parts = [finding.rule, finding.severity, at.loop, at.segment, at.element, at.service_line or ""]
    place = " ".join(str(part) for part in parts)
    whole = f"{place} | found {finding.found} | expected {finding.expected} | {related}"
    whole += f" | cause {finding.cause}" if finding.cause else ""
    fixes = [f"\n  {'safe' if fix.safe else 'unsafe'}: {_edits(finding, fix.edits)}" for fix in finding.fixes]
    choices = [f"\n  if {one.when}: {_edits(finding, one.edits)}" for one in finding.choices]
    return f"{whole}\n  {finding.message}\n  fix: {finding.correction}{''.join(fixes)}{''.join(choices)}"


def _edits(finding: Finding, edits: Iterable[TextEdit]) -> str:
    """Edits, each by where it begins, from the finding's place on, and how many bytes it replaces."""
    at = finding.location.offset
    return ", ".join(f"{edit.start - at:+} {edit.end - edit.start} {edit.text!r}" for edit in edits) or "no edits"


def findings_of_the_cases(rule: Rule, rulebook: Rulebook, found: Iterable[list[Finding]] | None = None) -> str:
    """All that a rule finds on its cases; `found`, where that is known already."""
    each = found or (findings_on(case, rule, rulebook) for case in bad_cases(rule))
    return "".join(
        f"{rule.code} {number}: {_whole(finding)}\n" for number, findings in enumerate(each) for finding in findings
    )


def not_checked_in_the_cases(rule: Rule, rulebook: Rulebook) -> str:
    """What a rule says that it did not check in its cases: a row for each reason, with the cases and the lines."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    numbers: Counter[str] = Counter()
    for case in cases_of(rule):
        kind = type(case).__name__.lower()
        said: list[NotChecked] = []

        def check(target: object, said: list[NotChecked] = said) -> Iterator[Problem | NotChecked]:
            for one in rule.check(target):
                if isinstance(one, NotChecked):
                    said.append(one)
                yield one

        findings_in(case, Rulebook((rule._replace(check=check),), rulebook.formulary, frozenset([rule.code])))
        for reason in dict.fromkeys(one.reason for one in said):
            lines = " ".join(str(one.line.ordinal) for one in said if one.reason == reason)
            reasons[reason].append(f"{kind} {numbers[kind]} ({lines})")
        numbers[kind] += 1
    return "".join(f"{rule.code}: {reason}: {', '.join(where)}\n" for reason, where in reasons.items())
