"""What the rules and the drug facts say of themselves: the list, one rule explained, a drug's sheet, docs/rules.md."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lint837.facts.drugs import Drug
from lint837.facts.payers import PayerProfile
from lint837.lint.examples import findings_on
from lint837.report.model import text_of
from lint837.rules.rule import Bad, Good, Rule
from lint837.rules.rulebook import Rulebook

_WIDTH = 80
_SCOPES = {
    "segment": "in the same segment",
    "line": "on the same line",
    "related": "on a line that it is about",
    "day": "for the same day",
    "claim": "in the same claim",
}


def listing(rulebook: Rulebook) -> Iterator[str]:
    """One line a rule: code, name, severity, title."""
    rows = [(rule.code, rule.name, _severity(rule), rule.title) for rule in rulebook.rules]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]])


def _severity(rule: Rule) -> str:
    return str(rule.severity) if rule.default and not rule.group else f"{rule.severity}, off"


def listing_json(rulebook: Rulebook) -> str:
    """The rules as one JSON document."""
    rows: list[dict[str, Any]] = [
        {
            "code": rule.code,
            "name": rule.name,
            "severity": str(rule.severity),
            "default": rule.default and not rule.group,
            "group": rule.group,
            "title": rule.title,
            "explanation": text_of(rule).documentation,
            "yields_to": [entry._asdict() for entry in rule.yields_to],
            "sources": [citation._asdict() for citation in rule.cites],
        }
        for rule in rulebook.rules
    ]
    return json.dumps({"schema": "lint837/rules/2", "rules": rows}, indent=2) + "\n"


# ---------------------------------------------------------------- one rule


def explanation(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    """A rule on one screen: title, why and how to correct, precedence, examples with their findings, sources."""
    yield f"{rule.code} {rule.name} ({_severity(rule)})"
    yield ""
    yield from _wrap(rule.title)
    for paragraph in rule.documentation.split("\n\n"):
        yield ""
        yield from _wrap(paragraph)
    notes = list(_precedence(rule, rulebook))
    if notes:
        yield ""
        for note in notes:
            yield from _wrap(note)
    for heading, examples in _examples(rule, rulebook):
        for number, example in enumerate(examples):
            yield from ("", heading) if not number else ("",)
            yield from (f"  {line}" for line in _example(example, rule, rulebook))
    sources = [f"{citation.source}: {citation.says}" for citation in rule.cites]
    if sources:
        yield from ("", "Sources")
    for source in sources:
        yield from _wrap(source, "  ", "    ")
    if rule.reads_claims and not rule.group:
        yield ""
        yield f"Facts verified through {rulebook.verified_through}. `lint837 facts` shows them with their sources."


def _precedence(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    """To which rules a rule yields, and which yield to it."""
    scopes: dict[str, list[str]] = {}
    for entry in rule.yields_to:
        scopes.setdefault(entry.scope, []).append(entry.rule + (f" ({entry.cause})" if entry.cause else ""))
    for scope, others in scopes.items():
        yield f"Not reported where {_listed(others)} is found {_SCOPES[scope]}."
    yielding = [other.code for other in rulebook.rules for entry in other.yields_to if entry.rule == rule.code]
    if yielding:
        yield f"Takes precedence over {_listed(list(dict.fromkeys(yielding)), 'and')}."


def _listed(words: Sequence[str], word: str = "or") -> str:
    return f" {word} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _wrap(text: str, first: str = "", further: str | None = None) -> list[str]:
    further = first if further is None else further
    return textwrap.wrap(" ".join(text.split()), _WIDTH, initial_indent=first, subsequent_indent=further)


def _examples(rule: Rule, rulebook: Rulebook) -> Sequence[tuple[str, Sequence[Good | Bad]]]:
    """The wrong and the right examples of a rule; none where they are about a drug whose facts are not loaded."""
    if not all(findings_on(example, rule, rulebook) for example in rule.bad):
        return ()
    return ("Wrong", rule.bad), ("Right", rule.good)


def _example(example: Good | Bad, rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    context = _context(example)
    if example.note or context:
        yield from _wrap("; ".join(filter(None, [example.note, context])), "# ")
    if example.earlier:
        yield "# an earlier claim of the patient"
        yield from _segments(example.earlier)
        yield "# the claim"
    yield from _segments(example.lines)
    for finding in findings_on(example, rule, rulebook):
        place = finding.location.element or "the segment"
        yield from _wrap(f"{finding.severity} at {place}: {finding.message}", "-> ", "   ")
        yield from _wrap(f"fix: {finding.correction}", "   ", "        ")


def _segments(text: str) -> Iterator[str]:
    """Segments, as many on a line as fit; a service line begins a line of its own."""
    line = ""
    for segment in re.findall("[^~]*~", text):
        if line and (segment.startswith(("SV1", "SV2")) or len(line + segment) > _WIDTH - 2):
            yield line
            line = ""
        line += segment
    yield line


def _context(example: Good | Bad) -> str:
    """How an example's context differs from an 837P office claim to Medicare B."""
    parts = [example.version or (example.guide if example.guide != "837P" else "")]
    parts.append(f"statement {example.statement}" if example.statement else "")
    parts.append(f"facility type {example.facility}" if example.facility else "")
    parts.append(f"frequency {example.frequency}" if example.frequency != "1" else "")
    parts.append(f"SBR09 {example.filing_code or 'missing'}" if example.filing_code != "MB" else "")
    parts.append(f"other payer {example.other_payer}" if example.other_payer else "")
    parts.append(f"BHT06 {example.purpose}" if example.purpose != "CH" else "")
    parts.append("dependent" if example.dependent else "")
    parts.append(f"file made {example.created}" if example.created != "20260115" else "")
    parts.append(f"HI {example.diagnoses or 'missing'}" if example.diagnoses != "ABK:C3490" else "")
    parts += [f"{new or 'nothing'} instead of {old}" for old, new in example.instead]
    parts.append(_payer(example.payer) if example.payer else "")
    parts.append(example.claim)
    return ", ".join(filter(None, parts))


