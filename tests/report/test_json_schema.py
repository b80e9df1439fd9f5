"""docs/report.schema.json: it is what the types say, and every report is as it says."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Report, lint_bytes, lint_file, load_rulebook
from lint837.lint.examples import claim_file
from lint837.report.json_schema import schema
from lint837.report.redact import Redaction
from lint837.rules.rule import Good

from tests.documents import ROOT, updating
from tests.report.test_privacy import FILE
from tests.reports import Whole, redacted, text_of, whole_of, wholes
from tests.x12.test_fast_scanner import BASES, mutated, mutations

RULEBOOK = load_rulebook(isolated=True)
PUBLISHED = ROOT / "docs/report.schema.json"
TREE: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
OF_A_REPORT = jsonschema.Draft202012Validator(TREE)
OF_A_LINE = jsonschema.Draft202012Validator({"$ref": "#/$defs/line", "$defs": TREE["$defs"]})
SAMPLES = [*sorted((ROOT / "samples").glob("*/*")), *sorted((ROOT / "tests/regressions").glob("*.837"))]


def test_the_file_is_what_the_types_say() -> None:
    """LINT837_UPDATE=1 updates the file; read what changed before you commit it."""
    if updating():
        PUBLISHED.write_text(schema(), encoding="utf-8")
    assert PUBLISHED.read_text(encoding="utf-8") == schema()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(TREE)


def wrong(whole: Whole) -> list[str]:
    """What is wrong in the JSON report of a run, and in its lines."""
    found = [
        f"{error.json_path}: {error.message}" for error in OF_A_REPORT.iter_errors(json.loads(text_of("json", whole)))
    ]
    for line in text_of("jsonl", whole).splitlines():
        found += [f"{error.json_path}: {error.message}" for error in OF_A_LINE.iter_errors(json.loads(line))]
    return found


def check(report: Report) -> None:
    whole = whole_of(report, exit_status=report.exit_status())
    for one in (
        whole,
        redacted(whole, Redaction("always")),
        redacted(whole, Redaction("always", b"k" * 16, paths=True)),
    ):
        assert wrong(one) == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_of_every_sample(path: Path) -> None:
    check(lint_file(path, rulebook=RULEBOOK))


def test_of_each_rule() -> None:
    for rule in RULEBOOK.rules:
        for example in rule.bad[:1]:
            check(lint_bytes(claim_file(example), rulebook=RULEBOOK))


@settings(max_examples=12)
@given(st.sampled_from([*BASES, FILE]), mutations)
def test_of_damaged_files(base: str, changes: list[tuple[float, int, str]]) -> None:
    check(lint_bytes(mutated(base.replace("*10***1", "*1***1"), changes), rulebook=RULEBOOK))


@settings(max_examples=20)
@given(wholes(), st.sampled_from([0, 1, 3]))
def test_of_whatever_can_be_found(whole: Whole, status: int) -> None:
    assert wrong(Whole(whole.about, whole.rules, whole.findings, whole.inputs, whole.passed_over, status)) == []


EXPIRED = claim_file(Good("SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"))


def objects(tree: object, path: str = "$") -> list[tuple[str, dict[str, Any]]]:
    """Every object of a report, with its path."""
    if isinstance(tree, dict):
        return [(path, tree), *(one for name, value in tree.items() for one in objects(value, f"{path}.{name}"))]
    if isinstance(tree, list):
        return [one for number, value in enumerate(tree) for one in objects(value, f"{path}[{number}]")]
    return []


class TestDriftShows:
    DOCUMENT = text_of("json", whole_of(lint_bytes(EXPIRED, rulebook=RULEBOOK), exit_status=1))

    def test_a_member_more(self) -> None:
        """In whatever object but the values of a template, whose names are the rule's."""
        assert OF_A_REPORT.is_valid(json.loads(self.DOCUMENT))
        count = len(objects(json.loads(self.DOCUMENT)))
        assert count > 20
        for number in range(count):
            tree = json.loads(self.DOCUMENT)
            path, one = objects(tree)[number]
            one["more"] = 1
            assert not OF_A_REPORT.is_valid(tree), path

    def test_a_member_less(self) -> None:
        for number, (path, one) in enumerate(objects(json.loads(self.DOCUMENT))):
            for name in one:
                if path.endswith("template.values") and name not in ("found", "expected"):
                    continue
                tree = json.loads(self.DOCUMENT)
                del objects(tree)[number][1][name]
                assert not OF_A_REPORT.is_valid(tree), (path, name)

    @pytest.mark.parametrize("schema_name", ["lint837/1", "lint837/3"])
    def test_another_schema(self, schema_name: str) -> None:
        assert not OF_A_REPORT.is_valid(json.loads(self.DOCUMENT) | {"schema": schema_name})

    def test_a_line_without_its_type(self) -> None:
        finding = json.loads(self.DOCUMENT)["findings"][0]
        assert OF_A_LINE.is_valid({"type": "finding", **finding})
        assert not OF_A_LINE.is_valid(finding)
        assert not OF_A_LINE.is_valid({"type": "input", **finding})
