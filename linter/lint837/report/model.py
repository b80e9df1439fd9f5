"""What the formats read: a Report as plain values, which can be written as JSON and read back without a rulebook."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lint837.lint.engine import Report
from lint837.lint.finding import Finding, InputSummary
from lint837.rules.envelope import ENVELOPE_RULES
from lint837.rules.rule import Citation, Severity
from lint837.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule says of itself: its severity in the plain case, why it is a rule, and its sources."""

    code: str
    name: str
    severity: Severity
    title: str
    documentation: str
    sources: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class About:
    """With what the inputs were linted: the version, the codes of the rules that were chosen, the drugs, the day
    through which their facts were verified ("" without facts), the least severity that makes the exit status 1 (None:
    none does), and whether the claims are redacted.
    """

    version: str
    rules: tuple[str, ...]
    facts: tuple[str, ...]
    verified_through: str
    fail_on: Severity | None
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """The counts of a whole run; `passed_over` are the files of directories that hold no claims by name or content,
    `suppressed` the findings that the configuration hides.
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


@dataclass(frozen=True, slots=True)
class Results:
    """A whole run: `rules` are the texts of the rules that found something."""

    about: About
    rules: tuple[RuleText, ...]
    findings: tuple[Finding, ...]
    inputs: tuple[InputSummary, ...]
    passed_over: tuple[str, ...]
    exit_status: int

    @property
    def totals(self) -> Totals:
        """The counts of all inputs and findings."""
        return totals(self.inputs, self.passed_over, Counter(finding.severity for finding in self.findings))

    @property
    def by_input(self) -> list[tuple[InputSummary, list[Finding]]]:
        """Each input with its findings."""
        found: dict[str, list[Finding]] = {item.path: [] for item in self.inputs}
        for finding in self.findings:
            found.setdefault(finding.path, []).append(finding)
        return [(item, found[item.path]) for item in self.inputs]

    @property
    def elsewhere(self) -> list[Finding]:
        """The findings that are in no input: on the configuration."""
        inputs = {item.path for item in self.inputs}
        return [finding for finding in self.findings if finding.path not in inputs]

    @property
    def complete(self) -> bool:
        """Whether everything in every input could be checked."""
        return all(item.complete for item in self.inputs)


def about(rulebook: Rulebook, version: str, fail_on: Severity | None) -> About:
    """What is known before the first input is read."""
    drugs = tuple(drug.name for drug in rulebook.formulary.drugs)
    return About(version, tuple(sorted(rulebook.chosen)), drugs, rulebook.verified_through, fail_on)


def totals(inputs: Sequence[InputSummary], passed_over: Sequence[str], severities: Counter[Severity]) -> Totals:
    """The counts over inputs; `severities`: how many findings are of each."""
    return Totals(
        files=len(inputs),
        passed_over=tuple(passed_over),
        complete=all(item.complete for item in inputs),
        claims=sum(item.claims for item in inputs),
        drug_lines=sum(item.drug_lines for item in inputs),
        segments=sum(item.segments for item in inputs),
        unchecked_segments=sum(item.unchecked for item in inputs),
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        infos=severities[Severity.INFO],
        suppressed=sum(use.hidden for item in inputs for use in item.suppressions),
    )


def results(report: Report, version: str, fail_on: Severity | None, exit_status: int) -> Results:
    """A report as the formats read it."""
    found = {finding.rule for finding in report.findings}
    return Results(
        about(report.rulebook, version, fail_on),
        tuple(rule_texts(report.rulebook, found)),
        report.findings,
        report.inputs,
        report.passed_over,
        exit_status,
    )


def rule_texts(rulebook: Rulebook, codes: Iterable[str]) -> list[RuleText]:
    """The texts of rules, in the order of their codes."""
    wanted = frozenset(codes)
    texts = [
        RuleText(rule.code, rule.name, rule.severity, rule.title, _unwrapped(rule.documentation), rule.cites)
        for rule in rulebook.rules
        if rule.code in wanted
    ]
    texts += [
        RuleText(code, rule.name, rule.severity, rule.title, rule.documentation, ())
        for code, rule in ENVELOPE_RULES.items()
        if code in wanted
    ]
    return sorted(texts, key=lambda text: text.code)


def _unwrapped(text: str) -> str:
    """Paragraphs, each as one line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def worst(findings: Sequence[Finding], limit: int) -> list[int]:
    """Which findings a report shows that shows at most so many: those of the highest severity, in their order."""
    return sorted(sorted(range(len(findings)), key=lambda n: (-findings[n].severity, n))[:limit])
