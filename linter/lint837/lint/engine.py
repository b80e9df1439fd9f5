"""The engine: one input to findings and a summary.

lint = Lint(blocks, "claims.837", rulebook)
for finding in lint: ...
lint.summary
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lint837.claims.claim import Claim
from lint837.claims.header import Header, Headers
from lint837.claims.whole_claim import Levels, WholeClaim
from lint837.facts.payers import UNKNOWN_PAYER
from lint837.files.inputs import Blocks
from lint837.lint.asked import Rules
from lint837.lint.carried import NotAlikeError, findings_on
from lint837.lint.finding import Finding, InputSummary, of_fault, of_header
from lint837.lint.judgment import NOTHING, Judgment, OfWhole, findings_of, in_order, judge, judge_whole
from lint837.lint.memory import Memory, Recalled
from lint837.lint.misplaced import MISPLACED_NDC, unknown_drug
from lint837.lint.once import Again, OnceAFile
from lint837.lint.precedence import Found
from lint837.lint.repeats import Bill, Billed, Comparison, Hashes, Repeat, billed, bills_of, problems
from lint837.lint.structure import headers_above, structure_of
from lint837.rules.envelope import code_of
from lint837.rules.house import RuleFailure
from lint837.rules.rule import Rule
from lint837.rules.rulebook import ALL, OFF, Rulebook, failure
from lint837.rules.structure import GUIDE_RULES
from lint837.x12.faults import Cause, Fault, Scope
from lint837.x12.prefilter import Prefilter
from lint837.x12.reader import SCAN_FROM, Reader
from lint837.x12.slices import WHOLE, Context, Counts, Limits, Share, Slice

if TYPE_CHECKING:  # what only a configuration brings; start-up time is a feature
    from lint837.lint.suppress import Ledger

_HELD = 1024  # faults between two claims that are put in the order of their places

_NO_RULES = Rules(())
_AGAIN = "ENV009"  # explains why the claims of a repeated envelope repeat others


class Running:
    """The rules that run on the claims of a file, and what was said of claims that are alike: the same for all files in
    which the same rules are ignored.
    """

    def __init__(self, rulebook: Rulebook, *, remember: bool = True) -> None:
        """`rulebook`: that for the file."""
        self.rulebook = rulebook
        # Of claims in which a rule may find something; and of those that are read.
        self.judged = rulebook.prefilter
        # By the name of a payer.
        self.rules = {one.name: Rules(rulebook.rules_for(one)) for one in (UNKNOWN_PAYER, *rulebook.profiles.all)}
        self.reads_every_claim = any(rules.every for rules in self.rules.values())
        self.prefilter = None if rulebook.guide == ALL or self.reads_every_claim else self.judged
        about_drugs = [rule for rules in self.rules.values() for rule in rules.drugs]
        self.memory = Memory(rulebook.formulary, about_drugs, rulebook.hidden) if remember else None


class Runnings:
    """What runs on each file of a run."""

    def __init__(self, rulebook: Rulebook, *, remember: bool = True) -> None:
        """Without `remember` each claim is judged, also where one like it was."""
        self._rulebook = rulebook
        self._remember = remember
        self._known: dict[frozenset[str], Running] = {}

    def on(self, path: str) -> Running:
        """What runs on a file."""
        here = self._rulebook.for_file(path)
        if here.hidden not in self._known:
            self._known[here.hidden] = Running(here, remember=self._remember)
        return self._known[here.hidden]


class PartReader(Protocol):
    """What reads a part of a file in place of a Reader: slices, faults, and what was counted."""

    @property
    def counts(self) -> Counts:
        """What has been counted so far."""

    def __iter__(self) -> Iterator[Slice | Fault]: ...


class Lint:
    """The findings of one input, as they come; `summary` is there when the iteration has ended.

    Their order: claim by claim, in a claim by offset, rule and element; a finding on the file after the claim that
    precedes it. What is wrong with the form of segments is known, and comes, when their transaction set has ended.
    """

    summary: InputSummary

    def __init__(
        self,
        blocks: Iterable[bytes],
        path: str,
        rulebook: Rulebook,
        limits: Limits | None = None,
        *,
        prefilter: bool = True,
        remember: bool = True,
        share: Share = WHOLE,
        scan_from: int = SCAN_FROM,
        runnings: Runnings | None = None,
        reader: "PartReader | None" = None,
    ) -> None:
        """Without `prefilter` every claim is read and judged, also where no rule can find anything; without `remember`
        also where a claim like it was judged. Of a `share` only its claims are judged, and only the first reports the
        envelope. `scan_from`: as the reader's. `runnings`: of the run, where there are other files in it.
        `reader`: of a part of a file; its claims are not compared with others.
        """
        self._blocks = blocks
        self._reader = reader
        self._path = path
        self.rulebook = rulebook
        self._running = (runnings or Runnings(rulebook, remember=remember)).on(path)
        self._limits = limits
        self._filters = prefilter
        self._prefilter = self._running.prefilter if prefilter else None
        self._share = share
        self._scan_from = scan_from
        self._last_header = -1
        self._complete = True
        # The place of the last finding among those of all shares: after so many claims; 0 in a claim, 1 after it.
        self.order: tuple[float, int] = (0, 0)

    def __iter__(self) -> Iterator[Finding]:
        return (event for event in self.events() if isinstance(event, Finding))

    def events(self) -> Iterator[Finding | Billed | Again]:
        """The findings; of a share also, before those of each claim, what the claim bills, for who compares claims, and
        in place of a finding that is told once a file, and was handed over, a note of it.
        """
        reader = self._reader or Reader(
            self._blocks, self._limits, self._prefilter, share=self._share, scan_from=self._scan_from
        )
        alone = self._share.parts == 1 and self._reader is None
        once = OnceAFile()
        handed_over = Hashes() if self._share.parts > 1 else None
        of_rules = self._running.judged if self._filters else None
        judge = Judge(self._running, self._path, of_rules, compare=alone, once=True)
        drug_lines = 0
        faults: list[Fault] = []
        misplaced: Fault | None = None  # a drug before the lines of the claim that follows
        for event in reader:
            if isinstance(event, Fault):
                if event.cause is Cause.DRUG_BEFORE_LINES:
                    misplaced = event
                    continue
                judge.note(event)
                if self._is_news(event, reader.counts.bytes):
                    self._complete &= not event.incomplete
                    faults.append(event)
                    if len(faults) >= _HELD:
                        yield from self._told(faults)
                continue
            if judge.structure and judge.structure.every:
                yield from self._missing_before(judge, event, faults)
            if event.kind != "claim":
                if judge.structure and judge.structure.every and event.context:
                    yield from self._of_headers(judge, [event], faults)
                continue
            unread, misplaced = misplaced and judge.unread(misplaced, event), None
            if unread:
                judge.note(unread)
                self._complete = False
                faults.append(unread)
            if not event.damaged and (alone or self._share.has(event.claim)):
                judged = judge(event)
                drug_lines += judged.drug_lines
                if judged.drug_lines and judge.structure and not judge.structure.every:
                    yield from self._of_headers(judge, headers_above(event.context), faults)
                if judged.findings or judged.billed or judged.again:
                    if faults:
                        yield from self._told(faults)
                    self.order = (event.claim, 0)
                    self._complete &= not any(finding.incomplete for finding in judged.findings)
                    if judged.billed:
                        yield judged.billed
                    for finding in judged.findings:
                        if not finding.once:
                            yield finding
                        elif handed_over:
                            yield finding if handed_over.is_new(finding.once) else Again(finding.once)
                        else:
                            yield from once.take(finding)
                    for known in map(Again, judged.again):
                        if handed_over:
                            yield known
                        else:
                            yield from once.take(known)
        yield from self._told(faults)
        counts = reader.counts
        if self._error:
            self._complete = False
            self.order = (math.inf, 0)
            yield of_fault(_unreadable(self._error, counts.bytes), self._path)
        yield from once.rest()
        self.summary = InputSummary(
            path=self._path,
            complete=self._complete,
            bytes=counts.bytes,
            segments=counts.segments,
            unchecked=counts.unchecked,
            interchanges=counts.interchanges,
            transaction_sets=counts.transaction_sets,
            claims=counts.claims,
            drug_lines=drug_lines,
            suppressions=judge.ledger.uses if judge.ledger else (),
            not_read=tuple(counts.not_read),
        )

    def _of_headers(self, judge: "Judge", headers: Sequence[Slice], faults: list[Fault]) -> Iterator[Finding]:
        """What is wrong with the structure of headers that come for the first time."""
        for piece in headers:
            if piece.start <= self._last_header:
                continue
            self._last_header = piece.start
            found = judge.of_header(piece)
            if found:
                yield from self._told(faults)
                self._complete &= not any(finding.incomplete for finding in found)
                yield from found

    def _missing_before(self, judge: "Judge", piece: Slice, faults: list[Fault]) -> Iterator[Finding]:
        """What is missing below the header before a slice."""
        found = judge.missing_before(piece)
        if found:
            yield from self._told(faults)
            yield from found

    def _is_news(self, fault: Fault, read: int) -> bool:
        """Where reading failed, it is no news that the input ends too early, or holds nothing."""
        early = fault.cause is Cause.NO_INTERCHANGE or (fault.cause is Cause.CUT_OFF and fault.offset == read)
        return not (early and self._error)

    def _told(self, faults: list[Fault]) -> Iterator[Finding]:
        """The findings of the faults that are held, which are then forgotten."""
        here = self._running.rulebook
        chosen, severities = here.reported, here.severities
        for fault in sorted(faults, key=lambda one: (one.after, one.offset, code_of(one), one.element)):
            self.order = (fault.after, 1)
            code = code_of(fault)
            if not self._share.part and (fault.incomplete or code in chosen):
                yield of_fault(fault, self._path, severities.get(code))
        faults.clear()

    @property
    def _error(self) -> str | None:
        return self._blocks.error if isinstance(self._blocks, Blocks) else None


def _unreadable(error: str, offset: int) -> Fault:
    return Fault(
        cause=Cause.UNREADABLE_INPUT,
        values={"reason": error, "begun": offset > 0},
        offset=offset,
        line=1,
        column=1,
        segment=0,
        element="",
        scope=Scope.FILE,
        ordinals=(0, 0, 0),
        control_numbers=("", "", ""),
        claim=0,
        claim_name="",
        after=0,
    )


# ---------------------------------------------------------------- a claim


class Judged(NamedTuple):
    """What came of a claim.

    drug_lines: how many it has. findings: by offset, rule and element.
    billed: what it bills, where somebody else compares the claims of the file.
    again: what `Finding.once` is of findings that an earlier claim had.
    claim: where it was made, for who needs it once more.
    """

    drug_lines: int
    findings: Sequence[Finding]
    billed: Billed | None = None
    again: Sequence[int] = ()
    claim: Claim | None = None


class Judge:
    """Judges the claims of one input, one after another. Nothing is remembered of one claim for the next but the
    headers above both, what was said of its normal form, what plain lines bill, and hashes of what it bills.
    """

    def __init__(
        self,
        running: Running,
        path: str,
        prefilter: Prefilter | None = None,
        *,
        compare: bool = True,
        once: bool = False,
    ) -> None:
        """`prefilter`: of the claims in which there may be something to find; None: of any. `compare`: claims with
        those before them; else what they bill is handed out. `once`: what is told once a file has a finding at the
        first claim only.
        """
        self._rulebook = rulebook = running.rulebook
        self._rules = running.rules
        self._has_every = running.reads_every_claim
        self._levels = Levels()
        self._told: set[int] | None = set() if once and not rulebook.suppressions else None
        # What the guide check says, where it runs.
        self._of_guide = [
            GUIDE_RULES[code] for code in GUIDE_RULES if rulebook.guide != OFF and code in rulebook.chosen
        ]
        self.ledger = _ledger(rulebook, path, self._of_guide)
        self._prefilter = prefilter
        self._path = path
        self._headers = Headers()
        self._after_drug = 0  # the ordinal of the claim after the last one that bills a drug
        # A suppression may be for any claim, so that each is looked at.
        self._memory = None if self.ledger else running.memory
        self._comparison = Comparison() if compare else None
        self.structure = structure_of(rulebook)
        self._again: list[tuple[int, ...]] = []  # the ordinals of the last envelopes that repeat others

    def header_of(self, piece: Slice) -> Header:
        """What the headers of a claim say."""
        return self._headers.of(piece.context)

    def note(self, fault: Fault) -> None:
        """Note what a fault says of the claim that it is in, or of those that follow."""
        if self.structure:
            self.structure.note(fault)
        if fault.cause is Cause.CONTROL_NUMBER_AGAIN and _AGAIN in self._rulebook.chosen:
            again = tuple(ordinal for ordinal in fault.ordinals if ordinal)
            self._again = [one for one in self._again if one == again[: len(one)]] + [again]

    def unread(self, fault: Fault, piece: Slice) -> Fault | None:
        """The fault of a drug before a claim's first service line as it is reported; None where a rule that runs on the
        claim speaks of it.
        """
        if piece.context is None or piece.data is None:
            return fault
        claim = self._claim(piece)
        running = {rule.code for rule in self._rules[claim.payer_profile.name].drugs}
        if MISPLACED_NDC in running | (self._rulebook.hidden & self._rulebook.chosen):
            unknown = unknown_drug(fault, piece, self._rulebook.formulary)
            if unknown is None:
                return None
            fault = unknown
        return fault

    def __call__(self, piece: Slice) -> Judged:
        """What comes of a claim slice. A ValueError says that it is no whole claim."""
        if piece.context is None or piece.data is None:
            raise ValueError("not a whole claim")
        whole = self._whole(piece, piece.context) if self._has_every else NOTHING
        # The claim after one that bills a drug mostly bills one too; then what is known of its like is looked up first.
        looked = piece.claim != self._after_drug
        if looked and not self._is_wanted(piece.data, piece.context):
            return Judged(0, self._of_others(piece, whole), again=whole.again)
        header = self._headers.of(piece.context)
        profile = self._rulebook.profiles.of(header.payer_id, header.claim_filing_code)
        rules = self._rules[profile.name]
        claim: Claim | None = None
        findings: Sequence[Finding] = ()
        bills: Sequence[Bill] = ()
        recalled = self._memory.recall(piece, header, profile, rules) if self._memory else None
        known = recalled.known if recalled else None
        bills_drug = known is not None and known.drug_lines > 0
        if bills_drug:
            self._after_drug = piece.claim + 1
        if not (looked or bills_drug or self._is_wanted(piece.data, piece.context)):
            return Judged(0, self._of_others(piece, whole), again=whole.again)
        if known is None or known.rules.drugs or known.unjudged or whole.found or whole.failures:
            claim = Claim(piece, self._rulebook.formulary, header, profile)
        more = None
        if self.structure:
            more = self.structure.of_claim(piece, known.drug_lines if known else len(claim.drug_lines) if claim else 0)
            if more and claim is None:
                claim = Claim(piece, self._rulebook.formulary, header, profile)
        carried = None
        if claim and recalled and not (more or whole.found or whole.failures):
            carried = self._carried(claim, recalled)
        if carried is not None:
            findings = carried
        elif claim:
            chosen, mentions = (known.rules, known.unjudged) if known else (rules, True)
            judgment = judge(claim, chosen, mentions=mentions, whole=whole, more=more)
            bills = self._bills(claim, chosen.comparing, judgment)
            lines = len(claim.drug_lines)
            if judgment.found or judgment.failures:
                findings = findings_of(judgment, claim, self._path, self._rulebook.hidden)
            findings = self._left(claim, findings, rules.drugs, lines)
        if known:
            lines, bills = known.drug_lines, [*known.bills, *bills] if bills else known.bills
        billing: Billed | None = None
        if lines and rules.comparing:
            patient = b"" if self._is_again(piece.context) else self._headers.patient(piece.context)
            billing = billed(piece, patient, lines, bills, recalled.days if recalled else ())
        if billing and self._comparison:
            repeats = self._comparison.repeats(billing)
            if repeats:
                claim = claim or Claim(piece, self._rulebook.formulary, header, profile)
                findings = in_order([*findings, *self._repeated(claim, rules.drugs, repeats)])
            billing = None
        return Judged(lines, findings, billing, whole.again, claim)

    def _carried(self, claim: Claim, recalled: Recalled) -> Sequence[Finding] | None:
        """The findings on a claim that are known of all that are alike; None where the rules must say them."""
        known, days, lines, outlined = recalled
        if known.findings is None:
            return None
        try:
            return findings_on(known.findings, claim, lines, days, self._path, alone=outlined)
        except NotAlikeError:
            return None

    def _is_wanted(self, data: bytes, context: Context) -> bool:
        """Whether a rule about drugs may find something in a claim."""
        text = context.delimiters.unwrapped(data)
        return self._prefilter is None or self._prefilter.found_in(text, 0, len(text))

    def _whole(self, piece: Slice, context: Context) -> OfWhole:
        """What the rules about every claim say of one; not what is wrong with the structure of the same place in a
        header, which is said of the header.
        """
        profile = UNKNOWN_PAYER
        if self._rulebook.profiles.all:
            header = self._headers.of(context)
            profile = self._rulebook.profiles.of(header.payer_id, header.claim_filing_code)
        file = self._headers.file_of(context)
        said = judge_whole(WholeClaim(piece, file, profile, self._levels), self._rules[profile.name].quiet, self._told)
        if self.structure and self.structure.every and said.found:
            return said._replace(found=self.structure.without_headers(said.found, piece))
        return said

    def _of_others(self, piece: Slice, whole: OfWhole) -> Sequence[Finding]:
        """What the rules about every claim say of one in which no rule about drugs can find anything, and what is wrong
        with its structure.
        """
        if whole is NOTHING and not self.structure:
            return ()
        more = self.structure.of_claim(piece, 0) if self.structure else None
        if not (more or whole.found or whole.failures or (self.ledger and self.structure)):
            return ()
        claim = self._claim(piece)
        judgment = judge(claim, _NO_RULES, mentions=False, whole=whole, more=more)
        findings: Sequence[Finding] = findings_of(judgment, claim, self._path, self._rulebook.hidden)
        return self._left(claim, findings, (), 0)

    def _left(self, claim: Claim, findings: Sequence[Finding], rules: Sequence[Rule], lines: int) -> Sequence[Finding]:
        """The findings of a claim, which has `lines` drug lines, that are not suppressed. `rules` ran on it."""
        if not self.ledger:
            return findings
        ran = self.structure and (self.structure.every or lines)
        every = self._rules[claim.payer_profile.name].every
        return self.ledger.left(claim, findings, [*rules, *every, *(self._of_guide if ran else ())])

    def of_header(self, piece: Slice) -> list[Finding]:
        """What is wrong with the structure of a header: st, hl20, hl22 or hl23."""
        if self.structure is None or piece.context is None:
            return []
        found = self.structure.of_header(piece)
        return in_order(of_header(one.rule, one.problem, piece, self._path) for one in found)

    def missing_before(self, piece: Slice) -> list[Finding]:
        """What is missing below the header before a slice, if that was the last one that could have it. Of every slice
        of the input this must be asked.
        """
        shown = self.structure.follow(piece) if self.structure else None
        return [of_header(one.rule, one.problem, shown[0], self._path) for one in shown[1]] if shown else []

    def repeated(self, piece: Slice, repeats: Sequence[Repeat]) -> Sequence[Finding]:
        """The findings of a claim that was judged elsewhere, on what it repeats."""
        claim = self._claim(piece)
        return self._repeated(claim, self._rules[claim.payer_profile.name].drugs, repeats)

    def _claim(self, piece: Slice) -> Claim:
        header = self._headers.of(piece.context)
        profile = self._rulebook.profiles.of(header.payer_id, header.claim_filing_code)
        return Claim(piece, self._rulebook.formulary, header, profile)

    def _is_again(self, context: Context) -> bool:
        """Whether the claims in a context are in an envelope that repeats another."""
        return bool(self._again) and any(context.ordinals[: len(one)] == one for one in self._again)

    def _bills(self, claim: Claim, rules: Sequence[Rule], judgment: Judgment) -> Sequence[Bill]:
        """What the drug lines of a claim bill; `rules` compare claims."""
        try:
            return bills_of(claim, rules)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the others go on
            judgment.failures.append(RuleFailure(rules[0].code, failure(error)))
            return ()

    def _repeated(self, claim: Claim, rules: Sequence[Rule], repeats: Sequence[Repeat]) -> Sequence[Finding]:
        by_code = {rule.code: rule for rule in rules}
        judgment = Judgment([], [], [], [])
        for repeat in repeats:
            rule, line = by_code[repeat.rule], claim.drug_lines[repeat.line]
            try:
                judgment.found.extend(Found(rule, problem) for problem in problems(rule, repeat, line))
            except Exception as error:  # noqa: BLE001 - as above
                judgment.failures.append(RuleFailure(rule.code, failure(error)))
        findings = findings_of(judgment, claim, self._path, self._rulebook.hidden)
        return self.ledger.left(claim, findings, rules) if self.ledger else findings


def _ledger(rulebook: Rulebook, path: str, more: Iterable[Rule]) -> "Ledger | None":
    if not rulebook.suppressions:
        return None
    from lint837.lint.suppress import Ledger

    return Ledger(rulebook.suppressions, path, [*rulebook.running, *more])
