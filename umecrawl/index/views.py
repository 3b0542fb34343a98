"""The views that outsiders query, with the columns of the contract; Datasette opens them as they are.

Public ids stand in them under `id`, times are RFC 3339 text in UTC with six decimals on both databases, absent
values are null. `captures.c`, `versions.c` … name their columns for statements of our own; `DESCRIPTIONS` says what
each view holds. What each view asks for stands in the modules named `…_views`.
"""

from typing import Final

from sqlalchemy import Label, MetaData, Table
from sqlalchemy.sql.ddl import CreateView

from umecrawl.index import (
    article_views,
    capture_views,
    citation_views,
    coverage_views,
    interface_views,
    removal_views,
    reuse_views,
    run_views,
    statement_views,
)
from umecrawl.index import reservations as reservation_views
from umecrawl.index.functions import rfc3339

views_metadata = MetaData()


def time_columns(view: Table) -> frozenset[str]:
    """Return the names of those columns of a view that hold times of our own clock.

    What pages say of themselves may be a bare date, and is none of them.
    """
    # SQLAlchemy keeps the statement of a view only in the DDL element that makes it.
    statement = view._creator_ddl.selectable  # type: ignore[union-attr]  # noqa: SLF001
    selected = getattr(statement, "selects", [statement])[0].selected_columns
    return frozenset(
        column.name
        for column, source in zip(view.columns, selected, strict=True)
        if isinstance(source, Label) and isinstance(source.element, rfc3339)
    )


captures: Final = CreateView(capture_views.captures(), "captures", metadata=views_metadata).table
versions: Final = CreateView(article_views.versions(), "versions", metadata=views_metadata).table
articles: Final = CreateView(article_views.current("article"), "articles", metadata=views_metadata).table
documents: Final = CreateView(article_views.current("document"), "documents", metadata=views_metadata).table
runs: Final = CreateView(run_views.runs(), "runs", metadata=views_metadata).table
schedule: Final = CreateView(run_views.schedule(), "schedule", metadata=views_metadata).table
fetches: Final = CreateView(capture_views.fetches(), "fetches", metadata=views_metadata).table
skipped: Final = CreateView(capture_views.skipped(), "skipped", metadata=views_metadata).table
sightings: Final = CreateView(statement_views.sightings(), "sightings", metadata=views_metadata).table
counts: Final = CreateView(statement_views.counts(), "counts", metadata=views_metadata).table
signatories: Final = CreateView(statement_views.signatories(), "signatories", metadata=views_metadata).table
claims: Final = CreateView(statement_views.claims(), "claims", metadata=views_metadata).table
disagreements: Final = CreateView(statement_views.disagreements(), "disagreements", metadata=views_metadata).table
changes: Final = CreateView(article_views.changes(), "changes", metadata=views_metadata).table
removals: Final = CreateView(removal_views.removals(), "removals", metadata=views_metadata).table
removal_steps: Final = CreateView(removal_views.removal_steps(), "removal_steps", metadata=views_metadata).table
citations: Final = CreateView(citation_views.citations(), "citations", metadata=views_metadata).table
reuse: Final = CreateView(reuse_views.reuse(), "reuse", metadata=views_metadata).table
coverage: Final = CreateView(coverage_views.coverage(), "coverage", metadata=views_metadata).table
missed: Final = CreateView(coverage_views.missed(), "missed", metadata=views_metadata).table
interfaces: Final = CreateView(interface_views.interfaces(), "interfaces", metadata=views_metadata).table
audits: Final = CreateView(interface_views.audits(), "audits", metadata=views_metadata).table
reservations: Final = CreateView(reservation_views.reservations(), "reservations", metadata=views_metadata).table
comments: Final = CreateView(statement_views.comments(), "comments", metadata=views_metadata).table

