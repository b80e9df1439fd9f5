"""The HTML report: one file that needs nothing else, no script, and prints: what is at stake, and each claim with the
lines to correct.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lxml import etree

from lint837.lint.finding import Finding, InputSummary
from lint837.report.html.cards import cards, sources
from lint837.report.html.markup import element, term
from lint837.report.html.style import SHEET
from lint837.report.html.summary import Row, by_billing_npi, by_month, by_payer, by_rule, total
from lint837.report.model import Results, worst
from lint837.report.words import dollars, file_name, left_out
from lint837.rules.values import counted, show

LIMIT = 5000  # of findings that are shown one by one; a browser is slow with more
_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"


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
    shown = replace(results, findings=tuple(results.findings[n] for n in worst(results.findings, LIMIT)))
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
    sections = {"summary": _summary, "findings": lambda _: cards(shown), "files": _files, "rules": _rules}
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
        + (f"; {counted(totals.suppressed, 'finding')} suppressed by the configuration" if totals.suppressed else "")
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
    return element("dl", [term("div", name, value, class_=class_) for name, value, class_ in tiles], class_="tiles")


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
    everything = total(results)
    without = sum(charge is None for charge in everything.lines.values())
    unread = "has no charge that can be read, and is" if without == 1 else "have no charge that can be read, and are"
    yield element(
        "p",
        "Charges at risk are those of the service lines with an error or a warning. A line counts once, also where it "
        "breaks several rules.",
        f" {counted(without, 'line')} {unread} not in the sums." if without else "",
    )
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
            sources(rule),
            id=rule.code,
            class_="why",
        )
