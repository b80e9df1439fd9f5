"""The answers of the server: who may ask, and what for.

It answers the page that it served itself, and nothing else: Host and Origin must be its own, each request but the first
two carries the secret of the session, and no answer is kept by a browser.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lint837.fix.write import ProofError
from lint837.rules.rulebook import failure
from lint837.serve.corrections import NotCorrectedError
from lint837.serve.listing import Wanted, shown
from lint837.serve.page import PAGE, POLICY
from lint837.serve.session import Open, RefusedUploadError, Session

SECRET = "x-lint837-session"  # noqa: S105 - the name of a header
_SMALL = 64 * 1024  # bytes of a request that is no file
_REPORTS = {"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8", "json": "application/json"}
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def app(session: Session, port: int) -> ASGIApp:
    """What answers on a port of 127.0.0.1."""
    answers = _Answers(session)
    routes = [
        Route("/", answers.page, methods=["GET"]),
        Route("/session", answers.begin, methods=["POST"]),
        Route("/session", answers.end, methods=["DELETE"]),
        Route("/files", answers.open, methods=["POST"]),
        Route("/files/{number}", answers.state, methods=["GET"]),
        Route("/files/{number}", answers.close, methods=["DELETE"]),
        Route("/files/{number}/claims", answers.claims, methods=["GET"]),
        Route("/files/{number}/corrections", answers.correct, methods=["POST"]),
        Route("/files/{number}/undo", answers.undo, methods=["POST"]),
        Route("/files/{number}/ticks", answers.tick, methods=["POST"]),
        Route("/files/{number}/download/{what}", answers.download, methods=["GET"]),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        session.forget()  # no check goes on when the server ends

    return _Guard(Starlette(routes=routes, lifespan=lifespan), session, f"127.0.0.1:{port}")


class _Guard:
    """Lets through what the page asks, and writes the headers of every answer."""

    def __init__(self, inner: ASGIApp, session: Session, host: str) -> None:
        self._inner = inner
        self._session = session
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; refuse a web socket."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
        if scope["type"] != "http":
            return
        answered = False

        async def with_headers(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                mine = [(key.encode(), value.encode()) for key, value in _HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *mine]}
            await send(message)

        refused = self._refusal(Request(scope))
        try:
            await (refused or self._inner)(scope, receive, with_headers)
        except Exception as error:  # noqa: BLE001 - no exception's text, which may hold claim data
            if not answered:
                await _said(500, f"internal error: {failure(error)}")(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        """The answer to a request that is not the page's own."""
        headers = request.headers
        if headers.getlist("host") != [self._host]:
            return _said(421, "This address is not served here.")
        if headers.get("origin", f"http://{self._host}") != f"http://{self._host}":
            return _said(403, "Another page may not ask this.")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return _said(403, "Another page may not ask this.")
        if request.method != "GET" and "origin" not in headers:
            return _said(403, "Only the page may ask this.")
        if request.url.path == "/" or (request.url.path == "/session" and request.method == "POST"):
            return None
        if not self._session.knows(headers.get(SECRET, "")):
            return _said(401, "This page is no longer connected.")
        return None


