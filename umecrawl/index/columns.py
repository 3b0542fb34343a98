"""What the columns of all tables are made of: their types, their constraints, and how both are named.

Times are UTC with microseconds: on PostgreSQL `timestamptz`, on SQLite text in one width
(`2023-05-07T08:15:00.000000Z`), so that text order is time order.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Dialect, Integer, MetaData, String
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, RFC 3339 text with six decimals elsewhere."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """Choose the column type of the database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Take a time that knows its zone; a naive one is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be indexed: {value}")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else f"{utc.isoformat(timespec='microseconds')[:26]}Z"

    def process_result_value(self, value: datetime | str | None, _dialect: Dialect) -> datetime | None:
        """Give the time back in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)


# Keys and public ids are compared octet by octet on both databases, whatever the collation of the database.
Key = String().with_variant(String(collation="C"), "postgresql")
Id = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def id_column() -> Column[int]:
    """Return the column of a row's number."""
    return Column("id", Id, primary_key=True, autoincrement=False, comment="Number of the row in this database only")


def one_of(column: str, kinds: Iterable[str]) -> CheckConstraint:
    """Return the constraint that a column holds one of a few words."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def holds(name: str, condition: str) -> CheckConstraint:
    """Return the constraint that a condition in SQL holds in every row."""
    return CheckConstraint(condition, name=name)
