"""The pages an archive knows from earlier runs, for crawls that look whether they are still there and the same."""

from collections.abc import Collection, Iterator
from pathlib import Path

from umecrawl.model.crawl import CrawlUrl, Hop
from umecrawl.model.urls import Url
from umecrawl.warc.cdxj import cdxj_path, read_cdxj
from umecrawl.warc.files import list_warcs

_OK = 200
_PAGE = "text/html"
_NO_PAGE = (Hop.EMBED, Hop.PREREQUISITE)


def known_pages(root: Path, sources: Collection[str]) -> Iterator[CrawlUrl]:
    """Yield each page that a run once captured whole for one of these sources, with the way it was first found.

    Pages come in the order of the files and of their keys, each URL once. A page that no other links to any more is
    among them: without it, neither its removal nor a later edit would ever be seen. Read from the CDXJ files of
    closed WARCs; a file without CDXJ is passed over (`recover` writes it).
    """
    seen: set[str] = set()
    for warc in list_warcs(root):
        cdxj = cdxj_path(root, warc.name)
        if not cdxj.exists():
            continue
        for entry in read_cdxj(cdxj):
            if entry.status != _OK or entry.mime != _PAGE or entry.source not in sources or entry.url in seen:
                continue
            if entry.hop.endswith(_NO_PAGE):
                continue
            seen.add(entry.url)
            yield CrawlUrl(
                url=entry.url,
                seed=Url(entry.seed or entry.url),
                source=entry.source,
                via=Url(entry.via) if entry.via else None,
                hop_path=entry.hop,
            )
