"""The rows of counts, of timelines and of articles that are alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many articles, in how many versions, were found under one name: a period, a site, an author.

    `by` is day, week (ISO 8601), month, year, site, author or signatory; `name` is null where no author is stated.
    """

    by: str
    name: str | None
    articles: int
    versions: int


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """How many articles of a period answer a query, how many there are in it, and the share (0 to 1).

    `share` is null where there are none.
    """

    period: str
    articles: int
    all_articles: int
    share: float | None


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """An article that is like another one; `similarity` (0 to 1) is the cosine of their weighted words.

    `version` is its latest version; `shared` are the words, as the other article writes them, that tie the two
    together most.
    """

    url: str
    site: str
    title: str
    published_at: str | None
    version: str
    similarity: float
    shared: tuple[str, ...]
