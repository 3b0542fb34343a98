"""What the writer asks for, takes and works out, on both databases."""

from dataclasses import replace

import pytest
from archived import READER, article, at, capture, crawl_run, failure, post, put, revisit, rows, skipped, table
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from umecrawl.errors import UmecrawlError
from umecrawl.index.resources import stored_key
from umecrawl.index.schema import capture as capture_table
from umecrawl.index.schema import payload, resource, version
from umecrawl.index.schema import post as post_table
from umecrawl.index.views import articles, captures, fetches, runs, versions
from umecrawl.index.views import skipped as skipped_view
from umecrawl.model.article import Extraction, Link, Outcome, Quality, Sourced
from umecrawl.model.capture import FailureKind, Mark, RecordRef, RecordType, Truncation
from umecrawl.model.crawl import RunEnd, RunOutcome
from umecrawl.model.urls import Url

BLOG = "https://blog.example/ett/"


def unread(index, extractor=None):
    """Return the captures that are still to be read."""
    with index.writer(extractor=extractor) as writer:
        return list(writer.unread())


def test_only_pages_are_wanted(index):
    """Status 200 and HTML are wanted; redirects, errors, images and confirmations are not."""
    page = capture(BLOG, "one", at())
    with index.writer() as writer:
        assert writer.wants(page)
        assert not writer.wants(replace(page, status=404))
        assert not writer.wants(replace(page, status=301, location=Url(BLOG)))
        assert not writer.wants(replace(page, mime="image/png"))
        assert not writer.wants(revisit(page, BLOG, at(days=1), status=304, mime=""))


def test_one_payload_at_one_resource_is_wanted_once(index):
    """An alias of the URL is the same resource, another URL or another payload is not."""
    page = capture(BLOG, "one", at())
    with index.writer() as writer:
        writer.put(Mark("a.warc.gz", 1), page)
        assert writer.wants(page)
        assert not writer.wants(revisit(page, "http://www.blog.example/ett", at(hours=1)))
        assert writer.wants(revisit(page, "https://blog.example/tva", at(hours=1)))
        assert writer.wants(capture(BLOG, "two", at(hours=2)))
        writer.put_extraction(page, article(post(BLOG, "Ett", "Hus")))
        writer.commit()
        assert not writer.wants(revisit(page, BLOG, at(hours=3)))
        assert writer.wants(capture(BLOG, "one", at(hours=-1)))


def test_a_page_that_is_still_being_read_at_a_commit_is_not_wanted_again(index):
    """Where it was not read by the next one either its record is lost, and another of the same payload is wanted."""
    page = capture(BLOG, "one", at())
    again = capture(BLOG, "one", at(hours=1))
    with index.writer() as writer:
        writer.put(Mark("a.warc.gz", 1), page)
        assert writer.wants(page)
        writer.commit()
        assert not writer.wants(again)
        writer.put(Mark("a.warc.gz", 2), again)
        writer.commit()
        assert writer.wants(capture(BLOG, "one", at(hours=2)))


def test_a_revisit_without_its_payload_waits_for_it(index):
    """A revisit is read once the record it refers to is in the archive, not before."""
    page = capture(BLOG, "one", at())
    elsewhere = revisit(page, "https://blog.example/tva", at(hours=1))
    with index.writer() as writer:
        writer.put(Mark("b.warc.gz", 1), elsewhere)
        assert not writer.wants(elsewhere)
        writer.commit()
        assert list(writer.unread()) == []
        writer.put(Mark("a.warc.gz", 1), page)
        writer.commit()
        assert {one.id for one in writer.unread()} == {page.id, elsewhere.id}


def test_an_unread_capture_comes_back_as_it_was_put(index):
    """After an interruption the capture is named again with all that is needed to find its payload."""
    page = capture(
        BLOG,
        "one",
        at(),
        framing="chunked/gzip",
        source="blog",
        via=Url("https://blog.example/"),
        hop_path="LR",
        attempt=2,
        truncated=Truncation.LENGTH,
        ip="192.0.2.1",
        elapsed_ms=15,
    )
    again = revisit(page, BLOG, at(days=1))
    put(index, crawl_run(), page, again)
    assert unread(index) == [page]
    put(index, (page, article(post(BLOG, "Ett", "Hus"))))
    assert unread(index) == []


