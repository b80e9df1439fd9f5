"""The samples are claims that a clearinghouse would take: each passes the public edits, but for what it shows."""

from pathlib import Path

import pytest

from tests.documents import ROOT
from tests.edits import EDITS, claims_of, failures
from tests.oracle import errors

SAMPLES = sorted(ROOT.glob("samples/*/*.837"))
CLEAN = [path for path in SAMPLES if path.parent.name == "clean"]
# What a wrong sample shows, of the edits that a clearinghouse has too; the others are about one drug.
SHOWN = {
    "dirty/hospital-837i.837": {
        ("BV250131A", "service-dates", "DTP*472 is missing"),
        ("BV250131V", "service-dates", "DTP*472 is missing"),
    },
    "dirty/office-837p.837": {("HCO-25-0221", "drug", "55513-077-01 1")},
    "clearinghouse/batch.837": {("HCO-25-0221", "drug", "55513-077-01 1")},
    "clearinghouse/rejected.837": {("HCO-25-0221", "drug", "55513-077-01 1")},
}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_it_passes_the_edits(path: Path) -> None:
    assert set(failures(path.read_text())) == SHOWN.get(name_of(path), set())


@pytest.mark.parametrize("path", CLEAN, ids=name_of)
def test_the_guide_accepts_it(path: Path) -> None:
    assert errors(path.read_bytes()) == []


def test_there_are_claims_of_every_kind() -> None:
    claims = [claim for path in CLEAN for claim in claims_of(path.read_text())]
    assert {claim.guide[:10] for claim in claims} == {"005010X222", "005010X223"}
    kinds = {
        "inpatient": [claim for claim in claims if claim.inpatient],
        "replacement": [claim for claim in claims if claim.frequency == "7"],
        "dependent": [claim for claim in claims if claim.patient],
        "secondary payer": [claim for claim in claims if claim.others],
        "Medicare secondary": [claim for claim in claims if claim.others and claim.payer == "MB"],
        "twelve diagnoses": [claim for claim in claims if len(claim.codes) == 12],
        "seven characters": [claim for claim in claims if any(len(parts[1]) == 7 for _, parts in claim.codes)],
    }
    assert [kind for kind, found in kinds.items() if not found] == []


# An edit, a clean sample, what stands there, and what breaks it.
BROKEN = [
    ("claim-total", "office-837p", "*2110***11", "*2111***11"),
    ("line-cob-balance", "secondary-837p", "CAS*PR*2*600", "CAS*PR*2*601"),
    ("claim-cob-balance", "secondary-837p", "AMT*D*14700", "AMT*D*14701"),
    ("claim-cob-balance", "secondary-837p", "SVD*60054*300", "SVD*60055*300"),
    ("adjudication-date", "secondary-837i", "DTP*573*D8*20250424~\nLX*2", "LX*2"),
    ("payer-order", "secondary-837p", "SBR*S*18*******MC", "SBR*T*18*******MC"),
    ("payer-order", "secondary-837p", "SBR*S*18*******MC", "SBR*P*18*******MC"),
    ("medicare-as-a-payer", "secondary-837p", "SBR*S*18***12****MB", "SBR*S*18*******MB"),
    ("medicare-as-a-payer", "secondary-837p", "PRAIRIE MACHINE WORKS*****CI", "PRAIRIE MACHINE WORKS*****MB"),
    ("medicare-as-a-payer", "office-837p", "HCO-25-0117*2110***11:B:1", "HCO-25-0117*2110***11:B:7"),
    ("npi", "office-837p", "1477582914", "1477582910"),
    ("npi", "office-837p", "1093817462", "109381746"),
    ("member-id", "hospital-837i", "2FH8WN3KM46", "2FH8WN3KL46"),
    ("member-id", "office-837p", "W223948817", "W22-3948817"),
    ("dependent", "office-837p", "SBR*P********CI", "SBR*P*18*******CI"),
    ("dependent", "office-837p", "SBR*P*18*******MC", "SBR*P********MC"),
    ("birth", "office-837p", "19650218", "20650218"),
    ("tax-id", "office-837p", "742913805", "74-2913805"),
    ("addresses", "office-837p", "4100 MEDICAL PKWY", "PO BOX 4100"),
    ("addresses", "office-837p", "787563408", "78756"),
    ("addresses", "office-837p", "787041533", "78704-1533"),
    ("attending", "hospital-837i", "1730285511", "1982604476"),
    ("original-reference", "replacement-837p", "REF*F8*E5083102976~\n", ""),
    ("original-reference", "replacement-837p", "11:B:7", "11:B:1"),
    ("diagnoses", "replacement-837p", "T451X5A", "T45.1X5A"),
    ("diagnoses", "replacement-837p", "ABF:R112", "ABF:C787"),
    ("diagnoses", "replacement-837p", "ABK:Z5112*ABF:C3412", "ABK:Y842*ABF:C3412"),
    ("diagnoses", "office-837p", "ABK:C3490", "BK:1629"),
    ("diagnosis-pointers", "secondary-837p", "***1:2:3", "***1:2:4"),
    ("diagnosis-pointers", "office-837p", "UN*1***1", "UN*1***0"),
    ("accident", "office-837p", "Y*A*Y*Y~\nHI", "Y*A*Y*Y**AA:::TX~\nHI"),
    ("dates", "office-837p", "20250107~\nREF", "20250132~\nREF"),
    ("dates", "hospital-837i", "RD8*20250118-20250118", "RD8*20250118-20250117"),
    ("dates", "office-837p", "20250128", "20260128"),
    ("bill", "hospital-837i", "CL1*3*1*01", "CL1*3*1*30"),
    ("bill", "inpatient-837i", "DTP*096*TM*1430~\n", ""),
    ("bill", "inpatient-837i", "HI*ABJ:C3411~\n", ""),
    ("bill", "inpatient-837i", "I10:::::::Y", "I10"),
    ("bill", "inpatient-837i", "BE:80:::2", "BE:80:::3"),
    ("bill", "inpatient-837i", "HI*BE:80:::2", "HI*BE:80:::2*BE:80:::2"),
    ("line-numbers", "office-837p", "LX*2", "LX*3"),
    ("line-numbers", "secondary-837p", "0311-2", "0311-1"),
    ("procedures", "office-837p", "HC:J9026:JZ", "HC:J9026:JZ:JZ"),
    ("procedures", "office-837p", "HC:J9026:JZ", "HC:9026:JZ"),
    ("procedures", "hospital-837i", "C9399:::::TARLATAMAB 10 MG", "C9399"),
    ("units", "office-837p", "1700*UN*1", "1700*UN*0"),
    ("service-dates", "office-837p", "DTP*472*D8*20250107~\nREF", "REF"),
    ("service-dates", "hospital-837i", "DTP*472*D8*20250118", "DTP*472*D8*20250117"),
    ("drug", "office-837p", "CTP****1*UN", "CTP****1*EA"),
    ("drug", "office-837p", "55513005901", "55513-059-01"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "sample", "right", "wrong"), BROKEN)
def test_an_edit_sees_what_breaks_it(edit: str, sample: str, right: str, wrong: str) -> None:
    text = (ROOT / f"samples/clean/{sample}.837").read_text()
    assert right in text
    assert edit in {name for _, name, _ in failures(text.replace(right, wrong))}


def test_every_edit_was_broken() -> None:
    assert {edit for edit, *_ in BROKEN} == set(EDITS)
