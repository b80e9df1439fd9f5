"""What a rule is: the @rule decorator, the Problem that a check yields, and the examples that prove it.

    @rule("HCP001", severity=Severity.ERROR, cites=[...], good=[...], bad=[...])
    def expired_temporary_code(line: DrugLine) -> Iterator[Problem]: ...

The type of the check's one parameter is the rule's scope: DrugLine, ServiceLine or Claim for the rules about drugs;
WholeClaim for the rules about every claim, which are the group `claims`, off by default. The
rules that come with the program itself (ENV, INT, CFG) read a Fault, a RuleFailure or a UsedSuppression.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple, get_type_hints

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.segment import Place
from lint837.claims.whole_claim import PARTS, WholeClaim
from lint837.facts.drugs import Fact
from lint837.facts.payers import PayerProfile
from lint837.rules.docstring import NoSourceError, docstring
from lint837.rules.plugins import files_in
from lint837.rules.values import Value

CLAIM_SCOPES = (DrugLine, ServiceLine, Claim, WholeClaim)
CLAIMS = "claims"  # the group of the rules about every claim
GUIDES = frozenset({"837P", "837I"})
KINDS = (*sorted(GUIDES), "other payers")  # of claims that a rule about every claim may be only about
_SEGMENTS = re.compile(r"[A-Z][A-Z0-9]{1,2}(?: [A-Z][A-Z0-9]{1,2})*")
# Properties of lines, the last one also of claims, on which a rule may promise to find nothing.
QUIET = ("is_plain", "is_well_coded", "is_right")
_SCOPES = ("segment", "line", "related", "day", "claim")  # of YieldsTo


class Severity(IntEnum):
    """error: wrong by a cited source; warning: probably wrong, or a payer may reject it; info: worth knowing."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Edit(NamedTuple):
    """The text that replaces an element or component of the claim."""

    where: Place
    text: str


class Fix(NamedTuple):
    """Edits that correct a problem. `safe`: they change only the form (digits of an NDC, letter case, a qualifier), and
    not what is billed.
    """

    edits: tuple[Edit, ...]
    safe: bool


class Choice(NamedTuple):
    """One of several ways to correct a problem, of which only the biller knows which is right.

    when: the condition, a template such as "1 package of 10 mg was used". do: what to do then, as an imperative. Both
    are templates over the problem's values. edits: what that changes, if the claim says all of it.
    """

    when: str
    do: str
    edits: tuple[Edit, ...] = ()


class Related(NamedTuple):
    """Another place that a problem is about, and what it has to do with the problem."""

    where: Place
    note: str


class Problem(NamedTuple):
    """What a check found.

    where: the place at fault; None where the scope has one of its own (a Fault).
    found, expected: what the claim says, and what it should say.
    message, correction: templates over `found`, `expected` and `values`, such as "{found} ended {last}.".
    choices: alternatives in place of a correction; the correction is made of them: "if ..., ...; if ..., ...".
    related: other places. fixes: at most one safe and one unsafe Fix; none where there are choices.
    severity: lowers the rule's, never raises it.
    cause: which of the rule's causes it is, for rules that yield to this one alone.
    loop: of the guide, where it is not the usual one of the segment.
    once: what many claims of a file have in common, such as a provider's number: with the same text, the rule is
        reported once a file, at the first claim, with the number of the others. It is kept as a keyed hash.
    sources: what the facts cite for this problem, beside the rule's own sources.
    """

    found: Value
    expected: Value
    message: str
    where: Place | None = None
    correction: str = ""
    choices: Sequence[Choice] = ()
    values: Mapping[str, Value] = {}
    related: Sequence[Related] = ()
    fixes: Sequence[Fix] = ()
    severity: Severity | None = None
    cause: str = ""
    loop: str = ""
    once: str = ""
    sources: Sequence[str] = ()


class NotChecked(NamedTuple):
    """The check decided nothing on a line, and why, in the rule's own words. `lint837 show` prints it."""

    line: ServiceLine
    reason: str


class Citation(NamedTuple):
    """A source that a rule rests on: what it is, and what it says, in our words."""

    source: str
    says: str


