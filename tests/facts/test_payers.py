"""Payer profiles: which claims they are for, what they change, and what the shipped ones say."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import lint837_rules
import pytest
from lint837 import Rulebook, Severity, lint_bytes
from lint837.claims.claim import Claim, DrugLine
from lint837.config.apply import configured
from lint837.config.discover import SettingsError
from lint837.config.settings import settings_of
from lint837.facts.payers import UNKNOWN_PAYER, PayerProfile, ProfileError, Profiles
from lint837.lint.examples import claim_file, failures, findings_in
from lint837.report.rules import explanation
from lint837.report.show import drug_lines
from lint837.rules.rule import Bad, Citation, Good, Problem, rule

from tests.rules.cases import cases_of, in_one_file

SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
NDC = "LIN**N4*55513007701~CTP****1*UN~"
WEIGHT = "LIN**N4*55513007701~CTP****10*ME~"


def configure(
    rulebook: Rulebook, text: str, select: list[str] | None = None, ignore: list[str] | None = None
) -> Rulebook:
    return configured(
        rulebook, settings_of(tomllib.loads(text), "lint837.toml", Path("/work")), select or [], ignore or []
    )


def found(data: bytes, rulebook: Rulebook) -> list[tuple[str, str]]:
    return [(finding.rule, str(finding.severity)) for finding in lint_bytes(data, "a.837", rulebook=rulebook).findings]


def shown(data: bytes, rulebook: Rulebook) -> list[tuple[object, ...]]:
    """All that a report shows of the findings in a file."""
    return [
        (f.rule, f.severity, f.location, f.message, f.found, f.expected, f.correction, f.related, f.fixes, f.sources)
        for f in lint_bytes(data, "a.837", rulebook=rulebook).findings
    ]


class TestWhichClaims:
    BOTH = PayerProfile("both", payer_ids=("1a", "2"), filing_codes=("MB",))
    BY_ID = PayerProfile("by-id", payer_ids=("1A",))
    BY_CODE = PayerProfile("by-code", filing_codes=("MB", "mc"))

    @pytest.mark.parametrize(
        ("payer_id", "filing_code", "expected"),
        [
            ("1A", "MB", "both"),
            ("1a", "mb", "both"),
            ("2", "MB", "both"),
            ("1A", "CI", "by-id"),
            ("1A", "", "by-id"),
            ("2", "CI", ""),
            ("3", "MB", "by-code"),
            ("", "MC", "by-code"),
            ("3", "CI", ""),
            ("", "", ""),
        ],
    )
    def test_what_says_more_goes_before(self, payer_id: str, filing_code: str, expected: str) -> None:
        profiles = Profiles([self.BY_CODE, self.BY_ID, self.BOTH])
        assert profiles.of(payer_id, filing_code).name == expected

    def test_without_any(self) -> None:
        assert (bool(Profiles()), Profiles().of("1", "MB")) == (False, UNKNOWN_PAYER)

    @pytest.mark.parametrize(
        ("other", "message"),
        [
            (PayerProfile("by-id", payer_ids=("9",)), "two payers are named by-id"),
            (PayerProfile("x", payer_ids=("9", "1a")), "by-id and x both apply to 1a"),
            (PayerProfile("x", filing_codes=("Mb",)), "by-code and x both apply to Mb"),
            (PayerProfile("x", payer_ids=("1A",), filing_codes=("MB",)), "both and x both apply to 1A and MB"),
        ],
    )
    def test_two_for_one(self, other: PayerProfile, message: str) -> None:
        with pytest.raises(ProfileError, match=f"^{message}$"):
            Profiles([self.BY_CODE, self.BY_ID, self.BOTH, other])


PAYER = '[[payers]]\nname = "x"\npayer-id = ["00952"]\n'


class TestRules:
    def test_off_for_one_payer(self, rulebook: Rulebook) -> None:
        chosen = configure(rulebook, PAYER + 'rules = {missing-discard-modifier = "off"}')
        mine = claim_file(Good(SV1.replace(":JZ", "") + NDC))
        assert found(mine, chosen) == []
        assert found(mine.replace(b"*PI*00952", b"*PI*00953"), chosen) == [("MOD001", "error")]

    @pytest.mark.parametrize(
        ("top", "verdict", "expected"),
        [
            ("", "error", "error"),
            ("", "info", "info"),
            ("", "on", "warning"),
            ('severity = {NDC006 = "info"}', "on", "info"),
            ('severity = {NDC006 = "info"}', "error", "error"),
            ('ignore = ["NDC006"]', "on", "warning"),
            ('select = ["HCP"]', "error", "error"),
        ],
    )
    def test_a_payers_setting_has_precedence(self, rulebook: Rulebook, top: str, verdict: str, expected: str) -> None:
        chosen = configure(rulebook, f'{top}\n{PAYER}rules = {{NDC006 = "{verdict}"}}')
        assert found(claim_file(Good(SV1 + WEIGHT)), chosen) == [("NDC006", expected)]

    def test_a_rule_that_is_off_by_default(self, rulebook: Rulebook) -> None:
        other_diagnosis = claim_file(Good(SV1 + NDC, diagnoses="ABK:E119"))
        assert found(other_diagnosis, configure(rulebook, PAYER + 'rules = {CLM001 = "on"}')) == [("CLM001", "info")]
        assert found(other_diagnosis, configure(rulebook, PAYER)) == []

    def test_the_command_line_goes_before_a_payer(self, rulebook: Rulebook) -> None:
        text = PAYER + 'rules = {NDC006 = "error"}'
        data = claim_file(Good(SV1 + WEIGHT))
        assert found(data, configure(rulebook, text, ignore=["NDC"])) == []
        assert found(data, configure(rulebook, text, select=["HCP"])) == []
        assert found(data, configure(rulebook, text, select=["NDC"])) == [("NDC006", "error")]
        off = PAYER + 'rules = {NDC006 = "off"}'
        assert found(data, configure(rulebook, off, select=["NDC006"])) == []

    def test_a_file_goes_before_a_payer(self, rulebook: Rulebook) -> None:
        text = f'[per-file-ignores]\n"*.837" = ["NDC006"]\n{PAYER}rules = {{NDC006 = "error"}}'
        assert found(claim_file(Good(SV1 + WEIGHT)), configure(rulebook, text)) == []

    def test_claims_alike_but_for_the_payer_in_one_file(self, rulebook: Rulebook) -> None:
        """What was found quiet for one payer is not for another."""
        chosen = configure(rulebook, PAYER + "discard-modifier-required = false\nndc-required = true")
        mine = claim_file(Good(SV1.replace(":JZ", "") + NDC))
        head, body, tail = mine[:106], mine[106:].split(b"IEA")[0], b"IEA*1*000000001~"
        other = body.replace(b"*PI*00952", b"*PI*00953")
        both = (
            head
            + body
            + other.replace(b"*1*X*", b"*2*X*").replace(b"GE*1*1~", b"GE*1*2~")
            + tail.replace(b"*1*", b"*2*", 1)
        )
        assert [(f.rule, f.location.claim_ordinal) for f in lint_bytes(both, rulebook=chosen).findings] == [
            ("MOD001", 2)
        ]
        swapped = both.replace(b"00953", b"xxxxx").replace(b"00952", b"00953").replace(b"xxxxx", b"00952")
        assert [(f.rule, f.location.claim_ordinal) for f in lint_bytes(swapped, rulebook=chosen).findings] == [
            ("MOD001", 1)
        ]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                PAYER + 'rules = {NDC06 = "on"}',
                "payers[0].rules.NDC06: 'NDC06' is not the code or name of a rule; did you mean NDC006?",
            ),
            (
                PAYER + 'rules = {ENV003 = "off"}',
                "payers[0].rules.ENV003: ENV003 is about files, not about the claims of a payer",
            ),
            (PAYER + PAYER, "payers: two payers are named x"),
            (PAYER + PAYER.replace('"x"', '"y"'), "payers: x and y both apply to 00952"),
            (
                'payer-profiles = ["medicare-palmeto-jm"]',
                "payer-profiles[0]: unknown payer profile medicare-palmeto-jm; did you mean medicare-palmetto-jm?",
            ),
            (
                'payer-profiles = ["zzz"]',
                "payer-profiles[0]: unknown payer profile zzz; known payer profiles: medicaid-medstar-md, medicare-palmetto-jm",
            ),
            (
                'payer-profiles = ["zzz"]\nrule-packages = []',
                "payer-profiles[0]: unknown payer profile zzz; known payer profiles: none",
            ),
            ('[[payers]]\nname = "x"', "payers[0]: found a table, expected a table with payer-id or filing-code"),
            ('[[payers]]\npayer-id = ["12"]', "payers[0].name: found nothing, expected a name of letters, digits and"),
            (PAYER + 'ndc-units = ["MG"]', 'payers[0].ndc-units[0]: found "MG", expected F2, GR, ME, ML or UN'),
            (PAYER + "ndc-requird = true", "payers[0].ndc-requird: unknown key; did you mean ndc-required?"),
            (PAYER + 'ndc-required = "yes"', 'payers[0].ndc-required: found "yes", expected true or false'),
        ],
    )
    def test_refused(self, rulebook: Rulebook, text: str, message: str) -> None:
        with pytest.raises(SettingsError) as error:
            configure(rulebook, text)
        assert str(error.value).startswith(f"lint837.toml: {message}")


class TestWhatThePayerTakes:
    @pytest.mark.parametrize(
        ("units", "written", "expected"),
        [
            (["UN"], "10*ME", [("NDC006", "change the quantity from 10 to 1, and ME to UN (shaded line of box 24)")]),
            (["UN", "ME"], "10*ME", []),
            (
                ["UN", "ME"],
                ".01*GR",
                [("NDC006", "change the quantity from 0.01 to 1, and GR to UN (shaded line of box 24)")],
            ),
            (["UN"], "1*UN", []),
            (
                ["ME", "GR"],
                "1*UN",
                [("NDC006", "change the quantity and UN to a unit of measure that the payer accepts (ME or GR)")],
            ),
            (
                ["ML"],
                "10*ME",
                [("NDC006", "change the quantity and ME to a unit of measure that the payer accepts (ML)")],
            ),
        ],
    )
    def test_units(self, rulebook: Rulebook, units: list[str], written: str, expected: list[tuple[str, str]]) -> None:
        example = Good(f"{SV1}LIN**N4*55513007701~CTP****{written}~", payer=PayerProfile("x", ndc_units=tuple(units)))
        findings = findings_in(example, rulebook)
        assert [(f.rule, f.correction) for f in findings] == expected
        assert {f.location.element for f in findings} <= {"CTP05-1"}

    def test_each_lin_is_judged(self, rulebook: Rulebook) -> None:
        lin = "LIN**N4*55513007701~CTP****1*{}~"
        for units, first, second in ((("UN",), "UN", "ME"), (("ML",), "ME", "GR"), (("ME",), "ME", "GR")):
            example = Good(SV1 + lin.format(first) + lin.format(second), payer=PayerProfile("x", ndc_units=units))
            found = [f.found for f in findings_in(example, rulebook.narrowed(["NDC006"]))]
            assert found == [unit for unit in (first, second) if unit not in units]
        foreign = "LIN**N4*50242013601~CTP****1*ME~"
        assert [
            f.found for f in findings_in(Good(SV1 + foreign + lin.format("ME")), rulebook.narrowed(["NDC006"]))
        ] == ["ME"]

    def test_an_unknown_payer_is_judged_as_ever(self, rulebook: Rulebook) -> None:
        """A profile that says nothing changes nothing, over every third case of each rule."""
        silent = rulebook._replace(profiles=Profiles([PayerProfile("x", payer_ids=("00952",))]))
        for one in rulebook.drug_rules:
            data = in_one_file(case for case in cases_of(one)[::3] if case.payer is None)
            assert shown(data, silent) == shown(data, rulebook)


@rule(
    "XXX001",
    severity=Severity.ERROR,
    cites=[Citation("a", "b")],
    good=[Good(SV1 + NDC, payer=PayerProfile(ndc_units=("UN",)))],
    bad=[Bad(SV1 + NDC, at="SV101-2", payer=PayerProfile(title="Example Health", ndc_units=("ML",)))],
)
def unit_of_a_third_partys(line: DrugLine) -> Iterator[Problem]:
    """A rule of somebody else reads the profile, too.

    Why.
    """
    units = line.claim.payer_profile.ndc_units
    if units is not None and "UN" not in units:
        yield Problem(
            where=line.at_procedure_code,
            found=line.claim.payer_profile.label,
            expected="another",
            message="{found}.",
            correction="c",
        )


def test_any_rule_can_read_it_and_show_it_in_its_examples(rulebook: Rulebook) -> None:
    assert list(failures(unit_of_a_third_partys, rulebook)) == []
    alone = Rulebook((unit_of_a_third_partys,), rulebook.formulary, frozenset({"XXX001"}))
    assert [f.message for f in findings_in(unit_of_a_third_partys.bad[0], alone)] == ["Example Health."]
    said = list(explanation(unit_of_a_third_partys, alone))
    assert "  # a payer that accepts only ML" in said


@rule(
    "XXX002",
    severity=Severity.INFO,
    cites=[Citation("a", "b")],
    good=[Good(SV1)],
    bad=[Bad("SV1*HC:99213*1*UN*1***1~", at="CLM02")],
    default=False,
)
def claim_of_any_kind(claim: Claim) -> Iterator[Problem]:
    """A rule without a prefilter, which is off by default.

    Why.
    """
    if not claim.drug_lines:
        yield Problem(where=claim.clm.at(2), found="no drug", expected="a drug", message="m.", correction="c")


def test_a_claim_is_read_for_a_rule_that_only_a_payer_turns_on(rulebook: Rulebook) -> None:
    """Though it holds none of the facts' texts."""
    both = rulebook._replace(rules=(*rulebook.rules, claim_of_any_kind)).narrowed()
    data = claim_file(claim_of_any_kind.bad[0])
    assert (both.prefilter is None, found(data, both)) == (False, [])
    chosen = configure(both, PAYER + 'rules = {XXX002 = "on"}')
    assert (chosen.prefilter, found(data, chosen)) == (None, [("XXX002", "info")])
    assert found(data.replace(b"*PI*00952", b"*PI*00953"), chosen) == []


