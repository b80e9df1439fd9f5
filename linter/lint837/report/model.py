"""The one Report: what was linted with what, what was found, what every input held, and the exit status."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lint837.files.inputs import Blocks, Input
from lint837.lint.engine import Lint
from lint837.lint.finding import Finding, InputSummary
from lint837.report.entry import Entry
from lint837.rules.house import UsedSuppression
from lint837.rules.rule import Citation, Rule, Severity
from lint837.rules.rulebook import Rulebook, load_rulebook
from lint837.rules.values import counted


class RuleText(NamedTuple):
    """What a rule says of itself: its severity in the plain case, why it is a rule, its sources, and its group."""

    code: str
    name: str
    severity: Severity
    title: str
    documentation: str
    sources: tuple[Citation, ...]
    group: str = ""


class About(NamedTuple):
    """With what the inputs were linted: the version, the codes of the rules that ran, the drugs, the day through which
    their facts were verified ("" without facts), the least severity that makes the exit status 1 (None: none does), the
    configuration and what it changed ("" without one), the part of a plan that was linted ("" for whole files), the
    rules that could not run because files were linted in parts, whether the claims are redacted, and whether rules
    about every claim ran.
    """

    version: str
    rules: tuple[str, ...]
    facts: tuple[str, ...]
    verified_through: str
    fail_on: Severity | None
    configuration: str = ""
    part: str = ""
    not_run: tuple[str, ...] = ()
    redacted: bool = False
    every_claim: bool = True


class Totals(NamedTuple):
    """The counts of a whole run. `passed_over`: the files of directories that hold no claims by name or content.
    `suppressed`: the findings that the configuration hides. `safe_fixes`, `unsafe_fixes`: the findings that
    `lint837 fix` can correct, and those that it corrects with --unsafe only.
    """

    files: int
    passed_over: tuple[str, ...]
    complete: bool
    claims: int
    drug_lines: int
    segments: int
    unchecked_segments: int
    errors: int
    warnings: int
    infos: int
    suppressed: int
    safe_fixes: int
    unsafe_fixes: int

    def exit_status(self, fail_on: Severity | None, *, allow_empty: bool = False) -> int:
        """3 where something could not be checked, or no claim was found (unless `allow_empty`); 1 where a finding is at
        or above `fail_on` (None: never); else 0.
        """
        if not self.complete or not (self.claims or allow_empty):
            return 3
        counts = {Severity.ERROR: self.errors, Severity.WARNING: self.warnings, Severity.INFO: self.infos}
        return int(fail_on is not None and any(count for severity, count in counts.items() if severity >= fail_on))


class Tally:
    """Counts findings and inputs as they come."""

    def __init__(self) -> None:
        self.inputs: list[InputSummary] = []
        self.rules: set[str] = set()
        self._severities: Counter[Severity] = Counter()
        self._fixes: Counter[bool] = Counter()  # by whether they are safe

    def finding(self, entry: Finding | Entry) -> None:
        """Count a finding."""
        self.rules.add(entry.rule)
        self._severities[entry.severity] += 1
        if entry.fixes:
            self._fixes[all(fix.safe for fix in entry.fixes)] += 1

    def input(self, item: InputSummary) -> None:
        """Count an input."""
        self.inputs.append(item)

    def totals(self, passed_over: Sequence[str] = ()) -> Totals:
        """The counts so far."""
        inputs = self.inputs
        return Totals(
            files=len(inputs),
            passed_over=tuple(passed_over),
            complete=all(item.complete for item in inputs),
            claims=sum(item.claims for item in inputs),
            drug_lines=sum(item.drug_lines for item in inputs),
            segments=sum(item.segments for item in inputs),
            unchecked_segments=sum(item.unchecked for item in inputs),
            errors=self._severities[Severity.ERROR],
            warnings=self._severities[Severity.WARNING],
            infos=self._severities[Severity.INFO],
            suppressed=sum(use.hidden for item in inputs for use in item.suppressions),
            safe_fixes=self._fixes[True],
            unsafe_fixes=self._fixes[False],
        )


class Report(NamedTuple):
    """All that a run found: the findings in the order of the inputs, what each input held, the files of directories
    that were passed over, and the rulebook. It prints as a short summary.
    """

    findings: tuple[Finding, ...]
    inputs: tuple[InputSummary, ...]
    passed_over: tuple[str, ...]
    rulebook: Rulebook

    @property
    def totals(self) -> Totals:
        """The counts of all inputs and findings."""
        tally = Tally()
        for finding in self.findings:
            tally.finding(finding)
        for item in self.inputs:
            tally.input(item)
        return tally.totals(self.passed_over)

    @property
    def complete(self) -> bool:
        """Whether everything in every input could be checked."""
        return all(item.complete for item in self.inputs)

    def exit_status(self, fail_on: Severity | None = Severity.ERROR, *, allow_empty: bool = False) -> int:
        """The exit status that `lint837 check` would have: see Totals.exit_status."""
        return self.totals.exit_status(fail_on, allow_empty=allow_empty)

    def __str__(self) -> str:
        totals = self.totals
        parts = [counted(totals.files, "file"), counted(totals.claims, "claim")]
        counts = ((totals.errors, "error"), (totals.warnings, "warning"), (totals.infos, "info"))
        parts += [counted(count, word) for count, word in counts if count] or ["no findings"]
        return ", ".join(parts) + ("" if totals.complete else ", not everything could be checked")

    def __repr__(self) -> str:
        return f"<Report: {self}>"


def about(rulebook: Rulebook, version: str, fail_on: Severity | None, configuration: str = "", part: str = "") -> About:
    """What is known before the first input is read. In a part of a plan no claims of different parts are compared, and
    nothing is said of the whole configuration.
    """
    stored = rulebook.formulary.stored
    drugs = (*(drug.name for drug in rulebook.formulary.drugs), *([stored.description] if stored else []))
    compare = {rule.code for rule in rulebook.rules if rule.repeats or _is_of_suppressions(rule, rulebook)}
    not_run = frozenset(compare if part else ()) & rulebook.chosen
    ran = tuple(sorted(rulebook.chosen - not_run))
    return About(
        version,
        ran,
        drugs,
        rulebook.verified_through,
        fail_on,
        configuration,
        part,
        tuple(sorted(not_run)),
        every_claim=any(rule.group for rule in rulebook.running) or not rulebook.every_claim_rules,
    )


def _is_of_suppressions(rule: Rule, rulebook: Rulebook) -> bool:
    """Whether a rule would say something of the suppressions, of which a part knows too little."""
    return rule.scope is UsedSuppression and bool(rulebook.suppressions)


def rule_texts(rulebook: Rulebook, codes: Iterable[str]) -> list[RuleText]:
    """The texts of rules, in the order of their codes."""
    wanted = frozenset(codes)
    return [text_of(rule) for rule in rulebook.rules if rule.code in wanted]


def text_of(rule: Rule) -> RuleText:
    """What a rule says of itself, each paragraph on one line."""
    documentation = "\n\n".join(" ".join(paragraph.split()) for paragraph in rule.documentation.split("\n\n"))
    return RuleText(rule.code, rule.name, rule.severity, rule.title, documentation, rule.cites, rule.group)


# ---------------------------------------------------------------- for programs


def lint_bytes(data: bytes, path: str = "<bytes>", *, rulebook: Rulebook | None = None) -> Report:
    """Lint claim files that are in memory; `path` is what the findings say. Raises RuleError or FactsError where an
    installed rule package cannot be used, and nothing for whatever `data` holds.
    """
    return _report(Lint(iter([data]), path, rulebook or load_rulebook()))


def lint_file(path: str | Path, *, rulebook: Rulebook | None = None) -> Report:
    """Lint one claim file. A file that cannot be read is a finding, ENV011. Raises as `lint_bytes` does."""
    return _report(Lint(Blocks(Input(str(path))), str(path), rulebook or load_rulebook()))


def _report(lint: Lint) -> Report:
    findings = [*lint, *notes_on(lint.rulebook, [lint.summary])]
    return Report(tuple(findings), (lint.summary,), (), lint.rulebook)


def notes_on(rulebook: Rulebook, inputs: Sequence[InputSummary]) -> Iterator[Finding]:
    """The findings on the suppressions of a rulebook, when all inputs have been read."""
    if rulebook.suppressions:
        from lint837.lint.suppress import notes

        yield from (one for one in notes(rulebook, inputs) if one.rule in rulebook.reported)
