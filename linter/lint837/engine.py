"""The engine: rules and facts found and loaded, claims judged, findings made.

rulebook = load_rulebook()
lint = Lint(blocks, "claims.837", rulebook)
for finding in lint: ...
lint.summary
"""

import importlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from lint837 import packages
from lint837.claims import Claim, DrugLine, ServiceLine, content_of
from lint837.envelope_rules import ENVELOPE_RULES
from lint837.facts import Drug, FactsError, Formulary, load_drug
from lint837.finding import (
    Finding,
    InputSummary,
    from_fault,
    from_problem,
    rule_failed,
    unreadable,
)
from lint837.literals import Literals
from lint837.reader import SURVEY_FROM, Reader
from lint837.rule import Problem, Rule, RuleError, Severity, Silence
from lint837.source import Blocks, Input
from lint837.standing import Standings
from lint837.tiling import WHOLE, Limits, Share, Slice

ENTRY_POINTS = "lint837.rules"
DISTRIBUTION = "lint837"
_QUIET_CLAIMS = 8192  # claims alike that are remembered: some kilobytes each


class UnknownRuleError(ValueError):
    """A word that is no rule's code or name, nor the beginning of a code."""

    def __init__(self, word: str) -> None:
        super().__init__(f"{word!r} is no rule, and no rule's code begins so")
        self.word = word


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules in the order of their codes, the drugs that they are about, and the codes of the rules that were chosen
    to run, the envelope's among them (an incomplete finding is always reported).
    """

    rules: tuple[Rule, ...]
    formulary: Formulary
    chosen: frozenset[str]

    @property
    def verified_through(self) -> str:
        """The day through which every drug's facts were verified, "" without facts."""
        return min((drug.verified_through.isoformat() for drug in self.formulary.drugs), default="")

    def narrowed(self, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> "Rulebook":
        """The same with only the rules that `select` names (all, where it is empty) and `ignore` does not: by code, by
        the beginning of a code such as HCP, or by name. An UnknownRuleError names what is no rule.
        """
        names = {rule.code: rule.name for rule in self.rules} | {c: r.name for c, r in ENVELOPE_RULES.items()}
        for word in (*select, *ignore):
            if not any(_names(word, code, name) for code, name in names.items()):
                raise UnknownRuleError(word)
        kept = {
            code
            for code, name in names.items()
            if (not select or any(_names(word, code, name) for word in select))
            and not any(_names(word, code, name) for word in ignore)
        }
        # A rule that is off by default must be named itself, not by the beginning of its code.
        kept -= {r.code for r in self.rules if not r.default and r.code not in select and r.name not in select}
        return Rulebook(self.rules, self.formulary, frozenset(kept))

    @property
    def running(self) -> tuple[Rule, ...]:
        """The rules that were chosen."""
        return tuple(rule for rule in self.rules if rule.code in self.chosen)

    @property
    def literals(self) -> Literals | None:
        """What stands in every claim on which a chosen rule can find something, or in which a drug line is; None where
        a rule may find something on any claim.
        """
        texts: list[str] = []
        for rule in self.running:
            if rule.literals is None:
                return None
            texts += rule.literals
        literals = Literals(self.formulary.drugs, texts)
        return literals if literals.usable else None


def _names(word: str, code: str, name: str) -> bool:
    return bool(word) and (code.startswith(word.upper()) or name == word.lower())


# ---------------------------------------------------------------- loading


def load_rulebook(*, isolated: bool = False, facts: Iterable[str | Path] = ()) -> Rulebook:
    """The rules and facts of every installed rule package (entry-point group `lint837.rules`); with `isolated` only of
    the one that comes with lint837. `facts` are further facts files. Raises RuleError or FactsError where one cannot be
    used.
    """
    rules: dict[str, Rule] = {}
    drugs: dict[str, Drug] = {}
    for point in packages.entry_points(ENTRY_POINTS):
        if isolated and point.distribution != DISTRIBUTION:
            continue
        try:
            package = importlib.import_module(point.value)
            found = list(_rules_of(package))
        except RuleError:
            raise
        except Exception as error:
            raise RuleError(f"rule package {point.value} cannot be imported: {failure(error)}") from error
        for rule in found:
            other = rules.setdefault(rule.code, rule)
            if other is not rule or rule.code in ENVELOPE_RULES:
                owner = other.module if other is not rule else "lint837 itself"
                raise RuleError(f"rule {rule.code}: {rule.module} and {owner} both define it")
        for drug in _drugs_of(package):
            if drugs.setdefault(drug.name, drug) is not drug:
                raise RuleError(f"drug {drug.name}: two rule packages have facts of it")
    for path in facts:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FactsError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from None
        drug = load_drug(text, str(path))
        if drugs.setdefault(drug.name, drug) is not drug:
            raise FactsError(f"{path}: facts of {drug.name} are known already")
    ordered = tuple(rules[code] for code in sorted(rules))
    return Rulebook(ordered, Formulary(drugs.values()), frozenset()).narrowed()


def _rules_of(package: ModuleType) -> Iterator[Rule]:
    """The rules of a package's modules, or of a single module."""
    for name in packages.modules_of(package):
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Rule) and value.module == name:
                yield value


