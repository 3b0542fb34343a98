"""What articles cite, chosen by either side and by what became of the target."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from umecrawl.errors import UsageError
from umecrawl.index.views import citations as view
from umecrawl.query.change_rows import CitationRow
from umecrawl.query.filters import host_named
from umecrawl.query.rows import row_of

STATES = ("archived", "gone", "blocked", "excluded", "pending")


@dataclass(frozen=True, slots=True)
class CitationFilters:
    """Which citations are wanted: of an article or a site, to a page or a site, in a state."""

    url: str | None = None
    site: str | None = None
    target: str | None = None
    target_site: str | None = None
    state: str | None = None


def find_citations(connection: Connection, wanted: CitationFilters, limit: int | None = None) -> list[CitationRow]:
    """Return the citations wanted in the order of first sight. Raises `UsageError` for an unknown state."""
    statement = (
        select(view)
        .order_by(
            view.c.first_seen, view.c.from_url, view.c.from_version, view.c.to_url, view.c.anchor, view.c.sentence
        )
        .limit(limit)
    )
    if wanted.state is not None:
        if wanted.state not in STATES:
            raise UsageError(f"there is no state {wanted.state!r}", hint=f"The states are {', '.join(STATES)}.")
        statement = statement.where(view.c.target_state == wanted.state)
    if wanted.url is not None:
        statement = statement.where(view.c.from_url == wanted.url)
    if wanted.site is not None:
        statement = statement.where(view.c.site == host_named(wanted.site))
    if wanted.target is not None:
        statement = statement.where(view.c.to_url == wanted.target)
    if wanted.target_site is not None:
        statement = statement.where(view.c.target_site == host_named(wanted.target_site))
    return [row_of(CitationRow, row._asdict()) for row in connection.execute(statement)]
