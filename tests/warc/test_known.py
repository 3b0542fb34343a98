"""What earlier runs saw of each URL, read from the CDXJ files alone."""

from datetime import timedelta

import pytest

from umecrawl.model.history import State
from umecrawl.model.urls import Url
from umecrawl.warc.files import list_warcs
from umecrawl.warc.known import KnownUrls

HOME = "http://blog.example/"
A = "http://blog.example/a"
DAY = timedelta(days=1)


def at(exchange, **changes):
    """Return an exchange with its candidate changed."""
    return type(exchange)(**{name: getattr(exchange, name) for name in exchange.__slots__} | changes)


@pytest.fixture
def record(make, writing, tmp_path):
    """Return a function that writes the exchanges of one run into the archive."""

    def write(*exchanges, number=1):
        with writing(tmp_path, run=make.run(number)) as writer:
            for exchange in exchanges:
                writer.append(exchange)

    return write


@pytest.fixture
def told(tmp_path, make):
    """Return a function that tells the history of a URL, by default as of a year later."""

    def history(url=A, **more):
        values = {"before": make.begin + 365 * DAY} | more
        with KnownUrls(tmp_path, ("blog",), **values) as known:
            return known.of(Url(url))

    return history


def test_nothing_is_known_of_a_url_that_no_run_asked_for(told, record, make):
    """Not even in an archive that knows others."""
    record(make.exchange(HOME))
    assert told() is None


def test_a_history_tells_when_a_page_was_checked_and_when_it_changed(told, record, make):
    """An equal payload and a 304 are checks; another payload is a change."""
    record(make.exchange(A, fields=(b'ETag: "1"',)))
    record(make.not_modified(A, b'ETag: "1"', day=1), number=2)
    record(make.exchange(A, fields=(b'ETag: "1"',), day=2), number=3)
    first = told()
    assert first.checks == tuple(make.begin + n * DAY for n in range(3))
    assert (first.since, first.compared, first.changed, first.confirmed) == (make.begin, 2, 0, 0)
    changed = make.exchange(A, b"another text " * 90, fields=(b'ETag: "2"',), day=3)
    record(changed, make.not_modified(A, b'ETag: "2"', day=4), number=4)
    after = told()
    assert (after.since, after.changed, after.state) == (make.begin + 3 * DAY, 1, State.THERE)
    assert after.whole_at == make.begin + 3 * DAY


def test_removal_is_counted_in_days_and_ends_with_the_return(told, record, make):
    """Two 404 of one day are one day; an error of the server between them is none."""
    gone = make.head(0, status=b"404 Not Found")
    record(make.exchange(A))
    record(make.exchange(A, b"", head=gone, day=1), make.exchange(A, b"", head=gone, day=1.2), number=2)
    record(make.exchange(A, b"", head=make.head(0, status=b"503 Busy"), day=2), number=3)
    record(make.exchange(A, b"", head=make.head(0, status=b"410 Gone"), day=3), number=4)
    missing = told()
    assert (missing.state, missing.gone_days, missing.since) == (State.GONE, 2, make.begin + DAY)
    record(make.exchange(A, day=5), number=5)
    back = told()
    assert (back.state, back.gone_days, back.since) == (State.THERE, 0, make.begin + 5 * DAY)


@pytest.mark.parametrize(
    ("status", "state"),
    [(b"301 Moved", State.ELSEWHERE), (b"403 Forbidden", State.REFUSED), (b"429 Slow", State.FAILING),
     (b"500 Oops", State.FAILING), (b"304 Not Modified", State.FAILING)],
)  # fmt: skip
def test_other_answers_are_told_apart(told, record, make, status, state):
    """A 304 that nobody asked for confirms nothing."""
    record(make.exchange(A, b"", head=make.head(0, status=status)))
    assert (told().state, told().was_there) == (state, False)


def test_what_lies_after_the_beginning_of_the_run_is_left_out(told, record, make):
    """A capture dated in the future by a wrong clock holds nothing up, and a resumed run plans as it began."""
    record(make.exchange(A))
    record(make.exchange(A, day=400), number=2)
    assert told().checks == (make.begin,)


def test_files_of_the_run_itself_are_left_out(tmp_path, told, record, make):
    """Whatever the clock says."""
    record(make.exchange(A))
    record(make.exchange(A, day=1), number=2)
    _, own = (path.name for path in list_warcs(tmp_path))
    assert len(told().checks) == 2
    assert len(told(own=(own,)).checks) == 1


def test_pages_are_known_and_requisites_are_not(tmp_path, record, make):
    """With the way they were first found; a dead link is no page, an image is asked for with its page."""
    record(
        make.exchange(crawl_url=make.crawl_url(HOME)),
        make.exchange(crawl_url=make.crawl_url(A, via=Url(HOME), hop_path="L")),
        make.exchange(crawl_url=make.crawl_url("http://blog.example/robots.txt", hop_path="P")),
        make.exchange(crawl_url=make.crawl_url("http://blog.example/x.png", hop_path="LE")),
        make.exchange(crawl_url=make.crawl_url("http://blog.example/y.png", hop_path="LER")),
        make.exchange(head=make.head(0, status=b"404 No"), body=b"", crawl_url=make.crawl_url(f"{A}/dead")),
    )
    with KnownUrls(tmp_path, ("blog",), before=make.begin + DAY) as known:
        pages = dict(known.known())
        assert [page.url for page in pages] == [HOME, A]
        assert next(page for page in pages if page.url == A).via == HOME
        assert known.page(Url(A)).hop_path == "L"
        assert known.page(Url("http://blog.example/x.png")) is None
    with KnownUrls(tmp_path, ("other",), before=make.begin + DAY) as known:
        assert list(known.known()) == []


def test_what_was_found_before_the_seed_was_read_again_is_from_the_start(told, record, make):
    """What comes later is new."""
    home = make.crawl_url(HOME)
    record(make.exchange(crawl_url=home), make.exchange(A, day=0.1))
    assert told().from_start
    record(make.exchange(crawl_url=home, day=1), make.exchange(f"{A}2", day=1.1), number=2)
    assert told().from_start
    assert not told(f"{A}2").from_start


def test_the_look_up_is_made_anew_where_it_is_missing_or_a_warc_is(tmp_path, told, record, make):
    """It is derived from the CDXJ files and nothing else."""
    record(make.exchange(A))
    record(make.exchange(A, day=1), number=2)
    assert len(told().checks) == 2
    (tmp_path / "runs" / "histories.sqlite").write_bytes(b"no database " * 999)
    assert len(told().checks) == 2
    list_warcs(tmp_path)[1].unlink()
    assert len(told().checks) == 1
