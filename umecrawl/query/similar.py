"""Articles that are like one article, by the words they share: the cosine of tf-idf vectors over its telling words.

Words that are frequent in the article and rare in the archive find candidates through the full text index; the best
of them are then compared with it word for word. Every step is the same arithmetic on both databases.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from math import log, sqrt
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select, union_all

from umecrawl.index import fulltext
from umecrawl.index.schema import resource, site, text, version
from umecrawl.index.terms import forms, terms
from umecrawl.query.counting_rows import SimilarRow
from umecrawl.query.expression import Words
from umecrawl.query.filters import Filters
from umecrawl.query.matching import matching_each
from umecrawl.query.resources import find_article
from umecrawl.query.search import conditions

# A word of the headline counts as if it stood so often in the text.
_TITLE_WEIGHT = 3
# How many of the article's words are looked up, and how many of these then find candidates.
_LOOKED_UP = 60
_ASKED_FOR = 25
# A word in more than this share of all versions finds too much to be worth its time.
_TOO_COMMON = 0.1
_CANDIDATES = 100
_SHOWN_WORDS = 8
# What is less alike shares no more than turns of phrase.
_LEAST = 0.05
_SHORTEST = 3


def similar(connection: Connection, url: str, filters: Filters, *, limit: int | None = 10) -> list[SimilarRow]:
    """Return the articles that are most like the one at a URL, as they were last seen, the most alike first.

    Of equals the one with the lower version id comes first. Raises `NotFoundError` for what is no article here,
    and as `search` does for the filters.
    """
    fulltext.check(connection)
    article = find_article(connection, url)
    own = connection.execute(
        select(version.c.id, version.c.title, text.c.body)
        .join(text, text.c.id == version.c.text_id)
        .where(version.c.article_id == article.id, version.c.is_current)
    ).one()
    mine = _weights(own.title, own.body)
    whole = connection.execute(select(func.count()).select_from(version)).scalar_one()
    with fulltext.looked_up(connection):
        rarity = _rarity(connection, mine, whole)
    asked = sorted(
        (term for term, idf in rarity.items() if idf > log(1 / _TOO_COMMON) or whole < 1 / _TOO_COMMON),
        key=lambda term: (-mine[term] * rarity[term], term),
    )[:_ASKED_FOR]
    with fulltext.looked_up(connection):
        found = _candidates(connection, {term: mine[term] * rarity[term] for term in asked}, article.id, filters)
    scored = [(row, *_compared(mine, rarity, _weights(row.title, row.body))) for row in found]
    best = sorted(scored, key=lambda one: (-one[1], one[0].uid))
    spelled = _spelled(f"{own.title}\n{own.body}")
    return [
        SimilarRow(
            url=row.url,
            site=row.host,
            title=row.title,
            published_at=row.published_at,
            version=row.uid,
            similarity=round(cosine, 4),
            shared=tuple(spelled[term] for term in ties[:_SHOWN_WORDS]),
        )
        for row, cosine, ties in best[:limit]
        if cosine >= _LEAST
    ]


def _weights(title: str, body: str) -> dict[str, float]:
    """Return how much each term of a text counts for in it: the logarithm of how often it stands there."""
    counted = Counter(forms(body))
    for term in forms(title):
        counted[term] += _TITLE_WEIGHT
    return {term: 1 + log(times) for term, times in counted.items() if len(term) >= _SHORTEST and not term.isdigit()}


def _rarity(connection: Connection, mine: Mapping[str, float], whole: int) -> dict[str, float]:
    """Return the inverse document frequency of the terms that count for most in a text.

    Short words are mostly common ones, so the length tells which of two equally frequent words to look up.
    """
    looked_up = sorted(mine, key=lambda term: (-mine[term] * min(len(term), 12), term))[:_LOOKED_UP]
    if not looked_up:
        return {}
    each = matching_each(connection, [Words((term,)) for term in looked_up])
    counted = union_all(
        *(
            select(literal(n).label("n"), func.count().label("documents")).select_from(found)
            for n, found in enumerate(each)
        )
    )
    documents: dict[int, int] = dict(connection.execute(counted).all())
    return {term: log((whole + 1) / (documents[n] + 0.5)) for n, term in enumerate(looked_up)}


def _candidates(connection: Connection, asked: Mapping[str, float], article: int, filters: Filters) -> list[Row[Any]]:
    """Return the current versions of other articles in which most of the weight asked for stands."""
    if not asked:
        return []
    each = matching_each(connection, [Words((term,)) for term in asked])
    hits = union_all(
        *(
            # In whole numbers, for sums of fractions depend on their order.
            select(found.c.version_id, literal(round(1000 * weight)).label("weight"))
            for found, weight in zip(each, asked.values(), strict=True)
        )
    ).subquery("hits")
    narrowed = conditions(connection, replace(filters, current=True))
    best = (
        select(version.c.id, func.sum(hits.c.weight).label("weight"))
        .join(hits, hits.c.version_id == version.c.id)
        .where(version.c.article_id != article, *narrowed)
        .group_by(version.c.id)
        .order_by(func.sum(hits.c.weight).desc(), version.c.uid)
        .limit(_CANDIDATES)
        .subquery("best")
    )
    return list(
        connection.execute(
            select(
                version.c.id,
                version.c.uid,
                version.c.title,
                text.c.body,
                resource.c.url,
                site.c.host,
                version.c.published_at,
            )
            .join(best, best.c.id == version.c.id)
            .join(text, text.c.id == version.c.text_id)
            .join(resource, resource.c.id == version.c.article_id)
            .join(site, site.c.id == resource.c.site_id)
        )
    )


def _compared(
    mine: Mapping[str, float], rarity: Mapping[str, float], other: Mapping[str, float]
) -> tuple[float, list[str]]:
    """Return the cosine of two texts over the telling terms of the first, and those of them that tie most."""
    weights = {term: (mine[term] * idf, other.get(term, 0.0) * idf) for term, idf in rarity.items()}
    lengths = [sqrt(sum(pair[side] ** 2 for pair in weights.values())) for side in (0, 1)]
    if not all(lengths):
        return 0.0, []
    products = {term: a * b for term, (a, b) in weights.items() if b}
    ties = sorted(products, key=lambda term: (-products[term], term))
    return min(1.0, sum(products.values()) / (lengths[0] * lengths[1])), ties


def _spelled(text: str) -> dict[str, str]:
    """Return each term of a text in the form in which it stands there most often, the first of equals."""
    counted = Counter((term.form, text[term.start : term.end].lower()) for term in terms(text))
    return {form: word for (form, word), _ in reversed(counted.most_common())}
