"""The server: one socket on 127.0.0.1, no log, nothing on disk."""

import contextlib
import socket
import sys
from collections.abc import Callable

import uvicorn

from lint837.report.model import About
from lint837.rules.rulebook import Rulebook
from lint837.serve.app import app
from lint837.serve.session import Session


def serve(rulebook: Rulebook, about: About, tell: Callable[[str], None]) -> None:
    """Serve until the process is interrupted. `about`: what reports say of the program. `tell` is given each address of
    the page: one that works once, at the start and whenever the page was closed. Raises OSError where no port is free.
    """
    sys.dont_write_bytecode = True  # no file is written, not even of the program
    _no_core_dump()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows, else another program could take the port over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        session = Session(rulebook, about, lambda token: tell(f"http://127.0.0.1:{port}/#{token}"))
        config = uvicorn.Config(
            app(session, port),
            access_log=False,
            date_header=False,
            http="h11",
            lifespan="on",
            log_config=None,
            log_level="critical",
            loop="asyncio",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ws="none",
        )
        listener.listen()
        session.begin()
        uvicorn.Server(config).run(sockets=[listener])


def _no_core_dump() -> None:
    """Let no crash leave the memory of the process on disk."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has none
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
