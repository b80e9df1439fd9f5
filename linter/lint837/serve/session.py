"""The files that the page has open, and who may ask for them: one browser page, until it is closed."""

import asyncio
import functools
import gc
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from lint837.files import archive, zip_archive
from lint837.files.archive import RATIO, UnreadableError
from lint837.report.model import About
from lint837.rules.rulebook import Rulebook, failure
from lint837.serve.document import Document
from lint837.serve.listing import name_of

_T = TypeVar("_T")
LARGEST = 256 * 1024 * 1024  # bytes of a file
ALL = 2 * LARGEST  # bytes of all files that are open
_MEGABYTE = 1024 * 1024
_A_SECOND = 50 * _MEGABYTE  # bytes of a file for which a check waits a second


class RefusedUploadError(Exception):
    """A file that is not taken. The text says why."""


class Open:
    """A file that is open. `failed`: why it could not be checked; one thing at a time is done with it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lock = asyncio.Lock()
        self.failed = ""
        self.revision = 0  # counts what changes what is shown
        self._checking: asyncio.Task[None] | None = None

    def check(self) -> None:
        """Begin to check the whole file, unless that is under way."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check())

    async def checked(self) -> None:
        """Wait until the whole file is checked as it is now."""
        while not self.document.is_checked and not self.failed:
            self.check()
            if self._checking:
                await self._checking

    async def do(self, what: Callable[[], _T]) -> _T:
        """Do something with the file, in a thread of its own, when nothing else is done with it."""
        async with self.lock:
            return await asyncio.to_thread(what)

    async def _check(self) -> None:
        """Check until nothing was corrected meanwhile."""
        try:
            while not self.document.is_checked:
                if self.document.checked:  # first the page shows the claim that was corrected
                    await asyncio.sleep(len(self.document.data) / _A_SECOND)
                found = await asyncio.to_thread(self.document.check)
                async with self.lock:
                    if found and self.document.take(found):
                        self.revision += 1
        except MemoryError:
            self.failed = "There is not enough memory to check this file."
        except Exception as error:  # noqa: BLE001 - no exception's text, which may hold claim data
            self.failed = f"internal error: {failure(error)}"

    def close(self) -> None:
        """Forget it."""
        if self._checking:
            self._checking.cancel()
        self.document.forget()


class Session:
    """All files, and the secrets: a token that works once, and what a page got for it."""

    def __init__(self, rulebook: Rulebook, about: About, tell: Callable[[str], None]) -> None:
        """`about`: what reports say of the program. `tell`: is given each new token."""
        self._rulebook = rulebook
        self._about = about
        self._tell = tell
        self._token = ""
        self._secret = ""
        self._number = 0
        self.files: dict[str, Open] = {}

    def begin(self) -> None:
        """Wait for a page: make a token."""
        self._secret, self._token = "", secrets.token_urlsafe(32)
        self._tell(self._token)

    def exchange(self, token: str) -> str:
        """The secret for a token, which works no more; "" for any other text."""
        if not self._token or not hmac.compare_digest(token.encode(), self._token.encode()):
            return ""
        self._token, self._secret = "", secrets.token_urlsafe(32)
        return self._secret

    def knows(self, secret: str) -> bool:
        """Whether somebody may ask for files."""
        return bool(self._secret) and hmac.compare_digest(secret.encode(), self._secret.encode())

    def forget(self) -> None:
        """Forget all files."""
        for number in list(self.files):
            self.close(number)

    def end(self) -> None:
        """Forget all files and the secret, and wait for another page."""
        self.forget()
        self.begin()

    def close(self, number: str) -> None:
        """Forget a file."""
        self.files.pop(number).close()
        _clear_caches()

    async def take(self, name: str, stream: AsyncIterator[bytes], length: int | None) -> str:
        """Take a file. Returns its number. Raises RefusedUploadError."""
        room = ALL - sum(len(one.document.data) for one in self.files.values())
        _measure(length or 0, room)
        data = bytearray()
        async for part in stream:
            data += part
            _measure(len(data), room)
        plain = await asyncio.to_thread(_unpacked, bytes(data), room)
        del data
        document = await asyncio.to_thread(Document, name_of(name), plain, self._rulebook, self._about)
        self._number += 1
        one = Open(document)
        self.files[str(self._number)] = one
        one.check()
        return str(self._number)


def _clear_caches() -> None:
    """Forget the segments and values that lint837 remembers, since a batch repeats them."""
    gc.unfreeze()  # what was loaded before the page was opened, these among them, is no object of the collector else
    gc.collect()
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper) and str(one.__module__).startswith("lint837"):
            one.cache_clear()


def _measure(size: int, room: int) -> None:
    if size > LARGEST:
        raise RefusedUploadError(
            f"The file is larger than {LARGEST // _MEGABYTE} MB. Check it with lint837 check, which reads any size."
        )
    if size > room:
        raise RefusedUploadError(f"All open files together are larger than {ALL // _MEGABYTE} MB. Close one first.")


def _unpacked(data: bytes, room: int) -> bytes:
    """What comes out of a gzip file; any other one as it is."""
    if data.startswith(zip_archive.SIGNATURES):
        raise RefusedUploadError("This is a ZIP archive. Unpack it, and drop the files that it holds.")
    if not data.startswith(archive.GZIP):
        return data
    plain = bytearray()
    try:
        for block in archive.unpacked(iter([data]), lambda: len(data), RATIO):
            plain += block
            _measure(len(plain), room)
    except UnreadableError as error:
        raise RefusedUploadError(f"The file cannot be unpacked: {error}.") from None
    return bytes(plain)
