"""Captures saved as fixtures: what is written, that it comes back, and that a changed reading is told."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.errors import NotFoundError, UmecrawlError, UsageError
from umecrawl.model.article import Page
from umecrawl.model.urls import Url
from umecrawl.pipeline.saved import deviations, save, saved_pages

AT = datetime(2026, 5, 1, 10, 30, tzinfo=UTC)
WORDS = " ".join(f"Mening {n} om torget i Exempelköping." for n in range(40))
MARKUP = (
    f'<!doctype html><html lang="sv"><head><title>Torget</title></head><body><nav>Meny</nav><article>'
    f'<h1>Torget</h1><p>{WORDS}</p><p><a href="/mer/">Mer</a> finns att läsa om torget.</p></article></body></html>'
).encode()


def page(url="https://blogg.example/2026/05/01/torget/", markup=MARKUP, content_type="text/html; charset=utf-8"):
    """Return a captured page."""
    return Page(Url(url), AT, 200, content_type, markup)


def test_a_saved_page_comes_back_with_its_gold(tmp_path):
    """The bytes, what they were served with, and an expectation that holds."""
    stem = save(page(), tmp_path / "new", capture="id-1")
    assert "2026-05-01-torget" == stem.name
    [saved] = saved_pages(tmp_path)
    assert page() == saved.page
    assert "article" == saved.expected["outcome"]
    assert saved.expected["text"][0].startswith("Mening 0 om torget")
    assert [] == list(deviations(saved))
    assert 'capture = "id-1"' in stem.with_name(f"{stem.name}.meta.toml").read_text()


def test_another_reading_is_told_field_by_field(tmp_path):
    """What a person mended in the gold is what counts; fields left out are not compared."""
    stem = save(page(), tmp_path, capture="id-1")
    gold = stem.with_name(f"{stem.name}.expected.json")
    facts = json.loads(gold.read_text(encoding="utf-8"))
    facts |= {"title": "Ett annat torg", "absent": ["Mening 3 om"]}
    del facts["language"]
    gold.write_text(json.dumps(facts), encoding="utf-8")
    [saved] = saved_pages(tmp_path)
    assert {"title", "absent"} == {deviation.field for deviation in deviations(saved)}


def test_a_gold_is_never_written_over(tmp_path):
    """A second save of the same page is refused, and says where the first lies."""
    save(page(), tmp_path, capture="id-1")
    with pytest.raises(UsageError, match="2026-05-01-torget"):
        save(page(markup=b"<p>other"), tmp_path, capture="id-2")
    [saved] = saved_pages(tmp_path)
    assert MARKUP == saved.page.markup


@pytest.mark.parametrize(("url", "kind", "name"), [
    ("https://blogg.example/", "text/html", "2026-05-01-blogg-example.html"),
    ("https://blogg.example/?p=7", "text/html", "2026-05-01-blogg-example-p-7.html"),
    ("https://blogg.example/%C3%A5sikt.html", "text/html", "2026-05-01-åsikt.html"),
    ("https://blogg.example/fil.pdf", "application/pdf", "2026-05-01-fil.pdf"),
    ("https://blogg.example/wp-json/wp/v2/posts", "application/json; charset=UTF-8", "2026-05-01-posts.json"),
])  # fmt: skip
def test_the_file_is_named_after_day_and_path(tmp_path, url, kind, name):
    """So that a folder of fixtures can be read."""
    save(page(url, content_type=kind), tmp_path, capture="id")
    assert (tmp_path / name).read_bytes() == MARKUP


@given(content_type=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40), markup=st.binary())
def test_whatever_was_served_can_be_saved(tmp_path_factory, content_type, markup):
    """Odd header values and any bytes survive, and the expectation holds."""
    folder = tmp_path_factory.mktemp("saved")
    save(page(markup=markup, content_type=content_type), folder, capture="id")
    [saved] = saved_pages(folder)
    assert (content_type, markup) == (saved.page.content_type, saved.page.markup)
    assert [] == list(deviations(saved))


def test_a_folder_without_fixtures_is_said_so(tmp_path):
    """It is no success to have checked nothing."""
    with pytest.raises(NotFoundError, match="no fixture"):
        list(saved_pages(tmp_path))


@pytest.mark.parametrize("damage", ["url = 7", "not toml", ""])
def test_a_broken_fixture_is_named(tmp_path, damage):
    """One line that says which, and why."""
    stem = save(page(), tmp_path, capture="id")
    stem.with_name(f"{stem.name}.meta.toml").write_text(damage, encoding="utf-8")
    with pytest.raises(UmecrawlError, match="torget cannot be read"):
        list(saved_pages(tmp_path))