def test_another_extractor_makes_everything_unread(index):
    """With the extractor named, what another one has read is read again, from the same captures."""
    page = capture(BLOG, "one", at())
    put(index, crawl_run(), page, revisit(page, BLOG, at(days=1)), (page, article(post(BLOG, "Ett", "Hus"))))
    assert unread(index, READER) == []
    assert unread(index, "reader 2") == [page]
    with index.writer(extractor="reader 2") as writer:
        assert writer.wants(page)
    put(index, (page, article(post(BLOG, "Ett", "Bil"), extractor="reader 2")), extractor="reader 2")
    assert unread(index, "reader 2") == []
    assert [(one["text"], one["extractor"]) for one in table(index, versions)] == [("Bil", "reader 2")]


def test_an_extraction_of_an_unknown_capture_is_refused(index):
    """An extraction belongs to a capture that was put."""
    with index.writer() as writer:
        writer.put_extraction(capture(BLOG, "one", at()), article(post(BLOG, "Ett", "Hus")))
        with pytest.raises(UmecrawlError, match="no such capture"):
            writer.commit()


def test_a_text_that_changes_and_changes_back_is_one_version(index):
    """Three captures of A, B and A are two versions; A is seen first and last, and stands."""
    first, second = capture(BLOG, "a", at()), capture(BLOG, "b", at(days=1))
    third = capture(BLOG, "a2", at(days=2))
    old = article(post(BLOG, "Ett", "Hus", byline=Sourced("Bo", "text", "av Bo"), comment_count=1))
    back = article(post(BLOG, "Ett", "Hus", byline=Sourced("Ann", "json-ld", "Ann"), comment_count=9))
    put(
        index,
        crawl_run(),
        third,
        first,
        second,
        (third, back),
        (second, article(post(BLOG, "Ett", "Bil"))),
        (first, old),
    )
    house, car = table(index, versions, versions.c.first_seen)
    assert (house["text"], house["captures"], house["current"]) == ("Hus", 2, 1)
    assert (house["first_capture"], house["last_capture"]) == (first.id, third.id)
    assert (house["first_seen"], house["last_seen"]) == (
        "2024-03-01T06:00:00.123456Z",
        "2024-03-03T06:00:00.123456Z",
    )
    assert (house["byline"], house["byline_source"], house["byline_raw"]) == ("Bo", "text", "av Bo")
    assert house["comment_count"] == 9
    assert (car["text"], car["captures"], car["current"]) == ("Bil", 1, 0)
    assert [one["id"] for one in table(index, articles)] == [house["id"]]


def test_a_new_headline_over_the_same_text_is_a_new_version(index):
    """Title and text make the version; the text is stored once."""
    first, second = capture(BLOG, "a", at()), capture(BLOG, "b", at(days=1))
    put(
        index,
        crawl_run(),
        first,
        second,
        (first, article(post(BLOG, "Ett", "Hus"))),
        (second, article(post(BLOG, "Ett!", "Hus"))),
    )
    assert len(table(index, versions)) == 2
    assert len(rows(index)["text"]) == 1


def test_the_id_of_a_version_is_the_same_everywhere(index):
    """The public id is a digest of resource key, title and text digest, so citations outlive the index."""
    page = capture("http://www.blog.example/ett", "a", at())
    put(index, crawl_run(), page, (page, article(post("http://www.blog.example/ett", "Ett", "Hus"))))
    assert [one["id"] for one in table(index, versions)] == ["c3861f549fba2d8dbb578765ffd4d5e2"]


def test_captures_show_quality_and_version(index):
    """A page shows its version, a confirmation (304) too; an error with the same body and a redirect do not."""
    page = capture(BLOG, "a", at())
    same = revisit(page, BLOG, at(hours=1), status=304, mime="")
    gone = revisit(page, BLOG, at(hours=2), status=404)
    moved = capture(BLOG, "", at(hours=3), status=301, location=Url("https://blog.example/nytt"))
    put(index, crawl_run(), page, same, gone, moved, (page, article(post(BLOG, "Ett", "Hus"), quality=Quality.TEASER)))
    shown = table(index, captures, captures.c.captured_at)
    (one,) = table(index, versions)
    assert [row["version"] for row in shown] == [one["id"], one["id"], None, None]
    assert [row["quality"] for row in shown] == ["teaser", "teaser", "error", None]
    assert shown[3]["location"] == "https://blog.example/nytt"
    assert one["captures"] == 2
    assert shown[0]["entity_sha256"] == page.payload_digest.removeprefix("sha256:")


def test_a_listing_shows_articles_but_is_none(index):
    """Posts on a page that shows several are articles of their own permalinks."""
    front = "https://blog.example/"
    page = capture(front, "a", at())
    shown = article(post(BLOG, "Ett", "Hus"), post("https://blog.example/tva/", "Två", "Bil"))
    put(index, crawl_run(), page, (page, shown))
    assert {one["url"] for one in table(index, articles)} == {BLOG, "https://blog.example/tva/"}
    (seen,) = table(index, captures)
    assert (seen["outcome"], seen["version"]) == ("listing", None)


