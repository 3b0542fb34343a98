"""Discovery in one run: which interfaces of the sources are asked, what they are, what they name and name no more.

What earlier runs learned comes from the archive, what this run learns from its own captures (`take`, `skip`), also
those that a resumed run recalls; so the same records lead to the same questions (`questions`, for the session to
offer).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from umecrawl.config import Source, SourceScope
from umecrawl.frontier import interfaces
from umecrawl.frontier.address import address_of
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.listings import page_number
from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.crawl import CrawlUrl, Hop, Outlink, Skipped
from umecrawl.model.discovery import Audit, Departure, Enumeration, Interface, Place, Reading, Standing
from umecrawl.model.message import is_redirect
from umecrawl.model.urls import Url, canonicalize, origin_of
from umecrawl.pipeline.enumerations import Part, departures, named_by
from umecrawl.pipeline.probes import SeedPage, probes, root_of
from umecrawl.pipeline.rounds import asked_again
from umecrawl.pipeline.sites import Asked, LinksOf, Site, Step
from umecrawl.pipeline.verdicts import audits, judged
from umecrawl.spiders.manifests import interface_of
from umecrawl.warc.interfaces import PastReading

_OK: Final = 200
_NOT_MODIFIED: Final = 304


class Discovery:
    """The interfaces of the sources of one run.

    `past` are the readings of earlier runs (none where a run ignores them); `contains` says whether a URL lies on a
    source's own ground; `links_of` reads from a record what it names; `clock` gives the present in UTC.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        past: Iterable[PastReading],
        *,
        run: str,
        contains: Callable[[str, Url], bool],
        links_of: LinksOf,
        clock: Callable[[], datetime],
    ) -> None:
        self._sites = {source.name: Site(source) for source in sources if source.scope is not SourceScope.PAGE}
        self._run = run
        self._contains = contains
        self._links_of = links_of
        self._clock = clock
        self._due: list[CrawlUrl] = []
        self._robots: dict[str, tuple[Outlink, ...]] = {}  # by origin: the sitemaps it names
        for one in past:
            if one.source in self._sites:
                self._sites[one.source].remember(one)

    # What is asked

    def questions(self) -> list[CrawlUrl]:
        """Return what is to be asked next, each question once."""
        due, self._due = self._due, []
        return due

    def start(self) -> None:
        """Ask again what once answered: collections, feeds, sitemaps, and lists where there is nothing better."""
        for site in self._sites.values():
            self._start(site)

    def _start(self, site: Site) -> None:
        for url, asked in asked_again(site, self._clock()):
            self._ask_if_due(site, url, asked)

    def _ask(self, site: Site, url: Url, asked: Asked, via: CrawlUrl | None = None) -> bool:
        """Ask for an address, unless it is asked in this run already; from memory, only on the source's own ground."""
        if url in site.asked or (via is None and not self._contains(site.source.name, url)):
            return False
        site.asked[url] = asked
        self._due.append(
            CrawlUrl(
                url=url,
                seed=asked.seed,
                source=site.source.name,
                via=via.url if via is not None else None,
                hop_path=(via.hop_path if via is not None and hops_of(via.hop_path).is_manifest else "")
                + Hop.SPECULATIVE,
            )
        )
        return True

    def _ask_if_due(self, site: Site, url: Url, asked: Asked, via: CrawlUrl | None = None) -> bool:
        """Ask for an address unless its last answer still holds."""
        return interfaces.due_again(site.known.get(url), self._clock()) and self._ask(site, url, asked, via)

    # What comes back

    def take(self, candidate: CrawlUrl, result: Capture | FailedFetch) -> None:
        """Learn from what a candidate brought in the end, this time or in an earlier stretch of the run."""
        hops = hops_of(candidate.hop_path)
        if hops.is_prerequisite:
            links = result.outlinks if isinstance(result, Capture) else ()
            self._robots[origin_of(candidate.url)] = links
            return
        site = self._sites.get(candidate.source)
        if site is None:
            return
        if isinstance(result, Capture):
            site.meet(candidate, result, inside=self._contains(site.source.name, result.url))
        if hops.is_seed:
            self._take_seed(site, candidate, result)
        elif hops.is_manifest:
            self._take_manifest(site, candidate, result)
        elif isinstance(result, Capture) and result.reading is not None and self._counts(site, result):
            self._note(site, candidate.url, result.captured_at, result.reading, result)

    def _counts(self, site: Site, capture: Capture) -> bool:
        """Return whether what a link led to is an interface of the source: its own feed, a page of its main list."""
        if not self._contains(site.source.name, capture.url):
            return False
        if capture.reading is None or capture.reading.interface is not Interface.LIST:
            return True
        address = address_of(capture.url)
        return any(page_number(address_of(seed), address) is not None for seed in site.source.seeds)

    def skip(self, skipped: Skipped) -> None:
        """Learn that a question was not asked: robots.txt forbids it, or it leads off the site."""
        site = self._sites.get(skipped.source)
        if site is None or not hops_of(skipped.hop_path).is_manifest:
            return
        standing = Standing.BLOCKED if skipped.rule == "robots" else Standing.ABSENT
        reading = Reading(interface_of(skipped.url), standing, detail=skipped.reason)
        site.places[skipped.url] = Place(self._run, site.source.name, skipped.url, skipped.at, reading)
        asked = site.asked.get(skipped.url)
        if asked is not None:
            self._ask_others(site, asked, None)

    def _take_seed(self, site: Site, candidate: CrawlUrl, result: Capture | FailedFetch) -> None:
        if isinstance(result, FailedFetch) or is_redirect(result.status) or result.status not in {_OK, _NOT_MODIFIED}:
            return
        if result.reading is not None:
            self._note(site, candidate.url, result.captured_at, result.reading, result)
        root = root_of(candidate.url)
        if root in site.roots:
            return
        site.roots.add(root)
        self._start(site)  # a seed that moved may have brought in the ground on which they lie
        page = SeedPage(candidate.seed, root, result.outlinks, self._robots.get(origin_of(root), ()))
        own = partial(self._contains, site.source.name)
        for url, asked in probes(site, page, own, self._clock()):
            self._ask_if_due(site, url, asked, candidate)

    def _take_manifest(self, site: Site, candidate: CrawlUrl, result: Capture | FailedFetch) -> None:
        asked = site.asked.get(candidate.url)
        if asked is None:  # of an earlier stretch that this one has not come to: the next answer will tell
            asked = site.asked[candidate.url] = Asked(_step_of(candidate.url), candidate.seed)
        if isinstance(result, FailedFetch):
            detail = f"{result.kind}: {result.detail}"
            reading = Reading(interface_of(candidate.url), Standing.BROKEN, detail=detail)
            site.places[candidate.url] = Place(self._run, site.source.name, candidate.url, result.at, reading)
            self._ask_others(site, asked, candidate)
            return
        if is_redirect(result.status) and result.location is not None:
            site.asked.setdefault(result.location, asked)
        reading = result.reading or Reading(interface_of(candidate.url), Standing.BROKEN, detail="could not be read")
        links = result.outlinks
        reading = self._note(site, candidate.url, result.captured_at, reading, result)
        if reading.standing is Standing.MOVED:
            return
        if not reading.standing.usable:
            self._ask_others(site, asked, candidate)
            return
        self._go_on(site, asked, candidate, reading, links)

    def _note(self, site: Site, url: Url, at: datetime, reading: Reading, capture: Capture) -> Reading:
        """Keep what an answer is; of a 304, what it was before. Return it."""
        before = site.content.get(url)
        if reading.standing is Standing.UNCHANGED and before is not None:
            reading = replace(before.reading, detail="has not changed")
        site.places[url] = Place(self._run, site.source.name, url, at, reading)
        top = hops_of(capture.hop_path).is_manifest and capture.hop_path.count(Hop.SPECULATIVE) == 1
        site.parts[canonicalize(url)] = Part(url, at, reading, top, lambda: named_by(reading, capture.outlinks))
        return reading

    def _ask_others(self, site: Site, asked: Asked, via: CrawlUrl | None) -> None:
        """Ask what comes next where a question led to nothing."""
        others, asked.others = asked.others, ()
        if others:
            self._ask(site, others[0], replace(asked, others=others[1:]), via)

    def _go_on(self, site: Site, asked: Asked, candidate: CrawlUrl, reading: Reading, links: Sequence[Outlink]) -> None:
        further = [link for link in links if link.hop is Hop.SPECULATIVE]
        if asked.step is Step.REST_INDEX and reading.index:
            swept = {interfaces.collection_of(past.url) for past in site.worked(Interface.REST)}
            for collection in (link.url for link in further if link.url not in swept):
                start = interfaces.collection_start(collection)
                self._ask_if_due(site, start, Asked(Step.REST_START, asked.seed, (collection,)), candidate)
        elif asked.step in {Step.REST_START, Step.REST_CHANGED}:
            self._turn_page(site, asked, candidate, reading, links)
        elif asked.step is Step.SITEMAP and reading.index and _depth(candidate) < interfaces.MAX_DEPTH:
            for url in interfaces.sitemaps_to_read(further, site.known):
                self._ask(site, url, Asked(Step.SITEMAP, asked.seed), candidate)

    def _turn_page(
        self, site: Site, asked: Asked, candidate: CrawlUrl, reading: Reading, links: Sequence[Outlink]
    ) -> None:
        """Ask for the next page of a collection while pages name what earlier ones did not."""
        start = candidate.url if asked.page == 1 or asked.start is None else asked.start
        urls = {link.url for link in links if link.hop is Hop.MANIFEST}
        pages = min(reading.pages or 1, interfaces.MOST_PARTS)
        fresh = urls - asked.named
        asked.named |= urls
        if asked.page < pages and fresh:
            page = asked.page + 1
            self._ask(
                site,
                interfaces.collection_page(start, page),
                replace(asked, page=page, others=(), start=start),
                candidate,
            )

    # What is told

    def enumerations(self) -> tuple[Enumeration, ...]:
        """Return what the lists name that were read whole, sitemaps of an index that were left alone as they were."""
        return tuple(one for site in self._sites.values() for one in site.whole(self._links_of))

    def departures(self) -> tuple[Departure, ...]:
        """Return which pages left a whole list of their source since it was last read, before this run."""
        found: list[Departure] = []
        for now in self.enumerations():
            before = self._sites[now.source].before(now, self._links_of)
            if before is not None:
                found += departures(before, now)
        return tuple({departure.url: departure for departure in found}.values())

    def findings(self) -> tuple[Place | Audit, ...]:
        """Return how the interfaces stand that were asked in this run, and what each way of finding pages missed."""
        found: list[Place | Audit] = []
        for name, site in self._sites.items():
            whole = tuple(site.whole())
            lists = site.lists()
            places = [place for place in site.places.values() if place.reading.interface is not Interface.LIST or lists]
            found += judged(places, whole, site.met.gone)
            if site.is_new:
                found += audits(self._run, name, whole, site.met)
        return tuple(found)


def _depth(one: CrawlUrl) -> int:
    """Return how many manifests led to one, itself included."""
    return one.hop_path.count(Hop.SPECULATIVE)


def _step_of(url: Url) -> Step:
    interface = interface_of(url)
    if interface is Interface.REST:
        return Step.REST_PART
    return Step.FEED if interface is Interface.FEED else Step.SITEMAP
