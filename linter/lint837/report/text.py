"""The text report: for a person at a terminal, grouped by file and claim."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import click

from lint837.lint.finding import Finding
from lint837.report.model import Results
from lint837.report.words import claim_among, dollars, inert, line_name, payer, span
from lint837.rules.rule import Severity
from lint837.rules.values import counted

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
NARROWEST, WIDEST = 80, 120
_NAMED = 5  # of several files, so many are named


def document(results: Results, width: int = NARROWEST, *, quiet: bool = False) -> str:
    """The whole report, coloured. `quiet`: the findings only."""
    told = [line for item, findings in results.by_input for line in lines(findings, item.path, item.claims, width)]
    for path, found in groupby(results.elsewhere, key=lambda finding: finding.path):
        told += lines(found, path, 0, width)
    return "".join(line + "\n" for line in [*told, *(() if quiet else summary(results))])


def lines(findings: Iterable[Finding], path: str, claims: int, width: int) -> Iterator[str]:
    """The lines of the findings in one file, coloured; nothing where there are none. `width` is in columns."""
    findings = list(findings)
    if not findings:
        return
    yield click.style(inert(path), bold=True)
    for ordinal, group in groupby(findings, key=lambda finding: finding.claim_ordinal):
        together = list(group)
        if ordinal is not None:
            if together[0] is not findings[0]:
                yield ""
            yield from _claim(together, claims, width)
        for finding in together:
            yield ""
            yield from _finding(finding, width)
    yield ""


def _claim(findings: list[Finding], claims: int, width: int) -> Iterator[str]:
    finding = next((finding for finding in findings if finding.as_billed), findings[0])
    billed = finding.as_billed
    name, among = claim_among(finding, claims)
    parts = [name + among]
    if billed:
        parts.append(payer(billed.claim_filing_code, billed.payer_id))
        dates = {other.as_billed.date for other in findings if other.as_billed}
        parts.append(inert(dates.pop()) if len(dates) == 1 else "")
        parts.append(dollars(billed.claim_charge))
    head, rest = parts[0], "   ".join(filter(None, parts[1:]))
    styled = "  " + head.replace(name, click.style(name, bold=True), 1)
    if len(head) + len(rest) + 5 <= width:
        yield f"{styled}   {rest}".rstrip()
    else:
        yield styled
        yield f"    {rest}"


def _finding(finding: Finding, width: int) -> Iterator[str]:
    colour = _COLOURS[finding.severity]
    label = inert(f"{finding.severity} {finding.rule} {finding.name}")
    if finding.incomplete:
        label += " (incomplete)"
    place = _place(finding)
    gap = width - 2 - len(label) - len(place)
    severity, _, rest = label.partition(" ")
    styled = f"  {click.style(severity, fg=colour, bold=True)} {click.style(rest, bold=True)}"
    if gap >= 2:
        yield styled + " " * gap + place
    else:
        yield styled
        yield " " * max(4, width - len(place)) + place
    if (finding.as_billed and finding.service_line is not None) or finding.element.startswith(("NTE", "K3")):
        yield from _excerpts(finding, colour)
    indent = " " * 4
    yield from textwrap.wrap(inert(finding.message), width, initial_indent=indent, subsequent_indent=indent)
    if finding.correction:
        wrapped = textwrap.wrap(
            "fix: " + inert(finding.correction), width, initial_indent=indent, subsequent_indent=" " * 9
        )
        yield wrapped[0].replace("fix:", click.style("fix:", fg="green", bold=True), 1)
        yield from wrapped[1:]


def _place(finding: Finding) -> str:
    where = ", ".join(filter(None, [line_name(finding), inert(finding.element)]))
    segment = f"segment {finding.segment}, " if finding.segment else ""
    return "   ".join(filter(None, [where, f"{segment}{finding.line}:{finding.column}"]))


def _excerpts(finding: Finding, colour: str) -> Iterator[str]:
    if finding.as_billed is None:
        return
    text = finding.as_billed.excerpt
    start, end = span(text, finding.as_billed.highlight)
    yield "    " + inert(text)
    if end > start or finding.element:
        yield " " * (4 + start) + click.style("^" * max(1, end - start), fg=colour, bold=True)
    shown = {text}
    for related in finding.related:
        if related.excerpt not in shown:
            shown.add(related.excerpt)
            yield "    " + inert(related.excerpt)


def summary(results: Results) -> Iterator[str]:
    """The last lines: what was read, what was found, what could not be checked, through when the facts are verified."""
    inputs, totals = results.inputs, results.totals
    segments, claims = totals.segments, totals.claims
    yield (
        f"{counted(totals.files, 'file')}, {counted(claims, 'claim')}, "
        f"{counted(totals.drug_lines, _drug_line(results.about.facts))}; "
        f"{segments - totals.unchecked_segments:,} of {segments:,} {'segment' if segments == 1 else 'segments'} read; "
        f"{_findings(results)}"
    )
    if results.passed_over:
        files = counted(len(results.passed_over), "file")
        yield f"passed over, no claim file by name or content: {files}{_some(results.passed_over)}"
    without = [item.path for item in inputs if item.complete and not item.claims]
    if not claims:
        yield click.style("no 837P or 837I claim was found", bold=True)
    elif without:
        yield f"no 837P or 837I claim in {counted(len(without), 'file')}{_some(without)}"
    if totals.suppressed:
        yield f"{counted(totals.suppressed, 'finding')} suppressed by the configuration"
    if not results.complete:
        yield click.style("not everything could be checked: see the findings marked (incomplete)", bold=True)
    if results.about.redacted:
        yield "redacted: claims are told by their place in the file, dates by the days on which a code changes"
    if results.about.verified_through:
        yield f"facts verified through {inert(results.about.verified_through)}"


def _some(paths: Sequence[str]) -> str:
    """The first paths of several, in parentheses."""
    return f" ({', '.join(map(inert, paths[:_NAMED]))}{', ...' if len(paths) > _NAMED else ''})"


def _findings(results: Results) -> str:
    parts = []
    for severity in sorted(Severity, reverse=True):
        count = sum(finding.severity == severity for finding in results.findings)
        if count:
            parts.append(click.style(counted(count, str(severity)), fg=_COLOURS[severity], bold=True))
    return ", ".join(parts) or click.style("no findings", fg="green", bold=True)


def _drug_line(drugs: Sequence[str]) -> str:
    return f"{inert(drugs[0])} line" if len(drugs) == 1 else "drug line"