def _payer(payer: PayerProfile) -> str:
    """What an example says of its payer, in words."""
    parts = [f"accepts only {', '.join(payer.ndc_units)}" if payer.ndc_units else ""]
    wants = [(payer.ndc_required, "the NDC"), (payer.discard_modifier_required, "JW or JZ")]
    parts += [f"{'requires' if wanted else 'does not require'} {what}" for wanted, what in wants if wanted is not None]
    return f"a payer that {', '.join(filter(None, parts))}"


# ---------------------------------------------------------------- a drug


def sheet(drug: Drug) -> Iterator[str]:
    """A drug's facts: its codes on a time line, packages, doses, names, sources."""
    yield f"{drug.name}: {drug.title}"
    yield ""
    yield "Codes"
    yield from (f"  {line}" for line in _timeline(drug))
    yield ""
    yield "Packages"
    for package in drug.packages:
        holds = f"{drug.measured(package.amount)} in 1 {package.counted_in}"
        yield f"  {package.ndc}  on a claim {package.digits}  {holds}  {package.form}  [{package.source}]"
    yield ""
    yield f"Doses     {', '.join(drug.measured(dose) for dose in drug.doses) or 'not given'}"
    yield from _wrap(", ".join(drug.names), "Names     ", " " * 10)
    yield ""
    yield "Sources"
    for key, source in drug.sources.items():
        yield from _wrap(f"[{key}] {source}", "  ", "    ")
    yield ""
    yield f"Facts verified through {drug.verified_through}"


def _timeline(drug: Drug) -> Iterator[str]:
    """The drug's codes from the first to the last, each with its dates of service."""
    for code in sorted(drug.codes, key=lambda code: (code.first or drug.approved, code.kind, code.code)):
        first, last = code.first or drug.approved, code.last or ""
        unit = f"1 unit = {drug.measured(code.amount)}" if code.is_product else ""
        notes = ", ".join(filter(None, [code.kind, unit, code.settings]))
        yield f"{code.code}  {first} to {last!s:10}  {notes}"


def facts_json(drugs: Iterable[Drug]) -> str:
    """The facts as one JSON document."""
    tree = {"schema": "lint837/facts/1", "drugs": [_drug_json(drug) for drug in drugs]}
    return json.dumps(tree, indent=2) + "\n"


