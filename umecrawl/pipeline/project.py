"""The archive behind `scrapy crawl archival`: the same session, opened when Scrapy starts the spider itself."""

from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler

from umecrawl import config
from umecrawl.errors import UsageError
from umecrawl.fetch.delivery import bind_sink
from umecrawl.model.clock import utc_now
from umecrawl.model.crawl import RunOutcome
from umecrawl.pipeline.crawl import IN_FLIGHT, run_settings
from umecrawl.pipeline.runs import CrawlOptions
from umecrawl.pipeline.session import CrawlSession
from umecrawl.spiders.pump import Pump


def open_for_scrapy(crawler: Crawler, *, archive: str = "", source: str = "") -> Pump:
    """Return the pump of a new session on the archive named, closed with the spider.

    `-a archive=DIR` names the archive, `-a source=NAME,NAME` its sources (none: all). The SQL index is not touched;
    `umecrawl index` brings it up to date afterwards. Raises UsageError without an archive, and what `CrawlSession`
    raises.
    """
    if not archive:
        raise UsageError("the spider needs an archive", hint="scrapy crawl archival -a archive=DIR")
    root = Path(archive)
    names = tuple(name for name in source.split(",") if name)
    session = CrawlSession(root, config.load(root / config.FILE_NAME), CrawlOptions(sources=names, index=False))
    for name, value in run_settings(session).items():
        crawler.settings.set(name, value, priority="cmdline")
    bind_sink(crawler, session.sink)
    pump = Pump(session, in_flight=IN_FLIGHT, clock=utc_now, more=session.more)

    def close(reason: str) -> None:
        if reason != "finished" or pump.error is not None:
            session.end(RunOutcome.INTERRUPTED, f"the spider was closed: {pump.error or reason}")
        elif session.frontier.failed_seeds:
            session.end(RunOutcome.SEED_FAILED, session.frontier.failed_seeds[0].reason)
        else:
            session.end(RunOutcome.FINISHED)
        session.close()

    crawler.signals.connect(close, signal=signals.spider_closed, weak=False)
    return pump
