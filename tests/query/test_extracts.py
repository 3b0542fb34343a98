"""Views as tables: what filters choose, and the forms in which rows are written."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from archived import article, at, capture, crawl_run, failure, post, put, skipped
from click.testing import CliRunner

import umecrawl
from umecrawl.cli import umecrawl as command
from umecrawl.errors import NotFoundError, UmecrawlError, UsageError
from umecrawl.index.engine import Index
from umecrawl.index.views import time_columns, views_metadata
from umecrawl.model.article import Sourced
from umecrawl.pipeline import tables
from umecrawl.query import frames
from umecrawl.query.extracts import Extract
from umecrawl.query.selection import Choice

ONE, TWO = "https://blog.example/ett/", "https://paper.example/tva/"
FIRST, SECOND = "20240301060000-aaaa", "20240302060000-bbbb"


@pytest.fixture
def root(tmp_path):
    """Make an archive of two articles, one of which was edited."""
    (tmp_path / "warc").mkdir()
    index = Index.open(Index.default_url(tmp_path), create=True)
    told = []
    for number, (run, url, text) in enumerate(
        [
            (FIRST, ONE, 'Ring inte, skriv till anna.ek@blog.example i dag; skolan, "ny".'),
            (FIRST, TWO, "Tryggheten går först."),
            (SECOND, ONE, "Ring inte, skriv till anna.ek@blog.example i morgon."),
        ]
    ):
        seen = capture(url, text, at(hours=number), run=run, source="blog")
        shown = post(url, f"Rubrik {number}", text, published=Sourced("2024-02-01", "url", url))
        told += [crawl_run(run), seen, (seen, article(shown))]
    put(index, *told, failure("https://blog.example/fel", at(hours=5), run=SECOND), skipped("https://x.example/"))
    index.close()
    return tmp_path


@pytest.fixture
def read(root):
    """Return what reads the rows of a view that filters choose."""
    index = Index.open(Index.default_url(root), create=False)

    def of(view, *, mask_emails=False, **filters):
        with index.connect() as connection:
            extract = Extract(connection, view, Choice(**filters), mask_emails=mask_emails)
            return [row for rows in extract.batches() for row in rows]

    yield of
    index.close()


@pytest.mark.parametrize("view", sorted(views_metadata.tables))
def test_every_view_can_be_exported_whole(read, view):
    """With its own columns, in an order of its own."""
    rows = read(view)
    assert all(list(row) == list(views_metadata.tables[view].c.keys()) for row in rows)
    assert rows == read(view)


def test_the_steps_of_a_removal_are_exported_in_their_order(root, read):
    """They tell a story, so they are not sorted by the ids of their captures."""
    index = Index.open(Index.default_url(root), create=False)
    put(index, *(capture(ONE, f"404 {day}", at(days=day), run=SECOND, status=404) for day in range(2, 9)))
    index.close()
    assert [row["number"] for row in read("removal_steps")] == list(range(8))


def test_filters_choose_rows_by_what_a_view_has(read):
    """Versions by query, author and dates; captures too; changes and links by site, address and run."""
    assert [row["url"] for row in read("versions", query="trygghet")] == [TWO]
    assert len(read("versions", site="blog.example")) == 2
    assert len(read("versions", site="blog.example", current=True)) == 1
    assert [row["version"] for row in read("captures", query="trygghet")] == [read("articles", url=TWO)[0]["id"]]
    assert len(read("captures", run=FIRST)) == 2
    assert len(read("versions", run=SECOND)) == 1
    assert len(read("changes", url="blog.example/ett")) == 2
    assert read("changes", query="trygghet") == []
    assert len(read("changes", query="morgon")) == 2
    assert len(read("fetches", run=SECOND)) == 2
    assert [row["id"] for row in read("runs", run=SECOND)] == [SECOND]


@pytest.mark.parametrize(
    ("view", "filters", "error"),
    [
        ("nothing", {}, UsageError),
        ("runs", {"site": "blog.example"}, UsageError),
        ("skipped", {"query": "skola"}, UsageError),
        ("versions", {"source": "blog"}, UsageError),
        ("versions", {"query": "(("}, UsageError),
        ("versions", {"url": "https://blog.example/nothing/"}, NotFoundError),
        ("captures", {"run": "20990101000000-ffff"}, NotFoundError),
    ],
)
def test_what_cannot_be_chosen_is_refused(read, view, filters, error):
    """A filter that a view has no column for is not passed over."""
    with pytest.raises(error):
        read(view, **filters)


def test_addresses_are_masked_where_that_is_asked_for(read):
    """In texts and wherever else they stand; digests and ids stay."""
    plain, masked = read("versions", url=ONE), read("versions", url=ONE, mask_emails=True)
    assert "anna.ek@blog.example" in plain[0]["text"]
    assert "skriv till [e-mail] i dag" in masked[0]["text"]
    assert not any("@" in str(row) for row in masked)
    assert [row["text_sha256"] for row in plain] == [row["text_sha256"] for row in masked]


def run(root, *arguments):
    """Run an export and return it; it must succeed."""
    done = CliRunner().invoke(command, ["export", *arguments, "--archive", str(root)])
    assert done.exit_code == 0, done.output
    return done


def test_csv_holds_the_rows_of_the_view(root, read):
    """With a header, quoting and line ends of RFC 4180."""
    octets = run(root, "csv").stdout_bytes
    rows = list(csv.DictReader(io.StringIO(octets.decode(), newline="")))
    assert rows == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in read("versions")
    ]
    assert octets.count(b"\r\n") == 4


def test_json_lines_hold_lists_as_lists(root):
    """What is JSON in the view is JSON here."""
    lines = run(root, "jsonl", "--view", "changes", "--site", "blog.example").stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    assert {row["kind"] for row in rows} == {"edit", "headline"}
    assert all(len(row["evidence"]) == 2 and isinstance(row["classes"], list) for row in rows)


def test_parquet_has_types_and_says_what_it_is_of(root, tmp_path, read):
    """Times are timestamps in UTC; the filters are in the file."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")
    target = tmp_path / "captures.parquet"
    done = run(root, "parquet", "--view", "captures", "--run", FIRST, "-o", str(target))
    assert "2 rows of captures" in done.stderr
    table = parquet.read_table(target)
    assert json.loads(table.schema.metadata[b"umecrawl:filters"]) == {"run": FIRST}
    expected = read("captures", run=FIRST)
    for row, other in zip(table.to_pylist(), expected, strict=True):
        assert row.pop("captured_at") == datetime.fromisoformat(other.pop("captured_at"))
        assert row == other


