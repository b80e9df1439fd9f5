"""`lint837 init`: a configuration file that shows every key."""

from pathlib import Path

import click

from lint837.config.discover import FILE


@click.command()
@click.option("--schema", is_flag=True, help="Print the JSON schema of the configuration instead.")
@click.pass_context
def command(context: click.Context, /, *, schema: bool) -> None:
    """Write a lint837.toml in this directory that shows every key, each as a comment."""
    from lint837.report import settings as report

    if schema:
        click.echo(report.schema(), nl=False)
        return
    try:
        with Path(FILE).open("x", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in report.template())
    except OSError as error:
        raise click.UsageError(f"{FILE}: {(error.strerror or 'it cannot be written').lower()}", context) from None
    click.echo(f"wrote {FILE}; every line in it is a comment")
