"""Passages shared between articles of different sites, and which article had them first."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from umecrawl.index.reuse import ArticleText, Ordering, find_reuse
from umecrawl.index.views import reuse, versions
from umecrawl.query.catalog import Catalog
from umecrawl.query.reuse import article_text
from umecrawl.query.rows import ReuseRow, VersionRow, row_of

from .conftest import BLOG, PAPER, RUNS, TEXTS

_START = datetime(2023, 5, 1, tzinfo=UTC)


def _words(seed, count):
    rng = random.Random(seed)
    return [f"ord{rng.randrange(20_000)}" for _ in range(count)]


def _article(number, site, words, hours=0, **more):
    return ArticleText(
        version=f"v{number}",
        article=f"https://{site}/{number}",
        site=site,
        text=" ".join(words) + ".",
        first_seen=_START + timedelta(hours=hours),
        **more,
    )


def _pair():
    passage = _words(1, 80)
    source = _article(1, "blogg.example", [*_words(2, 200), *passage, *_words(3, 100)])
    target = _article(2, "tidning.example", [*_words(4, 50), *passage, *_words(5, 50)], hours=5)
    return source, target, " ".join(passage)


def test_a_shared_passage_is_found_with_its_place_in_both_texts():
    """Start and end cut the same words out of either text; containment is its share of the later one."""
    source, target, passage = _pair()
    (reuse,) = find_reuse([target, source])
    (found,) = reuse.passages
    assert (reuse.source, reuse.target, reuse.ordering) == (source, target, Ordering.FIRST_SEEN)
    assert source.text[found.source_start : found.source_end] == passage
    assert target.text[found.target_start : found.target_end] == passage
    assert (found.words, found.similarity, round(reuse.containment, 3)) == (80, 1.0, round(80 / 180, 3))


def test_an_edited_copy_is_still_one_passage():
    """Every twelfth word changed, the republished article is found whole."""
    words = _words(7, 240)
    copy = [f"annat{n}" if n % 12 == 5 else word for n, word in enumerate(words)]
    (reuse,) = find_reuse([_article(1, "a.example", words), _article(2, "b.example", copy, hours=1)])
    (passage,) = reuse.passages
    assert passage.words == 220
    assert passage.similarity > 0.9


def test_passages_in_another_order_are_all_found():
    """A text that takes two passages and turns them round has both."""
    one, two = _words(8, 60), _words(9, 60)
    source = _article(1, "a.example", [*one, *_words(10, 80), *two])
    target = _article(2, "b.example", [*two, *_words(11, 80), *one], hours=1)
    (reuse,) = find_reuse([source, target])
    assert [passage.words for passage in reuse.passages] == [60, 60]


def test_publication_goes_before_first_sight():
    """A site crawled later may have published earlier; days are compared where one side gives no more."""
    source, target, _ = _pair()
    source = replace(source, published=datetime(2023, 4, 3, 12, tzinfo=UTC))
    target = replace(target, published=date(2023, 4, 2))
    (reuse,) = find_reuse([source, target])
    assert (reuse.source, reuse.ordering) == (target, Ordering.PUBLISHED)


def test_what_cannot_be_told_is_not_told():
    """On the same day and seen at the same time, neither is called the first."""
    source, target, _ = _pair()
    (reuse,) = find_reuse([source, replace(target, first_seen=source.first_seen)])
    assert reuse.ordering is Ordering.UNKNOWN


def test_articles_of_one_site_are_not_compared():
    """A site repeats itself; that is not reuse."""
    source, target, _ = _pair()
    assert find_reuse([source, replace(target, site=source.site)]) == []


def test_boilerplate_of_a_site_is_no_passage():
    """What stands in many articles of a site ties none of them to another site."""
    form = _words(12, 40)
    texts = [_article(n, "a.example", [*_words(100 + n, 60), *form]) for n in range(8)]
    texts.append(_article(99, "b.example", [*_words(300, 60), *form]))
    assert find_reuse(texts) == []


def test_of_many_versions_the_best_pair_is_shown():
    """Several versions of one article are one finding, with the versions that agree most."""
    source, target, passage = _pair()
    shorter = replace(target, version="v2b", text=" ".join(passage.split()[:40]) + " " + " ".join(_words(13, 60)))
    (reuse,) = find_reuse([source, shorter, target])
    assert reuse.target == target


def test_the_order_of_the_texts_does_not_matter():
    """The same texts in any order give the same rows, so a rebuilt index answers as the old one did."""
    texts = [_article(n, f"s{n % 3}.example", [*_words(n, 80), *_words(500 + n // 3, 50)], hours=n) for n in range(12)]
    found = find_reuse(texts)
    assert len(found) == 12
    shuffled = texts[:]
    random.Random(5).shuffle(shuffled)
    assert find_reuse(shuffled) == found


def test_short_and_empty_texts_are_no_trouble():
    """Texts with fewer words than a print has are compared with nothing."""
    texts = [_article(n, f"s{n}.example", _words(1, n)) for n in range(8)]
    assert find_reuse(texts) == []
    assert find_reuse([]) == []


def _stored(catalog, url=None):
    """Return the passages of the view, as `find_reuse` gives them."""
    return sorted(
        (row.source_version, row.target_version, row.source_start, row.target_end, row.words, row.ordering)
        for row in catalog.reuse(url)
    )


def _computed(catalog):
    """Return the passages that are found in all versions at once, past what is stored."""
    texts = [article_text(step) for url in (f"{BLOG}/plan/", f"{BLOG}/budget", f"{BLOG}/vagen", f"{PAPER}/nyheter/1")
             for step in catalog.versions(url)]  # fmt: skip
    return sorted(
        (reuse.source.version, reuse.target.version, one.source_start, one.target_end, one.words, reuse.ordering.value)
        for reuse in find_reuse(texts)
        for one in reuse.passages
    )


def test_the_view_holds_what_all_texts_share(catalog):
    """After indexing, the stored passages are those found in all texts; an article has those it is part of."""
    assert _stored(catalog) == _computed(catalog) != []
    (row,) = catalog.reuse(f"{BLOG}/plan/")
    assert (row.source_url, row.target_url) == (f"{BLOG}/plan/", f"{PAPER}/nyheter/1")
    text = catalog.version(row.source_version).text
    assert row.passage == text[row.source_start : row.source_end]
    target = catalog.version(row.target_version).text
    assert target[row.target_start : row.target_end].split() == row.passage.split()
    assert catalog.reuse(f"{BLOG}/budget") == []
    assert {column.name for column in reuse.c} == set(ReuseRow.__dataclass_fields__)


def test_stored_passages_follow_the_texts(story):
    """A later article, an earlier capture that turns the order round, a passage that becomes boilerplate."""
    run = RUNS[2]
    taken = "Vi tackar alla som kom till torget i lördags och hjälpte oss att samla in pengar till den nya lekplatsen."
    for number in range(8):
        site = f"https://tidning{number}.example" if number < 2 else "https://annan.example"
        story.page(run, 5 + number, f"{site}/{number}", f"Tack {number}", f"{taken} Text nummer {number}.")
        story.write()
        with story.index.connect() as connection:
            catalog = Catalog(connection)
            pairs = {(row.source_url, row.target_url) for row in catalog.reuse(f"{site}/{number}")}
            shared = _pairs_in_views(connection)
        # Six articles of one site have it from number 7 on: then it is that site's boilerplate, and ties no one.
        assert len(pairs) == {0: 0, 1: 1, 7: 0}.get(number, 2), number
        assert shared == _pairs_of(story.index)


def _pairs_in_views(connection):
    return sorted({tuple(row) for row in connection.execute(select(reuse.c.source_version, reuse.c.target_version))})


def _pairs_of(index):
    """Return the pairs found in all versions of an index at once."""
    with index.connect() as connection:
        rows = [row_of(VersionRow, row._asdict()) for row in connection.execute(select(versions))]
    return sorted((one.source.version, one.target.version) for one in find_reuse([article_text(row) for row in rows]))


def test_passages_may_wait_for_the_end_of_a_crawl(story):
    """Whoever finishes without them leaves them as they were, and the next one who wants them works them out."""
    story.page(RUNS[2], 5, f"{PAPER}/igen", "Igen", TEXTS["paper"])
    story.write(reuse=False)
    with story.index.connect() as connection:
        assert len(Catalog(connection).reuse()) == 1
    story.write()
    with story.index.connect() as connection:
        assert {row.target_url for row in Catalog(connection).reuse()} == {f"{PAPER}/nyheter/1", f"{PAPER}/igen"}
