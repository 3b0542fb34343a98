"""Made-up archives as the index meets them: WARC files that hold events, and an extractor that reads their captures."""

import hashlib
import random
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from umecrawl.index import fulltext
from umecrawl.index.engine import Index
from umecrawl.index.schema import metadata
from umecrawl.index.terms import forms
from umecrawl.index.views import views_metadata
from umecrawl.model.article import Claim, Comment, Extraction, Link, Outcome, Person, Post, Quality, Sourced
from umecrawl.model.capture import ArchiveEvent, Capture, FailedFetch, FailureKind, Mark, RecordRef, RecordType
from umecrawl.model.crawl import CrawlRun, Hop, Outlink, RunEnd, RunOutcome, Skipped
from umecrawl.model.discovery import Audit, Interface, Place, Reading, Standing
from umecrawl.model.reservation import Reservation
from umecrawl.model.served import Served
from umecrawl.model.urls import Url, normalize

START = datetime(2024, 3, 1, 6, 0, 0, 123456, tzinfo=UTC)
RUN = "20240301060000-aaaa"
READER = "reader 1"
REPEATED = (
    "Vi lovar att bygga en ny lekpark vid ån innan nästa sommar, med gungor för de minsta och en klätterställning som "
    "tål både snö och regn, och att ingen familj i stadsdelen ska behöva gå längre än fem minuter för att nå den."
)


def at(**delta: float) -> datetime:
    """Return a moment after the start of all that is told here."""
    return START + timedelta(**delta)


def digest(payload: str) -> str:
    """Return the digest of a payload that is named by its text."""
    return f"sha256:{hashlib.sha256(payload.encode()).hexdigest()}"


def capture(url: str, payload: str, when: datetime, **changes) -> Capture:
    """Return a response of status 200 with HTML, changed as told; its id follows from URL and time."""
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{url} {when.isoformat()}"))
    values = {
        "record": RecordRef(name, "a.warc.gz", int((when - START).total_seconds()) * 1000, 500),
        "record_type": RecordType.RESPONSE,
        "url": Url(url),
        "captured_at": when,
        "status": 200,
        "mime": "text/html",
        "payload_digest": digest(payload),
        "size": len(payload),
        "run": RUN,
        "wire_bytes": len(payload) + 300,
    }
    return Capture(**(values | changes))


def revisit(original: Capture, url: str, when: datetime, **changes) -> Capture:
    """Return a revisit of the payload of another capture."""
    values = {
        "record_type": RecordType.REVISIT,
        "refers_to": original.id,
        "payload_digest": original.payload_digest,
        "size": original.size,
    }
    return capture(url, "", when, **(values | changes))


def failure(url: str, when: datetime, **changes) -> FailedFetch:
    """Return a fetch that brought no response."""
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"failed {url} {when.isoformat()}"))
    place = RecordRef(name, "a.warc.gz", int((when - START).total_seconds()) * 1000 + 7, 80)
    values = {"record": place, "url": Url(url), "at": when, "kind": FailureKind.TIMEOUT, "detail": "60 s", "run": RUN}
    return FailedFetch(**(values | changes))


def skipped(url: str, when: datetime = START, **changes) -> Skipped:
    """Return a URL left out."""
    values = {
        "url": Url(url),
        "rule": "scope",
        "reason": "another host",
        "source": "blog",
        "via": None,
        "hop_path": "L",
        "run": RUN,
        "at": when,
    }
    return Skipped(**(values | changes))


def crawl_run(run: str = RUN, **changes) -> CrawlRun:
    """Return the beginning of a run."""
    values = {
        "id": run,
        "collection": "umea",
        "sources": ("blog", "paper"),
        "started_at": START,
        "operator": "Arkivet",
        "contact": "mailto:arkiv@example.org",
        "user_agent": "umecrawl",
        "robots": "obey",
        "software": "umecrawl 0.1",
        "settings": (("delay", "1s"),),
    }
    return CrawlRun(**(values | changes))


def post(permalink: str, title: str, text: str, **changes) -> Post:
    """Return an article; its digest is taken over the text without regard to white space."""
    normal = " ".join(text.split())
    values = {
        "permalink": Url(permalink),
        "title": title,
        "text": text,
        "text_sha256": hashlib.sha256(normal.encode("utf-8", "replace")).hexdigest(),
    }
    return Post(**(values | changes))


