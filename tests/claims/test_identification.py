"""Which lines concern a drug, over all written forms: of its codes, its NDCs and its names."""

import re
import string
from collections.abc import Iterator

import pytest
from lint837 import Drug, Rulebook
from lint837.claims import texts
from lint837.facts.names import is_one_slip

from tests.claims.test_claims import claim_of

ON = "DTP*472*D8*20250110~"
OWN, MISCELLANEOUS = ("J9026", "C9170"), ("J9999", "J3490", "J3590", "C9399")
# How a code with its modifiers is written wrongly; {0} is the code. Each has JZ.
FORMS = {
    "no qualifier": "{0}:JZ",
    "an empty qualifier": ":{0}:JZ",
    "another qualifier": "N4:{0}:JZ",
    "a modifier glued to it": "HC:{0}JZ",
    "a hyphen": "HC:{0}-JZ",
    "a blank": "HC:{0} JZ",
    "a slash": "HC:{0}/JZ",
    "blanks only": "HC {0} JZ",
    "all glued": "HC{0}JZ",
    "another separator": "HC;{0};JZ",
    "a bar": "HC|{0}|JZ",
    "an HTML entity": "HC&gt;{0}&gt;JZ",
    "a doubled separator": "HC::{0}:JZ",
    "a tripled separator": "HC:::{0}:JZ",
    "over elements": "HC*{0}*JZ",
    "after an empty element": "*HC:{0}:JZ",
    "a soft hyphen": "HC:\u00ad{0}:JZ",
    "a no-break space": "HC:{0}\u00a0:JZ",
    "blanks in it": "HC: {0[0]} {0[1]}{0[2]}{0[3]}{0[4]} :JZ",
    "lower case": "hc:{1}:jz",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_code_in_any_form(rulebook: Rulebook, form: str) -> None:
    for code in (*OWN, *MISCELLANEOUS):
        for guide, before in (("837P", "SV1*"), ("837I", "SV2*0636*")):
            written = form.format(code, code.lower())
            statement = "20250110-20250110" if guide == "837I" else ""
            visit = f"{before}HC:96413:59*410*UN*1~"  # which says that the separator is the one of ISA16
            line = f"{visit}{before}{written}*16000*UN*10~{ON}NTE*ADD*IMDELLTRA~"
            [found] = claim_of(rulebook, line, guide=guide, statement=statement).drug_lines
            assert (found.procedure_code, found.modifiers, found.guide) == (code, ("JZ",), guide)
            assert (found.how, found.weak) == ("code" if code in OWN else "text", False)


@pytest.mark.parametrize("form", [form for name, form in FORMS.items() if name != "over elements"])
@pytest.mark.parametrize("code", ["J9271", "96413", "J9027", "A9170", "99214"])
def test_no_other_code_is_guessed(rulebook: Rulebook, code: str, form: str) -> None:
    line = f"SV1*{form.format(code, code.lower())}*16000*UN*10***1~{ON}NTE*ADD*IMDELLTRA~"
    assert claim_of(rulebook, f"SV1*HC:96413:59*410*UN*1***1~{line}").drug_lines == []


@pytest.mark.parametrize(
    "composite", ["HC:J9271:JZ:J9026", "HC:96413:::::J9026", "HC:J9271:::::SEE J9026", "ER:W0123:J9026"]
)
def test_a_code_beside_that_of_another_service(rulebook: Rulebook, composite: str) -> None:
    assert claim_of(rulebook, f"SV1*{composite}*16000*UN*10***1~{ON}").drug_lines == []


def written_ndcs() -> Iterator[str]:
    for first, middle, last in (("55513", "059", "01"), ("55513", "077", "01")):
        for joint in ("", "-", " "):
            for product in (middle, f"0{middle}"):
                yield joint.join((first, product, last))
        yield f"0{first}{middle}{last}"


@pytest.mark.parametrize("ndc", sorted(set(written_ndcs())))
def test_an_ndc_in_any_element_of_lin(rulebook: Rulebook, ndc: str) -> None:
    for element in range(1, 8):
        for qualifier in ("N4", "UP", ""):
            elements = ["", qualifier, "", "", "", "", ""]
            elements[element - 1] = ndc
            lines = f"SV1*HC:J9271*16000*UN*10***1~{ON}LIN*{'*'.join(elements)}~CTP****1*UN~"
            [found] = claim_of(rulebook, lines).drug_lines
            [item] = found.drug_identifications
            assert (found.how, item.ndc, item.is_misplaced) == ("ndc", ndc, element != 3)


# ---------------------------------------------------------------- names


def slips(name: str) -> Iterator[str]:
    """Every word that is one slip of the keys away from a name; of the letters only a few, for they are all alike."""
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]
        yield name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
        for letter in "AXZ7":
            yield name[:at] + letter + name[at + 1 :]
            yield name[:at] + letter + name[at:]
    yield from (name + letter for letter in "AXZ7")