DESCRIPTIONS: Final = {
    "captures": "Every observation of a resource, with its record in the WARC, its quality and the version it shows",
    "versions": (
        "Every distinct title and text of every article, with when it was first and last seen. The captures are those "
        "of the article's own page; where that was never read (`basis` is listing), those of the listings, feeds and "
        "API answers that show the text whole"
    ),
    "articles": "The version that the latest capture of each article shows",
    "documents": "The same of PDF files, which the view `versions` holds too, told apart by `kind`",
    "runs": (
        "Every run with its figures: requested = captured + failed; not_modified (304) and revisits (same octets as "
        "before) are among the captured; not_due counts the URLs of earlier runs that were left alone until their plan "
        "says so; bytes_wire counts all octets received, of failed fetches too; bytes_stored counts all octets of the "
        "run's files (of a run by another tool, those of its captures' records); due_at, late_seconds and missed "
        "are those of a scheduled run (all its sources together; the view `schedule` has each); "
        "outcome is null while a run is under way and where it was killed"
    ),
    "schedule": (
        "Every source that a scheduled run took, with the time that was due, how late it was, and what was missed "
        "before; runs that were started by hand are not in it"
    ),
    "fetches": "Every attempt to fetch: captured, revisit, not-modified or failed, with the reason",
    "skipped": "Every URL that was left out, with the rule that left it out",
    "sightings": (
        "Every capture of a listing, feed or API answer with each article it shows there. An excerpt is never a "
        "version; a whole text that is none of the article's own page differs and makes no version either"
    ),
    "counts": "What captures claim of comments and likes, as a series in time for each article",
    "signatories": "Who signs which version in its text, with party and office as stated",
    "claims": (
        "What each source of an article's page says of title, byline and dates, in the order of trust; of sightings "
        "only on fields on which their sources contradict each other"
    ),
    "disagreements": "Fields of versions on which a page contradicts itself: what was taken and what was said besides",
    "changes": (
        "What changed in articles: edits, headlines, removals, returns, paywalls and moves, each with the captures "
        "that show it. A stealth edit left the time of change that the page or an API tells as it was, and added no "
        "notice. A removal is confirmed when captures of three days say so"
    ),
    "removals": (
        "Articles that went, one row each: missing (gone on fewer than three days, or no sitemap names it any more and "
        "nobody asked since), gone (confirmed by captures of three days), restored, moved. Times and captures are "
        "those of the last time it went"
    ),
    "removal_steps": (
        "How each of them went, step by step, with the capture that shows it: last-good, left-sitemap, left-api, "
        "left-feed, left-listing, gone, still-gone, confirmed (the third day), moved, restored"
    ),
    "citations": (
        "Every link in the text of an article with its sentence, once for each version, and what became of its target: "
        "archived, gone (the latest answer is 404 or 410), blocked (by robots.txt or a wall), excluded (by a rule, see "
        "`skipped`), pending (not captured so far). target_capture is the latest good capture, past one redirect too"
    ),
    "reuse": (
        "Every passage of 16 words or more that articles of two sites share, with who had it first: by the times of "
        "publication where both are known (`ordering` is published), else by the first capture. Of the versions of two "
        "articles the two that agree most are compared. While a crawl goes on, as it was before the crawl"
    ),
    "coverage": (
        "How well each site was watched, by day (UTC): pages asked for and what came. Images, styles and scripts of "
        "pages and robots.txt are not counted. A day without a row is one on which nobody asked"
    ),
    "missed": (
        "URLs that sitemaps, listings or texts name and of which there is no capture: failed, blocked (robots.txt), "
        "excluded (by a rule) or pending; one row for each kind of place that names them"
    ),
    "interfaces": (
        "How each feed, sitemap, API and list of a source stands, by its latest answer: offered, moved, absent, off "
        "(switched off), blocked (a wall), broken, or lying, with what it was found out by"
    ),
    "audits": (
        "What one way of finding pages found and another missed, of runs that met every page of a source: pages that "
        "only links led to, pages that no page links to, and what API or sitemap has alone"
    ),
    "reservations": (
        "What sites say about the use of what was captured, in header fields (X-Robots-Tag, TDM-Reservation) and "
        "`meta` elements; facts that hide nothing"
    ),
    "comments": (
        "What readers wrote under articles, each distinct text once. The author is a pseudonym, the same for one name "
        "on one site; that is no anonymity, for whoever knows a name can work it out, and texts name people"
    ),
}