class TestTheShipped:
    def test_a_medicare_contractor(self, rulebook: Rulebook) -> None:
        """Two lines of one drug are denied as duplicates; the message about a missing JW or JZ names it."""
        chosen = configure(rulebook, 'payer-profiles = ["medicare-palmetto-jm"]')
        twice = claim_file(Good((SV1 + NDC) * 2)).replace(b"*PI*00952", b"*PI*11502")
        assert found(twice, rulebook) == [("CLM003", "warning")]
        assert found(twice, chosen) == [("CLM003", "error")]
        assert found(twice.replace(b"*PI*11502", b"*PI*00952"), chosen) == [("CLM003", "warning")]
        missing = claim_file(Good(SV1.replace(":JZ", "") + NDC)).replace(b"*PI*00952", b"*PI*11502")
        assert [f.message for f in lint_bytes(missing, rulebook=chosen).findings] == [
            (
                "The J9026 line has no JZ, and no JW line goes with it; Medicare (Palmetto GBA, jurisdiction M) requires "
                "one of them for a drug from a single-dose container."
            )
        ]

    def test_a_medicaid_plan(self, rulebook: Rulebook) -> None:
        """It wants the NDC of a hospital's outpatient line as well."""
        chosen = configure(rulebook, 'payer-profiles = ["medicaid-medstar-md"]')
        hospital = Good(SV2, guide="837I", filing_code="MC", statement="20250110-20250110")
        mine = claim_file(hospital).replace(b"*PI*00952", b"*PI*RP063")
        assert found(mine, rulebook) == [("NDC003", "warning")]
        assert [(str(f.severity), f.message) for f in lint_bytes(mine, rulebook=chosen).findings] == [
            (
                "error",
                "J9026 is billed without the NDC of the package; MedStar Family Choice (Maryland) asks for it.",
            )
        ]

    def test_each_has_its_sources(self, rulebook: Rulebook) -> None:
        files = sorted((Path(lint837_rules.__file__).parent / "payers").glob("*.toml"))
        assert [file.stem for file in files] == ["medicaid-medstar-md", "medicare-palmetto-jm"]
        names = ", ".join(f'"{file.stem}"' for file in files)
        both = configure(rulebook, f"payer-profiles = [{names}]").profiles.all
        assert [(one.name, len(one.sources)) for one in both] == [(file.stem, 2) for file in files]


def test_show_names_the_payer(rulebook: Rulebook) -> None:
    chosen = configure(rulebook, PAYER + 'title = "Example Health"\nrules = {NDC006 = "off"}')
    data = claim_file(Good(SV1 + WEIGHT))
    said = list(drug_lines([data], chosen))
    assert "  payer       Example Health" in said
    assert [line for line in said if "NDC006" in line] == []
    assert [line for line in drug_lines([data], rulebook) if line.startswith("  payer")] == []