PLACES = (
    "SV1*HC:J9999:::::INJ {}*16000*UN*1***1~",
    "SV1*HC:J9999::::::{}*16000*UN*1***1~",
    "SV1*HC:J3590:{}*16000*UN*1***1~",
    "SV1*HC:J3590:::{}*16000*UN*1***1~",
    "SV1*HC:J9999*16000*UN*1***1~NTE*ADD*{} 10 MG~",
    "SV1*HC:J9999*16000*UN*1***1~NTE*{}~",
    "SV1*HC:J9999*16000*UN*1***1~NTE*ADD*INJ*{}*10MG~",
    "SV1*HC:J9999*16000*UN*1***1~K3*{}~",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["TARLATAMAB", "IMDELLTRA"])
def test_a_name_with_one_slip_in_any_text(rulebook: Rulebook, name: str, place: str) -> None:
    missed = []
    for word in sorted({*slips(name), name.lower(), name}):
        if not re.fullmatch("[A-Za-z0-9]+", word):
            continue
        lines = claim_of(rulebook, place.format(word) + ON).drug_lines
        if [(line.how, line.weak) for line in lines] != [("text", False)]:
            missed.append(word)
    assert missed == []


@pytest.mark.parametrize(
    "word", ["TARLTMAB", "IMDLTR", "TARLATAMABXX", "XXIMDELLTRA", "TALRATMAB", "IMLDELTR", "AMG 758"]
)
def test_two_slips_are_another_word(rulebook: Rulebook, word: str) -> None:
    assert claim_of(rulebook, f"SV1*HC:J9999:::::{word}*16000*UN*1***1~{ON}").drug_lines == []


def test_no_name_that_is_shipped_is_one_slip_from_one_of_the_drug(rulebook: Rulebook) -> None:
    """So that a slip never makes one drug, one companion or one word of a line of another."""
    shipped = {word for name, words in vars(texts).items() if isinstance(words, frozenset) for word in words}
    for drug in rulebook.formulary.drugs:
        others = shipped | {*drug.companions, *(product.name.upper() for product in drug.other_products)}
        others |= {name for other in rulebook.formulary.drugs if other is not drug for name in other.names}
        assert len(others) > 50
        words = {word for other in others for word in re.findall("[A-Z0-9]+", other)} | others
        near = [(word, name) for word in sorted(words) for name in drug.names if _is_near(word, name)]
        assert near == []


def _is_near(word: str, name: str) -> bool:
    return len(name) >= 8 and is_one_slip(word, name)


# ---------------------------------------------------------------- strong and weak

CATALOGUE_WORDS = (
    "MG MCG G GM ML UNIT UNITS UN IV IVPB INTRAVENOUS INTRAVENOUSLY ROUTE INJ INJECTION INJECTABLE INFUSION VIAL VIALS VL "
    "KIT KITS SDV SINGLE DOSE DOSES USE POWDER LYOPHILIZED SOLUTION EACH EA PER STRENGTH DOSAGE BRAND GENERIC NOC NAME "
    "DRUG DRUGS NDC N4"
)
ANYWHERE = "PREMED PREMEDS PREMEDICATION ADMIN ADMINISTRATION STABILIZER IVSS"


def weak(rulebook: Rulebook, text: str, code: str = "J9999") -> bool:
    [line] = claim_of(rulebook, f"SV1*HC:{code}:::::{text}*16000*UN*1***1~{ON}").drug_lines
    return line.weak


def test_each_word_of_a_drug_line_may_come_before_the_name(rulebook: Rulebook) -> None:
    assert [word for word in CATALOGUE_WORDS.split() if weak(rulebook, f"{word} TARLATAMAB")] == []
    for text in (
        "10 MG TARLATAMAB",
        "10MG IMDELLTRA",
        "INJTARLATAMAB",
        "10MGIMDELLTRA",
        "I.V. IMDELLTRA",
        "VIAL OF TARLATAMAB",
        "DRUG FOR INJ TARLATAMAB",
        "J9999 J9026 C9170 NDC 55513-077-01 TARLATAMAB",
        "#1 (10 MG): TARLATAMAB",
    ):
        assert not weak(rulebook, text), text


