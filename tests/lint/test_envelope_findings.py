"""What becomes of the faults of an envelope in a whole lint: severities, completeness, and which lines are checked."""

import pytest
from lint837 import Report, lint_bytes

from tests.batch import batch, claim, group, interchange, line, subscriber, transaction_set
from tests.x12.test_envelope import ONE


def lint(text: str) -> Report:
    return lint_bytes(text.encode("latin-1"))


def brief(text: str) -> list[tuple[str, str, bool]]:
    return [(finding.rule, str(finding.severity), finding.incomplete) for finding in lint(text).findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (batch(), []),
        ("hello\n", [("ENV001", "error", True)]),
        (ONE[:-30], [("ENV002", "error", True)]),
        (ONE.replace("SE*26*", "SE*25*"), [("ENV003", "error", False)]),
        (ONE.replace("SE*26*0001", "SE*26*1"), [("ENV004", "error", False)]),
        (ONE.replace("005010X222A1", "004010X098A1"), [("ENV005", "error", True)]),
        (ONE.replace("SENDER         *ZZ", "SENDER*ZZ"), [("ENV006", "warning", False)]),
        (ONE.replace("~BHT", "~~BHT"), [("ENV007", "warning", False)]),
        (ONE.replace("SV1*", "sv1*"), [("ENV007", "error", True), ("ENV007", "error", True)]),
        (ONE + "Sent from my phone", [("ENV008", "error", False)]),
        (ONE + "ST*837*0001~CLM*A*5~", [("ENV008", "error", True)]),
        (ONE + ONE, [("ENV009", "warning", False)]),
        (ONE.replace("HL*2*1*22*0", "HL*2*7*22*0"), [("ENV010", "error", False)]),
        (
            ONE.replace("CLM*A*16000***11:B:1*Y*A*Y*Y~", "").replace("SE*26", "SE*25"),
            [("ENV010", "error", True)],
        ),
        (ONE.replace("*X*005010X222A1", "*X*005010X223A2"), [("ENV012", "warning", False)]),
        (ONE.replace("*P*:", "*P*>"), [("ENV013", "error", True)]),
        (
            ONE.replace("LX*1~SV1*HC:J9026:JZ", "LX*1SV1*HC:J9026:JZ").replace("SE*26", "SE*24"),
            [("ENV014", "error", True)] * 2,
        ),
        (ONE.replace("LX*1~", "LIN**N4*12345678901~LX*1~", 1).replace("SE*26", "SE*27"), [("ENV014", "error", True)]),
        (ONE[:104] + "~" + ONE[106:], [("ENV001", "error", True)]),
    ],
)
def test_severities(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert brief(text) == expected


def test_the_rest_of_a_file_is_read() -> None:
    second = ONE.replace("*000000001*0*", "*000000002*0*").replace("IEA*1*000000001", "IEA*1*000000002")
    report = lint(ONE[:-60] + second.replace("D8*202501", "D8*202502"))
    assert [finding.rule for finding in report.findings] == ["ENV002"]
    assert (report.inputs[0].claims, report.inputs[0].drug_lines, report.inputs[0].unchecked) == (4, 3, 6)


def test_a_line_or_a_claim_that_was_cut_is_not_checked() -> None:
    bad = ONE.replace("HC:J9026", "HC:C9170")
    assert brief(bad) == [("HCP001", "error", False), ("HCP001", "error", False)]
    assert brief(bad[: bad.index("SE*")]) == [("HCP001", "error", False), ("ENV002", "error", True)]


def test_a_claim_that_is_lost_between_two_lines() -> None:
    """However the second CLM was lost, neither claim is checked as the other."""
    for lost in ("CL0*B", "CM*B", "clm*B", "NTE*ADD*CLM*B"):
        report = lint(ONE.replace("CLM*B", lost).replace("HC:J9026", "HC:C9170"))
        assert [finding.rule for finding in report.findings if finding.rule != "ENV007"] == ["ENV010"]
        assert (report.complete, report.inputs[0].unchecked) == (False, 14)


@pytest.mark.parametrize(
    ("old", "new", "complete", "drug_lines"),
    [
        ("005010X222A1", "004010X098A1", False, 0),
        ("ST*837*", "ST*831*", False, 0),
        ("*X*005010X222A1", "*X*005010X223A2", True, 2),
        ("HL*2*1*22*0~", "", True, 2),
        ("CLM*A*", "clm*A*", False, 1),
    ],
)
def test_what_is_checked(old: str, new: str, complete: bool, drug_lines: int) -> None:  # noqa: FBT001 - by name
    report = lint(ONE.replace(old, new))
    assert (report.complete, report.inputs[0].drug_lines) == (complete, drug_lines)


@pytest.mark.parametrize("segment_id", ["sv1", "SV1 ", "\x00SV1", "SV1HC:J9026"])
def test_an_id_that_means_a_service_line(segment_id: str) -> None:
    report = lint(ONE.replace("SV1*", f"{segment_id}*", 1))
    assert (report.complete, report.inputs[0].drug_lines, report.inputs[0].unchecked) == (False, 1, 7)


def test_another_separator_silences_all_of_its_claims() -> None:
    """The claims before the one that decides are not judged, and their lines are not counted."""
    first = claim("FIRST", line("C9170"))
    texts = [
        interchange(group(transaction_set(subscriber(2, first, claim("B", line(f"HC{used}C9170"))))))
        for used in (":", ">")
    ]
    declared, other = lint(texts[0]), lint(texts[1])
    assert {finding.rule for finding in declared.findings} > {"HCP001"}
    assert [finding.rule for finding in other.findings] == ["ENV013"]
    assert (declared.inputs[0].drug_lines, other.inputs[0].drug_lines) == (2, 0)


def test_the_other_lines_of_a_claim_are_checked() -> None:
    unread = ["DTP*472*D8*20250110", "LIN**N4*55513007701", "CTP****1*UN"]
    report = lint(interchange(group(transaction_set(subscriber(2, claim("A", unread, line("HC:C9170:JZ")))))))
    assert [finding.rule for finding in report.findings] == ["ENV014", "HCP001"]
    assert (report.complete, report.inputs[0].drug_lines) == (False, 1)


def test_claims_of_the_other_guide_are_checked() -> None:
    report = lint(ONE.replace("005010X222A1", "005010X223A2").replace("HC:J9026", "HC:C9170"))
    assert [finding.rule for finding in report.findings] == ["ENV015", "HCP001", "HCP001"]
    assert report.complete


def test_an_html_entity_is_read_as_the_separator() -> None:
    """Places in the file are right, too: corrections are made there."""
    text = ONE.replace("HC:J9026", "HC:C9170").replace(":", "&gt;")
    report = lint(text)
    assert [finding.rule for finding in report.findings] == ["ENV006", "HCP001", "HCP001"]
    for finding in report.findings[1:]:
        assert text[finding.location.offset :].startswith("C9170&gt;JZ")
