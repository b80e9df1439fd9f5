"""The claims on a page: each with its service lines as a strip, the raw segments, and what is found on them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element

from lint837.report.entry import AsBilled, Entry
from lint837.report.formats import Ending
from lint837.report.html.markup import Child, Inert, element, term
from lint837.report.model import RuleText
from lint837.report.phrases import claim_among, dollars, file_name, inert_characters, line_name, payer, span

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


class Controls:
    """What a page that can be worked with puts in the cards: in a report nothing, and the correction as a text."""

    def of_claim(self, first: Entry) -> Child:  # noqa: ARG002
        """At the end of a claim's heading."""
        return ""

    def correction(self, entry: Entry) -> Child:
        """What to do about a finding: one thing, or a list of several with the condition of each."""
        if not entry.correction:
            return ""
        label = element("strong", "Correct it: ")
        if len(entry.choices) < 2:
            return element("p", label, entry.correction, class_="fix")
        choices = [element("li", f"If {one.when}, {one.do}.") for one in entry.choices]
        return element("div", label, element("ul", choices), class_="fix")


_NONE = Controls()


def cards(entries: Sequence[Entry], ending: Ending) -> Iterator[Element]:
    """All findings, by file and claim."""
    rules = {rule.code: rule for rule in ending.rules}
    claims = {item.path: item.claims for item in ending.inputs}
    for path, of_file in groupby(entries, key=lambda entry: entry.location.path):
        yield element("h3", file_name(path))
        for ordinal, group in groupby(of_file, key=lambda entry: entry.location.claim_ordinal):
            if ordinal is None:
                yield file_card(list(group), rules)
            else:
                yield claim_card(list(group), claims.get(path, 0), rules)


def file_card(entries: Sequence[Entry], rules: Mapping[str, RuleText], controls: Controls = _NONE) -> Element:
    """What is found on a file, and on no claim of it."""
    return element("ul", [_finding(entry, rules, controls) for entry in entries], class_="findings")


def claim_card(
    entries: Sequence[Entry], claims: int, rules: Mapping[str, RuleText], controls: Controls = _NONE
) -> Element:
    """What is found on a claim, of so many in its file."""
    first = next((entry for entry in entries if entry.as_billed), entries[0])
    name, among = claim_among(first, claims)
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
        controls.of_claim(first),
    )
    lines: dict[int | None, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: -entry.severity):
        lines.setdefault(entry.location.service_line_ordinal, []).append(entry)
    return element(
        "article",
        header,
        [_line(lines[ordinal], rules, controls) for ordinal in sorted(lines, key=lambda ordinal: ordinal or 0)],
        class_="claim",
    )


def _line(entries: list[Entry], rules: Mapping[str, RuleText], controls: Controls) -> Element:
    """A service line as billed, its segments, and what is found on it; or what is found on the claim itself."""
    parts = []
    first = entries[0]
    if first.as_billed and first.location.service_line_ordinal is not None:
        parts += [_strip(first.as_billed, entries), _segments(entries)]
    elif first.as_billed and any(entry.location.element.startswith(("NTE", "K3")) for entry in entries):
        parts.append(_segments(entries))
    return element(
        "div",
        parts,
        element("ul", [_finding(entry, rules, controls) for entry in entries], class_="findings"),
        class_="line",
    )


def _strip(billed: AsBilled, entries: list[Entry]) -> Element:
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
    for (name, elements), value in zip(_STRIP, values, strict=True):
        worst_here = max((f.severity for f in entries if _is_at(f.location.element, elements)), default=None)
        class_ = f"at {worst_here}" if worst_here else ""
        cells.append(term("div", name, value or element("span", "none", class_="quiet"), class_=class_))
    line = line_name(entries[0])
    return element("dl", term("div", "line", line.removeprefix("line ")) if line else "", cells, class_="strip")


def _is_at(place: str, elements: str) -> bool:
    return any(
        place == one or place.startswith(f"{one}-") or (one == "DTP" and place[:3] == one) for one in elements.split()
    )


def _segments(entries: list[Entry]) -> Element:
    """The raw segments of the line, as far as they may be shown, with every element that a finding is about marked."""
    texts: dict[int, str] = {}
    marks: dict[int, list[tuple[int, int, str]]] = {}
    for entry in entries:
        billed = entry.as_billed or AsBilled()
        texts |= {one.segment: one.excerpt for one in billed.segments if one.segment not in texts}
        if entry.location.segment is not None and billed.excerpt:
            texts.setdefault(entry.location.segment, billed.excerpt)
            if texts[entry.location.segment] == billed.excerpt:
                marks.setdefault(entry.location.segment, []).append((*billed.highlight, str(entry.severity)))
        for related in entry.related:
            texts.setdefault(related.segment, related.excerpt)
            if texts[related.segment] == related.excerpt:
                marks.setdefault(related.segment, []).append((*related.highlight, "related"))
    return element(
        "ul",
        [element("li", marked(texts[segment], marks.get(segment, []))) for segment in sorted(texts)],
        class_="segments",
        aria_label="Segments of the line",
    )


def marked(text: str, marks: list[tuple[int, int, str]]) -> Iterator[str | Element]:
    """A text with its marks; where two overlap, the first one stays. The whole text is made inert, not its pieces."""
    ranks = ["error", "warning", "info", "related"]
    characters = inert_characters(text)
    at = 0
    for first, last, kind in sorted(marks, key=lambda mark: (mark[0], ranks.index(mark[2]), -mark[1])):
        start, end = span(text, (first, last))
        if start >= at and end > start:
            yield _part(characters[at:start])
            yield element("mark", _part(characters[start:end]), class_=kind)
            at = end
    yield _part(characters[at:])


def _part(characters: list[str]) -> Inert:
    return Inert("".join(characters))


def _finding(entry: Entry, rules: Mapping[str, RuleText], controls: Controls) -> Element:
    where = ", ".join(
        filter(None, [entry.location.element, f"segment {entry.location.segment}" if entry.location.segment else ""])
    )
    head = element(
        "p",
        element("span", str(entry.severity), class_=f"badge {entry.severity}"),
        element("strong", f"{entry.rule} {entry.name}"),
        element("span", "incomplete", class_="badge error") if entry.incomplete else "",
        element(
            "span", f"{where}, " if where else "", f"at {entry.location.line}:{entry.location.column}", class_="where"
        ),
        class_="head",
    )
    rule = rules.get(entry.rule)
    return element(
        "li",
        head,
        element("p", entry.message),
        controls.correction(entry),
        _why(rule, entry.sources) if rule else "",
        class_=f"finding {entry.severity}",
    )


def _why(rule: RuleText, facts: Sequence[str]) -> Element:
    return element(
        "details",
        element("summary", "Why, and by which source" if rule.sources or facts else "Why"),
        element("p", f"{rule.title} ", element("a", "More of the rule", href=f"#{rule.code}"), "."),
        sources(rule, facts),
    )


def sources(rule: RuleText, facts: Sequence[str] = ()) -> Iterator[Element]:
    """The sources of a rule, and of the facts that a finding rests on; nothing where there are none."""
    cited = [*(f"{source.source}: {source.says}" for source in rule.sources), *facts]
    if cited:
        items = [element("li", text) for text in cited]
        yield element("ul", items, class_="sources", aria_label=f"Sources of {rule.code}")
