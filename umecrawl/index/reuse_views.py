"""The statement of the view that tells which passages articles share."""

from typing import Any

from sqlalchemy import Select, func, select

from umecrawl.index.functions import rfc3339
from umecrawl.index.reuse_tables import reuse_pair, reuse_passage
from umecrawl.index.schema import resource, text, version


def reuse() -> Select[Any]:
    """Return the statement of the view `reuse`."""
    source, target = version.alias("source"), version.alias("target")
    source_article, target_article = resource.alias("source_article"), resource.alias("target_article")
    length = reuse_passage.c.source_end - reuse_passage.c.source_start
    return select(
        source_article.c.url.label("source_url"),
        target_article.c.url.label("target_url"),
        source.c.uid.label("source_version"),
        target.c.uid.label("target_version"),
        reuse_passage.c.source_start,
        reuse_passage.c.source_end,
        reuse_passage.c.target_start,
        reuse_passage.c.target_end,
        func.substr(text.c.body, reuse_passage.c.source_start + 1, length).label("passage"),
        reuse_passage.c.words,
        reuse_passage.c.similarity,
        reuse_pair.c.containment,
        reuse_pair.c.ordering,
        rfc3339(source.c.first_seen).label("first_seen_source"),
        rfc3339(target.c.first_seen).label("first_seen_target"),
    ).select_from(
        reuse_passage.join(reuse_pair)
        .join(source, source.c.id == reuse_passage.c.source_id)
        .join(target, target.c.id == reuse_passage.c.target_id)
        .join(source_article, source_article.c.id == source.c.article_id)
        .join(target_article, target_article.c.id == target.c.article_id)
        .join(text, text.c.id == source.c.text_id)
    )
