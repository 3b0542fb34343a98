"""What a run found out about the articles it saw, compared with all that was known before it began.

For every article the run saw, what it was last seen as before the run is set against that in it. It is seen by
a capture of its own page that shows it or says that it is gone; an article that was seen on a listing only is
judged by the versions that were first seen there. Nothing later than the run is looked at, so the report of an
old run stays what it was, from a rebuilt index too.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from umecrawl.errors import NotFoundError
from umecrawl.index.diff import compare
from umecrawl.index.reuse import Reuse, find_reuse
from umecrawl.index.reuse_tables import is_outdated, reuse_pair
from umecrawl.index.schema import capture, resource, run, version
from umecrawl.index.views import versions
from umecrawl.query.lastseen import GONE, Pair, compared
from umecrawl.query.reuse import article_text
from umecrawl.query.rows import NewsKind, NewsRow, VersionRow, row_of

_BATCH = 10_000
# 410 says that there was something (RFC 9110 §15.5.11); 404 may be a link that was ahead of its article.
_WAS_THERE = 410


def run_report(connection: Connection, run_id: str, *, reuse: bool = True) -> list[NewsRow]:
    """Return what a run found out: one row for each article and kind of news, sorted by URL and kind.

    With `reuse`, articles that are new or edited in the run are looked for in those of other sites, and the rest in
    them; that reads all texts of the archive. Raises `NotFoundError` for an unknown run.
    """
    found = connection.execute(select(run.c.id, run.c.started_at).where(run.c.uid == run_id)).one_or_none()
    if found is None:
        raise NotFoundError(f"the archive has no run {run_id}", hint="`umecrawl status` lists the runs.")
    first, last = connection.execute(
        select(func.min(capture.c.at), func.max(capture.c.at)).where(capture.c.run_id == found.id)
    ).one()
    if first is None:
        return []
    began = min(found.started_at or first, first)
    pairs = list(compared(connection, found.id, began))
    known = _versions(connection, {uid for pair in pairs for uid in (pair.before.version, pair.now.version) if uid})
    news = [row for pair in pairs for row in _news(pair, known)]
    if reuse:
        changed = {row.url for row in news if row.kind is NewsKind.EDIT or row.from_version is None}
        if changed:
            news += _republished(connection, changed, began, last)
    return sorted(news, key=lambda row: (row.url, row.kind.value, row.source_url or ""))


def _versions(connection: Connection, uids: set[str]) -> dict[str, VersionRow]:
    ordered = sorted(uids)
    return {
        row.id: row_of(VersionRow, row._asdict())
        for start in range(0, len(ordered), _BATCH)
        for row in connection.execute(select(versions).where(versions.c.id.in_(ordered[start : start + _BATCH])))
    }


def _news(pair: Pair, known: Mapping[str, VersionRow]) -> Iterator[NewsRow]:
    before, now = pair.before, pair.now
    old = known.get(before.version or "")
    new = known.get(now.version or "")
    if now.is_gone:
        if old is not None and not before.is_gone:
            how = f"answered {now.gone_status}" if now.gone_status in GONE else "showed a page that says it is gone"
            since = f"; last seen {_minute(before.at)}" if before.at else ""
            yield _row(NewsKind.REMOVAL, pair, old, old, f"{how}{since}")
        return
    if new is None:
        return
    if old is None and before.is_gone and before.gone_status == _WAS_THERE and before.gone_at is not None:
        was = f"is back: answered 410 on {_minute(before.gone_at)}; its text is seen for the first time"
        yield _row(NewsKind.RESTORATION, pair, None, new, was)
        return
    if old is None:
        yield _row(NewsKind.NEW, pair, None, new, _words(new.words))
        return
    if before.is_gone and before.gone_at is not None:
        yield _row(NewsKind.RESTORATION, pair, old, new, f"is back: was gone on {_minute(before.gone_at)}")
    if old.title != new.title:
        yield _row(NewsKind.HEADLINE, pair, old, new, f"“{old.title}” became “{new.title}”")
    if old.text_sha256 != new.text_sha256:
        change = compare(old.text, new.text)
        yield _row(
            NewsKind.EDIT,
            pair,
            old,
            new,
            f"{_words(change.words_added)} added, {change.words_removed} removed",
            words_added=change.words_added,
            words_removed=change.words_removed,
            similarity=round(change.similarity, 4),
        )
    elif old.title == new.title and not before.is_gone:
        yield _row(NewsKind.UNCHANGED, pair, old, new, "")


def _row(
    kind: NewsKind,
    pair: Pair,
    old: VersionRow | None,
    new: VersionRow,
    summary: str,
    *,
    words_added: int | None = None,
    words_removed: int | None = None,
    similarity: float | None = None,
) -> NewsRow:
    before, now = pair.before, pair.now
    detected = now.gone_at if kind is NewsKind.REMOVAL else now.at
    assert detected is not None
    past = before.gone if kind is NewsKind.RESTORATION else before.capture
    present = now.gone if kind is NewsKind.REMOVAL else now.capture
    return NewsRow(
        kind=kind,
        url=pair.url,
        site=pair.site,
        title=new.title,
        detected_at=detected,
        from_version=old.id if old else None,
        to_version=None if kind is NewsKind.REMOVAL else new.id,
        summary=summary,
        words_added=words_added,
        words_removed=words_removed,
        source_url=None,
        words_shared=None,
        similarity=similarity,
        evidence=tuple(uid for uid in (past, present) if uid),
    )


def _republished(connection: Connection, changed: set[str], began: datetime, ended: datetime) -> list[NewsRow]:
    """Return what articles that changed in the run share with other sites and did not share before it."""
    told = select(versions).where(versions.c.first_seen <= _as_viewed(ended))
    if not is_outdated(connection):
        # Whatever shared something then shares it now, or has become boilerplate: the rest need not be read.
        told = told.where(versions.c.url.in_(_kin(connection, changed)))
    known = [row_of(VersionRow, row._asdict()) for row in connection.execute(told)]
    by_id = {row.id: row for row in known}
    of_article: dict[str, list[VersionRow]] = {}
    for row in known:
        of_article.setdefault(row.url, []).append(row)
    rows = []
    for found in find_reuse([article_text(row) for row in known]):
        articles = (found.source.article, found.target.article)
        if changed.isdisjoint(articles):
            continue
        earlier = [row for article in articles for row in of_article[article] if row.first_seen < began]
        if find_reuse([article_text(row) for row in earlier]):
            continue
        rows.append(_reuse_row(found, by_id))
    return rows


def _kin(connection: Connection, urls: set[str]) -> set[str]:
    """Return these articles and all that have prints in common with one of them."""
    found = set(urls)
    source, target = version.alias("source"), version.alias("target")
    source_article, target_article = resource.alias("source_article"), resource.alias("target_article")
    pairs = (
        select(source_article.c.url, target_article.c.url)
        .select_from(
            reuse_pair.join(source, source.c.id == reuse_pair.c.source_id)
            .join(target, target.c.id == reuse_pair.c.target_id)
            .join(source_article, source_article.c.id == source.c.article_id)
            .join(target_article, target_article.c.id == target.c.article_id)
        )
        .distinct()
    )
    for pair in connection.execute(pairs):
        if not urls.isdisjoint(pair):
            found.update(pair)
    return found


def _as_viewed(at: datetime) -> str:
    """Return a time as the views write it, six decimals wide, so that text compares as time."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _reuse_row(found: Reuse, known: Mapping[str, VersionRow]) -> NewsRow:
    source, target = known[found.source.version], known[found.target.version]
    return NewsRow(
        kind=NewsKind.REPUBLISHED,
        url=target.url,
        site=target.site,
        title=target.title,
        detected_at=max(source.first_seen, target.first_seen),
        from_version=source.id,
        to_version=target.id,
        summary=f"{_words(found.words)}, {found.containment:.0%} of it, stand in {source.url} too",
        words_added=None,
        words_removed=None,
        source_url=source.url,
        words_shared=found.words,
        similarity=round(found.containment, 4),
        evidence=(source.first_capture, target.first_capture),
    )


def _words(number: int) -> str:
    return "1 word" if number == 1 else f"{number} words"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
