"""Pages and readers for the extraction pool; the readers do to their process what a hostile page may do."""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from umecrawl.model.article import Extraction, Outcome, Page, Post, Quality, Sourced
from umecrawl.model.urls import Url

# Takes a second of the processor, so at least a second of the clock.
BUSY = "import time\nwhile time.process_time() < 1: pass"


def pages(*markups: str) -> list[tuple[int, Page]]:
    """Return numbered pages with these markups."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        (number, Page(Url(f"https://a.example/{number}"), at, 200, "text/html", markup.encode()))
        for number, markup in enumerate(markups)
    ]


def gorge() -> None:
    """Take memory crumb by crumb until there is none."""
    crumbs = []
    while True:
        crumbs.append(bytearray(1000))


def spin() -> None:
    """Compute for ever."""
    while True:
        pass


def hang_once() -> None:
    """Wait for ever, unless another process of the same parent did so before."""
    marker = Path(tempfile.gettempdir()) / f"umecrawl-hung-{os.getppid()}"
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        marker.unlink()
    else:
        threading.Event().wait()


def go_too_deep() -> None:
    """Raise what a deeply nested page raises."""
    raise RecursionError("too deep")


DEEDS: dict[bytes, Callable[[], object]] = {
    b"eat": lambda: bytearray(8 << 30),
    b"gorge": gorge,
    b"die": lambda: os._exit(9),
    b"hang": lambda: threading.Event().wait(),
    b"hang once": hang_once,
    b"spin": spin,
    b"wait": lambda: subprocess.run([sys.executable, "-c", BUSY], check=True),  # another's processor time
    b"raise": go_too_deep,
}


def read(page: Page) -> Extraction:
    """Do what the markup says: die, hang, spin, wait, raise, eat memory, or give an outcome that names it."""
    done = DEEDS.get(page.markup)
    if done is not None:
        done()
    if page.markup == b"unsendable":
        return Extraction(Outcome.ARTICLE, Quality.FULL, lambda: "no function travels")  # type: ignore[arg-type]
    if page.markup == b"process":
        deaf = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        return Extraction(Outcome.ARTICLE, Quality.FULL, "test", detail=f"{os.getpid()} {deaf}")
    return Extraction(Outcome.ARTICLE, Quality.FULL, "test", detail=page.markup.decode())


def read_old(page: Page) -> Extraction:
    """Take the first line of the page for its title and the rest for its text."""
    return _read(page, "reader 1")


def read_new(page: Page) -> Extraction:
    """Read as `read_old` does, but find a byline, and leave out a line that is a button."""
    return _read(page, "reader 2", byline=Sourced("Åsa Ek", "text", "av Åsa Ek"), without="Dela")


def _read(page: Page, extractor: str, *, without: str = "", byline: Sourced | None = None) -> Extraction:
    title, *lines = page.markup.decode().split("\n")
    if not lines:
        return Extraction(Outcome.EMPTY, Quality.EMPTY, extractor)
    text = "\n".join(line for line in lines if line != without)
    digest = hashlib.sha256(text.encode()).hexdigest()
    shown = Post(page.url, title, text, digest, byline=byline if without in lines else None)
    return Extraction(Outcome.ARTICLE, Quality.FULL, extractor, (shown,))
