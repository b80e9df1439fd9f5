"""Mutation testing by hand, `make mutation`: judges the mutants of a cosmic-ray session, each in a fork of this process.

No file is changed: the fork compiles the mutated text in place of the file's, and imports anew only what it must.
"""

import ast
import difflib
import os
import random
import re
import resource
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType
from typing import Any

import click
import hypothesis  # noqa: F401 - imported here, it is imported once and not by each fork
import lint837.report.rules  # noqa: F401 - the same
import pytest
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult
from lint837 import Rule

TESTS = [
    "tests/rules/test_examples.py",
    "tests/rules/test_precedence.py",
    "tests/rules/test_rules.py",
    "tests/rules/test_another_drug.py",
    "tests/rules/test_one_fix.py",
    "tests/rules/test_ndc_and_units.py",
    "tests/rules/test_boxes.py",
    "tests/rules/test_house_rules.py",
    "tests/facts",
    "tests/claims",
    "tests/commands/test_commands.py",
]
TESTS_OF_EVERY_CLAIM = ["tests/rules/test_every_claim.py", "tests/rules/test_right_claims.py"]
# Left out, since a survivor goes through every test: what these would notice, the others do.
SLOW = [
    "tests/rules/test_examples.py::test_what_the_findings_of_the_cases_hold",
    "tests/rules/test_examples.py::test_what_the_rules_do_not_check_in_the_cases",
    "tests/rules/test_examples.py::test_which_fixes_are_safe",
    "tests/rules/test_examples.py::test_the_same_claim_written_differently",
    "tests/rules/test_examples.py::TestShort",
    "tests/rules/test_rules.py::test_the_offset_in_a_wrapped_file",
    "tests/rules/test_another_drug.py::test_no_explanation_names_the_bundled_drug",
    "tests/rules/test_every_claim.py::test_what_the_findings_of_the_cases_hold",
    "tests/rules/test_every_claim.py::TestEachRule::test_the_same_claim_written_differently",
    "tests/facts/test_proof.py",
    "tests/facts/test_store.py::test_cold_and_warm_give_the_same",
    "tests/commands/test_commands.py::TestRules",
    "tests/facts/test_payers.py::TestWhatThePayerTakes::test_an_unknown_payer_is_judged_as_ever",
    "tests/commands/test_commands.py::TestASecondDrug::test_the_first_drug_is_judged_as_before",
    "tests/commands/test_commands.py::test_a_third_partys_package_installs_and_runs",
]
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
CPU_SECONDS = 120
PACKAGE = Path("rules/lint837_rules")


def main(session: str, workers: int) -> None:
    """Judge what is pending in a session, and print the survivors and the figures."""
    if os.waitstatus_to_exitcode(os.waitpid(_fork(None), 0)[1]) != 0:
        sys.exit("the tests do not pass without a mutation")
    with use_db(session, WorkDB.Mode.open) as database:
        pending = list(database.pending_work_items)
        random.Random(0).shuffle(pending)  # noqa: S311 - what is judged when it is stopped is a fair sample
        running: dict[int, Any] = {}
        while pending or running:
            while pending and len(running) < workers:
                item = pending.pop()
                running[_fork(item.mutations[0])] = item
            child, status = os.wait()
            item = running.pop(child)
            outcome = TestOutcome.KILLED if os.waitstatus_to_exitcode(status) else TestOutcome.SURVIVED
            database.set_result(item.job_id, WorkResult(WorkerOutcome.NORMAL, test_outcome=outcome))
        _report(database)


def _fork(mutation: MutationSpec | None) -> int:
    """The process that runs the tests on a mutation; its exit status is 0 where no test noticed it."""
    text = _mutated(mutation) if mutation else ""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        # A mutant that loops forever, or fills the memory, is noticed too.
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        if mutation:
            _in_place_of(mutation.module_path, text)
            # A survivor is told by the report, not by what its tests say.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
        status = _tested(mutation.module_path if mutation else Path())
    finally:
        sys.stdout.flush()
        os._exit(status)


