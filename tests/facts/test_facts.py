"""Drug facts: a file is checked when it loads, key by key, and a drug is what its file says."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lint837 import Rulebook, Setting
from lint837.facts.drugs import FactsError, is_ndc, load_drug
from lint837.facts.formulary import Formulary

TOML = (Path(__file__).parents[2] / "rules/lint837_rules/drugs/tarlatamab.toml").read_text(encoding="utf-8")


def test_tarlatamab(rulebook: Rulebook) -> None:
    [drug] = rulebook.formulary.drugs
    assert (drug.name, drug.measure, drug.approved, drug.verified_through) == (
        "tarlatamab",
        "mg",
        date(2024, 5, 16),
        date(2026, 10, 31),
    )
    assert [(code.code, code.kind, code.first, code.last, code.amount) for code in drug.codes] == [  # type: ignore[comparison-overlap]
        ("J9026", "permanent", date(2025, 1, 1), None, 1),
        ("C9170", "temporary", date(2024, 10, 1), date(2024, 12, 31), 1),
        *((code, "miscellaneous", None, date(2024, 12, 31), 0) for code in ("J9999", "J3490", "J3590", "C9399")),
    ]
    assert [(package.digits, package.ndc, package.amount, package.counted_in) for package in drug.packages] == [  # type: ignore[comparison-overlap]
        ("55513005901", "55513-059-01", 1, "UN"),
        ("55513007701", "55513-077-01", 10, "UN"),
    ]
    assert (drug.doses, drug.product_code_on(date(2024, 9, 30))) == ((Decimal(1), Decimal(10)), None)
    assert drug.codes_on(date(2024, 5, 15)) == ()
    assert [code.code for code in drug.codes_on(date(2024, 5, 16))] == ["J9999", "J3490", "J3590", "C9399"]


@pytest.mark.parametrize(
    "written",
    [
        "55513007701",
        "55513-077-01",
        "55513-0077-01",
        "55513 077 01",
        "55513 0077 01",
        "5551307701",
        "05551307701",
        "55513-077 01",
        "55513 0077-01",
        " 55513-077-01 ",
    ],
)
def test_written_forms(rulebook: Rulebook, written: str) -> None:
    match = rulebook.formulary.by_ndc(written)
    assert match is not None
    assert match[1].digits == "55513007701"


@pytest.mark.parametrize("written", ["", "55513007700", "N455513007701", "555130770", "55513-77-01", "055513007701"])
def test_other_texts_are_not_the_product(rulebook: Rulebook, written: str) -> None:
    assert rulebook.formulary.by_ndc(written) is None


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("TARLATAMAB-DLLE 10 MG", "TARLATAMAB-DLLE"),
        ("tarlatamab 10 mg", "TARLATAMAB"),
        ("INJ. IMDELTRA", "IMDELTRA"),
        ("NDC N4 55513-077-01", "55513-077-01"),
        ("N455513007701", "55513007701"),
        ("10 MG 05551307701", "05551307701"),
        ("SEE 5551307701", "5551307701"),
        ("FOR IMDELLTRA", "IMDELLTRA"),
    ],
)
def test_how_a_text_names_a_drug(rulebook: Rulebook, text: str, mentioned: str) -> None:
    assert rulebook.formulary.named_in(text) == [mentioned]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("50242013601", True),
        ("50242-136-01", True),
        ("0002606351", True),
        ("123456789012", False),
        ("", False),
        ("IMDELLTRA", False),
    ],
)
def test_is_ndc(written: str, expected: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    assert is_ndc(written) is expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('measure = "mg"', "", "measure: found nothing, expected a text"),
        ('measure = "mg"', 'measure = " mg"', "measure: found ' mg', expected a text"),
        ('measure = "mg"', 'measure = "mg "', "measure: found 'mg ', expected a text"),
        ('measure = "mg"', "measure = 1", "measure: found 1, expected a text"),
        (
            "approved = 2024-05-16",
            'approved = "2024-05-16"',
            "approved: found '2024-05-16', expected a date such as 2025-01-01",
        ),
        (
            "approved = 2024-05-16",
            "approved = 2024-05-16T00:00:00",
            "approved: found datetime.datetime(2024, 5, 16, 0, 0), expected a date such as 2025-01-01",
        ),
        ('measure = "mg"', 'measure = "mg"\ncolor = "red"', "color: unknown key"),
        (
            'kind = "temporary"',
            'kind = "transient"',
            "codes[1].kind: found 'transient', expected permanent or temporary or miscellaneous",
        ),
        (
            "last = 2024-12-31\namount",
            "last = 2024-09-30\namount",
            "codes[1].last: found datetime.date(2024, 9, 30), expected a date not before 2024-10-01",
        ),
        (
            'amount = "10"',
            'amount = "0"',
            """packages[1].amount: found '0', expected a decimal above 0 in quotes, such as "0.5\"""",
        ),
        (
            'amount = "10"',
            "amount = 10.0",
            """packages[1].amount: found 10.0, expected a decimal above 0 in quotes, such as "0.5\"""",
        ),
        (
            'ndc = "55513-077-01"',
            'ndc = "55513007701"',
            "packages[1].ndc: found '55513007701', expected an NDC with hyphens such as 55513-077-01",
        ),
        ('code = "C9170"', 'code = "c9170"', "codes[1].code: found 'c9170', expected 5 capital letters and digits"),
        (
            'source = "crosswalk"',
            'source = "hearsay"',
            "packages[0].source: found 'hearsay', expected flyer or crosswalk or texas or follows or spl or labeler",
        ),
        ('counted_in = "UN"', 'counted_in = "EA"', "packages[0].counted_in: found 'EA', expected UN or ML"),
        (
            'doses = ["1", "10"]',
            'doses = ["1", "-1"]',
            """doses: found '-1', expected a decimal above 0 in quotes, such as "0.5\"""",
        ),
    ],
)
def test_what_is_wrong_with_a_facts_file(old: str, new: str, message: str) -> None:
    assert old in TOML
    with pytest.raises(FactsError) as error:
        load_drug(TOML.replace(old, new), "drug.toml")
    assert str(error.value) == f"drug.toml: {message}"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("names", '["IMDELLTRA", 1]', "a list of names"),
        ("names", '["IMDELLTRA", ""]', "a list of names"),
        ("names", '"IMDELLTRA"', "a list of names"),
        ("doses", "[1]", 'a list of decimals such as ["1", "10"]'),
        ("codes", "[]", "a list of tables"),
        ("codes", "[1]", "a list of tables"),
        ("packages", "[]", "a list of tables"),
        ("packages", '["55513-077-01"]', "a list of tables"),
        ("sources", "{}", "a table of citations"),
        ("sources", "{ flyer = 1 }", "a table of citations"),
        ("sources", "{ flyer = 1, label = 'x' }", "a table of citations"),
    ],
)
def test_a_list_or_a_table_that_is_none(key: str, value: str, expected: str) -> None:
    right = {
        "sources": "{ s = 'x' }",
        "names": "['X']",
        "doses": "['1']",
        "codes": "[{ x = 1 }]",
        "packages": "[{ x = 1 }]",
    }
    with pytest.raises(FactsError) as error:
        load_drug("\n".join(f"{name} = {text}" for name, text in (right | {key: value}).items()), "drug.toml")
    found = tomllib.loads(f"it = {value}")["it"]
    assert str(error.value) == f"drug.toml: {key}: found {found!r}, expected {expected}"