def test_a_page_that_gave_nothing_is_read_all_the_same(index):
    """An empty page has its extraction, with the reason, and is not asked for again."""
    page = capture(BLOG, "a", at())
    put(index, crawl_run(), page, (page, Extraction(Outcome.FAILED, Quality.ERROR, READER, detail="took 60 s")))
    assert unread(index) == []
    (seen,) = table(index, captures)
    assert (seen["outcome"], seen["quality"], seen["detail"]) == ("failed", "error", "took 60 s")


def test_links_point_to_resources(index):
    """A link names its target as linked; aliases of the target are one resource."""
    page = capture(BLOG, "a", at())
    links = tuple(
        Link(Url(url), "hos dem", "Se.") for url in ("http://www.paper.example/1/", "https://paper.example/1")
    )
    put(index, crawl_run(), page, (page, article(post(BLOG, "Ett", "Hus", links=links))))
    with index.connect() as connection:
        count = select(func.count()).select_from(resource).where(resource.c.key == stored_key(links[0].url))
        assert connection.execute(count).scalar() == 1
    assert len(rows(index)["link"]) == 2


def test_runs_have_their_figures(index):
    """Requested, captured, confirmed, revisits, failed, skipped by rule, octets and new versions follow from rows."""
    page = capture(BLOG, "a", at())
    put(
        index,
        crawl_run(),
        page,
        revisit(page, BLOG, at(hours=1)),
        revisit(page, BLOG, at(hours=2), status=304, mime=""),
        failure("https://blog.example/x", at(hours=3)),
        skipped("https://other.example/"),
        skipped("https://other.example/2"),
        skipped("https://other.example/3", rule='år "24"'),
        RunEnd(crawl_run().id, at(hours=4), RunOutcome.INTERRUPTED),
        RunEnd(crawl_run().id, at(hours=9), RunOutcome.FINISHED, "all done"),
        (page, article(post(BLOG, "Ett", "Hus"))),
    )
    (run,) = table(index, runs)
    assert {name: run[name] for name in ("requested", "captured", "not_modified", "revisits", "failed", "skipped")} == {
        "requested": 4,
        "captured": 3,
        "not_modified": 1,
        "revisits": 1,
        "failed": 1,
        "skipped": 3,
    }
    assert run["skipped_by_reason"] == '{"scope":2,"år \\"24\\"":1}'
    assert (run["bytes_wire"], run["bytes_stored"], run["new_versions"]) == (
        901,
        10,
        1,
    )  # octets received and of the file
    assert (run["ended_at"], run["outcome"]) == ("2024-03-01T15:00:00.123456Z", "finished")
    assert (run["source"], run["settings"]) == ("blog, paper", '[["delay", "1s"]]')


def test_a_run_of_which_only_captures_are_known_has_a_row(index):
    """A killed run without end, or a file whose warcinfo is lost, is shown with what is known."""
    put(index, capture(BLOG, "a", at()))
    (run,) = table(index, runs)
    assert (run["captured"], run["started_at"], run["outcome"], run["skipped_by_reason"]) == (1, None, None, "{}")


def test_every_attempt_is_a_fetch_with_its_outcome(index):
    """Captures and failures stand in one list, each with why it is what it is."""
    page = capture(BLOG, "a", at(), truncated=Truncation.TIME)
    put(
        index,
        crawl_run(),
        page,
        revisit(page, BLOG, at(hours=1)),
        revisit(page, BLOG, at(hours=2), status=304, mime=""),
        failure(BLOG, at(hours=3), kind=FailureKind.DNS, detail="no such host", attempt=2),
    )
    assert [
        (row["outcome"], row["reason"], row["detail"], row["status"], row["attempt"])
        for row in table(index, fetches, fetches.c.fetched_at)
    ] == [
        ("captured", "time", None, 200, 1),
        ("revisit", None, None, 200, 1),
        ("not-modified", None, None, 304, 1),
        ("failed", "dns", "no such host", None, 2),
    ]


def test_what_was_left_out_is_kept_with_its_rule(index):
    """A URL left out is listed with rule and reason, once however often it is told."""
    put(index, crawl_run(), skipped("https://other.example/a"), skipped("https://other.example/a"))
    (row,) = table(index, skipped_view)
    assert (row["url"], row["site"], row["rule"], row["reason"]) == (
        "https://other.example/a",
        "other.example",
        "scope",
        "another host",
    )


