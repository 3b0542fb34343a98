"""Opening, making, dropping and sharing an index."""

import os
import sqlite3
import subprocess
import sys

import pytest
from archived import at, capture, crawl_run, feed, made_up, rows
from sqlalchemy import URL, create_engine, make_url, select, text, update

from umecrawl.errors import ArchiveInUseError, DamageError, NotFoundError, ServiceError, UsageError
from umecrawl.index import statement_views
from umecrawl.index.engine import Index, SchemaError
from umecrawl.index.schema import about, metadata, resource
from umecrawl.index.schema import capture as capture_table
from umecrawl.index.views import (
    DESCRIPTIONS,
    articles,
    captures,
    claims,
    counts,
    disagreements,
    sightings,
    signatories,
    versions,
    views_metadata,
)
from umecrawl.model.capture import Mark

# The columns that users of the views rely on; more may be added.
CONTRACT = {
    "captures": "id url canonical_url captured_at status mime payload_digest entity_sha256 warc offset length"
    " record_type refers_to run via hop_path quality truncated version",
    "versions": "id url site title byline signatories published_at published_source modified_at modified_source"
    " language paywall text text_sha256 first_seen last_seen captures extractor comment_count like_count",
    "runs": "id source started_at ended_at outcome requested captured not_modified revisits failed skipped bytes_wire"
    " bytes_stored new_versions",
}


@pytest.mark.parametrize("view", CONTRACT)
def test_views_have_the_columns_that_were_promised(view):
    """Every field of the contract is a column of its view."""
    assert set(CONTRACT[view].split()) <= set(views_metadata.tables[view].columns.keys())
    assert views_metadata.tables["articles"].columns.keys() == views_metadata.tables["versions"].columns.keys()


def test_everything_is_described():
    """The data dictionary says what each table, column and view means."""
    assert DESCRIPTIONS.keys() == views_metadata.tables.keys()
    for table in metadata.tables.values():
        assert table.comment
        for column in table.columns:
            assert column.comment, f"{table.name}.{column.name}"


def test_an_index_is_made_where_there_is_none(database):
    """Opening makes the tables; opening again finds what was put."""
    with Index.open(database).writer() as writer:
        writer.put(Mark("a.warc.gz", 7), crawl_run())
        writer.commit()
    with Index.open(database, create=False).writer() as writer:
        assert writer.marks() == {"a.warc.gz": 7}


def test_a_missing_index_is_told(database):
    """With create=False nothing is made."""
    with pytest.raises(NotFoundError, match="no index"):
        Index.open(database, create=False)


def test_a_missing_folder_is_told(tmp_path):
    """A typing error in the path makes no folders."""
    with pytest.raises(NotFoundError, match="no folder"):
        Index.open(f"sqlite:///{tmp_path}/nowhere/index.sqlite")


def test_dropping_leaves_an_empty_index(index):
    """After drop nothing is left, and the index can be filled again."""
    archive = made_up(1)
    empty = rows(index)
    feed(index, archive, sorted(archive.files))
    full = rows(index)
    index.drop()
    assert rows(index) == empty
    feed(index, archive, sorted(archive.files))
    assert rows(index) == full


def test_an_index_of_another_schema_is_refused_unless_it_is_rebuilt(database):
    """Another schema version is named with what to do; rebuild drops its tables, known to us or not."""
    index = Index.open(database)
    with index.writer() as writer, writer._connection.begin():
        connection = writer._connection
        connection.execute(text("CREATE TABLE former (id INTEGER)"))
        connection.execute(update(about).where(about.c.name == "schema").values(value="0"))
        tables = select(about.c.value).where(about.c.name == "tables")
        listed = connection.execute(tables).scalar_one().replace("[", '["former", ', 1)
        connection.execute(update(about).where(about.c.name == "tables").values(value=listed))
    with pytest.raises(SchemaError, match="has schema 0") as caught:
        Index.open(database)
    assert "index --rebuild" in caught.value.hint
    index = Index.open(database, rebuild=True)
    with index.writer() as writer, writer._connection.begin():
        writer._connection.execute(text("CREATE TABLE former (id INTEGER)"))