class YieldsTo(NamedTuple):
    """A rule whose problem explains this rule's, which is then not reported.

    scope: "segment", the same segment; "line", the same service line; "related", the same line or one that this rule's
    problem is related to; "day", two lines of one drug whose dates of service may be the same day; "claim".
    cause: only for problems of that cause, "" for all.
    """

    rule: str
    scope: str
    cause: str = ""


# Examples are not frozen: hundreds are made at each start, and a frozen one takes three times as long.
@dataclass(slots=True, kw_only=True)
class Example:
    """Service-line segments for a claim that is otherwise right, with "~", "*" and ":" as delimiters, and the context
    that matters: by default an 837P office claim to Medicare B. The harness adds LX before each SV1 or SV2.

    version: ST03 and GS08, such as that of a predetermination.
    claim: more segments of loop 2300.
    filing_code: SBR09. other_payer: SBR09 of a second payer (2320). payer: what is known of the payer.
    facility: CLM05-1. frequency: CLM05-3. statement: DTP*434. diagnoses: HI. purpose: BHT06.
    dependent: the patient is a dependent (2000C).
    created: ISA09, GS04 and BHT04.
    earlier: the service lines of a claim of the same patient that comes before, for a rule with `repeats`.
    listed: rows of a crosswalk that CMS publishes: code, NDC, PKG SIZE, PKG QTY, BILLUNITS, quarters, name, dosage.
    codes: rows of a HCPCS file: its day, code, first day, last day (- for none), successors (-), description.
    instead: texts of the file, such as "SBR*P*18", each with what stands in its place, for what the others do not say.
    also: other rules that rightly find something in the example.
    """

    guide: str = "837P"
    version: str = ""
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
    earlier: str = ""
    payer: PayerProfile | None = None
    listed: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    instead: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    note: str = ""


@dataclass(slots=True)
class Good(Example):
    """An example on which the rule finds nothing."""

    lines: str


@dataclass(slots=True)
class Bad(Example):
    """An example on which the rule finds one problem at `at`, an element such as "SV101-2", with `severity`, on each of
    the service lines in `line` (their LX01, with blanks between; "" for a problem on no line).
    """

    lines: str
    at: str
    severity: Severity | None = None
    line: str = "1"


FACTS: tuple[str, ...] = ()  # a rule's prefilter: no texts but those of the facts

PARTIAL, INPATIENT = "partial", "inpatient"  # late charges and interim bills; lines of an inpatient 837I

Check = Callable[[Any], Iterator[Problem | NotChecked]]
Repeats = Callable[[DrugLine], tuple[str, ...] | None]


class RuleError(ValueError):
    """A rule that cannot be loaded. The text says which rule, and what is wrong with it."""


class Rule(NamedTuple):
    """A rule, ready to run.

    scope: the type of what `check` reads.
    prefilter: texts, one of which, or one of the facts' own, is in any claim on which the rule finds something; None
    where nothing is known of such claims.
    default: False where the rule runs only if it is selected by its code or name.
    incomplete: what it finds always means that some claims were not checked.
    payer_dependent: its finding on an encounter is at most a warning.
    study: the severity of its finding on a drug that was given in a study or free of charge, where that is lower.
    not_on: PARTIAL or INPATIENT, where the rule finds nothing.
    needs: what it must know of a drug: it is not run on a line of a drug that lacks it.
    lowered: False where its finding on a void or inpatient claim is as severe as on any other.
    repeats: what a line bills, or None where it does not count; the check then reads only a line of which an earlier
    claim of the same patient and payer has the same.
    days: where it promises to read of a claim only what its normal form holds, the days on which it changes what it
    finds, besides those of the facts; None for a rule that may read all of it.
    unless: the property of lines or claims, one of QUIET, with which it promises to find nothing; "" for none.
    only: the claims that a rule about every claim is about, one of KINDS, or the ids of segments of which they have
    one; "" for all.
    alike: the part of a WholeClaim that it promises to read alone, "" where it may read all of it.
    configured: the severity of its plain case that a configuration gives it.
    """

    code: str
    name: str
    severity: Severity
    scope: type
    check: Check
    title: str
    documentation: str
    cites: tuple[Citation, ...]
    good: tuple[Good, ...] = ()
    bad: tuple[Bad, ...] = ()
    module: str = ""
    prefilter: tuple[str, ...] | None = None
    default: bool = True
    yields_to: tuple[YieldsTo, ...] = ()
    incomplete: bool = False
    payer_dependent: bool = False
    study: Severity | None = None
    not_on: frozenset[str] = frozenset()
    needs: frozenset[Fact] = frozenset()
    lowered: bool = True
    repeats: Repeats | None = None
    days: tuple[date, ...] | None = None
    unless: str = ""
    only: str = ""
    alike: str = ""
    configured: Severity | None = None

    @property
    def reads_claims(self) -> bool:
        """Whether it is a rule about claims, and not about files, rules or the configuration."""
        return self.scope in CLAIM_SCOPES

    @property
    def group(self) -> str:
        """The group of a rule about every claim, which runs only where it is asked for; "" for others."""
        return CLAIMS if self.scope is WholeClaim else ""


