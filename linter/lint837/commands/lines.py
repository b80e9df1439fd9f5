"""`lint837 lines`: every service line of claim files as a row."""

import contextlib
import sys
from collections.abc import Iterator

import click

from lint837.commands import complete
from lint837.commands.common import (
    INCOMPLETE,
    NO_REPORT,
    config_option,
    facts_option,
    isolated_option,
    meant,
    rulebook_for,
    warn,
)
from lint837.commands.options import Reading, keep_inputs, reads_claims
from lint837.commands.progress import progress
from lint837.files.inputs import Blocks, Input, inputs
from lint837.files.outputs import replacing
from lint837.lint.engine import Runnings
from lint837.report.output import under_ci
from lint837.report.phrases import inert
from lint837.report.row_formats import BINARY, FORMATS, MissingPyarrowError, RowWriter, writer
from lint837.report.rows import Rows
from lint837.rules.values import counted


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=complete.files)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="csv",
    show_default=True,
    help="Format of the rows. parquet needs pyarrow and --output.",
)
@click.option(
    "--output",
    metavar="FILE",
    shell_complete=complete.files,
    help="Write to a file, which appears whole or not at all, instead of standard output.",
)
@click.option("--with-claim-numbers", is_flag=True, help="Include each claim's number (CLM01).")
@facts_option
@config_option
@isolated_option
@reads_claims
@click.pass_context
def command(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    form: str,
    output: str | None,
    extra: tuple[str, ...],
    *,
    reading: Reading,
    with_claim_numbers: bool,
    isolated: bool,
) -> None:
    """Write every service line of claim files as a row, for a spreadsheet, a data frame or a database.

    Each PATH is a file, a directory, an archive, or - for standard input, as for lint837 check. A row has what was
    billed, the drug, and the rules that found something on the line. It has no name, member id or free text. Where the
    variable CI is set, rows on standard output have no dates of service and no claim numbers.

    Exit status: 0 every line was read; 2 usage error; 3 something could not be read; 4 the rows could not be written.
    """
    if form == BINARY and output is None:
        raise click.UsageError("parquet is no text: name a file with --output", context)
    rulebook = rulebook_for(context, extra, isolated=isolated)
    items = [item for item in inputs(paths, reading.ratio) if isinstance(item, Input)]
    keep_inputs(context, [item.path for item in items], [output] if output else [], "claim file")
    hides = output is None and under_ci()
    runnings = Runnings(rulebook)
    unread: list[str] = []
    try:
        with progress(items) as advance, _writer(form, output) as out:
            for item in items:
                blocks = Blocks(item, advance if output else None, reading.ratio)
                rows = Rows(
                    blocks,
                    item.path,
                    runnings.on(item.path),
                    reading.limits,
                    out.form,
                    with_claim_numbers=with_claim_numbers and not hides,
                    with_dates=not hides,
                )
                out.write(rows)
                if blocks.error:
                    unread.append(f"{item.path}: {blocks.error}{meant(item.path)}")
                elif rows.unread:
                    places = counted(rows.unread, "place")
                    unread.append(f"{item.path}: {places} could not be read; lint837 check says which")
    except MissingPyarrowError:
        raise click.UsageError("parquet needs pyarrow: install lint837[parquet]", context) from None
    except OSError as error:
        to = f" to {inert(output)}" if output else ""
        click.echo(f"lint837: the rows could not be written{to}: {error.strerror}", err=True)
        context.exit(NO_REPORT)
    for what in unread:
        warn(what)
    context.exit(INCOMPLETE if unread else 0)


@contextlib.contextmanager
def _writer(form: str, output: str | None) -> Iterator[RowWriter]:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(replacing(output)) if output else sys.stdout.buffer
        yield stack.enter_context(writer(form, file))
