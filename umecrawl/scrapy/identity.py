"""Who crawls, as a Scrapy project's settings tell it: the run that its WARC files name, and what requests say of it."""

import re
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import default_settings

from umecrawl import SOFTWARE
from umecrawl.config.loader import is_contact
from umecrawl.errors import UsageError
from umecrawl.model.crawl import CrawlRun, run_id

WARC_DIR = "UMECRAWL_WARC_DIR"
CONTACT = "UMECRAWL_CONTACT"
OPERATOR = "UMECRAWL_OPERATOR"

# What bears on which pages an archive has, and on the form in which it has them.
_KEPT_SETTINGS = (
    "ROBOTSTXT_OBEY",
    "ROBOTSTXT_USER_AGENT",
    "DOWNLOAD_DELAY",
    "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "AUTOTHROTTLE_ENABLED",
    "COOKIES_ENABLED",
    "DEPTH_LIMIT",
    "DOWNLOAD_MAXSIZE",
    "DOWNLOAD_TIMEOUT",
    "REDIRECT_ENABLED",
    "RETRY_ENABLED",
    "HTTPCACHE_ENABLED",
    "UMECRAWL_CONNECT_TO",
    "UMECRAWL_INSECURE",
    "UMECRAWL_NAMED_HOSTS",
)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SCRAPYS_ADDRESS = "https://scrapy.org"
# Codings that every reader of WARC files can undo (docs/explanation/decisions.md).
_SAFE_CODINGS = frozenset({"gzip", "x-gzip", "identity"})


def archive_folder(crawler: Crawler) -> Path:
    """Return the folder that `UMECRAWL_WARC_DIR` names, `%(name)s` in it being the spider's name.

    Raises `UsageError` when the setting is missing.
    """
    value = crawler.settings.get(WARC_DIR)
    if not value:
        raise UsageError(
            f"the setting {WARC_DIR} is missing: it names the folder that WARC files are written into",
            hint=f'In settings.py: {WARC_DIR} = "warcs"',
        )
    return Path(str(value).replace("%(name)s", _safe(_spider_name(crawler))))


def contact_of(crawler: Crawler) -> str:
    """Return `UMECRAWL_CONTACT`. Raises `UsageError` when it is missing or neither a web nor a mailto: address."""
    contact = str(crawler.settings.get(CONTACT) or "").strip()
    hint = f'In settings.py: {CONTACT} = "https://…" or "mailto:…", where a site that is crawled can reach you.'
    if not contact:
        raise UsageError(f"the setting {CONTACT} is missing: it is sent with every request", hint=hint)
    if not is_contact(contact):
        raise UsageError(f"{CONTACT} is neither a web address nor mailto: with an address: {contact!r}", hint=hint)
    return contact


def new_run(crawler: Crawler, contact: str, now: datetime, suffix: str) -> CrawlRun:
    """Return the run that a crawler makes, named by its start (UTC) and a suffix."""
    settings = crawler.settings
    bot = str(settings.get("BOT_NAME") or "scrapy")
    kept = [(f"scrapy.{name}", repr(settings.get(name))) for name in _KEPT_SETTINGS if settings.get(name) is not None]
    return CrawlRun(
        id=run_id(now, suffix),
        collection=_safe(bot),
        title=f"{bot}, a Scrapy project",
        sources=(_spider_name(crawler),),
        started_at=now,
        operator=str(settings.get(OPERATOR) or bot),
        contact=contact,
        user_agent=_with_contact(str(settings.get("USER_AGENT") or bot), contact),
        robots="obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        software=f"{SOFTWARE} Scrapy/{version('scrapy')}",
        settings=tuple(kept),
    )


def _with_contact(user_agent: str, contact: str) -> str:
    """Return a User-Agent that names the contact; its product, by which robots.txt speaks to it, stays the first.

    Scrapy's default names Scrapy's own site, whose authors cannot answer for the crawl: the contact takes its place.
    """
    if contact in user_agent:
        return user_agent
    if user_agent == default_settings.USER_AGENT:
        return user_agent.replace(_SCRAPYS_ADDRESS, contact)
    return f"{user_agent} (+{contact})"


def dress(request: Request, contact: str, bot: str) -> None:
    """Set what an archived request must say: whom to write to, and only codings that can be replayed.

    `User-Agent` gains the contact, `From` the address of a `mailto:` contact (RFC 9110 §10.1.2), `Accept-Encoding`
    loses what Scrapy's HttpCompressionMiddleware offers beyond gzip. The spider sees the request as it was sent.
    """
    headers = request.headers
    agent = (headers.get("User-Agent") or bot.encode()).decode("latin-1")
    headers["User-Agent"] = _with_contact(agent, contact).encode("latin-1", "replace")
    if contact.lower().startswith("mailto:"):
        headers.setdefault("From", contact[len("mailto:") :])
    offered = b",".join(headers.getlist("Accept-Encoding")).decode("latin-1")
    if offered:
        kept = [coding.strip() for coding in offered.split(",") if _coding_of(coding) in _SAFE_CODINGS]
        headers["Accept-Encoding"] = ", ".join(kept) or "identity"


def _coding_of(element: str) -> str:
    return element.partition(";")[0].strip().lower()


def _spider_name(crawler: Crawler) -> str:
    spider = crawler.spider or crawler.spidercls
    return str(getattr(spider, "name", "") or "spider")


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name).strip(".") or "_"