def _drug_json(drug: Drug) -> dict[str, Any]:
    return {
        "drug": drug.name,
        "title": drug.title,
        "measure": drug.measure,
        "approved": str(drug.approved),
        "verified_through": str(drug.verified_through),
        "names": drug.names,
        "doses": [str(dose) for dose in drug.doses],
        "codes": [
            {
                "code": code.code,
                "kind": code.kind,
                "first": code.first and str(code.first),
                "last": code.last and str(code.last),
                "amount": str(code.amount) if code.is_product else None,
                "settings": code.settings,
                "source": code.source,
            }
            for code in drug.codes
        ],
        "packages": [
            {
                "ndc": package.ndc,
                "digits": package.digits,
                "amount": str(package.amount),
                "counted_in": package.counted_in,
                "form": package.form,
                "source": package.source,
            }
            for package in drug.packages
        ],
        "sources": dict(drug.sources),
    }


# ---------------------------------------------------------------- docs/rules.md


def markdown(rulebook: Rulebook) -> Iterator[str]:
    """docs/rules.md: every rule, but for those about every claim, with its examples and their findings."""
    rules = [rule for rule in rulebook.rules if not rule.group]
    yield "# The rules"
    yield ""
    yield "Made by `lint837 rules --format markdown`; do not edit. A test compares it. The rules about every claim are"
    yield "in [what-is-checked.md](what-is-checked.md)."
    yield ""
    yield "| code | name | severity | |"
    yield "| --- | --- | --- | --- |"
    for rule in rules:
        yield f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {_severity(rule)} | {rule.title} |"
    for rule in rules:
        yield from ("", f"## {rule.code} {rule.name}", "", f"**{rule.title}** Severity: {_severity(rule)}.")
        for paragraph in text_of(rule).documentation.split("\n\n"):
            yield from ("", paragraph)
        for note in _precedence(rule, rulebook):
            yield from ("", note)
        for heading, examples in _examples(rule, rulebook):
            if examples:
                yield from ("", f"{heading}:", "", "```")
                for number, example in enumerate(examples):
                    yield from [""] if number else []
                    yield from _example(example, rule, rulebook)
                yield "```"
        if rule.cites:
            yield from ("", "Sources:", "")
            yield from (f"- {citation.source}: {citation.says}" for citation in rule.cites)


# ---------------------------------------------------------------- docs/what-is-checked.md

_HEAD = """\
# What is checked of every claim

Made by `lint837 rules --claims --format markdown`; do not edit. A test compares it.

A clearinghouse rejects far more claims for a wrong NPI, a Medicare number or a total that does not add up than for a
drug. The rules on this page check every claim, whatever it bills, for what payers and clearinghouses say that they
reject. Each names its sources; a claim that passes can still be rejected for what no file shows, such as a member who
is not covered.

They are off by default. Turn them on

- for one run, beside the other rules: `lint837 check --claims claims.837`; without the others: `--select claims`, a
  family such as `--select NPI`, or one rule;
- to reject claims by them: `lint837 split --claims`;
- always: `claims = true` in lint837.toml;
- for one payer, rule by rule, with a severity if you like:

```toml
[[payers]]
name = "example-medicaid"
payer-id = ["99999"]
rules = {BAL001 = "on", DIA004 = "error"}
```

A void (CLM05-3 is 8) lowers them to information, since it repeats the claim that it cancels. What many claims of a file
share, such as a provider's NPI, is reported once a file, with the number of claims. No message holds a member id, a tax
id, a name or an address; an NPI of ten digits is shown. `lint837 fix` corrects what is only a matter of form.

The form of a code is checked, and not that it exists: the lists of CPT codes, bill types and revenue codes need a
license."""


def what_is_checked(rulebook: Rulebook) -> Iterator[str]:
    """docs/what-is-checked.md: the rules about every claim, each with what it saves from, and its sources."""
    yield from _HEAD.splitlines()
    yield ""
    yield "| code | name | severity | |"
    yield "| --- | --- | --- | --- |"
    for rule in rulebook.every_claim_rules:
        link = f"[{rule.code}](#{rule.code.lower()}-{rule.name})"
        yield f"| {link} | {rule.name} | {rule.severity} | {rule.title} |"
    for rule in rulebook.every_claim_rules:
        yield from ("", f"## {rule.code} {rule.name}", "", f"**{rule.title}** Severity: {rule.severity}.")
        for paragraph in text_of(rule).documentation.split("\n\n"):
            yield from ("", paragraph)
        for note in _precedence(rule, rulebook):
            yield from ("", note)
        example, *_ = rule.bad
        yield from ("", "```", *_example(example, rule, rulebook), "```", "", "Sources:", "")
        yield from (f"- {citation.source}: {citation.says}" for citation in rule.cites)