def test_any_other_word_before_it_makes_the_text_weak(rulebook: Rulebook) -> None:
    for text in (
        "VISIT TARLATAMAB",
        "OF TARLATAMAB",
        "DRUG FOR TARLATAMAB",
        "WASTE TARLATAMAB",
        "LOT 4 NDC 55513-077-01",
    ):
        assert weak(rulebook, text), text


def test_another_matter_anywhere_makes_the_line_weak(rulebook: Rulebook) -> None:
    [drug] = rulebook.formulary.drugs
    for word in (*ANYWHERE.split(), *sorted(drug.companions), "RITUXIMAB", "OSIMERTINIB", "CISPLATIN"):
        assert weak(rulebook, f"TARLATAMAB 10 MG {word}"), word
        [line] = claim_of(rulebook, f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~{ON}NTE*ADD*{word}~").drug_lines
        assert line.weak, word


def test_a_name_in_the_notes_of_a_line_that_describes_something_else(rulebook: Rulebook) -> None:
    lines = "SV1*HC:J3490:::::{}*20*UN*1***1~" + ON + "NTE*ADD*TARLATAMAB 10 MG~"
    [described] = claim_of(rulebook, lines.format("DILUENT BAG")).drug_lines
    [filler] = claim_of(rulebook, lines.format("UNCLASSIFIED BIOLOGIC SEE NOTE")).drug_lines
    assert (described.weak, filler.weak) == (True, False)


@pytest.mark.parametrize("letter", string.ascii_uppercase)
def test_one_letter_more_is_no_word(rulebook: Rulebook, letter: str) -> None:
    """A single letter before the name is a word like any other; with a point behind it, it belongs to the next."""
    assert weak(rulebook, f"{letter} TARLATAMAB") == (letter not in "GN")


def test_the_words_are_the_catalogues(rulebook: Rulebook) -> None:  # noqa: ARG001
    known = texts._LINE_WORDS
    assert known - {"N"} == set(CATALOGUE_WORDS.split()) - {"N4"}


def test_every_drug_has_names_to_be_known_by(rulebook: Rulebook) -> None:
    drugs: tuple[Drug, ...] = rulebook.formulary.drugs
    assert all(drug.named.find(name) for drug in drugs for name in drug.names)


# ---------------------------------------------------------------- texts over several segments, and the claim's note


@pytest.mark.parametrize(
    "notes",
    [
        "NTE*ADD*INJ IMDELL~NTE*ADD*TRA 10MG~",
        "NTE*ADD*TARLAT~NTE*ADD*AMAB 10 MG~",
        "NTE*ADD*INJ TARLATAM~NTE*ADD*AB-DLLE~",
        "NTE*INJ IMDELLTRA 10MG~",
        "NTE*ADD*INJ*IMDELLTRA*10MG~",
        "NTE*ADD*NDC 55513\u201307\u201301~".replace("\u201307", "\u2013077"),
        "NTE*ADD*55513 077 01~",
    ],
)
def test_the_notes_of_a_line(rulebook: Rulebook, notes: str) -> None:
    lines = f"SV1*HC:J9999*16000*UN*1***1~{ON}{notes}".encode().decode("latin-1")
    [line] = claim_of(rulebook, lines).drug_lines
    assert (line.how, line.weak) == ("text", False)


@pytest.mark.parametrize(
    ("description", "note", "expected"),
    [
        ("CHEMO DRUG TARLATAMAB", "TARLATAMAB 10 MG NDC 55513-077-01", [False]),  # the sure note makes it sure
        ("CHEMO DRUG TARLATAMAB", "VISIT FOR TARLATAMAB", [True]),
        ("", "TARLATAMAB 10 MG", [False]),
        ("", "PREMED FOR TARLATAMAB", [True]),
        ("SEE ATTACHED", "IMDELLTRA", [False]),
        ("DEXAMETHASONE 10 MG", "IMDELLTRA INFUSION VISIT", []),
        ("ONDANSETRON 8 MG", "IMDELLTRA 10 MG", []),
        ("HYDRATION", "TARLATAMAB", []),
    ],
)
def test_the_note_of_the_claim(rulebook: Rulebook, description: str, note: str, expected: list[bool]) -> None:
    lines = f"SV1*HC:J9999:::::{description}*16000*UN*1***1~{ON}SV1*HC:96413*410*UN*1***1~{ON}"
    assert [line.weak for line in claim_of(rulebook, lines, claim=f"NTE*ADD*{note}~").drug_lines] == expected