@pytest.mark.parametrize(
    ("ndc", "digits", "forms"),
    [
        (
            "0002-6063-51",
            "00002606351",
            {"0002-6063-51", "00002-6063-51", "0002 6063 51", "00002 6063 51", "0002606351"},
        ),
        (
            "55513-0077-1",
            "55513007701",
            {"55513-0077-1", "55513-0077-01", "55513 0077 1", "55513 0077 01", "5551300771"},
        ),
        (
            "55513-077-01",
            "55513007701",
            {"55513-077-01", "55513-0077-01", "55513 077 01", "55513 0077 01", "5551307701"},
        ),
        ("55513-0077-01", "55513007701", {"55513-0077-01", "55513 0077 01"}),
    ],
)
def test_the_forms_of_an_ndc(ndc: str, digits: str, forms: set[str]) -> None:
    drug = load_drug(TOML.replace("55513-077-01", ndc), "drug.toml")
    bare = ndc.replace("-", "")
    assert (drug.packages[1].ndc, drug.packages[1].digits) == (ndc, digits)
    assert drug.packages[1].forms == forms | {digits, f"0{bare}"}


@pytest.mark.parametrize(
    "ndc", ["5551-077-01", "55513-07-01", "55513-0077-001", "555130-077-01", "55513-00777-01", "-077-01"]
)
def test_what_is_no_ndc_of_the_fda(ndc: str) -> None:
    with pytest.raises(FactsError, match="expected an NDC with hyphens such as 55513-077-01"):
        load_drug(TOML.replace("55513-077-01", ndc), "drug.toml")


