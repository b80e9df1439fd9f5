"""What the rules and the drug facts say of themselves: the list, one rule explained, a drug's sheet, docs/rules.md."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lint837.facts.drugs import Drug
from lint837.facts.payers import PayerProfile
from lint837.lint.examples import run
from lint837.lint.finding import Finding
from lint837.rules.envelope import ENVELOPE_RULES
from lint837.rules.rule import Bad, Good, Rule
from lint837.rules.rulebook import Rulebook

_WIDTH = 80


def listing(rulebook: Rulebook) -> Iterator[str]:
    """One line a rule: code, name, severity, title."""
    rows = [(rule.code, rule.name, _severity(rule), rule.title) for rule in rulebook.rules]
    rows += [(code, rule.name, str(rule.severity), rule.title) for code, rule in ENVELOPE_RULES.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in sorted(rows):
        yield "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]])


def _severity(rule: Rule) -> str:
    return str(rule.severity) if rule.default else f"{rule.severity}, off"


def listing_json(rulebook: Rulebook) -> str:
    """The rules as one JSON document."""
    rows: list[dict[str, Any]] = [
        {
            "code": rule.code,
            "name": rule.name,
            "severity": str(rule.severity),
            "default": rule.default,
            "title": rule.title,
            "explanation": rule.documentation,
            "sources": [citation._asdict() for citation in rule.cites],
        }
        for rule in rulebook.rules
    ]
    rows += [
        {
            "code": code,
            "name": rule.name,
            "severity": str(rule.severity),
            "default": True,
            "title": rule.title,
            "explanation": rule.documentation,
            "sources": [],
        }
        for code, rule in ENVELOPE_RULES.items()
    ]
    tree = {"schema": "lint837/rules/1", "rules": sorted(rows, key=lambda row: str(row["code"]))}
    return json.dumps(tree, indent=2) + "\n"


# ---------------------------------------------------------------- one rule


def explanation(code: str, rulebook: Rulebook) -> Iterator[str]:
    """A rule in full: title, why and how to correct, dates, examples with their findings, sources."""
    rule = next((rule for rule in rulebook.rules if code.upper() == rule.code or code.lower() == rule.name), None)
    if rule is None:
        envelope = next((c for c, r in ENVELOPE_RULES.items() if code.upper() == c or code.lower() == r.name), None)
        if envelope is None:
            raise KeyError(code)
        yield f"{envelope} {ENVELOPE_RULES[envelope].name} ({ENVELOPE_RULES[envelope].severity})"
        yield from ("", *_wrap(ENVELOPE_RULES[envelope].title), "", *_wrap(ENVELOPE_RULES[envelope].documentation))
        return
    yield f"{rule.code} {rule.name} ({_severity(rule)})"
    yield ""
    yield from _wrap(rule.title)
    for paragraph in rule.documentation.split("\n\n"):
        yield ""
        yield from _wrap(paragraph)
    for drug in rulebook.formulary.drugs:
        yield ""
        yield f"Codes of {drug.name}"
        yield from (f"  {line}" for line in _timeline(drug))
    examples: list[Good | Bad] = [*rule.bad, *rule.good]
    for heading, wanted in (("Wrong", Bad), ("Right", Good)):
        yield ""
        yield heading
        for example in examples:
            if isinstance(example, wanted):
                yield ""
                yield from (f"  {line}" for line in _example(example, rule, rulebook))
    yield ""
    yield "Sources"
    for citation in rule.cites:
        yield from _wrap(f"{citation.source}: {citation.says}", "  ", "    ")
    yield ""
    yield f"Facts verified through {rulebook.verified_through}"


def _wrap(text: str, first: str = "", further: str | None = None) -> list[str]:
    further = first if further is None else further
    return textwrap.wrap(" ".join(text.split()), _WIDTH, initial_indent=first, subsequent_indent=further)


def _example(example: Good | Bad, rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    context = _context(example)
    if example.note or context:
        yield f"# {'; '.join(filter(None, [example.note, context]))}"
    yield from (segment + "~" for segment in example.lines.split("~")[:-1])
    for finding in _findings(example, rule, rulebook):
        yield from _wrap(f"{finding.severity} at {finding.element or 'the segment'}: {finding.message}", "-> ", "   ")
        yield from _wrap(f"fix: {finding.correction}", "   ", "        ")


def _findings(example: Good | Bad, rule: Rule, rulebook: Rulebook) -> tuple[Finding, ...]:
    return run(example, Rulebook((rule,), rulebook.formulary, frozenset({rule.code})))


def _context(example: Good | Bad) -> str:
    """What of an example's context is not the usual: an 837P office claim to Medicare B."""
    parts = [example.guide if example.guide != "837P" else ""]
    parts.append(f"statement {example.statement}" if example.statement else "")
    parts.append(f"facility type {example.facility}" if example.facility else "")
    parts.append(f"frequency {example.frequency}" if example.frequency != "1" else "")
    parts.append(f"SBR09 {example.filing_code or 'missing'}" if example.filing_code != "MB" else "")
    parts.append(f"other payer {example.other_payer}" if example.other_payer else "")
    parts.append(f"BHT06 {example.purpose}" if example.purpose != "CH" else "")
    parts.append("dependent" if example.dependent else "")
    parts.append(f"made {example.created}" if example.created != "20260115" else "")
    parts.append(_payer(example.payer) if example.payer else "")
    parts.append(example.claim)
    return ", ".join(filter(None, parts))


def _payer(payer: PayerProfile) -> str:
    """What an example says of its payer, in words."""
    parts = [f"takes {', '.join(payer.ndc_units)} alone" if payer.ndc_units else ""]
    wants = [(payer.ndc_required, "the NDC"), (payer.discard_modifier_required, "JW or JZ")]
    parts += [f"{'asks' if wanted else 'does not ask'} for {what}" for wanted, what in wants if wanted is not None]
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
    """docs/rules.md: every rule with its examples and their findings."""
    yield "# The rules"
    yield ""
    yield "Made by `lint837 rules --format markdown`; do not edit. A test compares it."
    yield ""
    yield "| code | name | severity | |"
    yield "| --- | --- | --- | --- |"
    for rule in rulebook.rules:
        yield f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {_severity(rule)} | {rule.title} |"
    for code, envelope in ENVELOPE_RULES.items():
        link = f"[{code}](#{code.lower()}-{envelope.name})"
        yield f"| {link} | {envelope.name} | {envelope.severity} | {envelope.title} |"
    for rule in rulebook.rules:
        yield from ("", f"## {rule.code} {rule.name}", "", f"**{rule.title}** Severity: {_severity(rule)}.")
        for paragraph in rule.documentation.split("\n\n"):
            yield from ("", " ".join(paragraph.split()))
        sections: list[tuple[str, Sequence[Good | Bad]]] = [("Wrong", rule.bad), ("Right", rule.good)]
        for heading, examples in sections:
            yield from ("", f"{heading}:", "", "```")
            for number, example in enumerate(examples):
                yield from ([""] if number else [])
                yield from _example(example, rule, rulebook)
            yield "```"
        yield from ("", "Sources:", "")
        yield from (f"- {citation.source}: {citation.says}" for citation in rule.cites)
    for code, envelope in ENVELOPE_RULES.items():
        yield from ("", f"## {code} {envelope.name}", "", f"**{envelope.title}** Severity: {envelope.severity}.")
        yield from ("", envelope.documentation)
