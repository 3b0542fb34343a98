"""Settings as `scrapy startproject` writes them; the last three lines are the archive."""

BOT_NAME = "townpages"

SPIDER_MODULES = ["townpages.spiders"]
NEWSPIDER_MODULE = "townpages.spiders"

ROBOTSTXT_OBEY = True

CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1

FEED_EXPORT_ENCODING = "utf-8"

DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "umecrawl.scrapy.ArchivingDownloadHandler")
UMECRAWL_WARC_DIR = "warcs"
UMECRAWL_CONTACT = "https://example.org/archive"