class _Answers:
    """One method for each route."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def page(self, _: Request) -> Response:
        """The page, which holds nothing of a claim."""
        return Response(PAGE, media_type="text/html; charset=utf-8")

    async def begin(self, request: Request) -> Response:
        """The secret, for the token of the address."""
        secret = self._session.exchange((await _small(request)).decode("latin-1"))
        return JSONResponse({"secret": secret}) if secret else _said(403, "This address was used already.")

    async def end(self, _: Request) -> Response:
        """The page is closed: forget everything."""
        self._session.end()
        return JSONResponse({})

    async def open(self, request: Request) -> Response:
        """Take a file: the body is its bytes."""
        length = request.headers.get("content-length", "")
        try:
            number = await self._session.take(
                request.query_params.get("name", ""), request.stream(), int(length) if length.isdigit() else None
            )
        except RefusedUploadError as error:
            return _said(413, str(error))
        except MemoryError:
            return _said(413, "There is not enough memory for this file.")
        return JSONResponse({"number": number, "name": self._session.files[number].document.name})

    async def state(self, request: Request) -> Response:
        """How far the check of a file is."""
        one = self._open(request)
        if one is None:
            return _gone()
        document = one.document
        return JSONResponse(
            {
                "checked": document.is_checked,
                "first": document.checked is None,
                "failed": one.failed,
                "done": document.done,
                "size": len(document.data),
                "revision": one.revision,
            }
        )

    async def close(self, request: Request) -> Response:
        """Forget a file."""
        if self._open(request) is None:
            return _gone()
        self._session.close(request.path_params["number"])
        return JSONResponse({})

    async def claims(self, request: Request) -> Response:
        """The cards of a file that are asked for."""
        one = self._open(request)
        if one is None:
            return _gone()
        given = request.query_params
        page = given.get("page", "1")
        wanted = Wanted(
            search=given.get("search", "")[:200],
            rule=given.get("rule", ""),
            payer=given.get("payer", ""),
            unticked=given.get("unticked") == "1",
            by_charge=given.get("sort") == "charge",
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )
        return JSONResponse({**await one.do(lambda: shown(one.document, wanted)), "revision": one.revision})

    async def correct(self, request: Request) -> Response:
        """Correct a finding in one of its ways."""
        given = await _given(request)
        claim, number = _number(given, "claim"), _number(given, "finding")
        return await self._changed(request, given, lambda one: one.document.correct(claim, number, given))

    async def undo(self, request: Request) -> Response:
        """Undo a correction."""
        given = await _given(request)
        claim, number = _number(given, "claim"), _number(given, "number")
        return await self._changed(request, given, lambda one: one.document.undo(claim, number))

    async def _changed(self, request: Request, given: dict[str, object], change: Callable[[Open], str]) -> Response:
        one = self._open(request)
        if one is None:
            return _gone()

        def work() -> str:
            if given.get("revision") != one.revision:
                raise NotCorrectedError("The findings changed meanwhile. Look at the claim again.")
            said = change(one)
            one.revision += 1
            return said

        try:
            said = await one.do(work)
        except NotCorrectedError as error:
            return _said(422, str(error))
        one.check()
        return JSONResponse({"said": said, "revision": one.revision})

    async def tick(self, request: Request) -> Response:
        """Tick off a claim, or not."""
        given, one = await _given(request), self._open(request)
        if one is None:
            return _gone()
        (one.document.ticked.add if given.get("on") is True else one.document.ticked.discard)(_number(given, "claim"))
        return JSONResponse({})

    async def download(self, request: Request) -> Response:
        """The corrected file, the log of corrections, or a report of the file as it is now."""
        one, what = self._open(request), request.path_params["what"]
        if one is None or what not in ("file", "log", *_REPORTS):
            return _gone()
        document = one.document
        stem = document.name_now.rpartition(".")[0] or document.name_now
        try:
            if what == "file":
                return _file(document.name_now, await one.do(document.corrected_file), "application/octet-stream")
            if what == "log":
                return _file(f"{stem}.corrections.jsonl", await one.do(document.log), "application/jsonl")
            await one.checked()
            if one.failed:
                return _said(500, one.failed)
            return _file(f"{stem}.report.{what}", await one.do(lambda: document.report(what)), _REPORTS[what])
        except ProofError as error:
            return _said(500, f"Nothing is handed out, because it could not be proved: {error}.")

    def _open(self, request: Request) -> Open | None:
        return self._session.files.get(request.path_params["number"])


def _said(status: int, text: str) -> Response:
    return JSONResponse({"said": text}, status)


def _gone() -> Response:
    return _said(404, "This file is closed.")


def _file(name: str, data: bytes, kind: str) -> Response:
    """A file for the user's own disk: the page hands it to the browser."""
    return Response(data, headers={"x-name": quote(name)}, media_type=kind)


async def _small(request: Request) -> bytes:
    """The body of a request that is no file; b"" where it is too large to be one."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > _SMALL:
            return b""
    return bytes(data)


async def _given(request: Request) -> dict[str, object]:
    try:
        given = json.loads(await _small(request))
    except ValueError:
        given = {}
    return given if isinstance(given, dict) else {}


def _number(given: dict[str, object], key: str) -> int:
    value = given.get(key)
    return value if isinstance(value, int) else -1