@pytest.mark.parametrize("rebuild", [False, True])
def test_tables_of_another_program_are_not_touched(database, rebuild):
    """A database with a table of one of our names, not made by us, is refused even for a rebuild."""
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE text (mine INTEGER)"))
        connection.execute(text("CREATE TABLE about (me INTEGER)"))
    with pytest.raises(SchemaError, match="another program"):
        Index.open(database, rebuild=rebuild)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT mine FROM text")).all() == []
    engine.dispose()


@pytest.mark.postgres
def test_a_postgres_schema_may_be_shared(postgres):
    """Tables of other names stay when the index is dropped."""
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (mine INTEGER)"))
    Index.open(postgres).drop()
    with engine.begin() as connection:
        assert connection.execute(text("SELECT mine FROM notes")).all() == []
    engine.dispose()


@pytest.mark.postgres
def test_an_index_that_is_read_is_not_dropped(postgres):
    """Who reads it is named, by what the program calls itself, and goes on reading; then it can be dropped."""
    index = Index.open(postgres)
    feed(index, made_up(1), sorted(made_up(1).files))
    full = rows(index)
    count = select(captures.c.id)
    reader = create_engine(make_url(postgres).update_query_dict({"application_name": "notebook"}))
    with reader.connect() as connection:
        before = connection.execute(count).all()
        process = connection.scalar(text("SELECT pg_backend_pid()"))
        with pytest.raises(ArchiveInUseError, match=rf"in use.*\(notebook, server process {process}, since") as caught:
            index.drop(patience=0)
        assert f"SELECT pg_terminate_backend({process});" in caught.value.hint
        assert connection.execute(count).all() == before != []
    reader.dispose()
    assert rows(index) == full
    index.drop(patience=0)
    with index.connect() as connection:
        assert connection.execute(count).all() == []


@pytest.mark.postgres
def test_sessions_bear_the_name_of_the_program(postgres):
    """The list of a server's sessions tells ours apart, by a name that the URL may give."""
    named = make_url(postgres).update_query_dict({"application_name": "notebook"})
    for url, name in ((postgres, "umecrawl"), (named.render_as_string(hide_password=False), "notebook")):
        with Index.open(url).connect() as connection:
            assert connection.scalar(text("SHOW application_name")) == name


def test_a_file_that_is_no_database_is_damage(tmp_path):
    """Bytes that are no database are named as damage, and nothing is overwritten."""
    path = tmp_path / "index.sqlite"
    path.write_bytes(b"not a database" * 1000)
    for rebuild in (False, True):
        with pytest.raises(DamageError, match="damaged"):
            Index.open(Index.default_url(tmp_path), rebuild=rebuild)
    assert path.read_bytes() == b"not a database" * 1000


