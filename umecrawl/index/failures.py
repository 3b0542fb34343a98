"""What an error of the database driver means to the user."""

import sqlite3

from sqlalchemy import URL
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from umecrawl.errors import DamageError, NoSpaceError, ServiceError, UmecrawlError

REBUILD = "Make it anew from the WARC files: umecrawl index --rebuild"

_FULL_SQLITE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})  # a limit set for the process shows as the latter
_FULL_POSTGRESQL = "53100"
_NO_RIGHT_POSTGRESQL = "42501"


def explained(error: DBAPIError, url: URL) -> UmecrawlError:
    """Return the error to raise: of space, damage, service, or one that blames the statement.

    SQLite's kinds of failure are the low octets of its result codes, PostgreSQL's the SQLSTATE (its manual,
    appendix A).
    """
    message = str(error.orig).strip().partition("\n")[0]
    name = url.render_as_string()
    is_file = url.get_backend_name() == "sqlite"
    if _is_full(error.orig):
        return NoSpaceError(
            f"no space left for the index {name}: {message}",
            hint="Make room and run `umecrawl index`; the WARC files are not affected.",
        )
    if is_file and isinstance(error, DatabaseError) and not isinstance(error, OperationalError):
        if getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
            return DamageError(
                f"{name} is no SQLite database, or a damaged one",
                hint=f"Is it the right file? If it was the index, delete it. {REBUILD}",
            )
        return DamageError(f"the index {name} is damaged: {message}", hint=f"Delete the file. {REBUILD}")
    if isinstance(error, OperationalError):
        if is_file:
            return ServiceError(
                f"the index {name} cannot be used: {message}", hint="Check that the file and its folder can be written."
            )
        return ServiceError(
            f"the index {name} cannot be reached: {message}",
            hint="Check that the server runs and the URL is right; then `umecrawl index` catches up.",
        )
    return _refused(error, name, message)


def _refused(error: DBAPIError, name: str, message: str) -> UmecrawlError:
    if getattr(error.orig, "sqlstate", None) == _NO_RIGHT_POSTGRESQL:
        return UmecrawlError(
            f"this role may not write the index {name}, or not read all of it: {message}",
            hint="Ask as a role that may read (docs/how-to/use-postgresql.md); index as the one that made the tables.",
        )
    return UmecrawlError(f"the index {name} did not take a statement: {message}", hint=REBUILD)


def _is_full(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code & 0xFF in _FULL_SQLITE
    return getattr(error, "sqlstate", None) == _FULL_POSTGRESQL
