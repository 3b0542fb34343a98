"""Readers for the extraction pool that do to their process what a hostile page may do."""

import os
import threading

from umecrawl.model.article import Extraction, Outcome, Page, Quality


def read(page: Page) -> Extraction:
    """Do what the markup says: die, hang, raise, or give an outcome that names it."""
    if page.markup == b"die":
        os._exit(9)
    if page.markup == b"hang":
        threading.Event().wait()
    if page.markup == b"raise":
        raise RecursionError("too deep")
    return Extraction(Outcome.ARTICLE, Quality.FULL, "test", detail=page.markup.decode())
