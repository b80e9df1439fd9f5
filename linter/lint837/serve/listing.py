"""What the page shows of a file: the cards of some of its claims, and the choices by which they are picked."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from lint837.fix.edits import Change
from lint837.lint.finding import Finding
from lint837.report.at_stake import Row as AtStake
from lint837.report.entry import Entry, EntryChoice
from lint837.report.excerpt import excerpt
from lint837.report.html.cards import Controls, claim_card, file_card
from lint837.report.html.markup import Child, element, written
from lint837.report.html.page import rule_sections, tiles
from lint837.report.model import RuleText
from lint837.report.phrases import claim_name, payer
from lint837.rules.values import counted
from lint837.serve.document import Document
from lint837.serve.rows import ABOVE, Row, is_above, place_of
from lint837.serve.typed import LONGEST, places_of

PAGE = 25  # claims
_NO_PAYER = "not known"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims to show: those with all words of `search`, with a finding of a rule and of a payer ("" for any), not
    yet ticked off, in the order of the file or by charge; the page from 1.
    """

    search: str = ""
    rule: str = ""
    payer: str = ""
    unticked: bool = False
    by_charge: bool = False
    page: int = 1


def shown(document: Document, wanted: Wanted) -> dict[str, Any]:
    """What the page shows, for JSON: html (cards), tiles, rules and corrections as markup; counts and choices."""
    rows = [row for row in document.rows.values() if _is_wanted(row, wanted, document.ticked)]
    if wanted.by_charge:
        rows.sort(key=lambda row: (-row.charge, row.ordinal))
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(1, wanted.page), pages)
    here = rows[(page - 1) * PAGE : page * PAGE]
    ending = document.ending()
    rules = {rule.code: rule for rule in ending.rules}
    claims = ending.inputs[0].claims if ending.inputs else 0
    everything = AtStake("")
    for row in document.rows.values():
        for entry in row.entries:
            everything.add(entry)
    codes = {entry.rule for row in here for entry in row.entries}
    return {
        "html": _markup(_card(row, document, claims, rules) for row in here),
        "tiles": _markup([tiles(ending.totals, everything)]),
        "rules": _markup(rule_sections(rule for rule in ending.rules if rule.code in codes)),
        "corrections": _markup(_corrections(document)),
        "counts": _counts(document, rows, claims),
        "notice": _notice(document, ending.totals.complete, claims),
        "page": page,
        "pages": pages,
        "found": len(rows),
        "by_rule": _choices(document.rows.values(), lambda row: {entry.rule for entry in row.entries}, rules),
        "by_payer": _choices(document.rows.values(), lambda row: {_payer(row)}, {}),
        "corrected": len(document.corrections),
    }


def _counts(document: Document, rows: Sequence[Row], claims: int) -> str:
    if not claims:
        return "No claim was found."
    if not document.rows:
        return f"No findings in {counted(claims, 'claim')}."
    every, here = (sum(1 for row in some if row.ordinal) for some in (document.rows.values(), rows))
    said = f"{every:,} of {counted(claims, 'claim')} {'has' if every == 1 else 'have'} findings"
    if len(rows) < len(document.rows):
        said += f", {here:,} shown"
    if document.ticked:
        said += f", {len(document.ticked):,} done"
    return f"{said}."


def _notice(document: Document, complete: bool, claims: int) -> str:  # noqa: FBT001
    said = []
    if not complete:
        said.append("Not everything could be checked: see the findings marked incomplete.")
    elif not claims:
        said.append("No 837P or 837I claim was found in this file.")
    if document.refused:
        why = document.refused.rstrip(".")
        said.append(f"This file cannot be corrected here, because it is not certain which claims it holds: {why}.")
    return " ".join(said)


def _choices(
    rows: Iterable[Row],
    keys: Callable[[Row], set[str]],
    rules: Mapping[str, RuleText],
) -> list[dict[str, str]]:
    """What a list offers to filter by, with how many claims each leaves."""
    counts = Counter(key for row in rows for key in keys(row) if key)
    return [
        {"value": key, "text": f"{key} {rules[key].name} ({count:,})" if key in rules else f"{key} ({count:,})"}
        for key, count in sorted(counts.items())
    ]


def _payer(row: Row) -> str:
    billed = next((entry.as_billed for entry in row.entries if entry.as_billed), None)
    return (payer(billed.claim_filing_code, billed.payer_id) or _NO_PAYER) if billed else ""


def _is_wanted(row: Row, wanted: Wanted, ticked: set[int]) -> bool:
    if wanted.unticked and row.ordinal in ticked:
        return False
    if wanted.rule and all(entry.rule != wanted.rule for entry in row.entries):
        return False
    if wanted.payer and _payer(row) != wanted.payer:
        return False
    words = wanted.search.lower().split()
    return not words or _has(row, words)


def _has(row: Row, words: Sequence[str]) -> bool:
    texts = [_payer(row)]
    for entry in row.entries:
        billed = entry.as_billed
        texts += [claim_name(entry), entry.rule, entry.name, entry.message, entry.location.element]
        if billed:
            texts += [billed.date, billed.code, billed.ndc, billed.billing_npi, *billed.modifiers]
    text = " ".join(texts).lower()
    return all(word in text for word in words)


# ---------------------------------------------------------------- cards that can be worked with


