"""What tests of extraction need: pages made of markup, read as if they had been captured."""

import importlib.util
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from umecrawl.extract import extract
from umecrawl.extract.markup import parse
from umecrawl.extract.outline import outline_of
from umecrawl.model.article import Page
from umecrawl.model.urls import Url

TESTBED = Path(__file__).parents[3] / "shared" / "testbed"
CAPTURED = datetime(2024, 9, 1, 12, 0, tzinfo=UTC)

BODY = (
    "<p>Nämnden beslutade i går att bygga två nya broar över älven, en för cyklar och en för bussar.</p>"
    "<p>Arbetet börjar i vår och ska vara klart om tre år, enligt den plan som nu har antagits av alla partier.</p>"
    "<p>\u2013 Det är ett stort steg för staden, och det har tagit lång tid, säger ordföranden Ada Lind.</p>"
)


@pytest.fixture
def captured():
    """Give the time at which all pages of these tests were captured."""
    return CAPTURED


@pytest.fixture
def body():
    """Give three paragraphs of running Swedish text."""
    return BODY


@pytest.fixture
def read():
    """Give a function that extracts markup as a captured page."""

    def read(markup, url="https://tidning.example/2024/05/06/broarna/", *, status=200, content_type="text/html"):
        raw = markup if isinstance(markup, bytes) else markup.encode("utf-8")
        return extract(Page(Url(url), CAPTURED, status, content_type, raw))

    return read


@pytest.fixture
def outline():
    """Give a function that parses markup and reads the names of its elements."""

    def outline(markup):
        document = parse(markup.encode("utf-8"))
        assert document is not None
        return outline_of(document.root)

    return outline


@pytest.fixture(scope="session")
def bed():
    """Give the module that reads the capture, and the capture itself."""
    if not TESTBED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("the test bed is missing beside the project")
        pytest.skip("no test bed beside the project (../shared/testbed)")
    spec = importlib.util.spec_from_file_location("capture_io", TESTBED / "capture_io.py")
    assert spec is not None
    assert spec.loader is not None
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)
    return reader, reader.Capture()