def _drugs_of(package: ModuleType) -> Iterator[Drug]:
    """The drugs of the facts files, drugs/*.toml, of a package."""
    for name, text in packages.files_of(package, "drugs", ".toml"):
        yield load_drug(text, f"{package.__name__}/drugs/{name}")


# ---------------------------------------------------------------- linting


class Lint:
    """The findings of one input, as they come; `summary` is there when the iteration has ended."""

    summary: InputSummary

    def __init__(
        self,
        blocks: Iterable[bytes],
        path: str,
        rulebook: Rulebook,
        limits: Limits | None = None,
        *,
        prefilter: bool = True,
        share: Share = WHOLE,
        survey_from: int = SURVEY_FROM,
    ) -> None:
        """Without `prefilter` every claim is read and judged, also where no rule can find anything. Of a `share` only
        its claims are judged, and only the first tells of the envelope. `survey_from`: as the reader's.
        """
        self._blocks = blocks
        self._path = path
        self.rulebook = rulebook
        self._limits = limits
        self._prefilter = prefilter
        self._literals = rulebook.literals if prefilter else None
        self._share = share
        self._survey_from = survey_from
        # Where the last finding stands among those of all shares: behind so many claims, 0 in one and 1 behind it.
        self.order: tuple[float, int] = (0, 0)

    def __iter__(self) -> Iterator[Finding]:
        reader = Reader(self._blocks, self._limits, self._literals, share=self._share, survey_from=self._survey_from)
        judge = Judge(self.rulebook, self._path, self._literals, remember=self._prefilter)
        drug_lines = 0
        complete = True
        for event in reader:
            if not isinstance(event, Slice):
                # Where reading failed, that the input ends too early is no news.
                if event.offset == reader.counts.bytes and event.code == "ENV002" and self._error:
                    continue
                if event.code == "ENV001" and self._error:
                    continue
                complete &= not event.incomplete
                self.order = (event.after, 1)
                if not self._share.part and (event.incomplete or event.code in self.rulebook.chosen):
                    yield from_fault(event, self._path)
            elif event.kind == "claim" and not event.damaged and self._share.has(event.claim):
                self.order = (event.claim, 0)
                lines, findings = judge(event)
                drug_lines += lines
                for finding in findings:
                    complete &= not finding.incomplete
                    yield finding
        counts = reader.counts
        if self._error:
            complete = False
            self.order = (math.inf, 0)
            yield unreadable(self._path, self._error, counts.bytes)
        self.summary = InputSummary(
            path=self._path,
            complete=complete,
            bytes=counts.bytes,
            segments=counts.segments,
            unchecked=counts.unchecked,
            interchanges=counts.interchanges,
            transaction_sets=counts.transaction_sets,
            claims=counts.claims,
            drug_lines=drug_lines,
        )

    @property
    def _error(self) -> str | None:
        return self._blocks.error if isinstance(self._blocks, Blocks) else None


class Judge:
    """Judges the claims of one input, one after another. The claims of a batch are much alike: where nothing was found
    in one, nothing is in another that a rule cannot tell from it.
    """

    def __init__(
        self, rulebook: Rulebook, path: str, literals: Literals | None = None, *, remember: bool = True
    ) -> None:
        """`literals`: what a claim holds one of in which there is something to find; None: any may be such a claim."""
        self._formulary = rulebook.formulary
        self._rules = rulebook.running
        self._literals = literals
        self._remember = remember
        self._path = path
        self._standings = Standings()
        # How many drug lines there are in a claim without findings, by all that a rule may know of it; who pays and who
        # bills is left out where no rule asked. Of bounded size.
        self._quiet: dict[tuple[object, ...], int] = {}

    def __call__(self, piece: Slice) -> tuple[int, Sequence[Finding]]:
        """How many drug lines a claim slice has, and its findings. A ValueError says that it is no whole claim."""
        if piece.context is None or piece.data is None:
            raise ValueError("not a whole claim")
        if self._literals:
            text = piece.context.delimiters.unwrapped(piece.data)
            if not self._literals.found_in(text, 0, len(text)):
                return 0, ()
        standing = self._standings.of(piece.context)
        alike = (content_of(piece), standing.created, standing.is_encounter, standing.claim_filing_code)
        parties = (*alike, standing.payer_id, standing.billing_npi)
        known = self._quiet.get(alike)
        known = self._quiet.get(parties) if known is None else known
        if known is not None:
            return known, ()
        claim = Claim(piece, self._formulary, standing)
        lines = len(claim.drug_lines)
        findings = list(judge(claim, self._rules, self._path))
        if self._remember and not findings:
            if len(self._quiet) >= _QUIET_CLAIMS:
                self._quiet.clear()
            self._quiet[parties if claim.parties_were_read else alike] = lines
        return lines, findings


