"""Reports delivered: every finding goes to each writer as it comes; files appear whole or not at all."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple, Self

import click

from lint837.files.outputs import replacing, standard_stream
from lint837.lint.finding import Finding, InputSummary
from lint837.report.entry import Entry, entry_of
from lint837.report.formats import FORMATS, STATISTICS, Ending, Write, Writer, writer
from lint837.report.model import About, RuleText, Tally, Totals
from lint837.report.phrases import inert
from lint837.report.redact import FileNames, Redaction, redacted

_WITHOUT_ROOM = ("csv", "gitlab", STATISTICS)  # formats that cannot name the configuration
_ESCAPE = "\x1b"  # begins a color
_NO_CLAIMS = 3  # the exit status, where no finding says why


class OutputLostError(Exception):
    """Nothing can be written any more, to standard output or to any file; the user was told where it matters."""


class OutputOptions(NamedTuple):
    """What to write: the format of standard output (None: nothing), more formats each with a path, and what of them to
    redact.

    quiet: of the text only the findings. color: where standard output is a terminal. statistics: also write the
    statistics, to standard output after a text, else to standard error.
    """

    form: str | None
    files: Sequence[tuple[str, str]] = ()
    redaction: Redaction = Redaction()
    quiet: bool = False
    color: bool = True
    statistics: bool = False


class _LostError(Exception):
    """Given to a file that is not to be published."""


class _Target:
    """One report under way. `path` is None for standard output, or standard error where `on_error` is set."""

    def __init__(self, form: str, path: str | None, redaction: Redaction, *, on_error: bool = False) -> None:
        self.form = form
        self.path = path
        self._on_error = on_error
        read_by_many = FORMATS[form].public or (under_ci() and (path is None or standard_stream(path) is not None))
        self.redacts = redaction.applies(public=read_by_many)
        self.lost = False
        self._file = contextlib.ExitStack()
        self._writer: Writer | None = None

    def open(self, options: OutputOptions, about: About) -> None:
        """Begin the report."""
        with self._guard():
            if self.path is None:
                self._writer = self._for_output(options)
            else:
                file = self._file.enter_context(replacing(self.path, _note))
                self._writer = writer(self.form, _into(file, at_once=standard_stream(self.path) is not None))
            self._writer.begin(about._replace(redacted=about.redacted or self.redacts))

    def _for_output(self, options: OutputOptions) -> Writer:
        if self.form == STATISTICS and options.form == "text":
            from lint837.report import statistics

            return statistics.Writer(lambda text: click.echo(text, nl=False), after_a_report=True)
        if self.form != "text":
            return writer(self.form, _onto_standard(error=self._on_error))
        from lint837.report import text

        terminal = sys.stdout is not None and sys.stdout.isatty()
        color = options.color and terminal and not os.environ.get("NO_COLOR")
        width = text.NARROWEST
        if terminal:
            import shutil

            columns = shutil.get_terminal_size((text.NARROWEST, 24)).columns
            width = min(max(columns, text.NARROWEST), text.WIDEST)
        return text.Writer(lambda said: click.echo(said, nl=False, color=color), width, quiet=options.quiet)

    def tell(self, what: Callable[[Writer], None]) -> None:
        """Hand something to the writer, unless the report is lost."""
        if self._writer and not self.lost:
            try:  # as `_guard`, but for each finding: entering and leaving a context takes longer
                what(self._writer)
            except (OSError, ValueError) as error:
                self._lose(error)

    def close(self) -> None:
        """Publish the report."""
        with self._guard():
            if self.path is None and not self.lost:
                (sys.stderr if self._on_error else sys.stdout).flush()
            self._file.close()

    def abandon(self) -> None:
        """Leave what was there before in its place."""
        with contextlib.suppress(_LostError, OSError):
            self._file.__exit__(_LostError, _LostError(), None)

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        """Where something cannot be written, the report is lost, and the user learns why; the others go on."""
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: a path with a NUL byte
            self._lose(error)

    def _lose(self, error: OSError | ValueError) -> None:
        if not isinstance(error, OSError) and self._writer is not None:
            raise error
        self.lost = True
        if self._on_error:
            return  # nobody can be told
        if self.path is None:
            _lose_output(error)
        else:
            reason = getattr(error, "strerror", None) or "not a path"
            click.echo(
                f"lint837: the {self.form} report could not be written to {inert(self.path)}: {reason}", err=True
            )
            self.abandon()


def _note(what: str) -> None:
    click.echo(f"lint837: {inert(what)}", err=True)


def _onto_standard(*, error: bool) -> Write:
    """Write to standard output or standard error, each text at once. For a text that goes onto any stream as it is,
    `click.echo` takes four times as long: it looks for colors to remove, and for what the stream can do.
    """

    def write(text: str | bytes) -> None:
        stream = sys.stderr if error else sys.stdout
        if isinstance(text, str) and text.isascii() and _ESCAPE not in text and stream is not None:
            stream.write(text)
            stream.flush()
        else:
            click.echo(text, nl=False, err=error)

    return write


def _into(file: BinaryIO, *, at_once: bool) -> Write:
    """Write to a file; `at_once` where another report is written to the same stream: they mix line by line then, and
    not within a line.
    """

    def write(text: str | bytes) -> None:
        file.write(_bytes(text))
        if at_once:
            file.flush()

    return write


def _bytes(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    return (click.unstyle(text) if _ESCAPE in text else text).encode("utf-8", "backslashreplace")


class Delivery:
    """Takes findings and inputs, and hands them to every report that is asked for. Used as a context: a report that was
    not ended is not published.

    with Delivery(options, about) as delivery:
        delivery.finding(finding)
        delivery.input(summary)
        delivery.end(rules, totals, exit_status)
    """

    def __init__(self, options: OutputOptions, about: About) -> None:
        self._options = options
        self._about = about
        self._names = FileNames() if options.redaction.paths else None
        self._targets = [_Target(form, path, options.redaction) for form, path in options.files]
        self._output = _Target(options.form, None, options.redaction) if options.form else None
        self._targets += [self._output] if self._output else []
        self._reports = tuple(self._targets)  # without them the statistics alone are not worth going on
        if options.statistics:
            on_error = options.form != "text"
            self._targets.append(_Target(STATISTICS, None, options.redaction, on_error=on_error))
        self.tally = Tally()

    def __enter__(self) -> Self:
        for target in self._targets:
            target.open(self._options, self._about)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        for target in self._targets:
            target.abandon()

    def finding(self, finding: Finding) -> None:
        """The next finding of the input that is being read. Raises OutputLostError where no report is left."""
        self.entry(entry_of(finding))

    def entry(self, entry: Entry) -> None:
        """The same, of a report that is read again."""
        self.tally.finding(entry)
        shown = {False: entry}
        for target in self._targets:
            if target.redacts not in shown:
                shown[True] = redacted(entry, self._options.redaction.key)
            said = self._named(shown[target.redacts], target)
            target.tell(_finding(said))
        self._stop_where_nothing_is_left()

    def input(self, item: InputSummary) -> None:
        """What an input held, after its findings. Raises OutputLostError where no report is left."""
        self.tally.input(item)
        for target in self._targets:
            said = self._names.of_input(item) if self._names and target.redacts else item
            target.tell(_input(said))
        self._stop_where_nothing_is_left()

    def end(self, rules: Sequence[RuleText], totals: Totals, exit_status: int) -> bool:
        """End and publish every report. False where one could not be written; which and why is said on standard
        error.
        """
        for target in self._targets:
            inputs: Sequence[InputSummary] = self.tally.inputs
            counts = totals
            if self._names and target.redacts:
                inputs = [self._names.of_input(item) for item in inputs]
                counts = totals._replace(passed_over=tuple(map(self._names.of, totals.passed_over)))
            target.tell(_end(Ending(inputs, rules, counts, exit_status)))
            target.close()
        whole = not any(target.lost for target in self._targets)
        form = self._options.form
        if form is None or self._output is None:
            return whole
        if self._about.configuration and form in _WITHOUT_ROOM and not self._options.quiet:
            _note(f"configuration: {self._about.configuration}")
        silent = not FORMATS[form].says_all or (form == "text" and self._options.quiet)
        if silent and not self._output.lost and exit_status == _NO_CLAIMS and not self.tally.rules:
            click.echo("lint837: no 837P or 837I claim was found", err=True)  # else the status would be a riddle
        return whole

    def _named(self, entry: Entry, target: _Target) -> Entry:
        return self._names.of_entry(entry) if self._names and target.redacts else entry

    def _stop_where_nothing_is_left(self) -> None:
        if self._output and self._output.lost and all(target.lost for target in self._reports):
            raise OutputLostError


def _finding(entry: Entry) -> Callable[[Writer], None]:
    return lambda writer: writer.finding(entry)


def _input(item: InputSummary) -> Callable[[Writer], None]:
    return lambda writer: writer.input(item)


def _end(ending: Ending) -> Callable[[Writer], None]:
    return lambda writer: writer.end(ending)


def under_ci() -> bool:
    """Whether a CI service runs this, by its variable CI: many may read what is written to standard output."""
    return os.environ.get("CI", "").strip().lower() not in ("", "0", "false", "no", "off")


def _lose_output(error: Exception) -> None:
    """Nothing more can be written to standard output, also not at the interpreter's end: say why. Whoever closed a pipe
    need not hear it.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        reason = getattr(error, "strerror", None) or "it is closed"
        click.echo(f"lint837: the report could not be written: {reason}", err=True)
