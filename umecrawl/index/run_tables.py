"""The tables of runs: what each was, how it ended, which due times it served, and the files that runs wrote."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, PrimaryKeyConstraint, Table, Text

from umecrawl.index.columns import Id, Key, UtcTime, holds, id_column, metadata, one_of
from umecrawl.model.crawl import RunOutcome

run = Table(
    "run",
    metadata,
    id_column(),
    Column("uid", Key, nullable=False, unique=True, comment="Public id: start time in 14 digits and a random suffix"),
    Column("collection", Text, comment="Name of the collection; null while only records that name the run are known"),
    Column("title", Text, comment="Title of the collection"),
    Column("source", Text, comment="Names of the sources crawled, joined by comma and space"),
    Column("started_at", UtcTime, comment="When the run began"),
    Column("operator", Text, comment="Who ran it"),
    Column("contact", Text, comment="URL or mailto: under which the operator is reached"),
    Column("user_agent", Text, comment="User-Agent that was sent"),
    Column("robots", Text, comment="`obey` or `ignore`"),
    Column("software", Text, comment="Program and version"),
    Column("settings", Text, comment="The settings of the run, a JSON array of [name, value] in order"),
    comment="One execution of a crawl, from the warcinfo records of its files",
)

run_end = Table(
    "run_end",
    metadata,
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, comment="The run"),
    Column("ended_at", UtcTime, nullable=False, comment="When it, or one stretch of it, ended"),
    Column("outcome", Key, nullable=False, comment="finished, seed-failed, limit, interrupted, no-space, failed"),
    Column("detail", Text, nullable=False, comment="Why, in a sentence; may be empty"),
    Column("not_due", Integer, nullable=False, comment="URLs of earlier runs that were left alone as not yet due"),
    PrimaryKeyConstraint("run_id", "ended_at", "outcome"),
    one_of("outcome", RunOutcome),
    comment="The ends of runs; a run that was resumed has several",
    sqlite_with_rowid=False,
)

run_due = Table(
    "run_due",
    metadata,
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, comment="The run"),
    Column("source", Key, nullable=False, comment="The source that was due"),
    Column(
        "why",
        Key,
        nullable=False,
        comment="first, due, late, overlap, catch-up, retry (see docs/how-to/keep-a-schedule)",
    ),
    Column("due_at", UtcTime, comment="The time that the run serves; null for a source that was never crawled before"),
    Column("late_seconds", Integer, nullable=False, comment="How much later than due the run began; 0 within a minute"),
    Column("missed", Integer, nullable=False, comment="Times that passed unserved before `due_at`"),
    Column("missed_first", UtcTime, comment="The first of them"),
    Column("missed_last", UtcTime, comment="The last of them"),
    Column("failures", Integer, nullable=False, comment="Failed runs of the source in a row before this one"),
    PrimaryKeyConstraint("run_id", "source"),
    comment="The due times that scheduled runs serve, from their settings",
    sqlite_with_rowid=False,
)

warc = Table(
    "warc",
    metadata,
    id_column(),
    Column("name", Key, nullable=False, unique=True, comment="Base name of the file, without `.open`"),
    Column("watermark", BigInteger, nullable=False, comment="Everything before this offset (octets) is in the index"),
    Column("run_id", Id, ForeignKey("run.id"), comment="The run that wrote it; null for files of other tools"),
    holds("watermark", "watermark >= 0"),
    comment="The WARC files, with how far each has been read",
)
