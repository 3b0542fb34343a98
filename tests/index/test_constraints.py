"""States that cannot be: the database refuses them, whoever writes."""

import pytest
from archived import feed, made_up
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from umecrawl.index.engine import Index

WRONG = (
    "UPDATE capture SET record_type = 'copy'",
    "UPDATE capture SET status = -1",
    "UPDATE capture SET attempt = -1",
    'UPDATE capture SET "offset" = -1',
    "UPDATE failure SET kind = 'tired'",
    "UPDATE extraction SET quality = 'good'",
    "UPDATE extraction SET outcome = 'page'",
    "UPDATE extraction SET score = 1.5",
    "UPDATE version SET kind = 'letter'",
    "UPDATE version SET basis = 'own'",
    "UPDATE version SET first_capture_id = NULL",
    "UPDATE version SET article_id = 999999",
    "UPDATE version SET captures = -1",
    "UPDATE post SET position = position - 100",
    "UPDATE post SET excerpt = NOT excerpt WHERE version_id IS NOT NULL",
    "UPDATE change SET kind = 'rewritten'",
    "UPDATE run_end SET outcome = 'tired'",
    "UPDATE warc SET watermark = -1",
    "DELETE FROM capture",
    "DELETE FROM resource",
    "INSERT INTO text (id, digest, sha256, words, body) SELECT id + 100000, digest, sha256, words, body FROM text",
)


def test_wrong_states_are_refused(database):
    """Unknown kinds, numbers out of range, rows that hang in the air, the same text twice."""
    index = Index.open(database)
    archive = made_up(0)
    feed(index, archive, sorted(archive.files))
    with index._writing() as connection:
        for statement in WRONG:
            with pytest.raises(IntegrityError):
                _changed(connection, statement)
    index.close()


def _changed(connection, statement):
    with connection.begin():
        assert connection.execute(text(statement)).rowcount, f"nothing to be refused: {statement}"
