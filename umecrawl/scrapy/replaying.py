"""The download handler that lets a project's spiders run over WARC files: for tests, and to read an archive anew.

Settings read: `UMECRAWL_FROM_WARC` (WARC and WACZ files, folders of them, glob patterns; a list, or one in a string)
and `UMECRAWL_AT` (a time in ISO 8601; of several captures of a URL the one nearest to it answers, without it the
latest).
"""

import logging
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from umecrawl.errors import UmecrawlError, UsageError
from umecrawl.fetch import replay
from umecrawl.fetch.replay import bind_source
from umecrawl.scrapy.refusal import refuse
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.recorded import RecordedAnswers, files_named

FROM_WARC = "UMECRAWL_FROM_WARC"
AT = "UMECRAWL_AT"

_log = logging.getLogger(__name__)

# Both schemes of a crawler are answered from the same files. None: they could not be opened.
_ANSWERS: WeakKeyDictionary[Crawler, RecordedAnswers | None] = WeakKeyDictionary()


class ReplayDownloadHandler(replay.ReplayDownloadHandler):
    """Answers http and https requests from WARC files; what they lack is a 404 with the flag `not-archived`.

    Nothing is sent, and nothing is recorded.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Open the files; raises `NotConfigured`, and the spider closes before its first request, when it cannot."""
        if crawler not in _ANSWERS:
            _ANSWERS[crawler] = _open(crawler)
        if _ANSWERS[crawler] is None:
            raise NotConfigured("the WARC files cannot be read; the log says why")
        super().__init__(crawler)

    async def close(self) -> None:
        """Let go of the files."""
        answers = _ANSWERS.pop(self.crawler, None)
        if answers is not None:
            answers.close()


def _open(crawler: Crawler) -> RecordedAnswers | None:
    try:
        names = crawler.settings.getlist(FROM_WARC)
        if not names:
            raise UsageError(
                f"the setting {FROM_WARC} is missing: it names the WARC files that answer",
                hint=f'In settings.py: {FROM_WARC} = ["warcs"]',
            )
        at = _time(str(crawler.settings.get(AT) or ""))
        answers = RecordedAnswers(WarcFiles(path for name in names for path in files_named(str(name))), at)
    except UmecrawlError as error:
        refuse(crawler, error)
        return None
    for problem in answers.problems:
        _log.warning("%s", problem)
    bind_source(crawler, answers)
    return answers


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"{AT} is no time: {text!r}", hint="Write 2026-05-06 or 2026-05-06T10:15:00Z.") from error
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