def _tested(path: Path) -> int:
    """0 where no test notices anything; of the tests that are made for each rule, only those of the rules of the
    module at `path` are run, or of those that may use it.

    What the rules find on their cases, sentence by sentence, is compared first: it is quick, and most mutants change it.
    """
    from tests.rules import test_every_claim as every
    from tests.rules import test_examples as examples
    from tests.rules.cases import findings_of_the_cases, not_checked_in_the_cases

    def own(rules: Sequence[Rule]) -> list[Rule]:
        """Those in the module, else those that may use it: of its folder, or all."""
        paths = [(rule, Path("rules", *rule.module.split(".")).with_suffix(".py")) for rule in rules]
        return [rule for rule, its in paths if its == path] or [
            rule for rule, its in paths if its.parent == path.parent or path.parent.parent != PACKAGE
        ]

    snapshots = [
        (rule, rulebook, snapshot)
        for rules, rulebook, snapshot in (
            (own(examples.RULES), examples.RULEBOOK, examples.SNAPSHOT),
            ([*filter(examples.in_other_units, own(examples.RULES))], examples.HALVED, examples.SNAPSHOT_OF_HALVES),
            (own(every.RULES), every.RULEBOOK, every.SNAPSHOT),
        )
        for rule in rules
    ]
    for rule, rulebook, snapshot in snapshots:
        blocks = re.findall(rf"^{rule.code} \d+: .*\n(?:  .*\n)*", snapshot.read_text("utf-8"), re.MULTILINE)
        if findings_of_the_cases(rule, rulebook) != "".join(blocks):
            return 1
    for rule in own(examples.RULES):
        rows = re.findall(rf"^{rule.code}: .*\n", examples.NOT_CHECKED.read_text("utf-8"), re.MULTILINE)
        if not_checked_in_the_cases(rule, examples.RULEBOOK) != "".join(rows):
            return 1
    codes = {rule.code for rule, *_ in snapshots} or {rule.code for rule in examples.RULES}
    about_drugs = any(rule.code in codes for rule in examples.RULES)
    tests = [*(TESTS if about_drugs else ()), *TESTS_OF_EVERY_CLAIM]
    # A folder of its own: else each session would wait for the one before to be removed.
    with TemporaryDirectory() as folder:
        return pytest.main(
            [*OPTIONS, f"--basetemp={folder}/tests", *tests, *(f"--deselect={test}" for test in SLOW)],
            [_OnlyOf(codes)],
        )


class _OnlyOf:
    """A plug-in of pytest that leaves out the tests that are made for each rule, but for those of some rules."""

    def __init__(self, codes: set[str]) -> None:
        self.codes = codes

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._code(item) in (*self.codes, None)]

    @staticmethod
    def _code(item: pytest.Item) -> str | None:
        params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        return getattr(params.get("rule"), "code", None) or getattr(params.get("fault"), "rule", None)


def _mutated(mutation: MutationSpec) -> str:
    operator = get_operator(mutation.operator_name)(**mutation.operator_args)
    source = mutation.module_path.read_text(encoding="utf-8")
    text: str | None = MutationVisitor.mutate_code(source, operator, mutation.occurrence)
    assert text is not None
    return text


def _in_place_of(path: Path, text: str) -> None:
    """From now on the module at `path`, and what imports it, is imported anew, and that module from `text`."""
    whole = str(path.resolve())
    package = "lint837_rules" if "lint837_rules" in path.parts else "lint837"
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]
    unchanged = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        return compile(text, whole, "exec", dont_inherit=True) if self.path == whole else unchanged(self, name)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]


def _report(database: WorkDB) -> None:
    judged = [(item.mutations[0], result) for item, result in database.completed_work_items if result.test_outcome]
    judged.sort(key=lambda pair: (pair[0].module_path, pair[0].start_pos, pair[0].operator_name))
    for mutation, result in judged:
        if not result.is_killed:
            click.echo(f"{mutation.module_path}:{mutation.start_pos[0]}: {mutation.operator_name}")
            before = mutation.module_path.read_text(encoding="utf-8").splitlines()
            changed = list(difflib.unified_diff(before, _mutated(mutation).splitlines(), n=0, lineterm=""))[3:]
            click.echo("\n".join(changed))
    checks = [pair for pair in judged if _is_in_function(pair[0])]
    for kind, pairs in (("in all", judged), ("in functions, which examples are not", checks)):
        killed = sum(result.is_killed for _, result in pairs)
        click.echo(f"{kind}: {len(pairs)} mutants, {killed} killed ({killed / len(pairs):.1%})")


def _is_in_function(mutation: MutationSpec) -> bool:
    tree = ast.parse(mutation.module_path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return any(node.lineno <= mutation.start_pos[0] <= (node.end_lineno or 0) for node in functions)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