@pytest.mark.parametrize(
    "url", ["index.sqlite", "mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "nonsense://x"]
)
def test_a_url_of_no_use_is_wrong_usage(url):
    """A path, an unknown database and one in memory are told with what to write instead."""
    with pytest.raises(UsageError) as caught:
        Index.open(url)
    assert caught.value.hint


def test_a_server_out_of_reach_is_a_missing_service():
    """A server that does not answer is told without password and without traceback."""
    with pytest.raises(ServiceError, match="cannot be reached") as caught:
        Index.open("postgresql://someone:secret@127.0.0.1:1/none")
    assert "secret" not in caught.value.message


@pytest.mark.postgres
def test_a_database_that_cannot_fold_letters_is_refused(postgres):
    """LC_CTYPE C does not know that Å and å are one letter; searching there would miss words."""
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    name = f"c_{postgres.partition('test_')[2][:32]}"
    with server.connect() as connection:
        connection.execute(
            text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        )
    try:
        with pytest.raises(ServiceError, match="Swedish letters") as caught:
            Index.open(str(server.url.set(database=name, query={}).render_as_string(hide_password=False)))
        assert "createdb" in caught.value.hint
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
        server.dispose()


def test_there_is_one_writer(index, database):
    """A second writer is turned away while the first one writes, and welcome afterwards."""
    other = Index.open(database)
    with index.writer():
        with pytest.raises(ArchiveInUseError), other.writer():
            pass
        with pytest.raises(ArchiveInUseError):
            other.drop()
    with other.writer():
        pass


def test_a_writer_in_another_process_counts(index, database):
    """The lock holds between processes, and goes with its process."""
    program = (
        "import sys; from umecrawl.index.engine import Index\n"
        f"with Index.open({database!r}).writer(): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(ArchiveInUseError), index.writer():
            pass
        process.communicate(b"")
    with index.writer():
        pass


def test_readers_see_one_state_while_a_writer_commits(index):
    """A reading transaction sees what was committed before it began, and is not held up."""
    count = select(captures.c.id)
    with index.connect() as reader:
        assert reader.execute(count).all() == []
        with index.writer() as writer:
            writer.put(Mark("a.warc.gz", 1), capture("https://blog.example/", "a", at()))
            writer.commit()
        assert reader.execute(count).all() == []
    with index.connect() as reader:
        assert len(reader.execute(count).all()) == 1


def test_a_failing_writer_lets_go(index):
    """An exception in the block releases the lock and discards what was not committed."""

    def fail():
        with index.writer() as writer:
            writer.put(Mark("a.warc.gz", 1), crawl_run())
            raise RuntimeError("cut")

    with pytest.raises(RuntimeError, match="cut"):
        fail()
    with index.writer() as writer:
        assert writer.marks() == {}


def test_an_index_where_nothing_can_be_written_is_read(tmp_path, monkeypatch):
    """A copy on a read-only medium answers questions, and reading makes no file beside it."""
    path = tmp_path / "arkiv å 100%?" / "index.sqlite"
    path.parent.mkdir()
    url = URL.create("sqlite", database=str(path)).render_as_string()
    Index.open(url).close()
    monkeypatch.setattr(os, "access", lambda *_: False)  # rights alone do not bind root, who may run the tests
    before = sorted(path.parent.iterdir())
    with Index.open(url, create=False).connect() as connection:
        assert [] == connection.execute(select(captures.c.id)).all()
        assert before == sorted(path.parent.iterdir())


def test_any_sqlite_tool_reads_the_views(tmp_path):
    """The file opens as it is, with a bare SQLite that knows none of our functions."""
    index = Index.open(Index.default_url(tmp_path))
    archive = made_up(2)
    feed(index, archive, sorted(archive.files))
    index.close()
    connection = sqlite3.connect(tmp_path / "index.sqlite")
    for view in views_metadata.tables:
        assert connection.execute(f"SELECT * FROM {view}").fetchall()
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_questions_about_one_url_scan_no_table(sqlite):
    """What is asked all the time is found by index, whatever the size of the archive."""
    asked = {
        "a capture": select(captures).where(captures.c.id == "x"),
        "a URL": select(captures).where(captures.c.canonical_url == "x"),
        "a history": select(captures).where(captures.c.id.in_(select(capture_table.c.uid).filter_by(resource_id=7))),
        "a version": select(versions).where(versions.c.id == "x"),
        "sightings of a URL": select(sightings).where(sightings.c.article == "x"),
        "sightings of a version": select(sightings).where(sightings.c.version == "x"),
        "counts": select(counts).where(counts.c.article == "x"),
        "claims": select(claims).where(claims.c.url == "x"),
        "disagreements": select(disagreements).where(disagreements.c.version == "x"),
        "signatories": select(signatories).where(signatories.c.name == "x"),
        "comments of a URL": statement_views.comments(7),
        "a site": select(articles).where(articles.c.site == "x"),
        "stale": select(resource.c.id).where(resource.c.stale).order_by(resource.c.id),
        "unread": select(capture_table.c.id).where(capture_table.c.unread),
    }
    index = Index.open(sqlite)
    with index.connect() as connection:
        for name, statement in asked.items():
            compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
            # What a part of the statement has found is gone through; a partial index holds nothing else.
            found = {step.split()[-1] for step in plan if step.startswith(("CO-ROUTINE", "MATERIALIZE"))}
            scans = [step for step in plan if step.startswith("SCAN") and step.split()[1] not in found]
            assert all("_stale" in step or "_unread" in step for step in scans), (name, plan)