def article(*posts: Post, extractor: str = READER, **changes) -> Extraction:
    """Return what a page with these posts gave."""
    values = {"outcome": Outcome.ARTICLE if len(posts) == 1 else Outcome.LISTING, "quality": Quality.FULL}
    return Extraction(**(values | {"extractor": extractor, "posts": posts} | changes))


@dataclass
class Archive:
    """An archive that can be read by file from an offset, as the pipeline reads it."""

    files: dict[str, list[tuple[Mark, ArchiveEvent]]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def captures(self) -> list[Capture]:
        """All captures."""
        return [event for events in self.files.values() for _, event in events if isinstance(event, Capture)]

    def add(self, warc: str, *events: ArchiveEvent) -> None:
        """Write events at the end of a file."""
        there = self.files.setdefault(warc, [])
        for event in events:
            end = 1000 * (len(there) + 1)
            there.append((Mark(warc, end), event))


class Cut(Exception):  # noqa: N818  (not an error of the program)
    """The power went."""


def feed(
    index: Index,
    archive: Archive,
    order: Sequence[str],
    *,
    reader=None,
    commit_every: int = 7,
    cut_after: Iterable[int] = (),
    extractor: str | None = None,
) -> None:
    """Bring an index up to an archive as the pipeline does; the power goes after each of these numbers of events."""
    reader = reader or read
    for events in (*cut_after, None):
        with suppress(Cut), index.writer(extractor=extractor) as writer:
            _take(writer, _news(archive, order, writer.marks()), archive, reader, (commit_every, events))
            _read_rest(writer, archive, reader)
            if events is not None:
                raise Cut
            _read_rest(writer, archive, reader)
            writer.finish()


def _news(archive, order, marks):
    for warc in order:
        for mark, event in archive.files[warc]:
            if mark.offset > marks.get(warc, 0):
                yield mark, event


def _take(writer, news, archive, reader, limits) -> None:
    commit_every, cut_after = limits
    wanted = []
    for done, (mark, event) in enumerate(news):
        if done == cut_after:
            raise Cut
        writer.put(mark, event)
        if isinstance(event, Capture) and writer.wants(event):
            wanted.append(event)
        if done % commit_every == commit_every - 1:
            # Half of what is wanted is read only after the commit, or never when the power goes before.
            for one in wanted[::2]:
                writer.put_extraction(one, reader(one, archive))
            writer.commit()
            wanted = []
    writer.commit()


def _read_rest(writer, archive, reader) -> None:
    for one in writer.unread():
        writer.put_extraction(one, reader(one, archive))
    writer.commit()


def read(observed: Capture, archive: Archive, extractor: str = READER) -> Extraction:
    """Read a capture in a way that depends on all an extractor may depend on: payload, URL and time."""
    words = archive.pages[observed.payload_digest].split()
    if words[0] == "listing":
        shown = [
            post(normalize(f"/{slug}/", observed.url), slug.title(), f"Utdrag {slug} {words[-1]}") for slug in words[1:]
        ]
        return article(*shown, extractor=extractor, outcome=Outcome.LISTING)
    if words[0] == "front":
        return article(*_front(observed, words), extractor=extractor, outcome=Outcome.LISTING)
    if words[0] == "empty":
        return Extraction(Outcome.EMPTY, Quality.EMPTY, extractor, detail="no text")
    shown = post(
        observed.url,
        f"Rubrik {words[1]}",
        f"Brödtext om {words[2]}.\n"
        + " " * (int(observed.captured_at.timestamp()) % 3)
        + f"Slut.{_repeated(observed.url)}",
        byline=Sourced(words[1], "text", words[1]),
        published=Sourced(observed.captured_at.isoformat(), "guess", observed.url),
        comment_count=len(words[2]) + observed.captured_at.hour,
        links=tuple(
            Link(normalize(f"/{word}", observed.url), word, f"Se {word}.", place)
            for place, word in enumerate(words[2:])
        ),
        account=Sourced("Kansliet", "text", "Kansliet"),
        signatories=tuple(Person(f"Person {word.title()}", "S", None, word) for word in words[2:]),
        claims=(
            Claim("title", 0, Sourced(f"Rubrik {words[1]}", "json-ld", "a")),
            Claim("title", 1, Sourced(f"Rubrik {words[2]}", "opengraph", "b")),
            Claim("published", 0, Sourced(observed.captured_at.isoformat(), "url", observed.url)),
        ),
        comments=tuple(
            Comment(
                str(number), f"Läsare {number}", f"Om {word}.", Sourced(observed.captured_at.isoformat(), "text", "")
            )
            for number, word in enumerate(words[1:])
        ),
        attachments=(normalize("/bilaga.pdf", observed.url),),
    )
    beside = post(normalize("/tva", observed.url), "Bredvid", "Bredvid står detta.")
    kind = Outcome.DOCUMENT if words[0] == "document" else Outcome.ARTICLE
    said = (Reservation("tdm-reservation", "1"),)
    return article(shown, *[beside] * (words[0] == "beside"), extractor=extractor, outcome=kind, reservations=said)


def _repeated(url: Url) -> str:
    """Return what the articles at one path have in common, on whichever site."""
    return f"\n{REPEATED}" if url.rstrip("/").endswith("/ett") else ""


def _front(observed: Capture, words: Sequence[str]) -> Iterable[Post]:
    """Yield what a front page shows: the text of an article as its page has it, another text of it, and excerpts."""
    for word in words[1:]:
        text = f"Brödtext om {word}. Slut."
        there = normalize("/ett", observed.url)
        yield post(there, "Rubrik ett", text + _repeated(there), comment_count=observed.captured_at.minute)
        yield post(normalize("/hus", observed.url), "Rubrik hus", text, excerpt=True)
        yield post(normalize(f"/bara-har/{word}", observed.url), f"Utdrag {word}", f"{text} Mer.")


def _sitemap(chance: random.Random, urls: Sequence[str], when: datetime, **facts) -> Capture:
    """Return a capture of a sitemap that names some of these URLs."""
    names = tuple(Outlink(Url(one), Hop.MANIFEST) for one in chance.sample(urls, 6))
    there = f"https://{chance.choice(('blog', 'paper'))}.example/sitemap.xml"
    return capture(there, f"map {names}", when, mime="application/xml", outlinks=names, **facts)


def made_up(seed: int, size: int = 60) -> Archive:
    """Return an archive with everything that happens to archives, the same for the same seed."""
    chance = random.Random(seed)
    archive = Archive()
    pages = ["article ett hus", "article ett katt", "article tva hus bil", "listing ett tva", "empty -"]
    pages += ["front hus katt", "front bil", "document ett bil", "beside ett hus"]
    archive.pages = {digest(page): page for page in pages}
    runs = [f"202403010{hour}0000-{hour:04x}" for hour in range(3)]
    files = [f"{letter}.warc.gz" for letter in "abcd"]
    urls = [
        f"{start}{path}"
        for start in ("https://blog.example", "http://www.blog.example", "https://paper.example")
        for path in ("/", "/ett", "/ett/", "/tva?b=1&a=2", "/hus")
    ]
    for number, file in enumerate(files):
        served = Served("blog", "catch-up", at(hours=-1), 90, 2, at(hours=-3), at(hours=-2), 1)
        archive.add(file, crawl_run(runs[number % len(runs)], settings=(("delay", "1s"), *served.settings())))
    seen: dict[str, list[Capture]] = {}
    for step in range(size):
        url, page, file = chance.choice(urls), chance.choice(pages), chance.choice(files)
        run, when = chance.choice(runs), at(minutes=17 * step)
        common = {"run": run, "via": Url("https://blog.example/"), "hop_path": "L"}
        place = {"record": RecordRef(str(uuid.UUID(int=chance.getrandbits(128))), file, 1000 * step, 400 + step)}
        match chance.randrange(10):
            case 0:
                event = failure(url, when, **place, **common)
            case 1:
                event = skipped(url, when, **common)
            case 2:
                moved = {"status": 301, "mime": "", "location": Url(chance.choice(urls)), **place, **common}
                event = capture(url, "moved", when, **moved)
            case 3:
                event = capture(url, page, when, status=404, **place, **common)
            case 4 if step % 3 == 0:
                event = _sitemap(chance, urls, when, **place, **common)
            case 4 if seen.get(page):
                event = revisit(seen[page][0], seen[page][0].url, when, status=304, mime="", **place, **common)
            case 5 | 6 if seen.get(page):
                event = revisit(chance.choice(seen[page]), url, when, **place, **common)
            case _:
                said = (Reservation("x-robots-tag", "noarchive"),) * (step % 2)
                event = capture(url, page, when, reservations=said, **place, **common)
                seen.setdefault(page, []).append(event)
        archive.add(file, event)
    _end(archive, runs, chance)
    return archive


def _end(archive: Archive, runs: Sequence[str], chance: random.Random) -> None:
    """Tell the ends of runs, each of which was interrupted once."""
    files = list(archive.files)
    home = Url("https://blog.example/")
    for number, run in enumerate(runs):
        for days, standing in ((1, Standing.OFFERED), (2, chance.choice(list(Standing)))):
            reading = Reading(Interface.SITEMAP, standing, chance.randrange(9), newest=at(days=1), detail="a word")
            archive.add(chance.choice(files), Place(run, "blog", Url(f"{home}sitemap.xml"), at(days=days), reading))
            archive.add(chance.choice(files), Audit(run, "blog", "links", "sitemap", chance.randrange(9), (home,)))
        archive.add(chance.choice(files), RunEnd(run, at(days=1), RunOutcome.INTERRUPTED, "stopped"))
        archive.add(chance.choice(files), RunEnd(run, at(days=2 + number), RunOutcome.FINISHED))


def put(index, *told, extractor=None):
    """Put events, and extractions as pairs of capture and extraction, and finish."""
    with index.writer(extractor=extractor) as writer:
        for number, one in enumerate(told, 1):
            if isinstance(one, tuple):
                writer.put_extraction(*one)
            else:
                writer.put(Mark("a.warc.gz", number), one)
        writer.commit()
        writer.finish()


def table(index, source, *order):
    """Return the rows of a table or view as dictionaries."""
    with index.connect() as connection:
        return [dict(row) for row in connection.execute(select(source).order_by(*order)).mappings()]


def rows(index: Index) -> dict[str, list[str]]:
    """Return all that an index holds, by table and view, with natural keys in place of row numbers."""
    natural = ("uid", "key", "host", "digest", "name")
    with index.connect() as connection:
        tables = {
            table: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
            if table.name != "about"
        }
        names: dict[str, dict[int, object]] = {}
        held: dict[str, list[str]] = {}
        for table, found in tables.items():
            for row in found:
                for column in table.columns:
                    for key in column.foreign_keys:
                        # What hangs on a post names the extraction through it, a passage its versions through the pair.
                        through = "version" if table.name.startswith("reuse") else key.column.table.name
                        target = "extraction" if column.name == "extraction_id" else through
                        if row[column.name] is not None and target in names:
                            row[column.name] = names[target][row[column.name]]
                            break
                if "id" in row and table.name != "extraction":
                    key = next(row[name] for name in natural if name in row)
                    names.setdefault(table.name, {})[row.pop("id")] = key
                elif table.name == "extraction":
                    names.setdefault("extraction", {})[row.pop("id")] = (row["payload_id"], row["resource_id"])
            held[table.name] = sorted(map(repr, found))
        for view in views_metadata.tables.values():
            held[f"view {view.name}"] = sorted(repr(tuple(row)) for row in connection.execute(select(view)))
        versions = metadata.tables["version"]
        uids = dict(connection.execute(select(versions.c.id, versions.c.uid)).all())
        for word in ("rubrik", "brödtext", "hus", "katt", "utdrag"):
            term = forms(word)[0]
            found = fulltext.match(connection, f'"{term}"' if _is_sqlite(connection) else f"'{term}'", limit=1000)
            held[f"word {word}"] = sorted(uids[hit.version_id] for hit in found)
    return held


def _is_sqlite(connection) -> bool:
    return connection.dialect.name == "sqlite"