def rule(
    code: str,
    *,
    severity: Severity,
    cites: Sequence[Citation | str],
    good: Sequence[Good] = (),
    bad: Sequence[Bad] = (),
    prefilter: Sequence[str] | None = None,
    default: bool = True,
    yields_to: Sequence[tuple[str, str] | tuple[str, str, str]] = (),
    incomplete: bool = False,
    payer_dependent: bool = False,
    study: Severity | None = None,
    not_on: Sequence[str] = (),
    needs: Sequence[Fact] = (),
    lowered: bool = True,
    repeats: Repeats | None = None,
    unless: str = "",
    only: str = "",
    alike: str = "",
) -> Callable[[Check], Rule]:
    """Make a rule of a check. Its name is the function's; its title is the first paragraph of the docstring. With
    `default` false it runs only where it is selected by its code or name.

    Claims are read only where a rule can find something. A rule of DrugLines finds something only where a code, an NDC
    or a name of the facts occurs; for any other rule `prefilter` says it: FACTS, or texts one of which occurs in any
    letter case. Without it every claim is read, which takes many times as long.

    `cites`: Citations, or keys of the file sources.toml of the rule's package. `yields_to`: (code, scope) or (code,
    scope, cause), as YieldsTo says.

    The engine lowers findings by the kind of claim, so that no rule has to: all findings on void and inpatient claims
    are info, unless `lowered` is false. `payer_dependent`: at most a warning on an encounter. `study`: the severity on
    a drug that was given in a study or free of charge. `not_on`: "partial", no finding on late charges and interim
    bills; "inpatient", none on the lines of an inpatient 837I.

    A rule of WholeClaims is one about every claim: it runs where `claims` is selected, and on each claim. Only a void
    lowers its findings; it lowers them itself on encounters and tests. `only`: "837P", "837I", or
    "other payers", where it is about such claims only; or the ids of segments, such as "LIN CTP", where it finds
    something only in claims that have one of them. `alike` is a promise that it reads of a claim only one part, as
    WholeClaim.keys says: "billing", "bill", "services", "codes", "dates" or "providers". It then runs once on what is
    alike and right.

    `needs`: what the rule must know of a drug, such as Fact.DOSES. Of a drug that only CMS lists it may not be known:
    `lint837 show` then says that the line was not checked.

    `repeats` makes a rule of DrugLines that compares claims: it gives what a line bills as texts, or None where the
    line does not count. The check reads the first line of a claim of which an earlier claim of the same file, patient
    and payer has the same. No rule can yield to it.

    `unless` is a promise that the rule has nothing to say of a line or claim of which a property is true: "is_plain",
    for a rule about how a line is written; "is_well_coded", for one about the code that bills a drug; "is_right", for
    one about units, modifiers and NDC quantities, also a rule of Claims. Most lines are all three, and the rule is not
    run on them.

    A rule runs on each claim, unless the package of its module (the folder that it is in) has `DAYS`. That is a promise
    of all rules in the folder: they read of a claim only what its normal form holds (claims/normal_form.py), and
    compare its days with each other, with the facts and with the days in `DAYS`. Their problems may show a number, a
    charge, a diagnosis or a day all the same. Then a claim that bills what an earlier one billed in the same way is
    not judged again.

    Raises RuleError where the code, the documentation, the examples or the citations are missing.
    """

    def decorate(check: Check) -> Rule:
        where = f"rule {code} ({check.__module__}.{check.__name__})"
        if not re.fullmatch(r"[A-Z]{3,5}\d{3}", code):
            raise RuleError(f"{where}: a code is 3 to 5 capital letters and 3 digits")
        try:
            title, _, documentation = docstring(check).partition("\n\n")
        except NoSourceError:
            raise RuleError(f"{where}: Python dropped its docstring (-OO), and there is no source to read") from None
        if not title.endswith(".") or not documentation:
            raise RuleError(f"{where}: the docstring needs a title, one sentence with a full stop, and an explanation")
        hints = [hint for name, hint in _annotations(check).items() if name != "return"]
        if len(hints) != 1:
            raise RuleError(f"{where}: it must have one parameter with a type")
        made = Rule(
            code=code,
            name=check.__name__.replace("_", "-"),
            severity=severity,
            scope=hints[0],
            check=check,
            title=" ".join(title.split()),
            documentation=documentation,
            cites=tuple(_citation(cite, check.__module__, where) for cite in cites),
            good=tuple(good),
            bad=tuple(bad),
            module=check.__module__,
            prefilter=tuple(prefilter) if prefilter is not None else FACTS if hints[0] is DrugLine else None,
            default=default,
            yields_to=tuple(YieldsTo(*entry) for entry in yields_to),
            incomplete=incomplete,
            payer_dependent=payer_dependent,
            study=study,
            not_on=frozenset(not_on),
            needs=frozenset(needs),
            lowered=lowered,
            repeats=repeats,
            days=_days_of(check.__module__),
            unless=unless,
            only=only,
            alike=alike,
        )
        if made.reads_claims:
            for name, values in (("citation", cites), ("Good example", good), ("Bad example", bad)):
                if not values:
                    raise RuleError(f"{where}: it has no {name}")
        for entry in made.yields_to:
            if entry.scope not in _SCOPES:
                raise RuleError(f"{where}: yields_to has the scope {entry.scope!r}; it must be {' or '.join(_SCOPES)}")
        for kind in made.not_on - {PARTIAL, INPATIENT}:
            raise RuleError(f"{where}: not_on has {kind!r}; it must be partial or inpatient")
        if only and (made.scope is not WholeClaim or not (only in KINDS or _SEGMENTS.fullmatch(only))):
            raise RuleError(f"{where}: only must be {' or '.join(KINDS)} or ids of segments, in a rule of WholeClaims")
        if alike and (made.scope is not WholeClaim or alike not in PARTS):
            raise RuleError(f"{where}: alike must be {' or '.join(PARTS)}, in a rule of WholeClaims")
        if repeats and made.scope is not DrugLine:
            raise RuleError(f"{where}: a rule with repeats must read DrugLines")
        known = {DrugLine: QUIET, ServiceLine: QUIET, Claim: QUIET[-1:]}.get(made.scope, ())
        if unless and unless not in known:
            raise RuleError(f"{where}: unless is {unless!r}; it must be {' or '.join(known) or 'left out'}")
        return made

    return decorate


