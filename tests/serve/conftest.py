"""A server as a user starts it, in a process whose every opened file and address is noted; and a browser."""

import http.client
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import IN_CI

CHROMIUM = "/usr/bin/chromium"
_PATIENCE = 20  # seconds
_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP *.example 127.0.0.1",  # as a name server in the hands of an attacker would
]
_START = """
import os, sys
sys.dont_write_bytecode = True  # what Python keeps of modules is no file of a user

def noted(event, given):
    if event == "open" and isinstance(given[2], int):
        if given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC):
            print("NOTED opened for writing:", given[0], file=sys.stderr, flush=True)
    elif event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "subprocess.Popen"):
        if "127.0.0.1" not in str(given[1]):
            print("NOTED", event, given[1], file=sys.stderr, flush=True)

from lint837.commands.main import main
import lint837.serve.server
print(os.getpid(), flush=True)
sys.addaudithook(noted)
main()
"""


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)


class Server:
    """A running `lint837 serve`. `noted`: what its process did outside memory and 127.0.0.1."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._errors = (folder / "errors").open("w+")
        strace = _strace(folder)
        self._process = subprocess.Popen(
            [*strace, sys.executable, "-c", _START, "serve", "--isolated", "--no-claims", "--no-browser", *options],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._number = int(self._lines.get(timeout=_PATIENCE))  # not that of strace
        self.folder = folder
        self.address = ""
        self.next_address()

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)

    def next_address(self) -> str:
        """The address that it prints next: the first one, or that after a page was closed."""
        while True:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/#\S+", self._lines.get(timeout=_PATIENCE)):
                self.address, self.port = found[0], int(found[1])
                return self.address

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        secret: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request as the page makes it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        usual = {"Origin": f"http://127.0.0.1:{self.port}", "X-Lint837-Session": secret}
        connection.request(method, path, body, {**usual, **(headers or {})})
        response = connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        connection.close()
        return answer

    def session(self) -> str:
        """The secret for the address."""
        secret: str = self.ask("/session", "POST", self.address.partition("#")[2].encode()).json["secret"]
        return secret

    def end(self) -> tuple[int, str, list[str]]:
        """Interrupt it. Returns its status, what it wrote to standard error, and the system calls that strace saw."""
        os.kill(self._number, signal.SIGINT)
        status = self._process.wait(timeout=20)
        self._errors.seek(0)
        said = self._errors.read()
        self._errors.close()
        trace = self.folder / "trace"
        return status, said, trace.read_text(errors="replace").splitlines() if trace.exists() else []


def _strace(folder: Path) -> list[str]:
    """The command that notes the system calls of another one; nothing where it is not there, or not allowed."""
    strace = shutil.which("strace")
    if (
        not strace
        or subprocess.run(
            [strace, "-o", "/dev/null", sys.executable, "-V"], capture_output=True, check=False
        ).returncode
    ):
        return []
    calls = "open,openat,creat,connect,bind,rename,renameat,renameat2,mkdir,truncate"
    return [
        strace,
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-e",
        f"trace=?{calls.replace(',', ',?')}",
        "-o",
        str(folder / "trace"),
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests of a module, each of which opens a page of its own. At its end it has written nothing,
    said nothing, and talked to nobody else.
    """
    one = Server(tmp_path_factory.mktemp("serve"))
    yield one
    status, errors, calls = one.end()
    assert (status, errors) == (0, "")
    assert [call for call in calls if _is_outside(call)] == []


def _is_outside(call: str) -> bool:
    """Whether a system call opens a file for writing, changes a folder, or names an address elsewhere."""
    if re.search(r"\b(open|openat|creat)\(", call):
        return bool(re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)|creat\(", call)) and '"/dev/' not in call
    if re.search(r"\b(connect|bind)\(", call):
        return "AF_INET" in call and "127.0.0.1" not in call
    return bool(re.search(r"\b(rename|renameat2?|mkdir|truncate)\(", call))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without it the tests in a browser are skipped; under CI they fail."""
    if not Path(CHROMIUM).exists():
        why = f"there is no browser: {CHROMIUM} (apt-get install chromium)"
        if IN_CI:
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=_SWITCHES)


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    """The page, connected. What it asks for outside the server, and every error in it, fails the test."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    one = context.new_page()
    one.set_default_timeout(20_000)
    one.on("pageerror", lambda error: wrong.append(str(error)))
    one.on("request", lambda request: wrong.append(request.url) if not _is_own(request.url, server.port) else None)
    one.on("dialog", lambda dialog: dialog.accept())
    one.goto(server.address)
    one.locator("#desk").wait_for()
    yield one
    if one.url != "about:blank":
        one.goto("about:blank")  # the page is closed: the server forgets its files, and prints another address
    server.next_address()
    context.close()
    assert wrong == []


def _is_own(url: str, port: int) -> bool:
    return url.startswith((f"http://127.0.0.1:{port}/", f"blob:http://127.0.0.1:{port}/", "about:"))
