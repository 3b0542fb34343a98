"""How the feeds, sitemaps and APIs of the sources stand, and what of it a person should look at."""

from sqlalchemy import Connection, select

from umecrawl.index import views
from umecrawl.model.discovery import Standing

_MOST = 20
# What a site could repair, or be asked about; what is absent or moved is no problem.
_PROBLEMS = (Standing.OFF, Standing.BLOCKED, Standing.BROKEN, Standing.LYING)


def interface_problems(connection: Connection) -> list[str]:
    """Return a sentence for each interface that is switched off, walled in, broken or lying, by source and address."""
    table = views.interfaces
    wrong = select(table.c.source, table.c.url, table.c.standing, table.c.checked_at, table.c.detail)
    wrong = wrong.where(table.c.standing.in_(_PROBLEMS)).order_by(table.c.source, table.c.url).limit(_MOST)
    return [
        f"{row.source}: {row.url} is {row.standing}" + (f": {row.detail}" if row.detail else "") + "."
        for row in connection.execute(wrong)
    ]
