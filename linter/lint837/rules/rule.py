"""What a rule is: the @rule decorator, the Problem that a check yields, and the examples that prove it.

    @rule("HCP001", severity=Severity.ERROR, cites=[...], good=[...], bad=[...])
    def expired_temporary_code(line: DrugLine) -> Iterator[Problem]: ...

The type of the first parameter is the rule's scope: DrugLine, ServiceLine or Claim (with `drug_lines`).
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Any, NamedTuple, get_type_hints

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.segment import Period, Place
from lint837.facts.drugs import plain
from lint837.facts.payers import PayerProfile
from lint837.report.excerpt import seen_code, seen_ndc


class Severity(IntEnum):
    """error: wrong by a cited source; warning: probably, or a payer may reject it; info: worth knowing."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Code(str):
    """A procedure code, a modifier or a qualifier, in a problem's values."""

    __slots__ = ()


class Identifier(str):
    """An NDC or another identifier, in a problem's values."""

    __slots__ = ()


# What may stand in a problem. A code or an identifier that does not look like one is shown as an ellipsis; plain text
# is a phrase of the rule's own, never of the claim's.
Value = Code | Identifier | date | Period | Decimal | int | str


class Edit(NamedTuple):
    """A change that corrects the claim: the bytes from `start` to `end` of the input become `text`."""

    start: int
    end: int
    text: str


class Related(NamedTuple):
    """Another place that a problem is about, and what it has to do with it."""

    where: Place
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a check found.

    `message` and `correction` are templates over `found`, `expected` and `values`, such as "{found} ended {last}.";
    `severity` may lower the rule's, never raise it.
    """

    where: Place
    found: Value
    expected: Value
    message: str
    correction: str
    values: Mapping[str, Value] = field(default_factory=dict)
    related: Sequence[Related] = ()
    edits: Sequence[Edit] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class NotChecked:
    """That a check decides nothing on a line, and why, in words of the rule's own; `lint837 show` tells it."""

    line: ServiceLine
    reason: str


def show(value: Value) -> str:
    """A value in words: a date as 2025-01-10, a quantity without an exponent or needless zeros; an ellipsis for a code
    or an identifier that does not look like one.
    """
    if isinstance(value, Code):
        return seen_code(value)
    if isinstance(value, Identifier):
        return seen_ndc(value)
    if isinstance(value, Period):
        return show(value.first) if value.is_day else f"{show(value.first)} to {show(value.last)}"
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def counted(number: Decimal | int, noun: str) -> str:
    """A number with its noun: "1 unit", "10 units"."""
    text = f"{number:,}" if isinstance(number, int) else show(number)
    return f"{text} {noun}" if number == 1 else f"{text} {noun}s"


class Citation(NamedTuple):
    """A source that a rule stands on: what it is, and what it says, in our words."""

    source: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Service-line segments for a claim that is otherwise right, with "~", "*" and ":" as delimiters, and the context
    that matters: by default an 837P office claim to Medicare B. LX is put before each SV1 or SV2.

    claim: further segments of loop 2300; filing_code: SBR09; other_payer: SBR09 of a second payer (2320); facility:
    CLM05-1; frequency: CLM05-3; statement: DTP*434; diagnoses: HI; purpose: BHT06; dependent: whether the patient is a
    dependent (2000C); created: ISA09, GS04 and BHT04; payer: what is known of the payer; also: other rules that rightly
    find something in the example.
    """

    guide: str = "837P"
    filing_code: str = "MB"
    other_payer: str = ""
    facility: str = ""
    frequency: str = "1"
    statement: str = ""
    claim: str = ""
    diagnoses: str = "ABK:C3490"
    purpose: str = "CH"
    dependent: bool = False
    created: str = "20260115"
    payer: PayerProfile | None = None
    also: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Good(Example):
    """An example on which the rule finds nothing."""

    lines: str


@dataclass(frozen=True, slots=True)
class Bad(Example):
    """An example on which the rule finds one problem at `at`, an element such as "SV101-2", of `severity`."""

    lines: str
    at: str
    severity: Severity | None = None
    line: str = "1"


FACTS: tuple[str, ...] = ()  # a rule's literals: none beside those of the facts

Check = Callable[[Any], Iterator[Problem | NotChecked]]


class RuleError(ValueError):
    """A rule that cannot be loaded; the text says which, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, ready to run: `scope` is DrugLine, ServiceLine or Claim. `literals`: texts, one of which, or one of the
    facts' own, stands in any claim on which it finds something; None where nothing is known of such claims.
    `configured`: the severity of its plain case that a configuration gives it.
    """

    code: str
    name: str
    severity: Severity
    scope: type
    check: Check
    title: str
    documentation: str
    cites: tuple[Citation, ...]
    good: tuple[Good, ...]
    bad: tuple[Bad, ...]
    module: str
    literals: tuple[str, ...] | None = None
    default: bool = True
    configured: Severity | None = None


def rule(
    code: str,
    *,
    severity: Severity,
    cites: Sequence[Citation],
    good: Sequence[Good],
    bad: Sequence[Bad],
    literals: Sequence[str] | None = None,
    default: bool = True,
) -> Callable[[Check], Rule]:
    """Make a rule of a check. Its name is the function's; its title is the first paragraph of the docstring. With
    `default` false it runs only where it is chosen by its code or name.

    Claims are read only where a rule can find something. A rule of DrugLines can only where the facts' codes, NDCs or
    names stand; of any other the `literals` say it: FACTS, or texts one of which stands there too, in any letter case.
    Without them every claim is read, which takes many times as long.

    Raises RuleError where the code, the documentation, the examples or the citations are missing.
    """

    def decorate(check: Check) -> Rule:
        where = f"rule {code} ({check.__module__}.{check.__name__})"
        if not re.fullmatch(r"[A-Z]{3,5}\d{3}", code):
            raise RuleError(f"{where}: a code is 3 to 5 capital letters and 3 digits")
        title, _, documentation = inspect.cleandoc(check.__doc__ or "").strip().partition("\n\n")
        if not title.endswith(".") or not documentation:
            raise RuleError(f"{where}: the docstring needs a title, one sentence with a full stop, and an explanation")
        for name, values in (("citation", cites), ("Good example", good), ("Bad example", bad)):
            if not values:
                raise RuleError(f"{where}: it has no {name}")
        hints = [hint for name, hint in get_type_hints(check).items() if name != "return"]
        if len(hints) != 1 or hints[0] not in (DrugLine, ServiceLine, Claim):
            raise RuleError(f"{where}: its one parameter must be a DrugLine, a ServiceLine or a Claim")
        return Rule(
            code,
            check.__name__.replace("_", "-"),
            severity,
            hints[0],
            check,
            " ".join(title.split()),
            documentation,
            tuple(cites),
            tuple(good),
            tuple(bad),
            check.__module__,
            tuple(literals) if literals is not None else FACTS if hints[0] is DrugLine else None,
            default,
        )

    return decorate
