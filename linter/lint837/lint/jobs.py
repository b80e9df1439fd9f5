"""A run over many inputs, in one process or in several: findings and summaries, always in the same order.

Each process reads all of a large input, which is quick, and judges its share of the claims, which is not; a small input
is one process's alone. So nothing of an input's content is handed from one process to another but findings.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from lint837.files.archive import RATIO
from lint837.files.inputs import Blocks, Input, size
from lint837.lint.engine import Lint
from lint837.lint.finding import Finding, InputSummary
from lint837.rules.rulebook import Rulebook
from lint837.x12.tiling import Limits, Share

_SHARED_FROM = 8 * 1024 * 1024  # bytes: a smaller input is not worth more than one process


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run reads and judges: with which rules, within which limits, with how many processes; `ratio`: so many
    bytes may come out of one of an archive; without `prefilter` every claim is read; `shared_from`: so many bytes of an
    input are judged by several processes.
    """

    rulebook: Rulebook
    limits: Limits = field(default_factory=Limits)
    ratio: int = RATIO
    prefilter: bool = True
    jobs: int = 1
    shared_from: int = _SHARED_FROM


def lint_all(
    items: Sequence[Input], plan: Plan, advance: Callable[[int], None] | None = None
) -> Iterator[Finding | InputSummary]:
    """For each input, in order, its findings as they come, and then its summary. `advance` is told how many bytes were
    read. A RuntimeError says that a process ended before it was done.
    """
    shared = any(is_shared(item, plan) for item in items)
    # Where a process cannot be forked (Windows) there is one.
    if plan.jobs > 1 and (shared or len(items) > 1) and hasattr(os, "fork"):
        from lint837.lint.parallel import Crew

        yield from Crew(items, plan).run(advance)
        return
    for item in items:
        lint = lint_one(item, plan, Share(), advance)
        yield from lint
        yield lint.summary


def lint_one(item: Input, plan: Plan, share: Share, advance: Callable[[int], None] | None = None) -> Lint:
    """One input, or a share of it."""
    blocks = Blocks(item, advance, plan.ratio)
    return Lint(blocks, item.path, plan.rulebook, plan.limits, prefilter=plan.prefilter, share=share)


def is_shared(item: Input, plan: Plan) -> bool:
    """Whether several processes judge an input: a large one, that each of them can read."""
    return (size(item) or 0) >= plan.shared_from
