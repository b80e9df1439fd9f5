"""Shared by the commands: options about rules and configuration, the rulebook they ask for, exit statuses."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint837.commands import complete
from lint837.config.discover import SettingsError, find
from lint837.facts.drugs import FactsError
from lint837.rules.rule import RuleError, Severity
from lint837.rules.rulebook import GUIDE_CHECKS, OFF, Rulebook, UnknownRuleError, load_rulebook

if TYPE_CHECKING:
    from lint837.config.settings import Settings

INCOMPLETE, NO_REPORT = 3, 4
FAIL_ON = {str(severity): severity for severity in sorted(Severity, reverse=True)} | {"never": None}
_CONFIG = "lint837.config"  # in a command's context: the file that --config names


def _remember(context: click.Context, _: click.Parameter, value: str | None) -> None:
    context.meta[_CONFIG] = value


isolated_option = click.option(
    "--isolated", is_flag=True, help="Use only the rules and facts that come with lint837, and no configuration."
)
config_option = click.option(
    "--config",
    metavar="FILE",
    expose_value=False,
    callback=_remember,
    shell_complete=complete.files,
    help="Configuration file. Default: lint837.toml or pyproject.toml in this directory or above.",
)
guide_option = click.option(
    "--guide",
    type=click.Choice(GUIDE_CHECKS),
    default=None,
    help="Also check claims against their implementation guide (rules GDE): those with drug lines, or all claims and "
    "headers. Default: off.",
)
claims_option = click.option(
    "--claims/--no-claims",
    default=None,
    help="Also run the rules about every claim, whatever it bills. Default: no. --select claims runs only these.",
)
facts_option = click.option(
    "--facts",
    "extra",
    multiple=True,
    metavar="FILE",
    shell_complete=complete.files,
    help="Also check another drug, by its facts file, or every drug, by a store of CMS's files. Repeat for several.",
)


def say(lines: Iterable[str]) -> None:
    """Write lines to standard output, all at once."""
    click.echo("".join(line + "\n" for line in lines), nl=False)


def warn(what: str) -> None:
    """Tell something on standard error."""
    from lint837.report.phrases import inert

    click.echo(f"lint837: {inert(what)}", err=True)


def unwritten(error: OSError) -> str:
    """Which file could not be written, and why."""
    from lint837.report.phrases import inert

    what = inert(str(error.filename)) if error.filename else "a file"
    return f"{what} could not be written: {error.strerror}"


def meant(path: str) -> str:
    """A question to append to an error about a path where nothing is; "" where something is, or no name is close, and
    for standard input, whose path is that of no file.
    """
    from lint837.facts.nearest import nearest
    from lint837.files.inputs import STANDARD_INPUT
    from lint837.report.phrases import inert

    folder, name = os.path.split(path)
    try:
        if not name or path == STANDARD_INPUT or os.path.lexists(path):
            return ""
        return inert(nearest(name, os.listdir(folder or ".")))  # noqa: PTH208 - names are enough
    except (OSError, ValueError):
        return ""


def configuration_of(settings: "Settings | None", given: Mapping[str, object]) -> str:
    """The configuration and what it changes, "" without one."""
    if settings is None:
        return ""
    from lint837.report.settings import changed

    return changed(settings, given)


def rulebook_for(
    context: click.Context,
    facts: Sequence[str],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    *,
    isolated: bool,
    guide: str | None = None,
    claims: bool | None = None,
) -> Rulebook:
    """The rules to run. `guide`, `claims`: what the command line says of the guide check, and of the rules about every
    claim. Raises a usage error where one cannot be loaded, or a name is not a rule's.
    """
    loaded, settings = _loaded(context, facts, isolated=isolated, guide=guide, claims=claims)
    rulebook = _narrowed(context, loaded, settings, select, ignore)
    return _with_rules(context, rulebook, settings)


def rulebooks_for(
    context: click.Context, facts: Sequence[str], select: Sequence[str], *, isolated: bool, claims: bool | None
) -> tuple[Rulebook, Rulebook]:
    """The rules that `select` names, and these with all that run without it. Raises usage errors as rulebook_for."""
    loaded, settings = _loaded(context, facts, isolated=isolated, claims=claims)
    selected = _with_rules(context, _narrowed(context, loaded, settings, select), settings)
    if not select:
        return selected, selected
    every = loaded._replace(claims=loaded.claims or any(rule.group for rule in selected.running))
    others = _narrowed(context, every, settings)
    chosen, optional = others.chosen | selected.chosen, others.optional | selected.optional
    return selected, others._replace(chosen=chosen, optional=optional)


def _loaded(
    context: click.Context,
    facts: Sequence[str],
    *,
    isolated: bool,
    guide: str | None = None,
    claims: bool | None = None,
) -> "tuple[Rulebook, Settings | None]":
    """All rules, and the configuration."""
    settings = settings_for(context, isolated=isolated)
    try:
        if settings:
            from lint837.config.apply import loaded

            rulebook = loaded(settings, facts)
        else:
            rulebook = load_rulebook(isolated=isolated, facts=facts)
    except (RuleError, FactsError, SettingsError) as error:
        raise click.UsageError(str(error), context) from None
    asked = rulebook._replace(guide=guide or rulebook.guide, claims=rulebook.claims if claims is None else claims)
    if asked.guide != OFF:
        need_maps(context, "--guide")
    return asked, settings


def _narrowed(
    context: click.Context,
    rulebook: Rulebook,
    settings: "Settings | None",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Rulebook:
    """The rules that the command line and the configuration leave."""
    selected, ignored = words_in(select), words_in(ignore)
    if (select and not selected) or (ignore and not ignored):
        raise click.UsageError("--select and --ignore need the code or name of a rule", context)
    try:
        if settings:
            from lint837.config.apply import configured

            return configured(rulebook, settings, selected, ignored)
        return rulebook.narrowed(selected, ignored)
    except (SettingsError, UnknownRuleError) as error:
        raise click.UsageError(str(error), context) from None


def _with_rules(context: click.Context, rulebook: Rulebook, settings: "Settings | None") -> Rulebook:
    """A rulebook in which a rule runs."""
    if not rulebook.chosen:
        origin = f"{settings.origin}, " if settings else ""
        raise click.UsageError(f"{origin}--select and --ignore leave no rule to run", context)
    return rulebook


def need_maps(context: click.Context, what: str) -> None:
    """Raise a usage error where the maps of the guides are not installed. `what`: what they are needed for."""
    from importlib.util import find_spec

    if find_spec("pyx12") is None:
        raise click.UsageError(f"{what} needs the package pyx12, which is not installed: pip install pyx12", context)


def words_in(given: Iterable[str]) -> list[str]:
    """The words in the values of an option, separated by commas or blanks."""
    return [word for part in given for word in part.replace(",", " ").split()]


def settings_for(context: click.Context, *, isolated: bool) -> "Settings | None":
    """The configuration, None without one. Raises a usage error where it cannot be used."""
    named = context.meta.get(_CONFIG)
    if isolated and named:
        raise click.UsageError("--isolated and --config cannot be used together", context)
    try:
        path = Path(named) if named else None if isolated else find()
        if path is None:
            return None
        from lint837.config.settings import read

        return read(path)
    except SettingsError as error:
        raise click.UsageError(str(error), context) from None
