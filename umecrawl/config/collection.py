"""What an archive collects and how politely: the values of `umecrawl.toml`, checked and with defaults filled in."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from umecrawl.config.quiet import QuietHours
from umecrawl.model.urls import Url


class Kind(StrEnum):
    """What sort of site a source is; `auto` finds out."""

    AUTO = "auto"
    WORDPRESS = "wordpress"
    BLOG = "blog"
    NEWS = "news"
    SITE = "site"


class SourceScope(StrEnum):
    """How far from its seeds a source reaches."""

    PAGE = "page"
    PREFIX = "prefix"
    HOST = "host"
    DOMAIN = "domain"


class TrapRule(StrEnum):
    """The rules that leave what never ends or only shows again what stands elsewhere."""

    PAGE_COUNTERS = "page-counters"
    REPLIES = "replies"
    SHARING = "sharing"
    CALENDAR = "calendar"
    SESSION_ID = "session-id"
    FACETS = "facets"
    REPEATED_SEGMENTS = "repeated-segments"
    TOO_LONG = "too-long"
    MACHINE_INTERFACE = "machine-interface"
    ACCOUNT = "account"
    RENDERING = "rendering"
    SEARCH_RESULTS = "search-results"
    SHORT_ADDRESS = "short-address"
    PART_FEED = "part-feed"
    LISTING_BUDGET = "listing-budget"
    SAME_TEXT = "same-text"
    ENDLESS = "endless"


class Robots(StrEnum):
    """Whether robots.txt is obeyed (RFC 9309); it is fetched and archived either way."""

    OBEY = "obey"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Collection:
    """What the archive is called, who runs it, and how the people behind a crawled site reach them.

    `contact` is an http(s) or mailto URL; `timezone` an IANA name.
    """

    name: str = field(metadata={"help": "Name of the collection; part of file names: letters a-z, digits, `-` and `_`"})
    contact: str = field(
        metadata={
            "help": "Web address or `mailto:` where a site can reach you; sent with every request, kept in every WARC"
        }
    )
    title: str = field(default="", metadata={"help": "Title for people; the name, if left out"})
    operator: str = field(default="", metadata={"help": "Who keeps this archive"})
    timezone: str = field(
        default="Europe/Stockholm",
        metadata={
            "help": "Time zone (IANA name) of `cron` lines, quiet hours and times that are shown to people; "
            "on Swedish pages dates are read as Stockholm's in any case"
        },
    )

    @property
    def contact_is_placeholder(self) -> bool:
        """Whether the contact still is the one that `umecrawl init` wrote (a name of RFC 2606)."""
        host = urlsplit(self.contact).hostname or self.contact.rpartition("@")[2]
        return bool(re.search(r"(?:^|\.)example(?:\.(?:org|com|net))?$", host))


@dataclass(frozen=True, slots=True)
class Politeness:
    """How gently hosts are asked.

    `delay` runs from the start of one request to the start of the next to the same host; a Crawl-delay of
    robots.txt wins where it is longer, up to `max_delay`. `max_bytes` counts octets of one response,
    `timeout` the time one exchange may take.
    """

    delay: timedelta = field(
        default=timedelta(seconds=1),
        metadata={"help": "From the start of one request to a host to the start of the next"},
    )
    max_delay: timedelta = field(
        default=timedelta(seconds=60), metadata={"help": "A longer Crawl-delay in robots.txt is kept, up to this"}
    )
    connections_per_host: int = field(default=1, metadata={"help": "Requests under way to one host at a time"})
    quiet_hours: tuple[QuietHours, ...] = field(
        default=(),
        metadata={
            "help": 'Hours in which nobody is asked, in the time zone of the collection: `"22:00-06:00"`, '
            '`"mon-fri 08:00-17:00"`'
        },
    )
    robots: Robots = field(
        default=Robots.OBEY, metadata={"help": "Whether robots.txt is obeyed; it is fetched and archived either way"}
    )
    robots_reason: str = field(
        default="", metadata={"help": 'Why robots.txt may be left aside; required with `robots = "ignore"`'}
    )
    max_bytes: int = field(
        default=100_000_000, metadata={"help": "A longer response is cut there and marked as truncated"}
    )
    timeout: timedelta = field(
        default=timedelta(seconds=60), metadata={"help": "How long one exchange may take; what came until then is kept"}
    )


@dataclass(frozen=True, slots=True)
class Revisit:
    """How often what is archived is asked for again.

    A page that has stood unchanged for some time is asked again when half of that time has passed once more, but not
    before `shortest` and not after `longest`. `requisites` is the pause for images, styles and scripts, which are
    asked for with the pages that name them.
    """

    shortest: timedelta = field(
        default=timedelta(hours=1),
        metadata={"help": "A page is not asked again before this has passed, even if it is new or was just changed"},
    )
    longest: timedelta = field(
        default=timedelta(days=30),
        metadata={"help": "No page is left longer than this, even if it has stood unchanged for years"},
    )
    requisites: timedelta = field(
        default=timedelta(days=30),
        metadata={"help": "Images, styles and scripts are not asked again before this has passed"},
    )


@dataclass(frozen=True, slots=True)
class Source:
    """One site or part of a site that is collected, with its own politeness already worked in.

    `include` and `exclude` are searched in the canonical URL. `follow` holds domains whose pages are taken one
    hop off, or `*` for any. `every` and `cron` say when the source is due; at most one of them is set.
    """

    name: str = field(
        metadata={"help": "Name of the source, as given to `umecrawl crawl SOURCE`; each source has its own"}
    )
    seeds: tuple[Url, ...] = field(metadata={"help": "URLs at which the crawl begins"})
    kind: Kind = field(
        default=Kind.AUTO,
        metadata={
            "help": "What sort of site it is, which says where its pages are asked for besides links (`auto` tries all)"
        },
    )
    scope: SourceScope = field(
        default=SourceScope.HOST,
        metadata={"help": "The seeds alone, all below them, their hosts, or their domains with all subdomains"},
    )
    include: tuple[re.Pattern[str], ...] = field(
        default=(), metadata={"help": "URLs that are taken although a rule leaves them"}
    )
    exclude: tuple[re.Pattern[str], ...] = field(
        default=(), metadata={"help": "URLs that are left out although they are in scope"}
    )
    rules_off: tuple[TrapRule, ...] = field(
        default=(),
        metadata={"help": "Rules against traps that do not hold for this source, by the name that `skipped` gives"},
    )
    requisites: bool = field(
        default=True,
        metadata={"help": "Also take images, styles and scripts that replay of a page needs, from any host"},
    )
    follow: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Domains whose pages are taken one hop off when a page in scope links to them; `*` is any"},
    )
    every: timedelta | None = field(
        default=None,
        metadata={
            "help": "How often `umecrawl schedule` crawls the source, from one due time to the next "
            "(either this or `cron`)"
        },
    )
    cron: str | None = field(
        default=None,
        metadata={
            "help": "When `umecrawl schedule` crawls the source: five cron fields, in the collection's time zone"
        },
    )
    max_pages: int = field(default=50_000, metadata={"help": "Pages a run takes for this source at most"})
    max_run_bytes: int | None = field(
        default=None,
        metadata={"help": "Octets a run receives for this source at most, requisites and all; no limit if left out"},
    )
    max_run_time: timedelta | None = field(
        default=None,
        metadata={"help": "How long a run asks for this source at most, waiting included; no limit if left out"},
    )
    politeness: Politeness = field(default_factory=Politeness)
    revisit: Revisit = field(default_factory=Revisit)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How `umecrawl schedule` goes about it: spreading, trying again, taking up again, and whom it tells of failures.

    `webhook` is an http(s) URL, or `$NAME` for one that stands in that environment variable.
    """

    jitter: timedelta = field(
        default=timedelta(minutes=5),
        metadata={
            "help": "A source is crawled up to so much later than its due time, always the same for the same source "
            "and time; never more than a tenth of the time to the next one"
        },
    )
    retry: timedelta = field(
        default=timedelta(minutes=5),
        metadata={"help": "How long after a failed run the source is tried again; doubled with each failure in a row"},
    )
    longest_retry: timedelta = field(
        default=timedelta(hours=6), metadata={"help": "The longest time between two tries of a source that fails"}
    )
    resume_within: timedelta = field(
        default=timedelta(days=1),
        metadata={"help": "A scheduled run that was cut off is taken up again if it began less than this ago"},
    )
    on_failure: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Program and arguments that are started when a run fails; the facts are in its environment"},
    )
    webhook: str = field(
        default="",
        metadata={
            "help": "URL that gets the facts of a failed run by POST as JSON, or `$NAME` of an environment variable "
            "with the URL; it is left out of what is kept in WARCs"
        },
    )
    notice_timeout: timedelta = field(
        default=timedelta(seconds=30), metadata={"help": "How long the program or the webhook may take"}
    )


@dataclass(frozen=True, slots=True)
class Config:
    """A whole `umecrawl.toml`; `path` is the file it was read from, `text` what stood in it."""

    path: Path
    collection: Collection
    politeness: Politeness
    sources: tuple[Source, ...]
    revisit: Revisit = field(default_factory=Revisit)
    schedule: Schedule = field(default_factory=Schedule)
    text: str = field(default="", repr=False)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the collection."""
        return ZoneInfo(self.collection.timezone)

    @property
    def kept_text(self) -> str:
        """What is kept of the text in public records: all but the URL of the webhook, which may hold a secret."""
        webhook = self.schedule.webhook
        return self.text.replace(webhook, "$LEFT_OUT") if webhook and not webhook.startswith("$") else self.text