def _card(row: Row, document: Document, claims: int, rules: Mapping[str, RuleText]) -> Element:
    controls = _Controls(row, document)
    if not row.ordinal:
        card = element(
            "section", element("h3", "The file itself"), file_card(row.entries, rules, controls), class_="of-file"
        )
    else:
        card = claim_card(row.entries, claims, rules, controls)
    card.set("id", f"claim-{row.ordinal}")
    card.set("tabindex", "-1")
    if row.ordinal in document.ticked:
        card.set("class", "claim ticked")
    return card


class _Controls(Controls):
    """The buttons and fields of one claim."""

    def __init__(self, row: Row, document: Document) -> None:
        self._row = row
        self._blocked = bool(document.refused or row.blocked or not row.ordinal)
        self._ticked = row.ordinal in document.ticked

    def of_claim(self, first: Entry) -> Child:
        """A box to tick off the claim."""
        checked = {"checked": "checked"} if self._ticked else {}
        box = element("input", type="checkbox", class_="tick", data_claim=str(self._row.ordinal), **checked)
        return element(
            "label", box, " Done", element("span", f" with {claim_name(first)}", class_="unseen"), class_="done"
        )

    def correction(self, entry: Entry) -> Child:
        """A button for each way that can be written into the claim, its condition in words, and a field for a value."""
        said = super().correction(entry)
        number = next(n for n, one in enumerate(self._row.entries) if one is entry)
        finding = self._row.findings[number]
        if self._blocked:
            return said if not self._row.blocked else [*_listed(said), element("p", self._row.blocked, class_="quiet")]
        at = {"data_claim": str(self._row.ordinal), "data_finding": str(number)}
        if is_above(finding):
            return [*_listed(said), element("p", ABOVE, class_="quiet")]
        by_choice = any(choice.edits for choice in entry.choices)
        parts: list[Element] = []
        if by_choice:
            parts.append(element("ul", [_choice(n, one, at) for n, one in enumerate(entry.choices)], class_="ways"))
        elif entry.fixes:
            parts.append(_button(f"{entry.correction[:1].upper()}{entry.correction[1:]}", {**at, "data_fix": "1"}))
        elif said != "":
            parts += _listed(said)
        if by_choice or (entry.fixes and not all(fix.safe for fix in entry.fixes)):
            parts.append(
                element("p", "A button changes what is billed: press it only if it is what happened.", class_="quiet")
            )
        typed = _typed(finding, at)
        if typed is not None:
            parts.append(typed)
        return element("div", parts, class_="work")


def _listed(child: Child) -> list[Element]:
    return [child] if isinstance(child, Element) else []


def _choice(number: int, choice: EntryChoice, at: dict[str, str]) -> Element:
    said = f"If {choice.when}: {choice.do}"
    if choice.edits:
        return element("li", _button(said, {**at, "data_choice": str(number)}))
    return element("li", f"{said} ", element("span", "(in your billing system)", class_="quiet"))


def _button(text: str, data: dict[str, str]) -> Element:
    return element("button", text, type="button", class_="way", **data)


def _typed(finding: Finding, at: dict[str, str]) -> Element | None:
    """A field for a value, and the elements into which it can be written: that of the finding first."""
    places = places_of(finding)
    if not places:
        return None
    name = f"value-{at['data_claim']}-{at['data_finding']}"
    options = [element("option", text, value=f"{segment} {place}") for segment, place, text in places]
    form = element(
        "form",
        element("label", "Write into", for_=f"{name}-place"),
        element("select", options, id=f"{name}-place", name="place"),
        element("label", "the value", for_=name),
        element(
            "input",
            id=name,
            name="value",
            type="text",
            maxlength=str(LONGEST),
            autocomplete="off",
            spellcheck="false",
            size="14",
        ),
        element("button", "Write", type="submit"),
        class_="typed",
        autocomplete="off",
        **at,
    )
    if finding.raw and places[0][:2] == (finding.raw.at.ordinal, finding.location.element):
        return form
    return element("details", element("summary", "Change a value of this line"), form)


# ---------------------------------------------------------------- the corrections so far


def _corrections(document: Document) -> Iterable[Element]:
    for claim, one in document.corrections:
        changes = [change for change in claim.changes() if change.finding is one.finding]
        where = place_of(one.finding)
        yield element(
            "li",
            element("p", element("strong", f"{one.finding.rule} {one.finding.name}"), f" {where}"),
            element("ul", [_difference(change) for change in _by_segment(changes)], class_="segments"),
            element(
                "button",
                "Undo",
                element("span", f" {one.finding.rule}, {where}", class_="unseen"),
                type="button",
                class_="undo",
                data_claim=str(claim.piece.claim),
                data_number=str(one.number),
            ),
        )


def _by_segment(changes: Iterable[Change]) -> list[Change]:
    return list({change.before.texts: change for change in changes}.values())


def _difference(change: Change) -> Element:
    return element(
        "li",
        element("del", excerpt(change.before, "").text),
        element("br"),
        element("ins", excerpt(change.after, "").text),
    )


def _markup(elements: Iterable[Element]) -> str:
    return "".join(written(one) for one in elements)


def name_of(name: str) -> str:
    """A file's name as the browser gives it, without folders, for a report and for a download."""
    plain = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in plain if c.isprintable())[:120].removesuffix(".gz") or "claims.837"
