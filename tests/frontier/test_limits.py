"""Budgets of a source: octets and time; pages are tested with the queue."""

from datetime import timedelta

from frontiers import SOURCE, Crawl, configuration, links

from umecrawl.model.crawl import Hop

BLOG = "https://blog.example/"
OTHER = '[[source]]\nname = "b"\nseeds = ["https://b.example/"]\n'
FAST = '[politeness]\ndelay = "0s"\n'


def pages(host):
    """Return a site of a front page with twenty links and a picture."""
    home = f"https://{host}/"
    return {home: links(*(f"{home}{n}" for n in range(20))) + links(f"{home}i.png", hop=Hop.EMBED)}


def run(crawl, octets=1_000):
    """Crawl to the end, every answer having so many octets on the wire; return what was asked for."""
    site = pages("blog.example") | pages("b.example")
    while (candidate := crawl.next()) is not None:
        status = 404 if candidate.hop_path.endswith("P") else 200
        crawl.captured(candidate, status, outlinks=site.get(candidate.url, ()), wire_bytes=octets)
    return [candidate.url for candidate in crawl.asked]


def test_a_source_ends_when_its_octets_are_used_up(start):
    """robots.txt and pictures count; the rest is left with the limit named, and other sources go on."""
    crawl = start(FAST + SOURCE + 'max_run_bytes = "5KB"\n' + OTHER)
    asked = run(crawl)
    assert sum(url.startswith(BLOG) for url in asked) == 5
    assert sum(url.startswith("https://b.example/") for url in asked) == 23
    assert len(crawl.left("max-run-bytes")) == 18
    assert crawl.frontier.limited == "the limit of 5KB for the source blog and a run is reached"
    assert crawl.idle


def test_a_source_ends_when_its_time_is_up(start):
    """The time runs from the first request for the source, waits included."""
    crawl = start(SOURCE + 'max_run_time = "10s"\n' + OTHER)
    asked = run(crawl)
    assert sum(url.startswith(BLOG) for url in asked) == 10
    assert sum(url.startswith("https://b.example/") for url in asked) == 23
    assert {skipped.reason for skipped in crawl.skipped} == {
        "the limit of 10s for the source blog and a run is reached"
    }


def test_octets_received_before_an_interruption_count(start):
    """A run that is taken up again has received what it had received; its time begins anew."""
    settings = configuration(FAST + SOURCE + 'max_run_bytes = "5KB"\nmax_run_time = "1h"\n')
    first = Crawl(settings)
    first.frontier.seed_all()
    for _ in range(3):
        candidate = first.next()
        first.captured(
            candidate,
            404 if candidate.hop_path.endswith("P") else 200,
            outlinks=pages("blog.example").get(candidate.url, ()),
            wire_bytes=1_000,
        )
    second = Crawl(settings, now=first.now + timedelta(days=2))
    for event, body in first.written:
        second.frontier.recall(event, entity=body)
    second.frontier.seed_all()
    assert len(run(second)) == 2


def test_what_a_limit_left_is_asked_for_by_the_next_run(start):
    """Nothing is forgotten: it is known as left, and a run with room takes it."""
    run(start(FAST + SOURCE + 'max_run_bytes = "5KB"\n'))
    assert len(run(start(FAST + SOURCE))) == 23
