"""A frontier whose answers come from records: nothing is asked twice, and nobody is waited for."""

from frontiers import SOURCE, START, Crawl, configuration, links

from umecrawl.model.capture import FailureKind

BLOG = "https://blog.example/"


def replayed():
    """Return a replay that has its seed."""
    crawl = Crawl(configuration(SOURCE + 'delay = "0s"\nmax_delay = "0s"\n'), replay=True)
    crawl.frontier.seed_all()
    return crawl


def test_a_robots_txt_that_no_file_holds_forbids_nothing():
    """It counts as one that is not there, and so does a page: the host goes on being asked."""
    crawl = replayed()
    crawl.failed(crawl.next(), FailureKind.NOT_ARCHIVED)
    seed = crawl.next()
    assert seed.url == BLOG
    names = [f"{BLOG}{number}" for number in range(30)]
    crawl.captured(seed, outlinks=links(*names))
    asked = []
    while (candidate := crawl.next()) is not None:
        asked.append(candidate.url)
        crawl.failed(candidate, FailureKind.NOT_ARCHIVED)
    assert asked == names
    assert crawl.now == START
    assert not crawl.frontier.failed_seeds


def test_a_recorded_failure_is_final_and_makes_nobody_wait():
    """A 503 with Retry-After is what it was; a second look would find the same."""
    crawl = replayed()
    crawl.captured(crawl.next(), 404)
    crawl.captured(crawl.next(), 503, retry_after="3600")
    assert crawl.next() is None
    assert crawl.now == START
    [failed] = crawl.frontier.failed_seeds
    assert "503" in failed.reason


def test_a_seed_that_no_file_holds_has_failed():
    """The run has to say so."""
    crawl = replayed()
    for _ in range(2):
        crawl.failed(crawl.next(), FailureKind.NOT_ARCHIVED)
    assert crawl.next() is None
    assert [seed.url for seed in crawl.frontier.failed_seeds] == [BLOG]