def judge(claim: Claim, rules: Iterable[Rule], path: str) -> Iterator[Finding]:
    """Run the rules on one claim. A rule that raises becomes INT001, and the others go on."""
    for rule in rules:
        findings: list[Finding] = []
        try:
            for target in _targets(rule.scope, claim):
                for problem in rule.check(target):
                    if isinstance(problem, Silence):
                        continue
                    severity, why = _severity(rule, problem, claim)
                    findings.append(from_problem(rule.code, rule.name, severity, problem, claim, path, why))
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the others go on
            findings.append(rule_failed(rule.code, failure(error), claim, path))
        yield from findings


def _targets(scope: type, claim: Claim) -> Sequence[Claim | ServiceLine]:
    if scope is DrugLine:
        return claim.drug_lines
    if scope is ServiceLine:
        return [line for line in claim.service_lines if line.service]
    return [claim]


def _severity(rule: Rule, problem: Problem, claim: Claim) -> tuple[Severity, str]:
    """The rule's severity, lowered by the problem, for a void claim or an inpatient one, or for a weak identification;
    and a sentence that says why, where the claim's kind lowered it.
    """
    severity = min(rule.severity, problem.severity or rule.severity)
    if severity > Severity.INFO and claim.is_void:
        return Severity.INFO, "This claim voids an earlier one (frequency 8), whose lines it must mirror."
    if severity > Severity.INFO and claim.is_inpatient:
        return Severity.INFO, "On an inpatient claim the code and units are seldom what is paid."
    line = problem.where.line
    weak = isinstance(line, DrugLine) and line.weak
    return (min(severity, Severity.WARNING) if weak else severity), ""


def failure(error: BaseException) -> str:
    """An exception's type and place in the program; its text may hold claim data and is not told."""
    place, frame = "", error.__traceback__
    while frame:
        place = f" at {Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(error).__name__}{place}"


# ---------------------------------------------------------------- for programs


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found: the findings in the order of the inputs and their bytes, what each input held, the files of
    directories that were passed over, and the rulebook.
    """

    findings: tuple[Finding, ...]
    inputs: tuple[InputSummary, ...]
    passed_over: tuple[str, ...]
    rulebook: Rulebook

    @property
    def complete(self) -> bool:
        """Whether everything in every input could be checked."""
        return all(item.complete for item in self.inputs)

    def exit_status(self, fail_on: Severity | None = Severity.ERROR, *, allow_empty: bool = False) -> int:
        """3 where something could not be checked, or no claim was found; 1 where a finding is at or above `fail_on`
        (None: never); else 0.
        """
        worst = max((finding.severity for finding in self.findings), default=None)
        return exit_status(self.inputs, worst, fail_on, allow_empty=allow_empty)


def exit_status(
    inputs: Sequence[InputSummary], worst: Severity | None, fail_on: Severity | None, *, allow_empty: bool
) -> int:
    """The exit status of a run, `worst` being the worst severity that was found."""
    if not all(item.complete for item in inputs) or (not allow_empty and not any(item.claims for item in inputs)):
        return 3
    return int(fail_on is not None and worst is not None and worst >= fail_on)


def lint_bytes(data: bytes, path: str = "<bytes>", *, rulebook: Rulebook | None = None) -> Report:
    """Lint claim files that are in memory; `path` is what the findings say. Raises RuleError or FactsError where an
    installed rule package cannot be used, and nothing for whatever `data` holds.
    """
    return _report(Lint(iter([data]), path, rulebook or load_rulebook()))


def lint_file(path: str | Path, *, rulebook: Rulebook | None = None) -> Report:
    """Lint one claim file. A file that cannot be read is a finding, ENV011. Raises as `lint_bytes` does."""
    return _report(Lint(Blocks(Input(str(path))), str(path), rulebook or load_rulebook()))


def _report(lint: Lint) -> Report:
    findings = in_order(lint)
    return Report(findings, (lint.summary,), (), lint.rulebook)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of one input by place, then by rule."""
    return tuple(sorted(findings, key=lambda finding: (finding.offset, finding.rule, finding.element)))
