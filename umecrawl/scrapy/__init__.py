"""Wire-exact WARC files in any Scrapy project, by settings alone; nothing else of umecrawl is needed.

    DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "umecrawl.scrapy.ArchivingDownloadHandler")
    UMECRAWL_WARC_DIR = "warcs"
    UMECRAWL_CONTACT = "https://example.org/archive"

`ReplayDownloadHandler` answers a project's spiders from such files, or from those of other tools, without network.
"""

from umecrawl.scrapy.archiving import ArchivingDownloadHandler
from umecrawl.scrapy.replaying import ReplayDownloadHandler

__all__ = ["ArchivingDownloadHandler", "ReplayDownloadHandler"]
