"""`lint837 convert`: a JSON report in another format."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from lint837.commands import complete
from lint837.commands.common import NO_REPORT
from lint837.commands.options import keep_inputs, writes_a_report
from lint837.commands.progress import progress
from lint837.files.inputs import Blocks, Input
from lint837.report.entry import Entry
from lint837.report.output import Delivery, OutputOptions

if TYPE_CHECKING:
    from lint837.report.read import Document


@click.command()
@click.argument("path", metavar="FILE", shell_complete=complete.files)
@writes_a_report()
@click.pass_context
def command(context: click.Context, /, path: str, *, output: OutputOptions) -> None:
    """Write a JSON report in other formats, without checking the claims again.

    FILE is the JSON report, or - for standard input.

    Exit status: 0 written; 2 FILE is not a JSON report; 4 a report could not be written.
    """
    keep_inputs(context, [path], [place for _, place in output.files], "JSON report")
    with progress([Input(path)]) as advance:
        document = document_at(context, path, advance)
    with Delivery(output, document.about) as delivery:
        replay(document, delivery)
        whole = delivery.end(document.rules, document.summary, document.exit_status)
    context.exit(0 if whole else NO_REPORT)


def document_at(context: click.Context, path: str, advance: Callable[[int], None] | None = None) -> "Document":
    """The JSON report at a path. `advance`: called with the number of bytes just read. Raises a usage error where there
    is none.
    """
    from lint837.report.phrases import file_name
    from lint837.report.read import DocumentError, read

    blocks = Blocks(Input(path), advance)
    data = b"".join(blocks)
    if blocks.error:
        raise click.UsageError(f"{file_name(path)}: {blocks.error}", context)
    try:
        return read(data)
    except DocumentError as error:
        raise click.UsageError(f"{file_name(path)}: {error}", context) from None


def replay(document: "Document", delivery: Delivery) -> None:
    """Deliver the findings in their first order: those of each input, the input, and last those on no input."""
    by_path: dict[str, list[Entry]] = {item.path: [] for item in document.inputs}
    others: list[Entry] = []
    for entry in document.findings:
        by_path.get(entry.location.path, others).append(entry)
    for item in document.inputs:
        for entry in by_path.pop(item.path, ()):
            delivery.entry(entry)
        delivery.input(item)
    for entry in others:
        delivery.entry(entry)
