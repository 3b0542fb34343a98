"""Scrapy's settings for umecrawl: the only file that names components by dotted path.

`scrapy crawl archival -a archive=DIR` and `scrapy shell URL` find it through `scrapy.cfg`; the `crawl` command
starts from the same values. Everything an archive must not have done to its pages is switched off: redirects,
retries, cookies, compression and robots.txt are matters of the frontier and of the record, not of a middleware.
"""

BOT_NAME = "umecrawl"
SPIDER_MODULES = ["umecrawl.spiders"]
NEWSPIDER_MODULE = "umecrawl.spiders"

DOWNLOAD_HANDLERS = {
    "http": "umecrawl.fetch.handler.WireDownloadHandler",
    "https": "umecrawl.fetch.handler.WireDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}

# In their place when WARC files are replayed.
REPLAY_HANDLERS = dict.fromkeys(("http", "https"), "umecrawl.fetch.replay.ReplayDownloadHandler")

# How a spider that `scrapy crawl` starts gets its archive (see umecrawl.spiders.archival).
UMECRAWL_SESSION = "umecrawl.pipeline.project.open_for_scrapy"

# No reactor: the handler is plain asyncio (half the CPU of the stock handler).
TWISTED_REACTOR_ENABLED = False
TELNETCONSOLE_ENABLED = False
# On by default since Scrapy 2.19: a local server that runs Python it is sent.
REMOTE_CONTROL_ENABLED = False

# The frontier alone decides what is asked of whom, and when.
SCHEDULER = "umecrawl.spiders.handover.HandoverScheduler"
CONCURRENT_REQUESTS = 64
CONCURRENT_REQUESTS_PER_DOMAIN = 64
DOWNLOAD_DELAY = 0
# 100 by default: that many tasks are started for every response.
CONCURRENT_ITEMS = 4

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
EXTENSIONS = {
    # Switched off above; named here so that they, and aiohttp with them, are not even loaded.
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.closespider.CloseSpider": None,
    "scrapy.extensions.logcount.LogCount": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
}

# Only codings that every WARC reader can undo: brotli and zstd break replay (docs/explanation/decisions.md).
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "sv,en;q=0.7",
    "Accept-Encoding": "gzip",
}
LOG_LEVEL = "WARNING"