def test_a_code_of_one_day() -> None:
    drug = load_drug(TOML.replace("first = 2024-10-01", "first = 2024-12-31"), "drug.toml")
    assert [(code.first, code.last) for code in drug.codes if code.code == "C9170"] == [(date(2024, 12, 31),) * 2]


def test_not_toml() -> None:
    with pytest.raises(FactsError, match=r"^drug.toml: not valid TOML: "):
        load_drug("drug = ", "drug.toml")


def test_two_drugs_with_one_code_or_package() -> None:
    one = load_drug(TOML, "one.toml")
    same_code = load_drug(TOML.replace('drug = "tarlatamab"', 'drug = "other"'), "two.toml")
    with pytest.raises(FactsError, match="code J9026 belongs to both other and tarlatamab"):
        Formulary([one, same_code])
    other_codes = (
        TOML.replace('drug = "tarlatamab"', 'drug = "other"').replace("J9026", "J0001").replace("C9170", "C0001")
    )
    with pytest.raises(FactsError, match="NDC 55513-059-01 belongs to both other and tarlatamab"):
        Formulary([one, load_drug(other_codes, "two.toml")])


def test_a_setting_that_does_not_exist() -> None:
    with pytest.raises(FactsError, match=r"where: found .*, expected a list of office, surgery center"):
        load_drug(TOML.replace('"surgery center"', '"clinic"', 1), "x.toml")


class TestSettings:
    @pytest.mark.parametrize(
        ("guide", "place", "payer", "day", "codes"),
        [
            ("837P", "11", "MB", "2024-09-30", "J9999 J3490 J3590"),
            ("837P", "11", "MB", "2024-11-15", "J9999 J3490 J3590"),
            ("837P", "22", "CI", "2024-11-15", "J9999 J3490 J3590"),
            ("837P", "11", "MC", "2024-09-30", "J9999 J3490 J3590"),
            ("837P", "11", "MC", "2024-10-01", "J9999 J3490 J3590 C9170"),
            ("837P", "24", "MB", "2024-09-30", "C9399"),
            ("837P", "24", "MB", "2024-10-01", "C9170 C9399"),
            ("837I", "13", "MA", "2024-09-30", "C9399"),
            ("837I", "85", "MA", "2024-10-01", "C9170 C9399"),
            ("837I", "13", "MC", "2024-12-31", "C9170 C9399"),
            ("837I", "71", "MA", "2024-11-15", "J9999 J3490 J3590"),
            ("837I", "11", "MA", "2024-11-15", ""),
            ("837I", "11", "MA", "2025-01-01", "J9026"),
            ("837P", "24", "MB", "2025-01-01", "J9026"),
            ("837P", "11", "MB", "2024-05-16", "J9999 J3490 J3590"),
            ("837P", "11", "MB", "2024-05-15", ""),
        ],
    )
    def test_the_codes_of_a_setting(self, guide: str, place: str, payer: str, day: str, codes: str) -> None:
        found = load_drug(TOML, "tarlatamab").codes_for(date.fromisoformat(day), Setting(guide, place, payer))
        assert " ".join(code.code for code in found) == codes
