"""The HTML report: one file that needs nothing else, no script, and prints: what is at stake, and each claim with the
lines to correct.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from lxml import etree

from lint837.finding import AsBilled, Finding, InputSummary
from lint837.report.results import Results, RuleText, worst
from lint837.report.style import SHEET
from lint837.report.summary import Row, by_billing_npi, by_month, by_payer, by_rule, total
from lint837.report.words import (
    claim_among,
    dollars,
    file_name,
    inert,
    left_out,
    line_name,
    payer,
    span,
)
from lint837.rule import counted, show

LIMIT = 5000  # of findings that are shown one by one; a browser is slow with more
_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
# The parts of a line's strip, each with the elements that it shows.
_STRIP = (
    ("date of service", "DTP"),
    ("code", "SV101-1 SV101-2 SV202-1 SV202-2"),
    ("modifiers", "SV101-3 SV101-4 SV101-5 SV101-6 SV202-3 SV202-4 SV202-5 SV202-6"),
    ("units", "SV103 SV104 SV204 SV205"),
    ("NDC", "LIN02 LIN03"),
    ("NDC quantity", "CTP04"),
    ("NDC unit", "CTP05"),
    ("charge", "SV102 SV203"),
)

_Child = str | etree._Element | Iterable[str | etree._Element]


def element(tag: str, /, *children: _Child, **attributes: str) -> etree._Element:
    """An element. Every text and every attribute that the page holds is made here, and made inert here: nothing that a
    claim holds can become markup. `class_` is the attribute class, `aria_label` aria-label.
    """
    made = etree.Element(tag)
    for key, value in attributes.items():
        made.set(key.rstrip("_").replace("_", "-"), inert(value))
    for child in children:
        for part in [child] if isinstance(child, str | etree._Element) else child:
            if not isinstance(part, str):
                made.append(part)
            elif len(made):
                made[-1].tail = (made[-1].tail or "") + inert(part)
            else:
                made.text = (made.text or "") + inert(part)
    return made


def document(results: Results) -> bytes:
    """The whole page, in UTF-8."""
    style = etree.Element("style")
    style.text = SHEET
    digest = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY.format(digest)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex"),
        element("title", f"lint837: {_counts(results)}"),
        style,
    )
    page = element("html", head, element("body", _body(results)), lang="en")
    return etree.tostring(page, method="html", doctype="<!DOCTYPE html>", encoding="utf-8") + b"\n"


def _body(results: Results) -> Iterator[etree._Element]:
    shown = [results.findings[n] for n in worst(results.findings, LIMIT)]
    parts = [("summary", "Summary"), ("findings", "Findings"), ("files", "Files"), ("rules", "Rules")]
    if not results.findings:
        parts = [("files", "Files")]
    skip = "findings" if results.findings else "files"
    yield element("a", f"Skip to the {skip}", class_="skip", href=f"#{skip}")
    yield element(
        "header",
        element("h1", _heading(results)),
        element("p", _read(results), class_="quiet"),
        _notices(results),
        _tiles(results),
        element(
            "nav",
            element("ul", [element("li", element("a", text, href=f"#{anchor}")) for anchor, text in parts]),
            aria_label="Contents",
        ),
    )
    sections = {"summary": _summary, "findings": lambda whole: _claims(whole, shown), "files": _files, "rules": _rules}
    yield element(
        "main",
        [
            element("section", element("h2", text, id=f"{anchor}-title"), sections[anchor](results), id=anchor)
            for anchor, text in parts
        ],
    )
    yield element("footer", [element("p", text) for text in _colophon(results)])


# ---------------------------------------------------------------- the top


def _heading(results: Results) -> str:
    if any(finding.claim_ordinal is not None for finding in results.findings):
        return "Claims to correct"
    return "Files to correct" if results.findings else "No findings"


def _counts(results: Results) -> str:
    totals = results.totals
    counts = ((totals.errors, "error"), (totals.warnings, "warning"), (totals.infos, "info"))
    return ", ".join(counted(count, word) for count, word in counts if count) or "no findings"


def _read(results: Results) -> str:
    totals = results.totals
    drug = f"{results.about.facts[0]} line" if len(results.about.facts) == 1 else "drug line"
    return (
        f"{counted(totals.files, 'file')}, {counted(totals.claims, 'claim')}, {counted(totals.drug_lines, drug)}; "
        f"{totals.segments - totals.unchecked_segments:,} of {totals.segments:,} segments read"
    )


def _notices(results: Results) -> Iterator[etree._Element]:
    notices = []
    if not results.complete:
        notices.append(("Not everything could be checked.", " See the findings marked incomplete, and the files."))
    elif not results.totals.claims:
        notices.append(("No 837P or 837I claim was found.", ""))
    cut = left_out(min(len(results.findings), LIMIT), len(results.findings))
    if cut:
        notices.append(("Not every finding is shown one by one.", f" {cut} The summary counts them all."))
    for strong, text in notices:
        yield element("p", element("strong", strong), text, class_="notice")


def _tiles(results: Results) -> etree._Element:
    totals, all_of_them = results.totals, total(results)
    tiles = [
        ("charges at risk", dollars(show(all_of_them.charges)), ""),
        ("lines at risk", f"{len(all_of_them.lines):,}", ""),
        ("errors", f"{totals.errors:,}", "error" if totals.errors else ""),
        ("warnings", f"{totals.warnings:,}", "warning" if totals.warnings else ""),
        ("for information", f"{totals.infos:,}", ""),
    ]
    return element("dl", [_term("div", term, value, class_=class_) for term, value, class_ in tiles], class_="tiles")


def _term(name: str, term: str, value: _Child, **attributes: str) -> etree._Element:
    told = {key: text for key, text in attributes.items() if text}
    return element(name, element("dt", term), element("dd", value), **told)


def _colophon(results: Results) -> Iterator[str]:
    about = results.about
    if about.redacted:
        yield "Redacted: claims are told by their place in the file, dates by the days on which a code changes."
    else:
        yield "This page holds claim numbers and dates of service: keep it as you keep claims."
    verified = f"; facts verified through {about.verified_through}" if about.verified_through else ""
    yield f"lint837 {about.version}, {counted(len(about.rules), 'rule')}{verified}."


# ---------------------------------------------------------------- the summary


def _summary(results: Results) -> Iterator[etree._Element]:
    names = {rule.code: rule.name for rule in results.rules}
    yield element(
        "p",
        "Charges at risk are those of the service lines with an error or a warning. A line counts once, also where it "
        "breaks several rules.",
    )
    everything = total(results)
    rules = [
        (element("span", element("a", row.name, href=f"#{row.name}"), f" {names.get(row.name, '')}"), row)
        for row in by_rule(results)
    ]
    tables = [_table("By rule", "rule", rules, everything)]
    if any(finding.as_billed for finding in results.findings):  # else nothing is known of payers and dates
        tables += [
            _table("By payer", "payer", _named(by_payer(results)), everything),
            _table("By billing provider", "NPI", _named(by_billing_npi(results)), everything),
            _table("By month of service", "month", _named(by_month(results)), everything),
        ]
    yield element("div", tables, class_="tables")


def _named(rows: Iterable[Row]) -> list[tuple[etree._Element, Row]]:
    return [(element("span", row.name), row) for row in rows]


def _table(caption: str, what: str, rows: list[tuple[etree._Element, Row]], all_of_them: Row) -> etree._Element:
    heads = [element("th", what, scope="col")]
    heads += [element("th", text, scope="col", class_="number") for text in ("findings", "lines", "charges at risk")]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", heads)),
        element("tbody", [element("tr", element("th", name, scope="row"), _numbers(row)) for name, row in rows]),
        element("tfoot", element("tr", element("th", "all", scope="row"), _numbers(all_of_them))),
    )


def _numbers(row: Row) -> list[etree._Element]:
    texts = (f"{row.findings:,}", f"{len(row.lines):,}", dollars(show(row.charges)))
    return [element("td", text, class_="number") for text in texts]


# ---------------------------------------------------------------- the claims


def _claims(results: Results, shown: list[Finding]) -> Iterator[etree._Element]:
    rules = {rule.code: rule for rule in results.rules}
    of_input: dict[str, list[Finding]] = {}
    for finding in shown:
        of_input.setdefault(finding.path, []).append(finding)
    for item in results.inputs:
        if item.path in of_input:
            yield element("h3", file_name(item.path))
        for ordinal, group in groupby(of_input.get(item.path, ()), key=lambda finding: finding.claim_ordinal):
            findings = list(group)
            if ordinal is None:
                yield element("ul", [_finding(finding, rules) for finding in findings], class_="findings")
            else:
                yield _claim(findings, item, rules)


def _claim(findings: list[Finding], item: InputSummary, rules: dict[str, RuleText]) -> etree._Element:
    first = next((finding for finding in findings if finding.as_billed), findings[0])
    name, among = claim_among(first, item.claims)
    facts = []
    if first.as_billed:
        facts = [
            payer(first.as_billed.claim_filing_code, first.as_billed.payer_id),
            first.as_billed.billing_npi and f"NPI {first.as_billed.billing_npi}",
            first.as_billed.guide,
            first.as_billed.claim_charge and f"claim {dollars(first.as_billed.claim_charge)}",
        ]
    header = element(
        "header",
        element("h4", name[:1].upper() + name[1:], element("span", among, class_="quiet")),
        [element("p", fact, class_="quiet") for fact in facts if fact],
    )
    lines: dict[int | None, list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: -finding.severity):
        lines.setdefault(finding.service_line_ordinal, []).append(finding)
    return element(
        "article",
        header,
        [_line(lines[ordinal], rules) for ordinal in sorted(lines, key=lambda ordinal: ordinal or 0)],
        class_="claim",
    )


def _line(findings: list[Finding], rules: dict[str, RuleText]) -> etree._Element:
    """A service line as billed, its segments, and what is found on it; or what is found on the claim itself."""
    parts = []
    first = findings[0]
    if first.as_billed and first.service_line_ordinal is not None:
        parts += [_strip(first.as_billed, findings), _segments(findings)]
    elif first.as_billed and any(finding.element.startswith(("NTE", "K3")) for finding in findings):
        parts.append(_segments(findings))
    return element(
        "div",
        parts,
        element("ul", [_finding(finding, rules) for finding in findings], class_="findings"),
        class_="line",
    )


def _strip(billed: AsBilled, findings: list[Finding]) -> etree._Element:
    """The line at a glance; what is at fault is marked by its worst finding."""
    values = (
        billed.date,
        billed.code,
        " ".join(billed.modifiers),
        billed.units,
        billed.ndc,
        billed.quantity,
        billed.unit,
        dollars(billed.charge),
    )
    cells = []
    for (term, elements), value in zip(_STRIP, values, strict=True):
        worst_here = max((f.severity for f in findings if _is_at(f.element, elements)), default=None)
        class_ = f"at {worst_here}" if worst_here else ""
        cells.append(_term("div", term, value or element("span", "none", class_="quiet"), class_=class_))
    name = line_name(findings[0])
    return element("dl", _term("div", "line", name.removeprefix("line ")) if name else "", cells, class_="strip")


def _is_at(place: str, elements: str) -> bool:
    return any(
        place == one or place.startswith(f"{one}-") or (one == "DTP" and place[:3] == one) for one in elements.split()
    )


def _segments(findings: list[Finding]) -> etree._Element:
    """The raw segments of the line, as far as they may be shown, with every element that a finding is about marked."""
    texts: dict[int, str] = {}
    marks: dict[int, list[tuple[int, int, str]]] = {}
    for finding in findings:
        billed = finding.as_billed or AsBilled()
        texts |= {one.segment: one.excerpt for one in billed.segments if one.segment not in texts}
        if finding.segment is not None and billed.excerpt:
            texts.setdefault(finding.segment, billed.excerpt)
            if texts[finding.segment] == billed.excerpt:
                marks.setdefault(finding.segment, []).append((*billed.highlight, str(finding.severity)))
        for related in finding.related:
            texts.setdefault(related.segment, related.excerpt)
            if texts[related.segment] == related.excerpt:
                marks.setdefault(related.segment, []).append((*related.highlight, "related"))
    return element(
        "ul",
        [element("li", marked(texts[segment], marks.get(segment, []))) for segment in sorted(texts)],
        class_="segments",
        aria_label="Segments of the line",
    )


def marked(text: str, marks: list[tuple[int, int, str]]) -> Iterator[str | etree._Element]:
    """A text with its marks; where two overlap, the first that begins stands."""
    ranks = ["error", "warning", "info", "related"]
    at = 0
    for first, last, kind in sorted(marks, key=lambda mark: (mark[0], ranks.index(mark[2]), -mark[1])):
        start, end = span(text, (first, last))
        if start >= at and end > start:
            yield text[at:start]
            yield element("mark", text[start:end], class_=kind)
            at = end
    yield text[at:]


def _finding(finding: Finding, rules: dict[str, RuleText]) -> etree._Element:
    where = ", ".join(filter(None, [finding.element, f"segment {finding.segment}" if finding.segment else ""]))
    head = element(
        "p",
        element("span", str(finding.severity), class_=f"badge {finding.severity}"),
        element("strong", f"{finding.rule} {finding.name}"),
        element("span", "incomplete", class_="badge error") if finding.incomplete else "",
        element("span", f"{where}, " if where else "", f"at {finding.line}:{finding.column}", class_="where"),
        class_="head",
    )
    fix = (
        element("p", element("strong", "Correct it: "), finding.correction, class_="fix") if finding.correction else ""
    )
    rule = rules.get(finding.rule)
    return element(
        "li",
        head,
        element("p", finding.message),
        fix,
        _why(rule) if rule else "",
        class_=f"finding {finding.severity}",
    )


def _why(rule: RuleText) -> etree._Element:
    return element(
        "details",
        element("summary", "Why, and by which source" if rule.sources else "Why"),
        element("p", f"{rule.title} ", element("a", "More of the rule", href=f"#{rule.code}"), "."),
        _sources(rule),
    )


def _sources(rule: RuleText) -> Iterator[etree._Element]:
    if rule.sources:
        items = [element("li", f"{source.source}: {source.says}") for source in rule.sources]
        yield element("ul", items, class_="sources", aria_label=f"Sources of {rule.code}")


# ---------------------------------------------------------------- files and rules


def _files(results: Results) -> Iterator[etree._Element]:
    if results.inputs:
        heads = [element("th", "file", scope="col")]
        heads += [element("th", text, scope="col", class_="number") for text in ("claims", "drug lines", "findings")]
        heads.append(element("th", "checked", scope="col"))
        rows = [_file(item, findings) for item, findings in results.by_input]
        yield element(
            "div",
            element(
                "table",
                element("caption", "What was read"),
                element("thead", element("tr", heads)),
                element("tbody", rows),
            ),
            class_="wide",
        )
    if results.passed_over:
        yield element("h3", "Passed over, no claim file by name or content")
        yield element("ul", [element("li", file_name(path)) for path in results.passed_over], class_="sources")


def _file(item: InputSummary, findings: list[Finding]) -> etree._Element:
    numbers = (f"{item.claims:,}", f"{item.drug_lines:,}", f"{len(findings):,}")
    return element(
        "tr",
        element("th", file_name(item.path), scope="row"),
        [element("td", text, class_="number") for text in numbers],
        element("td", "whole" if item.complete else element("strong", "not everything")),
    )


def _rules(results: Results) -> Iterator[etree._Element]:
    for rule in results.rules:
        yield element(
            "section",
            element("h3", f"{rule.code} {rule.name}"),
            element("p", element("strong", rule.title)),
            [element("p", paragraph) for paragraph in re.split(r"\n\n+", rule.documentation) if paragraph],
            _sources(rule),
            id=rule.code,
            class_="why",
        )
