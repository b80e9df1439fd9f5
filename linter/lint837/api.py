"""All that a program, a rule package or a facts author may import, by `from lint837 import ...`.

Each name is imported when it is first asked for: start-up time is a feature. docs/api.md describes them.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lint837.claims.claim import Claim, DrugLine, ServiceLine
    from lint837.claims.days import CodeLines, Periods
    from lint837.claims.drug_identification import DrugIdentification
    from lint837.claims.segment import Period, Place, Segment, day_of, plain_decimal
    from lint837.claims.whole_claim import HiCode, LineLoop, Loop, OtherPayer, Row, WholeClaim, amount_of
    from lint837.config.apply import rulebook_of
    from lint837.config.discover import SettingsError
    from lint837.facts.dosage import is_plain_dosage
    from lint837.facts.drugs import (
        Drug,
        DrugCode,
        Fact,
        FactsError,
        Package,
        Successor,
        digits_of,
        is_ndc,
    )
    from lint837.facts.formulary import Formulary
    from lint837.facts.payers import PayerProfile
    from lint837.facts.quarter import Quarter
    from lint837.facts.settings import Setting
    from lint837.lint.examples import failures
    from lint837.lint.finding import Finding, InputSummary, Location, RelatedPlace, TextChoice, TextEdit, TextFix
    from lint837.report.entry import AsBilled, Entry, entry_of
    from lint837.report.model import Report, Totals, lint_bytes, lint_file
    from lint837.rules.rule import (
        FACTS,
        Bad,
        Choice,
        Citation,
        Edit,
        Fix,
        Good,
        NotChecked,
        Problem,
        Related,
        Rule,
        RuleError,
        Severity,
        YieldsTo,
        rule,
    )
    from lint837.rules.rulebook import Rulebook, load_rulebook
    from lint837.rules.values import Code, Identifier, Value, counted, show

_MODULES = {
    "claims.claim": "Claim DrugLine ServiceLine",
    "claims.days": "CodeLines Periods",
    "claims.drug_identification": "DrugIdentification",
    "claims.segment": "Period Place Segment day_of plain_decimal",
    "claims.whole_claim": "HiCode LineLoop Loop OtherPayer Row WholeClaim amount_of",
    "config.apply": "rulebook_of",
    "config.discover": "SettingsError",
    "facts.dosage": "is_plain_dosage",
    "facts.drugs": ("Drug DrugCode Fact FactsError Package Successor digits_of is_ndc"),
    "facts.formulary": "Formulary",
    "facts.quarter": "Quarter",
    "facts.payers": "PayerProfile",
    "facts.settings": "Setting",
    "lint.examples": "failures",
    "lint.finding": "Finding InputSummary Location RelatedPlace TextChoice TextEdit TextFix",
    "report.entry": "AsBilled Entry entry_of",
    "report.model": "Report Totals lint_bytes lint_file",
    "rules.rule": (
        "FACTS Bad Choice Citation Edit Fix Good NotChecked Problem Related Rule RuleError Severity YieldsTo rule"
    ),
    "rules.rulebook": "Rulebook load_rulebook",
    "rules.values": "Code Identifier Value counted show",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = [  # noqa: RUF022
    "AsBilled", "Bad", "Choice", "Citation", "Claim", "Code", "CodeLines", "Drug", "DrugCode", "DrugIdentification",
    "DrugLine", "Edit", "Entry", "Fact", "FACTS", "FactsError", "Finding", "Fix", "Formulary", "Good", "HiCode",
    "Identifier", "InputSummary", "LineLoop", "Location", "Loop", "NotChecked", "OtherPayer", "Package",
    "PayerProfile", "Period", "Periods", "Place", "Problem", "Quarter", "Related", "RelatedPlace", "Report", "Row",
    "Rule", "Rulebook", "RuleError", "Segment", "ServiceLine", "Setting", "SettingsError", "Severity", "Successor",
    "TextChoice", "TextEdit", "TextFix", "Totals", "Value", "WholeClaim", "YieldsTo", "amount_of", "counted",
    "day_of", "digits_of", "entry_of", "failures", "is_ndc", "is_plain_dosage", "lint_bytes", "lint_file",
    "load_rulebook", "plain_decimal", "rule", "rulebook_of", "show",
]  # fmt: skip


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"lint837.{module}"), name)
    globals()[name] = value
    return value