def test_an_existing_file_is_not_overwritten(root, tmp_path):
    """Nor is half a file left."""
    target = tmp_path / "there.csv"
    target.write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(command, ["export", "csv", "--archive", str(root), "-o", str(target)])
    assert done.exit_code != 0
    assert target.read_text(encoding="utf-8") == "mine"


def test_without_pyarrow_the_error_says_what_to_install(root, monkeypatch):
    """Parquet is an extra."""
    monkeypatch.setattr(tables, "find_spec", lambda _: None)
    with pytest.raises(UmecrawlError) as caught:
        tables.parquet_writer("versions", Choice())
    assert "umecrawl[parquet]" in caught.value.hint


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_take_the_filters_of_exports(root, monkeypatch, library):
    """Whichever library there is."""
    pytest.importorskip(library, reason="no data frames without it")
    monkeypatch.setattr(frames, "find_spec", lambda name: name == library)
    with umecrawl.open(root) as archive:
        frame = archive.frame("versions", "morgon", site="blog.example")
        assert list(frame["url"]) == [ONE]
        assert next(iter(archive.frame("changes")["detected_at"])) == datetime(2024, 3, 1, 8, 0, 0, 123456, UTC)


def test_the_times_of_a_view_are_known_from_its_statement():
    """What pages say of themselves may be a bare date, and is none."""
    names = time_columns(views_metadata.tables["versions"])
    assert names == {"first_seen", "last_seen", "first_sighted", "last_sighted"}
    assert "fetched_at" in time_columns(views_metadata.tables["fetches"])
