"""An index with a story in it, for tests of what is asked of it."""

import hashlib
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from databases import KINDS, empty_database

from umecrawl.index.engine import Index
from umecrawl.model.article import Extraction, Outcome, Post, Quality, Sourced
from umecrawl.model.capture import Capture, FailedFetch, FailureKind, Mark, RecordRef, RecordType
from umecrawl.model.crawl import CrawlRun, RunEnd, RunOutcome, Skipped
from umecrawl.model.urls import Url
from umecrawl.query.catalog import Catalog


@pytest.fixture(scope="session", params=KINDS)
def connection(request, tmp_path_factory):
    """Open one connection to an empty database of each kind; a test that writes does so in a savepoint."""
    with empty_database(request.param, tmp_path_factory.mktemp("database")) as url:
        engine = Index.open(url)._engine
        with engine.connect().execution_options(umecrawl_writes=True) as connection:
            yield connection
            connection.rollback()
        engine.dispose()


T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
BLOG, PAPER = "https://blogg.example", "https://tidning.example"
RUNS = ("20260301120000-aaaa", "20260302120000-bbbb", "20260303120000-cccc")
_LEDE = (
    "Kommunalråden i Umeå vill bygga en ny skola på Teg och lägger fram sitt förslag i nämnden redan nästa vecka, "
    "då också frågan om äldreomsorgens lokaler ska upp på bordet efter flera månader av utredning och samtal."
)
TEXTS = {
    "plan": f"{_LEDE}\nDet kostar 5 miljoner kronor.",
    "plan-2": f"{_LEDE}\nDet kostar 7 miljoner kronor, säger Åsa Ek.",
    "budget": "Budgeten för Umeås skolor är klar. Tryggheten går först, skriver partiet.",
    "vägen": "Länsvägen stängs i april. Trafikverket lägger ny asfalt.",
    "paper": f"Partiet skriver så här på sin blogg i dag om saken.\n{_LEDE}\nOppositionen är kritisk till beslutet.",
}


class Story:
    """Writes what a crawl would have archived straight into an index, one page after the other."""

    def __init__(self, index):
        self.index = index
        self.offset = 0
        self.events = []
        self.readings = []
        self.first = {}

    def page(self, run, hour, url, *shown, status=200, **facts):
        """Add a capture of a page, which shows a title and a text; the same ones again are a revisit of the first."""
        title, text = shown or ("", "")
        body = f"{status}{title}{text}"
        key = hashlib.sha256(body.encode()).hexdigest()
        uid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run}{hour}{url}"))
        original = self.first.setdefault((url, key), uid)
        self.offset += 1000
        capture = Capture(
            record=RecordRef(uid, "umea-1.warc.gz", self.offset, 900),
            record_type=RecordType.RESPONSE if original == uid else RecordType.REVISIT,
            url=Url(url),
            captured_at=T0 + timedelta(days=RUNS.index(run), hours=hour),
            status=status,
            mime="text/html",
            payload_digest=f"sha256:{key}",
            size=len(body.encode()),
            run=run,
            refers_to=None if original == uid else original,
            source="blogg",
            wire_bytes=1200,
            hop_path="L",
        )
        self.events.append((Mark("umea-1.warc.gz", self.offset + 900), capture))
        if text:
            post = Post(Url(url), title, text, hashlib.sha256(" ".join(text.split()).encode()).hexdigest(), **facts)
            self.readings.append((capture, Extraction(Outcome.ARTICLE, Quality.FULL, "test 1", (post,))))
        return uid

    def tell(self, event):
        """Add a run, its end, a failure or a skip."""
        self.offset += 1000
        self.events.append((Mark("umea-1.warc.gz", self.offset), event))

    def write(self, *, reuse=True):
        """Put all of it into the index."""
        with self.index.writer() as writer:
            for mark, event in self.events:
                writer.put(mark, event)
            for capture, extraction in self.readings:
                if writer.wants(capture):
                    writer.put_extraction(capture, extraction)
            writer.commit()
            writer.finish(reuse=reuse)
        self.events, self.readings = [], []


def sourced(value):
    """Return a value as it would come from a page."""
    return Sourced(value, "json-ld", value)


@contextmanager
def tell_story(database):
    """Tell three days of a blog and a newspaper: edits, a headline, a removal, a return, a text taken over."""
    index = Index.open(database)
    told = Story(index)
    for number, run in enumerate(RUNS):
        told.tell(
            CrawlRun(
                run, "umea", ("blogg",), T0 + timedelta(days=number), "Arkivet", "https://a.example", "ua", "obey", "x"
            )
        )
    one, two, three = RUNS
    ek = {"byline": sourced("Åsa Ek"), "published": sourced("2026-02-27T08:00:00Z")}
    told.page(one, 1, f"{BLOG}/plan/", "Ny skola på Teg", TEXTS["plan"], **ek)
    told.page(one, 2, f"{BLOG}/budget", "Budget", TEXTS["budget"], published=sourced("2026-02-28"))
    told.page(one, 3, f"{BLOG}/vagen", "Vägen", TEXTS["vägen"])
    told.page(two, 1, f"{BLOG}/plan/", "Skola på Teg dyrare", TEXTS["plan-2"], **ek)
    told.page(two, 2, f"{BLOG}/budget", "Budget", TEXTS["budget"], published=sourced("2026-02-28"))
    told.page(two, 3, f"{BLOG}/vagen", status=404)
    told.page(two, 4, f"{PAPER}/nyheter/1", "S vill bygga", TEXTS["paper"], published=sourced("2026-03-02T09:00:00Z"))
    told.page(three, 1, f"{BLOG}/plan/", "Ny skola på Teg", TEXTS["plan"], **ek)
    told.page(three, 2, f"{BLOG}/budget", status=503)
    told.page(three, 3, f"{BLOG}/vagen", "Vägen", TEXTS["vägen"])
    told.page(three, 4, f"{PAPER}/nyheter/1", "S vill bygga", TEXTS["paper"], published=sourced("2026-03-02T09:00:00Z"))
    at = T0 + timedelta(hours=4)
    told.tell(
        FailedFetch(
            RecordRef(str(uuid.UUID(int=7)), "umea-1.warc.gz", 1, 2),
            Url(f"{BLOG}/trasig"),
            at,
            FailureKind.TIMEOUT,
            "60 s",
            one,
        )
    )
    for path in ("a", "b"):
        told.tell(Skipped(Url(f"{BLOG}/{path}.zip"), "max-bytes", "too large", "blogg", None, "L", one, at))
    told.tell(RunEnd(one, at, RunOutcome.FINISHED))
    told.tell(RunEnd(two, at + timedelta(days=1), RunOutcome.SEED_FAILED, "tidning.example did not answer"))
    told.write()
    yield told
    index.close()


@pytest.fixture
def story(database):
    """Tell the story for one test, which may go on with it."""
    with tell_story(database) as told:
        yield told


@pytest.fixture(scope="session", params=KINDS)
def told_story(request, tmp_path_factory):
    """Tell the story once, for all tests that only read it."""
    with empty_database(request.param, tmp_path_factory.mktemp("story")) as url, tell_story(url) as told:
        yield told


@pytest.fixture
def catalog(told_story):
    """Open the catalog of that story."""
    with told_story.index.connect() as connection:
        yield Catalog(connection)
