"""Pages and readers for the extraction pool; the readers do to their process what a hostile page may do."""

import os
import signal
import threading
from datetime import UTC, datetime

from umecrawl.model.article import Extraction, Outcome, Page, Quality
from umecrawl.model.urls import Url


def pages(*markups: str) -> list[tuple[int, Page]]:
    """Return numbered pages with these markups."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        (number, Page(Url(f"https://a.example/{number}"), at, 200, "text/html", markup.encode()))
        for number, markup in enumerate(markups)
    ]


def read(page: Page) -> Extraction:
    """Do what the markup says: die, hang, raise, or give an outcome that names it."""
    if page.markup == b"die":
        os._exit(9)
    if page.markup == b"hang":
        threading.Event().wait()
    if page.markup == b"raise":
        raise RecursionError("too deep")
    if page.markup == b"process":
        deaf = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        return Extraction(Outcome.ARTICLE, Quality.FULL, "test", detail=f"{os.getpid()} {deaf}")
    return Extraction(Outcome.ARTICLE, Quality.FULL, "test", detail=page.markup.decode())
