"""How a run stands in the archive: its settings in `warcinfo`, what it left out and how it ended in `metadata`.

Names of the warcinfo fields are those of WARC/1.1 §6.2 and Heritrix; `umecrawl-run`, `umecrawl-started`,
`umecrawl-source` and `umecrawl-setting` (one for each, `name=value`) are ours.
"""

import json
from collections.abc import Sequence

from umecrawl.model.crawl import CrawlRun, RunEnd, RunOutcome, Skipped
from umecrawl.model.urls import Url
from umecrawl.warc.fields import escape, every, first, number_of, read_fields, unescape, write_fields
from umecrawl.warc.records import Record, RecordFormatError, format_date, parse_date

FORMAT = "WARC File Format 1.1"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


def run_urn(run: str) -> str:
    """Return the target URI of records that speak of a run."""
    return f"urn:umecrawl:run:{run}"


def skipped_urn(run: str) -> str:
    """Return the target URI of records that list what a run left out."""
    return f"urn:umecrawl:run:{run}:skipped"


def warcinfo_block(run: CrawlRun, hostname: str) -> bytes:
    """Return the warcinfo block of every file of a run."""
    pairs = [
        ("software", escape(run.software)),
        ("operator", escape(run.operator)),
        ("hostname", escape(hostname)),
        # "classic" is Heritrix's word for robots.txt obeyed.
        ("robots", "classic" if run.robots == "obey" else escape(run.robots)),
        ("http-header-user-agent", escape(run.user_agent)),
        ("http-header-from", escape(run.contact)),
        ("format", FORMAT),
        ("conformsTo", CONFORMS_TO),
        ("isPartOf", escape(run.collection)),
        ("description", escape(run.title)),
        ("umecrawl-run", escape(run.id)),
        ("umecrawl-started", format_date(run.started_at)),
    ]
    pairs += [("umecrawl-source", escape(source)) for source in run.sources]
    pairs += [
        ("umecrawl-setting", f"{escape(name).replace('=', '%3D')}={escape(value)}") for name, value in run.settings
    ]
    return write_fields(pairs)


def names_run(block: bytes) -> bool:
    """Return whether a warcinfo block is by umecrawl, be the rest of it readable or not."""
    return bool(unescape(first(read_fields(block), "umecrawl-run")))


def read_run(block: bytes) -> CrawlRun | None:
    """Return the run that a warcinfo block tells of; nothing for a block written by others."""
    pairs = read_fields(block)
    run = unescape(first(pairs, "umecrawl-run"))
    if not run:
        return None
    settings = (setting.partition("=") for setting in every(pairs, "umecrawl-setting"))
    robots = unescape(first(pairs, "robots"))
    return CrawlRun(
        id=run,
        collection=unescape(first(pairs, "isPartOf")),
        sources=tuple(unescape(source) for source in every(pairs, "umecrawl-source")),
        started_at=parse_date(first(pairs, "umecrawl-started")),
        operator=unescape(first(pairs, "operator")),
        contact=unescape(first(pairs, "http-header-from")),
        user_agent=unescape(first(pairs, "http-header-user-agent")),
        robots="obey" if robots == "classic" else robots,
        software=unescape(first(pairs, "software")),
        title=unescape(first(pairs, "description")),
        settings=tuple((unescape(name), unescape(value)) for name, _, value in settings),
    )


def end_block(end: RunEnd) -> bytes:
    """Return the metadata block of a run's end."""
    return write_fields(
        [
            ("run-outcome", end.outcome.value),
            ("run-detail", escape(end.detail)),
            ("run-ended", format_date(end.ended_at)),
            ("run-not-due", str(end.not_due)),
            *(("run-failed-source", escape(source)) for source in end.failed_sources),
            ("umecrawl-run", escape(end.run)),
        ]
    )


def is_end(record: Record) -> bool:
    """Return whether a metadata record tells of the end of a run."""
    return record.block.startswith(b"run-outcome: ")


def read_end(record: Record) -> RunEnd:
    """Return the end of a run that a metadata record tells of."""
    pairs = read_fields(record.block)
    outcome = first(pairs, "run-outcome")
    try:
        return RunEnd(
            run=unescape(first(pairs, "umecrawl-run")),
            ended_at=parse_date(first(pairs, "run-ended")),
            outcome=RunOutcome(outcome),
            detail=unescape(first(pairs, "run-detail")),
            not_due=number_of(pairs, "run-not-due") or 0,
            failed_sources=tuple(unescape(source) for source in every(pairs, "run-failed-source")),
        )
    except ValueError as error:
        raise RecordFormatError(f"unknown outcome of a run: {outcome!r}") from error


def skipped_block(skipped: Sequence[Skipped]) -> bytes:
    """Return JSON lines, one for each URL left out."""
    return b"".join(
        json.dumps(
            {
                "url": one.url,
                "rule": one.rule,
                "reason": one.reason,
                "source": one.source,
                "via": one.via,
                "hopsFromSeed": one.hop_path,
                "run": one.run,
                "at": format_date(one.at),
            }
        ).encode("ascii")
        + b"\n"
        for one in skipped
    )


def read_skipped(block: bytes) -> tuple[Skipped, ...]:
    """Return the URLs left out that a block of JSON lines tells of."""
    return tuple(_skipped(line) for line in block.splitlines() if line)


def _skipped(line: bytes) -> Skipped:
    try:
        values = json.loads(line)
        via = values["via"]
        return Skipped(
            url=Url(values["url"]),
            rule=values["rule"],
            reason=values["reason"],
            source=values["source"],
            via=Url(via) if via is not None else None,
            hop_path=values["hopsFromSeed"],
            run=values["run"],
            at=parse_date(values["at"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RecordFormatError(f"a line of a list of skipped URLs cannot be read ({error})") from error
