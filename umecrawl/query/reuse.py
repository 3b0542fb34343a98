"""Versions as they are compared with others for shared passages."""

from umecrawl.index.reuse import ArticleText
from umecrawl.index.reuse_settle import moment
from umecrawl.query.rows import VersionRow


def article_text(row: VersionRow) -> ArticleText:
    """Return a version as what is compared with others for reuse."""
    return ArticleText(row.id, row.url, row.site, row.text, row.first_seen, moment(row.published_at))
