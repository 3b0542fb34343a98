"""Fetch with the exact bytes kept: a Scrapy download handler on asyncio; knows nothing of WARC."""
