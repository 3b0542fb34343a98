"""The index is a function of the archive: order, interruptions and repetition leave no trace in it."""

import random

import pytest
from archived import Archive, article, at, capture, crawl_run, digest, feed, made_up, post, read, revisit, rows

from umecrawl.index.engine import Index
from umecrawl.model.capture import Mark

SEEDS = range(2)


def _in_order(index, archive, **options):
    feed(index, archive, sorted(archive.files), commit_every=1_000_000, **options)
    held = rows(index)
    for view in ("versions", "sightings", "claims", "disagreements", "comments", "signatories", "counts"):
        assert held[f"view {view}"]
    assert held["word hus"]
    return held


@pytest.mark.parametrize("seed", SEEDS)
def test_files_may_come_in_any_order(index, seed):
    """Whatever order the files are read in, the rows are the same."""
    archive = made_up(seed)
    expected = _in_order(index, archive)
    order = sorted(archive.files)
    random.Random(seed).shuffle(order)
    index.drop()
    feed(index, archive, order, commit_every=5)
    assert rows(index) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_anywhere_leaves_no_trace(index, seed):
    """Indexing that was cut again and again ends with the rows of one that was not."""
    archive = made_up(seed)
    expected = _in_order(index, archive)
    chance = random.Random(seed)
    index.drop()
    feed(index, archive, sorted(archive.files, reverse=True), cut_after=[chance.randrange(30) for _ in range(4)])
    assert rows(index) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_a_live_index_equals_a_rebuilt_one(index, seed):
    """An index finished after each few events, as while a crawl goes on, has the rows of a rebuilt one."""
    archive = made_up(seed)
    expected = _in_order(index, archive)
    index.drop()
    growing = Archive(pages=archive.pages)
    longest = max(map(len, archive.files.values()))
    for step in range(0, longest, 4):
        for file, events in archive.files.items():
            growing.files.setdefault(file, []).extend(events[step : step + 4])
        feed(index, growing, sorted(growing.files), commit_every=3)
    assert rows(index) == expected


def test_events_put_again_change_nothing(index):
    """An archive whose watermarks were lost may be read once more over the same index."""
    archive = made_up(7)
    expected = _in_order(index, archive)
    with index.writer() as writer:
        for events in archive.files.values():
            for mark, event in events:
                writer.put(mark, event)
        for observed in archive.captures:
            assert not writer.wants(observed)
        writer.commit()
        assert list(writer.unread()) == []
        writer.finish()
    assert rows(index) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_another_extractor_leaves_nothing_of_the_former(index, seed):
    """After all was read again by a newer extractor, the rows are those of an index it alone has read."""
    archive = made_up(seed)

    def newer(observed, archive):
        page = archive.pages[observed.payload_digest]
        changed = Archive(pages={observed.payload_digest: page.replace("ett", "fem")})
        return read(observed, changed, extractor="reader 2")

    expected = _in_order(index, archive, reader=newer, extractor="reader 2")
    index.drop()
    _in_order(index, archive)
    feed(index, archive, sorted(archive.files), reader=newer, extractor="reader 2")
    assert rows(index) == expected


def test_shared_passages_do_not_depend_on_the_order(index):
    """Whichever file comes first, and however often it is finished between, the same passages are told."""
    passage = (
        "Vi vill att barnen i Granvik ska ha nära till en lekplats, och vi tänker inte vänta på nästa budget med det."
    )
    archive = Archive()
    for number, site in enumerate(("blog", "paper", "daily", "paper")):
        url, page = f"https://{site}.example/{number}", f"{passage} Text {number} är för sig."
        archive.pages[digest(page)] = page
        archive.add(f"{number}.warc.gz", crawl_run(), capture(url, page, at(hours=9 - number)))

    def reader(observed, archive):
        return article(post(observed.url, "Lekplats", archive.pages[observed.payload_digest]))

    feed(index, archive, sorted(archive.files), reader=reader)
    expected = rows(index)
    assert len(expected["view reuse"]) == 5
    index.drop()
    for file in sorted(archive.files, reverse=True):
        feed(index, archive, [file], reader=reader)
    assert rows(index) == expected


@pytest.mark.parametrize("swapped", [False, True])
def test_a_record_held_twice_stands_at_the_first_place(index, swapped):
    """A WARC that was copied under another name is no second capture, whichever is read first."""
    there = capture("https://blog.example/", "article ett hus", at())
    copied = capture("https://blog.example/", "article ett hus", at(), record=_moved(there, "z.warc.gz"))
    archive = Archive(pages={digest("article ett hus"): "article ett hus"})
    archive.add("a.warc.gz", crawl_run(), there)
    archive.add("z.warc.gz", crawl_run(), copied)
    feed(index, archive, sorted(archive.files, reverse=swapped))
    held = rows(index)
    assert len(held["view captures"]) == 1
    assert "'a.warc.gz'" in held["view captures"][0]


def test_the_watermark_and_the_rows_are_committed_together(index):
    """What was put but not committed is gone, and the watermark says so."""
    with index.writer() as writer:
        writer.put(Mark("a.warc.gz", 500), capture("https://blog.example/", "one", at()))
        writer.commit()
        writer.put(Mark("a.warc.gz", 900), capture("https://blog.example/", "two", at(hours=1)))
        assert writer.marks() == {"a.warc.gz": 900}
    with index.writer() as writer:
        assert writer.marks() == {"a.warc.gz": 500}
    assert len(rows(index)["capture"]) == 1


def test_a_mark_never_goes_back(index):
    """An earlier mark that is put later leaves the watermark where it is."""
    with index.writer() as writer:
        writer.put(Mark("a.warc.gz", 900), crawl_run())
        writer.commit()
        writer.put(Mark("a.warc.gz", 100), crawl_run())
        writer.commit()
        assert writer.marks() == {"a.warc.gz": 900}


@pytest.mark.postgres
@pytest.mark.parametrize("seed", SEEDS)
def test_both_databases_hold_the_same(sqlite, postgres, seed):
    """The same archive gives the same rows and the same views on SQLite and PostgreSQL."""
    archive = made_up(seed)
    held = []
    for database in (sqlite, postgres):
        index = Index.open(database)
        held.append(_in_order(index, archive))
        index.close()
    assert held[0] == held[1]


def test_an_earlier_capture_that_arrives_later_is_the_one_that_is_read(index):
    """A payload at a resource is read with the URL and time of its earliest capture."""
    early = capture("http://blog.example/ett", "article ett hus", at())
    late = capture("https://blog.example/ett", "article ett hus", at(days=1))
    archive = Archive(pages={digest("article ett hus"): "article ett hus"})
    archive.add("a.warc.gz", crawl_run(), early)
    archive.add("b.warc.gz", crawl_run(), late, revisit(late, "https://blog.example/ett", at(days=2)))
    feed(index, archive, ["b.warc.gz"])
    first = rows(index)
    feed(index, archive, ["b.warc.gz", "a.warc.gz"], reader=read)
    second = rows(index)
    assert first["link"] != second["link"]
    assert early.id in second["extraction"][0]


def _moved(observed, file):
    return type(observed.record)(observed.id, file, observed.record.offset, observed.record.length)
