"""The HTML report: it needs nothing else, says everything, can be read by everybody, and counts each charge once."""

import base64
import hashlib
import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Severity, lint_bytes, load_rulebook
from lint837.lint.examples import alone, claim_file, findings_in
from lint837.lint.finding import Location, SuppressionUse
from lint837.report.at_stake import Row, Summary
from lint837.report.entry import AsBilled, Entry, EntryChoice, entry_of
from lint837.report.html import page as html
from lint837.report.html import style
from lint837.report.html.cards import marked
from lint837.report.html.markup import element
from lint837.report.phrases import inert
from lint837.report.redact import Redaction
from lint837.rules.rule import Good
from lxml import html as lxml_html

from tests.reports import Whole, redacted, render, whole_of, wholes
from tests.rules.cases import bad_cases

RULEBOOK = load_rulebook(isolated=True)
NDC = "LIN**N4*55513007701~CTP****1*UN~"
LINES = (
    f"SV1*HC:C9170:JZ*16000*UN*1***1~DTP*472*D8*20250110~{NDC}"  # HCP001 and QTY001
    f"SV1*HC:J9026:JZ*16000.5*UN*10***1~DTP*472*D8*20250207~{NDC}"
    f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20250214~{NDC}"  # HCP001
)
DATA = claim_file(Good(LINES))


def linted(data: bytes = DATA, path: str = "a.837") -> Whole:
    report = lint_bytes(data, path, rulebook=RULEBOOK)
    return whole_of(report, "0.1.0", Severity.ERROR, report.exit_status())


def page(whole: Whole) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(render("html", whole))


def summary(whole: Whole) -> Summary:
    made = Summary()
    for entry in whole.findings:
        made.add(entry)
    return made


def on_line(entry: Entry, ordinal: int) -> Entry:
    return entry._replace(location=entry.location._replace(service_line_ordinal=ordinal))


