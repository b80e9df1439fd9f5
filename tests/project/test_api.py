"""The public API: every name has a docstring, and docs/api.md describes every name and attribute, and no other."""

import inspect
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import get_type_hints

import lint837
import pytest
from lint837 import Claim, OtherPayer, Rulebook, WholeClaim, api, entry_of, lint_bytes, lint_file
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests.documents import ROOT, blocks, text_of, update, updating

PAGE = "docs/api.md"
SAMPLE = ROOT / "samples/dirty/office-837p.837"
CONSTANTS = {"FACTS", "Value"}  # which cannot have a docstring
CLASSES = [
    name
    for name in api.__all__
    if inspect.isclass(kind := getattr(lint837, name)) and not issubclass(kind, Exception | str | Enum)
]
EXTENDS = {
    "DrugLine": "ServiceLine",
    "Bad": "Good",
    "OtherPayer": "Loop",
    "LineLoop": "Loop",
}  # described by what it adds


def sections() -> Mapping[str, str]:
    """The part of the page about each name."""
    found = re.findall(r"^### `(\w+)[^`]*`\n(.*?)(?=^##|\Z)", text_of(PAGE), re.DOTALL | re.MULTILINE)
    assert len(dict(found)) == len(found)
    return dict(found)


def described(section: str) -> list[str]:
    """The attributes in the first column of a section's table."""
    cells = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`(\w+)[^`]*`", cell)]


@pytest.fixture(scope="module")
def instances(rulebook: Rulebook) -> dict[str, object]:
    """An object of each class whose attributes are set when it is made."""
    pieces = [one for one in Reader([SAMPLE.read_bytes()]) if isinstance(one, Slice) and one.kind == "claim"]
    claim = Claim(pieces[0], rulebook.formulary)
    line = claim.drug_lines[0]
    whole = WholeClaim(pieces[0])
    return {
        "WholeClaim": whole,
        "Loop": whole.loop,
        "OtherPayer": OtherPayer(),
        "LineLoop": whole.lines[0],
        "Claim": claim,
        "ServiceLine": claim.service_lines[0],
        "DrugLine": line,
        "DrugIdentification": line.drug_identifications[0],
        "Segment": claim.clm,
        "CodeLines": claim.lines_by_code[line.procedure_code],
        "Formulary": rulebook.formulary,
    }


def public(kind: type, instance: object | None) -> set[str]:
    """The public attributes of a class, with those that an instance has besides."""
    names = {*dir(kind), *(dir(instance) if instance is not None else ())}
    names |= {field.name for field in fields(kind)} if is_dataclass(kind) else set()
    names -= set(dir(tuple)) if issubclass(kind, tuple) else set()
    return {name for name in names if not name.startswith("_")}


def test_every_name_has_a_docstring() -> None:
    for name in api.__all__:
        kind = getattr(lint837, name)
        # A dataclass without one has its signature in the place of a docstring.
        assert name in CONSTANTS or (inspect.getdoc(kind) and not str(kind.__doc__).startswith(f"{name}(")), name


def test_the_page_describes_every_name_and_no_other() -> None:
    assert sorted(sections()) == sorted(api.__all__)
    assert [name for name, section in sections().items() if not section.strip()] == []


@pytest.mark.parametrize("name", CLASSES)
def test_the_page_describes_every_attribute_and_no_other(name: str, instances: Mapping[str, object]) -> None:
    expected = public(getattr(lint837, name), instances.get(name))
    if name in EXTENDS:
        base = EXTENDS[name]
        assert f"attributes of `{base}`" in sections()[name]
        expected -= public(getattr(lint837, base), instances.get(base))
    names = described(sections()[name])
    assert sorted(names) == sorted(expected)


def test_every_attribute_of_a_claim_has_a_docstring(instances: Mapping[str, object]) -> None:
    for name in ("Claim", "ServiceLine", "DrugLine", "DrugIdentification"):
        kind = type(instances[name])
        members = {member: value for member, value in inspect.getmembers(kind) if not member.startswith("_")}
        assert [member for member, value in members.items() if not value.__doc__] == []


def test_the_severities_are_described() -> None:
    section = sections()["Severity"]
    assert [one.name for one in lint837.Severity if f"`{one.name}`" not in section] == []


@pytest.mark.parametrize("name", [name for name in api.__all__ if inspect.isfunction(getattr(lint837, name))])
def test_the_parameters_of_a_function_are_described(name: str) -> None:
    [signature] = re.findall(rf"^### `{name}\((.*)\)`$", text_of(PAGE), re.MULTILINE)
    section = sections()[name]
    given = inspect.signature(getattr(lint837, name)).parameters
    assert [one for one in given if one not in signature and f"`{one}`" not in section] == []


def test_a_name_that_does_not_exist() -> None:
    for module in (lint837, api):
        with pytest.raises(AttributeError, match="has no attribute 'lint_flie'"):
            module.lint_flie  # noqa: B018 - the access is what raises


def test_what_annotations_say_can_be_resolved() -> None:
    """For tools that read them at run time."""
    for name in ("Finding", "Entry", "Problem", "Drug", "Rule"):
        assert get_type_hints(getattr(lint837, name)), name


def test_nothing_is_imported_before_it_is_used() -> None:
    code = "import sys, lint837; print(*sorted(name for name in sys.modules if name.startswith('lint837')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["lint837"]


def test_a_star_imports_every_name() -> None:
    assert lint837.__all__ == api.__all__
    code = "before = set(dir()); from lint837 import *; print(*sorted(set(dir()) - before - {'before'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == sorted(api.__all__)
    assert set(api.__all__) <= set(dir(lint837))


def test_a_report_prints_as_a_summary() -> None:
    report = lint_file(SAMPLE)
    assert str(report) == "1 file, 4 claims, 5 errors"
    assert repr(report) == "<Report: 1 file, 4 claims, 5 errors>"


def test_what_is_printed_of_a_finding_holds_no_person() -> None:
    """Also the repr of what holds the elements that excerpts are cut from."""
    text = SAMPLE.read_text(encoding="ascii")
    persons = {
        value
        for segment in text.split("~")
        if segment.strip().startswith(("NM1*IL", "N3", "DMG"))
        for value in segment.split("*")[2:]
        if len(value) > 3
    }
    assert len(persons) > 8
    damaged = text.replace("LIN**N4*55513-077-01", "LIN**N4*BENNETT").replace("HC:C9170", "HC:BENNETT")
    assert damaged.count("BENNETT") > text.count("BENNETT") + 1
    for file in (text, damaged):
        report = lint_bytes(file.encode())
        assert len(report.findings) > 3
        said = "".join(f"{one}{one!r}{entry_of(one)!r}" for one in report.findings)
        assert [value for value in persons if value in said] == []


EXAMPLES = [block.text for block in blocks(PAGE) if block.language == "python"]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_print_what_they_say(example: str) -> None:
    """LINT837_UPDATE=1 updates the page; read what changed before you commit it."""
    code, said = re.sub(r"^# .*\n", "", example, flags=re.MULTILINE), re.findall(r"^# (.*)$", example, re.MULTILINE)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    if updating():
        update(PAGE, example, code + "".join(f"# {line}\n" for line in done.stdout.splitlines()))
        return
    assert done.stdout.splitlines() == said
