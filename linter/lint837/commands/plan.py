"""`lint837 plan`: files divided into parts that several machines check."""

import click

from lint837.commands import complete
from lint837.commands.common import INCOMPLETE, NO_REPORT, say
from lint837.report.phrases import inert
from lint837.rules.values import counted


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", shell_complete=complete.files)
@click.option("--parts", type=click.IntRange(1, 100_000), required=True, metavar="N", help="At most so many parts.")
@click.option(
    "--output", "-o", "place", required=True, metavar="PATH", shell_complete=complete.files, help="File for the plan."
)
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], parts: int, place: str) -> None:
    """Divide claim files into parts of about the same size, cut at transaction sets.

    The files are read once, without judging claims. Then `lint837 check --part PLAN#1` checks the first part, on any
    machine that has the files at the same paths, and `lint837 merge` joins the JSON reports of all parts.

    Exit status: 0 written; 2 usage error; 3 a file cannot be divided; 4 the plan could not be written.
    """
    from lint837.commands.options import keep_inputs
    from lint837.commands.progress import progress
    from lint837.files.inputs import Input
    from lint837.files.outputs import replacing
    from lint837.lint.parts import PlanError, make_plan, written

    keep_inputs(context, paths, [place], "claim file")
    try:
        with progress([Input(path) for path in paths]) as advance:
            plan = make_plan(paths, parts, advance=advance)
    except PlanError as error:
        click.echo(f"lint837: no plan was written: {inert(str(error))}", err=True)
        context.exit(INCOMPLETE)
    try:
        with replacing(place) as file:
            file.write(written(plan).encode())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        click.echo(f"lint837: the plan could not be written to {inert(place)}: {reason}", err=True)
        context.exit(NO_REPORT)
    say(
        f"part {number}: {sum(one.end - one.begin for one in part):,} bytes of {counted(len(part), 'file')}"
        for number, part in enumerate(plan.parts, 1)
    )