def words(element: lxml_html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def texts(whole: Whole, path: str) -> list[str]:
    return [words(element) for element in page(whole).xpath(path)]


def test_it_needs_nothing_else_and_runs_nothing() -> None:
    made = page(linted())
    assert made.xpath("//script | //link | //img | //iframe | //object | //form | //base | //@style | //@src") == []
    assert [link for link in made.xpath("//@href") if not link.startswith("#")] == []
    assert made.xpath("//@*[starts-with(name(), 'on')]") == []
    [sheet] = made.xpath("//style")
    assert "url(" not in sheet.text
    assert "@import" not in sheet.text


def test_the_policy_allows_its_own_style_and_nothing_else() -> None:
    document = render("html", linted())
    [sheet] = re.findall(rb"<style>(.*?)</style>", document, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(sheet).digest()).decode()
    [policy] = page(linted()).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert document.startswith(b'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">')


class TestForEverybody:
    @pytest.mark.parametrize("data", [DATA, DATA[:-60], b"hello", claim_file(Good(LINES.replace("C9170", "J9026")))])
    def test_headings_anchors_and_tables(self, data: bytes) -> None:
        made = page(linted(data))
        levels = [int(heading.tag[1]) for heading in made.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []
        anchors = made.xpath("//@id")
        assert len(anchors) == len(set(anchors))
        assert {link[1:] for link in made.xpath("//@href")} <= set(anchors)
        for table in made.xpath("//table"):
            assert len(table.xpath("caption")) == 1
            assert [cell for cell in table.xpath(".//th") if cell.get("scope") not in ("col", "row")] == []
            assert len({len(row) for row in table.xpath(".//tr")}) == 1
        assert len(made.xpath("//main")) == len(made.xpath("//title")) == 1

    def test_contrast(self) -> None:
        """Of each text on each of its grounds at least 4.5 to 1, the ratio of WCAG 2.2 AA for text of any size."""
        for palette in (style.LIGHT, style.DARK):
            ratios = {
                (text, ground): contrast(palette[text], palette[ground])
                for text, grounds in style.PAIRS.items()
                for ground in grounds
            }
            assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}
        assert contrast("#000000", "#ffffff") == 21
        assert round(contrast("#777777", "#ffffff"), 2) == 4.48

    def test_each_colour_of_the_sheet_is_one_of_the_palette(self) -> None:
        rest = style.SHEET
        for palette in (style.LIGHT, style.DARK):
            rest = rest.replace(style.variables(palette), "")
        assert re.findall(r"#[0-9a-f]{3,8}\b|rgb|hsl", rest) == []
        assert set(re.findall(r"var\(--([\w-]+)\)", rest)) <= set(style.LIGHT)
        assert style.LIGHT.keys() == style.DARK.keys()


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


class TestSummary:
    def test_a_line_is_counted_once(self) -> None:
        row = summary(linted()).total
        assert (row.findings, row.lines, row.charges) == (3, 2, Decimal(32000))

    @staticmethod
    def rows(rows: list[Row]) -> list[tuple[str, int, int, str]]:
        return [(row.name, row.findings, row.lines, str(row.charges)) for row in rows]

    def test_each_table(self) -> None:
        other = linted(DATA.replace(b"*MB~", b"*MC~"), "b.837")
        both = replace(linted(), findings=(*linted().findings, *other.findings))
        assert self.rows(summary(both).by_rule.rows) == [("HCP001", 4, 4, "64000"), ("QTY001", 2, 2, "32000")]
        assert self.rows(summary(both).by_payer.rows) == [
            ("Medicaid, payer 00952", 3, 2, "32000"),
            ("Medicare B, payer 00952", 3, 2, "32000"),
        ]
        assert self.rows(summary(both).by_billing_npi.rows) == [("1234567893", 6, 4, "64000")]
        assert self.rows(summary(both).months) == [("2025-01", 4, 2, "32000"), ("2025-02", 2, 2, "32000")]

    def test_what_is_of_no_claim_not_known_or_for_information(self) -> None:
        [first, *_] = linted().findings
        info = first._replace(severity=Severity.INFO)
        bare = on_line(first._replace(as_billed=AsBilled(charge="\u2026")), 9)
        whole = replace(linted(), findings=(info, bare, *linted(b"hello").findings))
        assert self.rows(summary(whole).by_payer.rows) == [
            ("Medicare B, payer 00952", 1, 0, "0"),
            ("no claim, or one that was not checked", 1, 0, "0"),
            ("not known", 1, 1, "0"),
        ]
        assert self.rows(summary(whole).months) == [
            ("2025-01", 1, 0, "0"),
            ("no claim, or one that was not checked", 1, 0, "0"),
            ("not known", 1, 1, "0"),
        ]

    def test_of_a_redacted_report(self) -> None:
        whole = redacted(linted(), Redaction("always"))
        assert self.rows(summary(whole).months) == [("after 2024-12-31", 3, 2, "32000")]

    def test_on_the_page(self) -> None:
        assert texts(linted(), "//table[caption='By rule']//tr") == [
            "rule findings lines charges at risk",
            "HCP001 expired-temporary-code 2 2 $32,000.00",
            "QTY001 ndc-unit-mismatch 1 1 $16,000.00",
            "all 3 2 $32,000.00",
        ]
        assert texts(linted(), "//dl[@class='tiles']/div") == [
            "charges at risk $32,000.00",
            "lines at risk 2",
            "errors 3",
            "warnings 0",
            "for information 0",
        ]

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            (0, ""),
            (1, " 1 line has no charge that can be read, and is not in the sums."),
            (2, " 2 lines have no charge that can be read, and are not in the sums."),
        ],
    )
    def test_a_charge_that_cannot_be_read(self, lines: int, said: str) -> None:
        [first, *_] = linted().findings
        bare = [on_line(first._replace(as_billed=AsBilled(charge="\u2026")), 9 + number) for number in range(lines)]
        [told] = texts(replace(linted(), findings=(first, *bare)), "//section[@id='summary']/p")
        assert told.partition("several rules.")[2] == said


