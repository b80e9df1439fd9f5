"""The server as a program on the same machine meets it: who may ask, what each answer says, and what is refused."""

import asyncio
import gc
import gzip
import http.client
import re
import subprocess
import sys
import weakref
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from lint837 import Severity, load_rulebook
from lint837.claims import segment
from lint837.report.model import about
from lint837.serve import session

from tests.serve.conftest import Server

OFFICE = (Path(__file__).parents[2] / "samples/dirty/office-837p.837").read_bytes()
HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@pytest.fixture
def secret(server: Server) -> Iterator[str]:
    """A session, which is over afterwards."""
    one = server.session()
    yield one
    assert server.ask("/session", "DELETE", secret=one).status == 200
    server.next_address()


def test_the_token_works_once(server: Server, secret: str) -> None:
    again = server.ask("/session", "POST", server.address.partition("#")[2].encode())
    assert (again.status, again.json) == (403, {"said": "This address was used already."})
    assert server.ask("/files/1", secret=secret).status == 404


def test_nothing_is_answered_without_the_secret(server: Server, secret: str) -> None:
    number = server.ask("/files?name=a.837", "POST", OFFICE, secret).json["number"]
    for wrong in ("", "x", secret[:-1], secret + "x"):
        for path, method in [
            (f"/files/{number}", "GET"),
            (f"/files/{number}/claims", "GET"),
            (f"/files/{number}/download/json", "GET"),
            (f"/files/{number}", "DELETE"),
            ("/files?name=b", "POST"),
            ("/session", "DELETE"),
        ]:
            answer = server.ask(path, method, secret=wrong)
            assert (answer.status, answer.json) == (401, {"said": "This page is no longer connected."})
    assert server.ask(f"/files/{number}", secret=secret).json["size"] == len(OFFICE)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:{port}"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": "evil.example:{port}"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_another_host_or_origin_is_refused(server: Server, secret: str, headers: dict[str, str], status: int) -> None:
    given = {key: value.format(port=server.port) for key, value in headers.items()}
    for path, method in (("/", "GET"), ("/files/1", "GET"), ("/files?name=a", "POST"), ("/session", "POST")):
        assert server.ask(path, method, b"", secret, given).status == status


def test_what_changes_something_names_its_origin(server: Server, secret: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/files?name=a", b"ISA", {"X-Lint837-Session": secret})
    assert connection.getresponse().status == 403
    connection.close()


def test_every_answer_forbids_what_the_page_does_not_need(server: Server, secret: str) -> None:
    """Also an error, and a path that does not exist. No answer sets a cookie or names the server."""
    number = server.ask("/files?name=a.837", "POST", OFFICE, secret).json["number"]
    paths = ("/", "/nothing", "/files/9", f"/files/{number}/claims?page=x&sort=y", f"/files/{number}/download/log")
    for path in (*paths, "/%00", "/files/../../etc/passwd"):
        answer = server.ask(path, secret=secret)
        assert {key: answer.headers.get(key) for key in HEADERS} == HEADERS
        assert re.sub(r"'sha256-[\w+/=]+'", "HASH", answer.headers["content-security-policy"]) == (
            "default-src 'none'; style-src HASH; script-src HASH; connect-src 'self'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )
        assert not {"set-cookie", "server", "date", "access-control-allow-origin"} & set(answer.headers)


def test_what_is_too_large_is_refused_in_words(server: Server, secret: str) -> None:
    """By what is announced, before anything is read; and by what comes out of an archive."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest("POST", "/files?name=a")
    for key, value in {
        "Origin": f"http://127.0.0.1:{server.port}",
        "X-Lint837-Session": secret,
        "Content-Length": str(session.LARGEST + 1),
    }.items():
        connection.putheader(key, value)
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, response.read()) == (
        413,
        b'{"said":"The file is larger than 256 MB. Check it with lint837 check, which reads any size."}',
    )
    connection.close()
    bomb = server.ask("/files?name=a.gz", "POST", gzip.compress(bytes(50_000_000)), secret)
    assert bomb.json == {
        "said": "The file cannot be unpacked: more than 100 bytes come out of each byte of the archive."
    }


def test_a_gzip_file_is_unpacked_in_memory(server: Server, secret: str) -> None:
    answer = server.ask("/files?name=C%3A%5Cclaims%5Ca.837.gz", "POST", gzip.compress(OFFICE), secret).json
    assert answer["name"] == "a.837"
    assert server.ask(f"/files/{answer['number']}", secret=secret).json["size"] == len(OFFICE)


def test_when_the_page_is_closed_all_is_forgotten(server: Server) -> None:
    first = server.session()
    number = server.ask("/files?name=a.837", "POST", OFFICE, first).json["number"]
    assert server.ask("/session", "DELETE", secret=first).status == 200
    server.next_address()
    assert server.ask(f"/files/{number}", secret=first).status == 401
    second = server.session()
    assert server.ask(f"/files/{number}", secret=second).status == 404
    server.ask("/session", "DELETE", secret=second)
    server.next_address()


def test_without_its_packages_it_says_how_to_install_them(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from lint837.commands.main import main; sys.argv[1:] = ['serve', '--isolated']; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Error: serve needs two more packages: pip install 'lint837[serve]'" in done.stderr


def test_a_closed_file_is_held_by_nothing() -> None:
    """Neither the file nor what is remembered of its segments, also where the program started as a command does."""
    rulebook = load_rulebook(isolated=True)
    gc.freeze()

    async def opened_and_closed() -> list[weakref.ref[Any]]:
        one = session.Session(rulebook, about(rulebook, "1", Severity.ERROR), lambda _: None)

        async def blocks() -> AsyncIterator[bytes]:
            yield OFFICE

        number = await one.take("a.837", blocks(), None)
        await one.files[number].checked()
        document = one.files[number].document
        document.correct(1, 0, {"fix": True})
        held = [weakref.ref(item) for item in (document, document.rows[2], document.claims[1])]
        del document
        assert segment._remembered_texts.cache_info().currsize
        one.close(number)
        return held

    held = asyncio.run(opened_and_closed())
    assert [one() for one in held] == [None, None, None]
    assert segment._remembered_texts.cache_info().currsize == 0
