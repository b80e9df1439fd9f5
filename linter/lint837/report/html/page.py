"""The HTML report: one file that needs nothing else, no script, and prints: what is at stake, and each claim with the
lines to correct.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

from lint837.lint.finding import InputSummary
from lint837.report import formats
from lint837.report.at_stake import Row, Summary
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Worst, Write
from lint837.report.html.cards import cards, sources
from lint837.report.html.markup import element, term, written
from lint837.report.html.style import SHEET
from lint837.report.model import About, RuleText, Totals
from lint837.report.phrases import dollars, file_name, left_out
from lint837.rules.values import counted, show

LIMIT = 5000  # of findings that are shown one by one; a browser is slow with more
_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"


class Writer(formats.Writer):
    """Counts every finding, keeps the worst, and writes the whole page, in UTF-8, at the end."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._about: About | None = None
        self._worst: Worst[Entry] = Worst(LIMIT)
        self._summary = Summary()
        self._by_file: Counter[str] = Counter()

    def begin(self, about: About) -> None:
        """Keep what the page says at its foot."""
        self._about = about

    def finding(self, entry: Entry) -> None:
        """Count it, and keep it while it is among the worst."""
        self._summary.add(entry)
        self._by_file[entry.location.path] += 1
        self._worst.add(entry.severity, entry._replace(template=None))

    def end(self, ending: Ending) -> None:
        """The page."""
        if self._about:
            found = _Found(self._about, ending, self._worst.in_order(), self._worst.count, self._summary, self._by_file)
            self._write(_document(found))


class _Found(NamedTuple):
    """What the page shows: the worst entries, how many findings there are, and their counts."""

    about: About
    ending: Ending
    entries: list[Entry]
    findings: int
    summary: Summary
    by_file: Counter[str]


def _document(found: _Found) -> bytes:
    style = Element("style")
    style.text = SHEET
    digest = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY.format(digest)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex"),
        element("title", f"lint837: {_counts(found.ending.totals)}"),
        style,
    )
    page = element("html", head, element("body", _body(found)), lang="en")
    return f"<!DOCTYPE html>\n{written(page)}\n".encode()


def _body(found: _Found) -> Iterator[Element]:
    parts = [("summary", "Summary"), ("findings", "Findings"), ("files", "Files"), ("rules", "Rules")]
    if not found.findings:
        parts = [("files", "Files")]
    skip = "findings" if found.findings else "files"
    yield element("a", f"Skip to the {skip}", class_="skip", href=f"#{skip}")
    yield element(
        "header",
        element("h1", _heading(found)),
        element("p", _read(found), class_="quiet"),
        _notices(found),
        tiles(found.ending.totals, found.summary.total),
        element(
            "nav",
            element("ul", [element("li", element("a", text, href=f"#{anchor}")) for anchor, text in parts]),
            aria_label="Contents",
        ),
    )
    sections: dict[str, Callable[[_Found], Iterable[Element]]] = {
        "summary": _summary,
        "findings": lambda _: cards(found.entries, found.ending),
        "files": _files,
        "rules": lambda found: rule_sections(found.ending.rules),
    }
    yield element(
        "main",
        [
            element("section", element("h2", text, id=f"{anchor}-title"), sections[anchor](found), id=anchor)
            for anchor, text in parts
        ],
    )
    yield element("footer", [element("p", text) for text in _colophon(found.about)])


# ---------------------------------------------------------------- the top


def _heading(found: _Found) -> str:
    if found.summary.in_claims:
        return "Claims to correct"
    return "Files to correct" if found.findings else "No findings"


def _counts(totals: Totals) -> str:
    counts = ((totals.errors, "error"), (totals.warnings, "warning"), (totals.infos, "info"))
    return ", ".join(counted(count, word) for count, word in counts if count) or "no findings"


def _read(found: _Found) -> str:
    totals, drugs = found.ending.totals, found.about.facts
    drug = f"{drugs[0]} line" if len(drugs) == 1 else "drug line"
    return (
        f"{counted(totals.files, 'file')}, {counted(totals.claims, 'claim')}, {counted(totals.drug_lines, drug)}; "
        f"{totals.segments - totals.unchecked_segments:,} of {totals.segments:,} segments read"
        + (f"; {counted(totals.suppressed, 'finding')} suppressed by the configuration" if totals.suppressed else "")
    )


def _notices(found: _Found) -> Iterator[Element]:
    notices, totals = [], found.ending.totals
    if not totals.complete:
        notices.append(("Not everything could be checked.", " See the findings marked incomplete, and the files."))
    elif not totals.claims:
        notices.append(("No 837P or 837I claim was found.", ""))
    cut = left_out(len(found.entries), found.findings)
    if cut:
        notices.append(("Not every finding is shown one by one.", f" {cut} The summary counts them all."))
    for strong, text in notices:
        yield element("p", element("strong", strong), text, class_="notice")


