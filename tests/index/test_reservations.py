"""What sites say about the use of their pages: facts that hide nothing."""

from dataclasses import replace

import pytest
from archived import article, at, capture, crawl_run, post, put, revisit, table

from umecrawl.extract.extraction import extract
from umecrawl.index.views import captures, reservations
from umecrawl.model.article import Page
from umecrawl.model.message import parse_head
from umecrawl.model.reservation import Reservation, header_reservations
from umecrawl.model.urls import Url

URL = "https://blog.example/ett/"
HEAD = (
    b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noindex, NOARCHIVE\r\nx-robots-tag: otherbot: none\r\n"
    b"tdm-reservation: 1\r\ntdm-policy: https://blog.example/tdm.json\r\nX-Robots-Tag: \r\n\r\n"
)
MARKUP = (
    b'<!doctype html><html><head><meta name="ROBOTS" content="noarchive"><meta name=tdm-reservation content="0">'
    b'<meta name="description" content="noarchive"></head><body><article><h1>Ett</h1><p>'
    + b"Hus och hem och torg. " * 40
    + b"</p></article></body></html>"
)


def test_a_header_is_read_as_it_stands():
    """Every field, each value once, in the order of the names; empty ones say nothing."""
    assert header_reservations(parse_head(HEAD)) == (
        Reservation("x-robots-tag", "noindex, NOARCHIVE"),
        Reservation("x-robots-tag", "otherbot: none"),
        Reservation("tdm-reservation", "1"),
        Reservation("tdm-policy", "https://blog.example/tdm.json"),
    )


@pytest.mark.parametrize("markup", [MARKUP, MARKUP.replace(b"<article>", b"").replace(b"och", b"<br>")])
def test_a_page_is_read_for_its_meta_elements(markup):
    """Whatever kind of page it is."""
    found = extract(Page(Url(URL), at(), 200, "text/html", markup))
    assert found.reservations == (Reservation("robots", "noarchive"), Reservation("tdm-reservation", "0"))


def test_each_capture_has_its_facts_and_none_is_hidden(index):
    """Those of its own header, and those of the markup that it shows, whether stored again or not."""
    first = capture(URL, "same", at(), reservations=header_reservations(parse_head(HEAD)))
    again = revisit(first, URL, at(hours=5))
    text = replace(article(post(URL, "Ett", "Hus.")), reservations=(Reservation("robots", "noarchive"),))
    put(index, crawl_run(), first, again, (first, text))
    put(index, crawl_run(), first, again, (first, text))
    rows = table(
        index, reservations, reservations.c.captured_at, reservations.c.place, reservations.c.name, reservations.c.value
    )
    told = [(row["capture"], row["place"], row["name"], row["noarchive"], row["tdm_reserved"]) for row in rows]
    assert told == [
        (first.id, "header", "tdm-policy", 0, 0),
        (first.id, "header", "tdm-reservation", 0, 1),
        (first.id, "header", "x-robots-tag", 1, 0),
        (first.id, "header", "x-robots-tag", 0, 0),
        (first.id, "meta", "robots", 1, 0),
        (again.id, "meta", "robots", 1, 0),
    ]
    assert rows[2]["value"] == "noindex, NOARCHIVE"
    assert len(table(index, captures)) == 2
