"""`lint837 merge`: the JSON reports of the parts of a plan, joined into the report of the whole."""

import click

from lint837.commands import complete
from lint837.commands.common import NO_REPORT
from lint837.commands.options import keep_inputs, writes_a_report
from lint837.commands.progress import progress
from lint837.files.inputs import Input
from lint837.report.output import Delivery, OutputOptions


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", shell_complete=complete.files)
@writes_a_report()
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], *, output: OutputOptions) -> None:
    """Join the JSON reports of all parts of a plan into the report of the whole, in any format.

    Each FILE is a report of `lint837 check --part`, in any order. Each part must be there once.

    Exit status: 0, 1 or 3 as that of `lint837 check` for the whole files; 2 a FILE is not such a report, or a part is
    missing; 4 a report could not be written.
    """
    from lint837.commands.convert import document_at, replay
    from lint837.report.merge import merged
    from lint837.report.read import DocumentError

    keep_inputs(context, paths, [place for _, place in output.files], "JSON report")
    try:
        with progress([Input(path) for path in paths]) as advance:
            document = merged([document_at(context, path, advance) for path in paths])
    except DocumentError as error:
        raise click.UsageError(str(error), context) from None
    with Delivery(output, document.about) as delivery:
        replay(document, delivery)
        whole = delivery.end(document.rules, document.summary, document.exit_status)
    context.exit(document.exit_status if whole else NO_REPORT)
