"""The help texts: nothing is cut at 80 columns, and every option is documented. `python -m lint837`."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from lint837 import __version__
from lint837.commands.main import _COMMANDS, cli


def help_of(*command: str) -> str:
    result = CliRunner().invoke(cli, [*command, "--help"], prog_name="lint837", terminal_width=80, color=False)
    assert result.exit_code == 0
    return result.output


def test_no_summary_is_cut() -> None:
    lines = help_of().splitlines()
    listed = [line.split(maxsplit=1) for line in lines[lines.index("Commands:") + 1 :]]
    assert listed == [[name, summary] for name, (_, summary) in _COMMANDS.items()]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", _COMMANDS)
def test_a_commands_own_help(name: str) -> None:
    text = help_of(name)
    assert text.startswith(f"Usage: lint837 {name} [OPTIONS]")
    assert max(map(len, text.splitlines())) <= 80
    assert "..." not in text.replace("PATH...", "").replace("FILE...", "")
    command = cli.get_command(click.Context(cli), name)
    assert command
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    for option in options:
        assert option.help, option.name
        assert option.help[0].isupper(), option.help
        assert option.help.endswith("."), option.help
        assert option.opts[0] in text


def test_a_commands_help_says_what_its_exit_statuses_mean() -> None:
    named = [name for name in _COMMANDS if "Exit status: 0" in " ".join(help_of(name).split())]
    assert named == ["check", "split", "fix", "serve", "ask", "lines", "convert", "plan", "merge", "test-rules"]


def test_python_m() -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "lint837", *arguments], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    assert run("--version") == (0, f"lint837, version {__version__}\n", "")
    status, out, err = run("check")
    assert (status, out, err.splitlines()[0]) == (2, "", "Usage: lint837 check [OPTIONS] PATH...")