def test_the_url_of_a_resource_is_that_of_its_best_capture(index):
    """Status 200 goes before others, https before http, the latest before the earlier; a mere mention is last."""
    put(
        index,
        crawl_run(),
        skipped("https://www.blog.example/ett?utm_source=x"),
        capture("https://blog.example/ett", "moved", at(days=3), status=301, location=Url(BLOG)),
        capture(BLOG, "a", at()),
        capture("http://blog.example/ett", "a", at(days=2)),
    )
    assert {row["canonical_url"] for row in table(index, captures)} == {BLOG}


def test_what_a_database_cannot_hold_is_made_storable(index):
    """NUL, lone surrogates, counts beyond reason and endless URLs do not stop the index."""
    endless = f"https://blog.example/{'x' * 9000}"
    page = capture(endless, "a", at())
    said = post(
        endless, "Ett\x00", "Hus \ud800 \U0001f600", like_count=10**15, byline=Sourced("\x00", "text", "\udfff")
    )
    put(index, crawl_run(), page, (page, article(said)))
    (one,) = table(index, versions)
    assert (one["title"], one["text"], one["like_count"]) == ("Ett\ufffd", "Hus \ufffd \U0001f600", None)
    assert one["url"] == endless
    other = capture(f"{endless}y", "a", at(days=1))
    put(index, other)
    assert len({row["canonical_url"] for row in table(index, captures)}) == 2


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("2024-03-01T08:00:00+02:00", "2024-03-01T06:00:00Z"),
        ("2024-03-01T06:00:00Z", "2024-03-01T06:00:00Z"),
        ("2024-03-01", "2024-03-01"),
        ("0001-01-01T00:00:00+02:00", "0001-01-01T00:00:00+02:00"),
        ("i går", "i går"),
    ],
)
def test_published_times_are_in_utc(index, said, stored):
    """A time with zone is turned to UTC, a bare date stays one, and how it stood there is kept."""
    page = capture(BLOG, "a", at())
    put(index, crawl_run(), page, (page, article(post(BLOG, "Ett", "Hus", published=Sourced(said, "json-ld", "raw")))))
    (one,) = table(index, versions)
    assert (one["published_at"], one["published_source"], one["published_raw"]) == (stored, "json-ld", "raw")


def test_microseconds_are_kept(index):
    """Two captures a microsecond apart keep their order and their times."""
    first = capture(BLOG, "a", at())
    second = capture(BLOG, "b", at(microseconds=1), record=RecordRef("later", "a.warc.gz", 9000, 500))
    put(index, crawl_run(), second, first)
    assert [row["captured_at"] for row in table(index, captures, captures.c.captured_at)] == [
        "2024-03-01T06:00:00.123456Z",
        "2024-03-01T06:00:00.123457Z",
    ]
    assert [row["at"] for row in table(index, capture_table, capture_table.c.at)] == [at(), second.captured_at]


def test_a_time_without_zone_is_refused(index):
    """A naive time could mean any moment."""
    naive = at().replace(tzinfo=None)
    with index.writer() as writer:
        writer.put(Mark("a.warc.gz", 1), replace(capture(BLOG, "a", at()), captured_at=naive))
        with pytest.raises(Exception, match="without zone"):
            writer.commit()


def test_the_database_guards_its_rows(index):
    """A digest is there once, and no post points to nothing."""
    with index.writer() as writer:
        connection = writer._connection
        lost = {"extraction_id": 9, "position": 0, "version_id": 9, "text_id": 9, "permalink": BLOG}
        with connection.begin():
            connection.execute(insert(payload), {"id": 1, "digest": "sha256:00", "size": 1})
        with pytest.raises(IntegrityError), connection.begin():
            connection.execute(insert(payload), {"id": 2, "digest": "sha256:00", "size": 1})
        with pytest.raises(IntegrityError), connection.begin():
            connection.execute(insert(post_table), lost)


def test_versions_not_yet_worked_out_are_not_shown(index):
    """Between commit and finish no half-made version is seen; the next finish makes up for a lost one."""
    page = capture(BLOG, "a", at())
    with index.writer() as writer:
        writer.put(Mark("a.warc.gz", 1), page)
        writer.put_extraction(page, article(post(BLOG, "Ett", "Hus")))
        writer.commit()
    assert table(index, versions) == []
    assert len(table(index, version)) == 1
    put(index)
    assert len(table(index, versions)) == 1


def test_revisits_that_do_not_tell_the_size_leave_it(index):
    """The size of a payload is that of the record that tells it, whichever comes first."""
    page = capture(BLOG, "abc", at())
    put(index, revisit(page, BLOG, at(hours=1), size=0, record_type=RecordType.REVISIT), page)
    assert {row["size"] for row in table(index, captures)} == {3}
