"""`lint837 facts`: what lint837 knows about a drug; a store of the files that CMS publishes, made and compared."""

from collections.abc import Sequence

import click

from lint837.commands import complete
from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say, warn
from lint837.facts.drugs import digits_of
from lint837.facts.formulary import Formulary
from lint837.facts.nearest import nearest

_SHOW = "show"  # the command that a word which is none stands for


class _Facts(click.Group):
    """`facts` alone, and `facts WORD`, show what is known."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [_SHOW, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for name in self.commands if name != _SHOW]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[click.shell_completion.CompletionItem]:
        return [*complete.drugs(ctx, self.params[0], incomplete), *super().shell_complete(ctx, incomplete)]


@click.group(cls=_Facts, subcommand_metavar="[DRUG | CODE | NDC | COMMAND]")
def command(**_: object) -> None:
    """Show what lint837 knows about a drug: its codes by date, packages, doses, and sources.

    DRUG is the name of a drug. With a store (--facts facts.sqlite), a CODE or an NDC shows what CMS lists, and since
    when. Without any, show every drug, and the sources of the store.
    """


@command.command(_SHOW, hidden=True)
@click.argument("word", metavar="[DRUG | CODE | NDC]", required=False, shell_complete=complete.drugs)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output format."
)
@click.option("--left-out", is_flag=True, help="List the lines of CMS's files that the store left out, and why.")
@facts_option
@config_option
@isolated_option
@click.pass_context
def show(
    context: click.Context,
    /,
    word: str | None,
    form: str,
    extra: tuple[str, ...],
    *,
    left_out: bool,
    isolated: bool,
) -> None:
    """Show what is known of a drug, a code or an NDC."""
    from lint837.report import rules as report

    formulary = rulebook_for(context, extra, isolated=isolated).formulary
    if left_out:
        say(_left_out(context, formulary))
        return
    shown = [known for known in formulary.drugs if word in (None, known.name)]
    listed = _listed(formulary, word)
    if word and not shown and not listed:
        names = [known.name for known in formulary.drugs]
        meant = nearest(word, names) or f"; known drugs: {', '.join(names) or 'none'}"
        if formulary.stored is None:
            meant += "; for a code or an NDC, name a store with --facts"
        raise click.UsageError(f"unknown drug {word!r}{meant}", context)
    if form == "json":
        click.echo(report.facts_json(shown), nl=False)
    else:
        say(line for known in shown for line in report.sheet(known))
        say(listed)


def _listed(formulary: Formulary, word: str | None) -> Sequence[str]:
    """What the store says of a word: a code or an NDC; without one, what it was made of."""
    if formulary.stored is None:
        return []
    from lint837.report import facts as report

    if word is None:
        return ["", *report.summary(formulary.stored.store)]
    digits = digits_of(word)
    if digits:
        return [*report.ndc_history(formulary.stored, digits)]
    return [*report.code_history(formulary.stored, word.strip().upper())]


def _left_out(context: click.Context, formulary: Formulary) -> Sequence[str]:
    if formulary.stored is None:
        raise click.UsageError("--left-out needs a store: name it with --facts", context)
    from lint837.report import facts as report

    return [*report.left_out(formulary.stored.store)]


command.params += [option for option in show.params if isinstance(option, click.Option)]  # so that --help lists them


@command.command("import", short_help="Make a store of files that CMS publishes.")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, shell_complete=complete.files)
@click.option("--output", "-o", required=True, metavar="FILE", help="The store to write, such as facts.sqlite.")
@click.pass_context
def import_(context: click.Context, /, paths: tuple[str, ...], output: str) -> None:
    """Make a store of the files that CMS publishes: ASP crosswalks of any quarters, HCPCS files, lists of drugs without
    a code, payment limits and OPPS status, as CSV, TXT, or the ZIP that CMS ships.

    The same files give the same bytes, in any order. Use the store with --facts, or with the key facts of the
    configuration.
    """
    from lint837.facts.store import StoreError, made_of, read_files
    from lint837.files.outputs import Staging, may_be_written
    from lint837.report import facts as report

    if not may_be_written(output):
        raise click.UsageError(f"{output!r} cannot be written", context)
    try:
        files, skipped = read_files(paths)
        made = made_of(files)
        with Staging(warn) as staging:
            staging.open(output).write(made)
            staging.publish()
    except StoreError as error:
        raise click.UsageError(str(error), context) from None
    except OSError as error:
        raise click.UsageError(f"{output}: {(error.strerror or 'it cannot be written').lower()}", context) from None
    say([*report.imported(files, skipped), f"wrote {output}"])


@command.command("diff", short_help="Show what changed between two stores.")
@click.argument("old", metavar="OLD", shell_complete=complete.files)
@click.argument("new", metavar="NEW", shell_complete=complete.files)
@click.pass_context
def diff(context: click.Context, /, old: str, new: str) -> None:
    """Show what changed from the last quarter of the store OLD to that of NEW: NDCs that are new, gone, or moved to
    another code, units that changed, and codes that began or ended.
    """
    from lint837.facts.store import Store, StoreError
    from lint837.report import facts as report

    try:
        say(report.difference(Store(old), Store(new)))
    except StoreError as error:
        raise click.UsageError(str(error), context) from None