class TestClaims:
    def test_a_claim(self) -> None:
        assert texts(linted(), "//article/header/*") == [
            "Claim CLAIM-1 (1 of 1)",
            "Medicare B, payer 00952",
            "NPI 1234567893",
            "837P",
            "claim $48,000.50",
        ]
        assert texts(linted(), "(//article//dl)[1]/div") == [
            "line 1",
            "date of service 2025-01-10",
            "code C9170",
            "modifiers JZ",
            "units 1",
            "NDC 55513007701",
            "NDC quantity 1",
            "NDC unit UN",
            "charge $16,000.00",
        ]
        assert texts(linted(), "(//article//dl)[1]/div[contains(@class, 'at error')]") == ["code C9170", "units 1"]

    def test_its_segments_with_what_is_at_fault(self) -> None:
        [first, _] = page(linted()).xpath("//ul[@class='segments']")
        assert [words(item) for item in first] == [
            "SV1*HC: C9170 :JZ*16000*UN* 1 ***1",
            "DTP*472*D8*20250110",
            "LIN**N4* 55513007701",
            "CTP**** 1 *UN",
        ]
        assert [(mark.get("class"), mark.text) for mark in first.xpath(".//mark")] == [
            ("error", "C9170"),
            ("error", "1"),
            ("related", "55513007701"),
            ("related", "1"),
        ]

    def test_a_finding_says_what_why_and_how(self) -> None:
        assert texts(linted(), "(//article//li[contains(@class, 'finding')])[1]/*") == [
            "error HCP001 expired-temporary-code SV101-2, segment 21, at 1:614",
            "C9170 ended 2024-12-31; for 2025-01-10 the code is J9026.",
            "Correct it: change C9170 to J9026 in SV101-2 (box 24D)",
            *texts(linted(), "(//article//details)[1]"),
        ]
        [why, *_] = texts(linted(), "//article//details")
        assert why.startswith("Why, and by which source A temporary code is billed after its last date of service. ")
        assert "Amgen" in why

    def test_the_rules_are_told_in_full(self) -> None:
        whole = linted()
        told = texts(whole, "//section[@id='rules']")[0]
        for rule in whole.rules:
            for text in (rule.title, rule.documentation, *(f"{one.source}: {one.says}" for one in rule.sources)):
                assert " ".join(text.split()) in told

    def test_a_finding_on_the_file_and_one_that_is_incomplete(self) -> None:
        assert texts(linted(b"hello"), "//h1 | //p[@class='notice']") == [
            "Files to correct",
            "Not everything could be checked. See the findings marked incomplete, and the files.",
        ]
        [found] = texts(linted(b"hello"), "//li[contains(@class, 'finding')]/p[@class='head']")
        assert found == "error ENV001 not-an-interchange incomplete at 1:1"
        assert texts(linted(b"hello"), "//caption") == ["By rule", "What was read"]
        assert texts(linted(b"hello"), "//section[@id='files']//tbody/tr") == ["a.837 0 0 1 not everything"]

    def test_a_finding_on_the_configuration(self) -> None:
        whole = linted()
        info = whole.findings[0]._replace(severity=Severity.INFO)
        of_configuration = info._replace(location=Location("lint837.toml"), as_billed=None)
        use = SuppressionUse(1, 2, 0)
        whole = replace(
            whole,
            findings=(*whole.findings, of_configuration),
            inputs=(whole.inputs[0]._replace(suppressions=(use,)),),
        )
        assert texts(whole, "//section[@id='findings']/h3") == ["a.837", "lint837.toml"]
        assert len(texts(whole, "//li[contains(@class, 'finding')]")) == 4
        assert texts(whole, "//body/header/p[1]") == [
            "1 file, 1 claim, 3 tarlatamab lines; 39 of 39 segments read; 2 findings suppressed by the configuration"
        ]

    def test_nothing_found(self) -> None:
        whole = linted(claim_file(Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~{NDC}")))
        assert texts(whole, "//h1 | //h2") == ["No findings", "Files"]
        assert page(whole).xpath("string(//title)") == "lint837: no findings"
        empty = replace(whole, inputs=(), exit_status=3)
        assert texts(empty, "//p[@class='notice']") == ["No 837P or 837I claim was found."]

    def test_more_than_can_be_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert html.LIMIT == 5000
        monkeypatch.setattr(html, "LIMIT", 1000)
        [first, *_] = linted().findings
        info = first._replace(severity=Severity.INFO)
        whole = replace(linted(), findings=(info,) * 10 + (first,) * html.LIMIT)
        [said] = texts(whole, "//p[@class='notice']")
        counts = "1,000 of 1,010 findings are here, the worst first; the others are left out."
        assert said == f"Not every finding is shown one by one. {counts} The summary counts them all."
        assert len(page(whole).xpath("//li[contains(@class, 'finding')]")) == 1000
        assert texts(whole, "//table[caption='By rule']/tbody/tr") == [
            "HCP001 expired-temporary-code 1,010 1 $16,000.00"
        ]


class TestCards:
    """A card shows the line as it is: what a person reads is what the excerpt says, whatever is marked in it."""

    def test_the_lines_of_each_rules_examples_read_as_their_excerpts(self) -> None:
        """Of every second wrong case of each rule."""
        for rule in RULEBOOK.drug_rules:
            entries: list[Entry] = []
            for number, case in enumerate(bad_cases(rule)[::2]):
                found = findings_in(case, alone(rule, RULEBOOK))
                entries += (entry_of(one._replace(location=one.location._replace(path=f"{number}"))) for one in found)
            assert entries, rule.code
            assert read_back(page(replace(linted(), findings=tuple(entries), inputs=()))) == expected(entries), (
                rule.code
            )

    def test_a_list_of_choices(self) -> None:
        [first, *_] = linted().findings
        choices = (EntryChoice("1 vial was used", "bill 1 unit", ()), EntryChoice("2 were used", "bill 2 units", ()))
        told = first._replace(correction="if 1 vial was used, bill 1 unit; ...", choices=choices)
        whole = replace(linted(), findings=(told,))
        assert texts(whole, "//div[@class='fix']/*") == [
            "Correct it:",
            "If 1 vial was used, bill 1 unit. If 2 were used, bill 2 units.",
        ]
        assert texts(whole, "//div[@class='fix']//li")[1] == "If 2 were used, bill 2 units."

    @pytest.mark.parametrize(
        ("text", "mark", "shown"),
        [
            ("SV1*HC:J9999:::::…TARLATAMAB…*1*UN*1", (7, 12), "SV1*HC:|J9999|:::::…TARLATAMAB…*1*UN*1"),
            ("CTP####1[UN", (6, 8), "CTP###|\\x231|[UN"),
            ("::error::x", (1, 7), "\\x3a|:error|::x"),
            ("A\x1b[1m", (2, 3), "A\\x1b|[|1m"),
        ],
    )
    def test_the_whole_is_made_inert_and_not_its_pieces(self, text: str, mark: tuple[int, int], shown: str) -> None:
        made = element("p", marked(text, [(*mark, "error")]))
        assert "|".join(map(str, made.itertext())) == shown
        assert "".join(map(str, made.itertext())) == inert(text)


def read_back(made: lxml_html.HtmlElement) -> list[list[str]]:
    """The segments of every card of a page, as a person reads them."""
    lists = made.xpath("//article//ul[@class='segments']")
    return [["".join(map(str, item.itertext())) for item in one] for one in lists]


def expected(entries: list[Entry]) -> list[list[str]]:
    """The segments of every line with a finding, by the excerpts: by file, in the order of the lines."""
    lines: dict[tuple[int, int], dict[int, str]] = {}
    for entry in sorted(entries, key=lambda entry: -entry.severity):
        at, billed = entry.location, entry.as_billed
        line = at.service_line_ordinal or 0
        if billed is None or at.claim_ordinal is None or not (line or at.element.startswith(("NTE", "K3"))):
            continue
        segments = lines.setdefault((int(at.path), line), {})
        shown = [*billed.segments, (at.segment, billed.excerpt), *((one.segment, one.excerpt) for one in entry.related)]
        for segment, text in shown:
            if segment is not None and text:
                segments.setdefault(segment, inert(text))
    return [[text for _, text in sorted(lines[key].items())] for key in sorted(lines)]


class TestInert:
    def test_markup_stays_text(self) -> None:
        hostile = "</h4><script>alert(1)</script>&amp;\"'<!--"
        whole = linted(DATA.replace(b"CLAIM-1", hostile.encode()), "a<b>&\u202e.837")
        assert texts(whole, "//h3")[0] == "a<b>&\\u202e.837"
        assert texts(whole, "//h4") == [f"Claim {hostile} (1 of 1)"]
        assert page(whole).xpath("//script | //b | //comment()") == []

    @given(wholes())
    @settings(max_examples=50)
    def test_whatever_is_found_only_these_elements_are_made(self, whole: Whole) -> None:
        made = page(whole)
        tags = (
            "html head meta title style body a header h1 h2 h3 h4 p strong span dl div dt dd nav ul li main section table "
            "caption thead tbody tfoot tr th td article mark details summary footer"
        )
        assert {element.tag for element in made.iter()} <= set(tags.split())
        assert {link[:1] for link in made.xpath("//@href")} <= {"#"}
        assert made.xpath("//@style | //@*[starts-with(name(), 'on')]") == []

    @given(
        st.text(), st.lists(st.tuples(st.integers(-5, 30), st.integers(-5, 30), st.sampled_from(["error", "related"])))
    )
    def test_marks_leave_the_text_as_it_is(self, text: str, marks: list[tuple[int, int, str]]) -> None:
        made = element("p", marked(text, marks))
        assert "".join(map(str, made.itertext())) == inert(text)