def tiles(totals: Totals, everything: Row) -> Element:
    """The counts at the top."""
    numbers = [
        ("charges at risk", dollars(show(everything.charges)), ""),
        ("lines at risk", f"{everything.lines:,}", ""),
        ("errors", f"{totals.errors:,}", "error" if totals.errors else ""),
        ("warnings", f"{totals.warnings:,}", "warning" if totals.warnings else ""),
        ("for information", f"{totals.infos:,}", ""),
    ]
    return element("dl", [term("div", name, value, class_=class_) for name, value, class_ in numbers], class_="tiles")


def _colophon(about: About) -> Iterator[str]:
    if about.redacted:
        yield "Redacted: claims are shown by their place in the file, dates by the days on which a code changes."
    else:
        yield "This page holds claim numbers and dates of service: keep it as you keep claims."
    verified = f"; facts verified through {about.verified_through}" if about.verified_through else ""
    if not about.every_claim:
        yield "Not run: the rules about every claim, such as its total, NPIs and diagnoses (--claims)."
    if about.not_run:
        yield f"Not run, since the files were linted in parts: {', '.join(about.not_run)}."
    if about.configuration:
        yield f"Configuration: {about.configuration}"
    yield f"lint837 {about.version}, {counted(len(about.rules), 'rule')}{verified}."


# ---------------------------------------------------------------- the summary


def _summary(found: _Found) -> Iterator[Element]:
    names = {rule.code: rule.name for rule in found.ending.rules}
    summary, everything = found.summary, found.summary.total
    without = everything.without_charge
    unread = "has no charge that can be read, and is" if without == 1 else "have no charge that can be read, and are"
    yield element(
        "p",
        "Charges at risk are those of the service lines with an error or a warning. A line counts once, even if it "
        "breaks several rules.",
        f" {counted(without, 'line')} {unread} not in the sums." if without else "",
    )
    rules = [
        (element("span", element("a", row.name, href=f"#{row.name}"), f" {names.get(row.name, '')}"), row)
        for row in summary.by_rule.rows
    ]
    tables = [_table("By rule", "rule", rules, everything)]
    if summary.has_lines:
        tables += [
            _table("By payer", "payer", _named(summary.by_payer.rows), everything),
            _table("By billing provider", "NPI", _named(summary.by_billing_npi.rows), everything),
            _table("By month of service", "month", _named(summary.months), everything),
        ]
    yield element("div", tables, class_="tables")


def _named(rows: Iterable[Row]) -> list[tuple[Element, Row]]:
    return [(element("span", row.name), row) for row in rows]


def _table(caption: str, what: str, rows: list[tuple[Element, Row]], everything: Row) -> Element:
    heads = [element("th", what, scope="col")]
    heads += [element("th", text, scope="col", class_="number") for text in ("findings", "lines", "charges at risk")]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", heads)),
        element("tbody", [element("tr", element("th", name, scope="row"), _numbers(row)) for name, row in rows]),
        element("tfoot", element("tr", element("th", "all", scope="row"), _numbers(everything))),
    )


def _numbers(row: Row) -> list[Element]:
    texts = (f"{row.findings:,}", f"{row.lines:,}", dollars(show(row.charges)))
    return [element("td", text, class_="number") for text in texts]


# ---------------------------------------------------------------- files and rules


def _files(found: _Found) -> Iterator[Element]:
    if found.ending.inputs:
        heads = [element("th", "file", scope="col")]
        heads += [element("th", text, scope="col", class_="number") for text in ("claims", "drug lines", "findings")]
        heads.append(element("th", "checked", scope="col"))
        rows = [_file(item, found.by_file[item.path]) for item in found.ending.inputs]
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
    passed_over = found.ending.totals.passed_over
    if passed_over:
        yield element("h3", "Passed over, no claim file by name or content")
        yield element("ul", [element("li", file_name(path)) for path in passed_over], class_="sources")


def _file(item: InputSummary, findings: int) -> Element:
    numbers = (f"{item.claims:,}", f"{item.drug_lines:,}", f"{findings:,}")
    return element(
        "tr",
        element("th", file_name(item.path), scope="row"),
        [element("td", text, class_="number") for text in numbers],
        element("td", "whole" if item.complete else element("strong", "not everything")),
    )


def rule_sections(rules: Iterable[RuleText]) -> Iterator[Element]:
    """Each rule with its reasons and sources; a card links to it by its code."""
    for rule in rules:
        yield element(
            "section",
            element("h3", f"{rule.code} {rule.name}"),
            element("p", element("strong", rule.title)),
            [element("p", paragraph) for paragraph in re.split(r"\n\n+", rule.documentation) if paragraph],
            sources(rule),
            id=rule.code,
            class_="why",
        )
