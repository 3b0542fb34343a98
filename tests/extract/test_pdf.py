"""The text of PDF files: paragraphs, title, dates, and files that hold none."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdfs import pdf

from umecrawl.extract import extract
from umecrawl.extract.pdf import MAX_PAGES, read_pdf
from umecrawl.model.article import Outcome, Page, Quality
from umecrawl.model.urls import Url

AT = datetime(2026, 5, 1, tzinfo=UTC)
LONG = "Kommunens förslag till budget för nästa år bygger på att skatten är oförändrad och att"
MORE = "skolan får mer pengar än den har haft på länge, vilket många har väntat på i tio hela år."


def texts(found):
    """Return the texts of the blocks."""
    return [block.text for block in found.blocks]


def test_lines_are_joined_to_paragraphs():
    """A full line goes on in the next; a short one ends its paragraph."""
    found = read_pdf(pdf(["Budgetförslag", LONG, MORE, "Slut.", "Nytt stycke."]))
    assert ["Budgetförslag", f"{LONG} {MORE} Slut.", "Nytt stycke."] == texts(found)
    assert "Budgetförslag" == found.title


def test_a_hyphen_at_the_end_of_a_line_is_taken_out():
    """Only where the word goes on in lower case."""
    found = read_pdf(pdf([LONG[:-4] + "kommun-", "fullmäktige sade ja till allt.", "Norra-", "Söder"]))
    assert texts(found)[0].endswith("kommunfullmäktige sade ja till allt.")
    assert "Norra-" in texts(found)


def test_items_of_a_list_stay_apart():
    """A bullet or number begins a block of its own, however long the line before it is."""
    found = read_pdf(pdf([LONG, "- " + LONG, "1. " + LONG]))
    assert 3 == len(found.blocks)


def test_the_title_of_the_file_is_taken_unless_a_program_made_it_up():
    """`Microsoft Word - x.docx` is no title; the first line is."""
    assert "Vår politik" == read_pdf(pdf(["Rad ett"], info="/Title (Vår politik)")).title
    assert "Rad ett" == read_pdf(pdf(["Rad ett"], info="/Title (Microsoft Word - utkast.docx)")).title


def test_the_dates_of_the_file_are_kept_with_their_source():
    """CreationDate and ModDate, with their raw form."""
    found = read_pdf(pdf(["Rad"], info="/CreationDate (D:20240521101500+02'00') /ModDate (D:20240522)"))
    assert ("2024-05-21T10:15:00+02:00", "pdf") == (found.published.value, found.published.source)
    assert "D:20240521101500+02'00'" == found.published.raw
    assert found.modified.value.startswith("2024-05-22")


def test_pages_beyond_the_bound_are_left_out():
    """And the result says so."""
    found = read_pdf(pdf(*[[f"Sida {n}"] for n in range(MAX_PAGES + 2)]))
    assert found.cut
    assert MAX_PAGES == len(found.blocks)
    assert MAX_PAGES + 2 == found.pages


@pytest.mark.parametrize("octets", [b"", b"%PDF-1.7", b"<html>no</html>", pdf(["x"])[:200]])
def test_a_file_that_cannot_be_read_says_why(octets):
    """The problem is a sentence, and there is no text."""
    found = read_pdf(octets)
    assert found.problem
    assert () == found.blocks


def test_a_file_without_text_says_so():
    """As a scanned page is."""
    assert "no text" in read_pdf(pdf([])).problem


@given(place=st.integers(0, 900), octet=st.integers(0, 255))
def test_a_changed_octet_never_raises(place, octet):
    """Whatever is broken, the result is text or a problem."""
    data = bytearray(pdf(["Rad ett", LONG], info="/Title (Titel)"))
    data[place % len(data)] = octet
    found = read_pdf(bytes(data))
    assert found.problem or found.blocks


def test_a_pdf_is_a_document_with_text_and_dates():
    """Its lines are the text, its information dictionary gives title and dates, with the source named."""
    octets = pdf(["Motion om badhuset", "Vi vill att badhuset byggs."], info="/CreationDate (D:20240521101500+02'00')")
    found = extract(Page(Url("https://partiet.example/motion.pdf"), AT, 200, "application/pdf", octets))
    [post] = found.posts
    assert (Outcome.DOCUMENT, Quality.FULL) == (found.outcome, found.quality)
    assert ("Motion om badhuset", "Motion om badhuset\nVi vill att badhuset byggs.") == (post.title, post.text)
    assert ("2024-05-21T10:15:00+02:00", "pdf") == (post.published.value, post.published.source)
    assert ["published"] == [claim.field for claim in post.claims]


def test_a_pdf_that_cannot_be_read_is_no_page_and_says_why():
    """As is one that was not found."""
    url = Url("https://partiet.example/motion.pdf")
    broken = extract(Page(url, AT, 200, "application/pdf", b"%PDF-1.4 broken"))
    assert Outcome.NOT_A_PAGE == broken.outcome
    assert "cannot be read" in broken.detail
    assert Outcome.ERROR_PAGE == extract(Page(url, AT, 404, "application/pdf", pdf(["x"]))).outcome