def _annotations(check: Check) -> dict[str, Any]:
    """The types of a check. Those that are written as texts are looked up."""
    written = check.__annotations__
    return get_type_hints(check) if any(isinstance(one, str) for one in written.values()) else written


def _days_of(module: str) -> tuple[date, ...] | None:
    """What the package of a module promises with DAYS."""
    package = sys.modules.get(module.rpartition(".")[0])
    days = getattr(package, "DAYS", None)
    return None if days is None else tuple(days)


def _citation(cite: Citation | str, module: str, where: str) -> Citation:
    if isinstance(cite, Citation):
        return cite
    known = _sources_of(module.partition(".")[0])
    if cite not in known:
        raise RuleError(f"{where}: sources.toml of its package has no source {cite!r}")
    return known[cite]


@cache
def _sources_of(package: str) -> dict[str, Citation]:
    """The citations in the file sources.toml of a package, by their keys. Raises RuleError."""
    for text in (text for _, text in files_in(sys.modules[package], "sources.toml")):
        try:
            table = tomllib.loads(text)
            return {key: Citation(entry["source"], entry["says"]) for key, entry in table.items()}
        except (tomllib.TOMLDecodeError, TypeError, KeyError):
            raise RuleError(f"{package}/sources.toml: expected tables with the keys source and says") from None
    return {}
