"""Shell completion: what a shell is offered, by click's own protocol."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lint837 import load_rulebook

from tests.processes import lint837

ROOT = Path(__file__).parents[2]


def ask(mode: str, *words: str, first: Callable[[], object] | None = None, **variables: str) -> list[str]:
    """The lines that a shell gets for a command line whose last word is incomplete."""
    variables = {
        "_LINT837_COMPLETE": mode,
        "COMP_WORDS": " ".join(("lint837", *words)),
        "COMP_CWORD": str(len(words)),
    } | (variables)
    done = lint837(cwd=ROOT, env=variables, first=first)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


HCP = [f"HCP0{number:02}" for number in range(1, 16)]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("explain", "HCP"), [f"plain,{code}" for code in HCP]),
        (("explain", "hcp00"), [f"plain,{code}" for code in HCP[:9]]),
        (("explain", "expired-"), ["plain,expired-suppression", "plain,expired-temporary-code"]),
        (("explain", "nothing"), [""]),
        (("check", "--select", "MOD"), ["plain,MOD001", "plain,MOD002", "plain,MOD003"]),
        (("check", "--ignore", "HCP001,MOD"), [f"plain,HCP001,MOD00{number}" for number in (1, 2, 3)]),
        (("check", "--format", "g"), ["plain,github", "plain,gitlab"]),
        (("convert", "--format", "js"), ["plain,json", "plain,jsonl"]),
        (("check", "--redact", "a"), ["plain,auto", "plain,always"]),
        (("check", "samp"), ["file,samp"]),
        (("check", "--config", "lint"), ["file,lint"]),
        (("check", "--redact-key", "ke"), ["file,ke"]),
        (("split", "in.837", "--accepted", "out"), ["file,out"]),
        (("split", "in.837", "--ignore", "MOD00"), ["plain,MOD001", "plain,MOD002", "plain,MOD003"]),
        (("split", "in.837", "--report", "j"), ["plain,json=", "plain,jsonl=", "plain,junit="]),
        (("check", "--report", "27"), ["plain,277ca="]),
        (("check", "--report", "json=out"), ["file,json=out"]),
        (("show", "samp"), ["file,samp"]),
        (("facts", "tar"), ["plain,tarlatamab"]),
        (("con",), ["plain,convert"]),
    ],
)
def test_what_bash_is_offered(words: tuple[str, ...], offered: list[str]) -> None:
    assert ask("bash_complete", *words) == offered


def test_every_rule_is_offered() -> None:
    codes = load_rulebook(isolated=True).names
    assert ask("bash_complete", "explain", "") == [f"plain,{code}" for code in sorted(codes)]


def test_zsh_and_fish_get_the_title_of_a_rule() -> None:
    title = "A temporary code is billed after its last date of service."
    assert ask("zsh_complete", "explain", "HCP001") == ["plain", "HCP001", title]
    assert ask("fish_complete", "explain", "HCP001", COMP_CWORD="HCP001") == [f"plain,HCP001\t{title}"]


def test_a_rule_package_that_cannot_be_used_offers_nothing(tmp_path: Path) -> None:
    """The shell gets nothing; the command itself reports the error."""
    (tmp_path / "broken_rules.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    info = tmp_path / "broken_rules-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-rules\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[lint837.rules]\nbroken = broken_rules\n", encoding="utf-8")
    assert ask("bash_complete", "explain", "HCP", first=lambda: sys.path.insert(0, str(tmp_path))) == [""]


def test_bash_completes_a_command_line() -> None:
    """The script that bash is given, run by bash as it runs it where the tab key is pressed."""
    script = (
        'eval "$(_LINT837_COMPLETE=bash_source lint837)"\n'
        "complete -p lint837\n"
        "COMP_WORDS=(lint837 explain MOD00) COMP_CWORD=2\n"
        "_lint837_completion lint837\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    scripts = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "--norc", "-c", script],  # noqa: S607 - the bash of whoever runs the tests
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _lint837_completion lint837",
        "MOD001",
        "MOD002",
        "MOD003",
    ]
