"""A spider like any other: it knows nothing of the archive."""

from collections.abc import Iterator

import scrapy
from scrapy.http import Response


class PagesSpider(scrapy.Spider):
    """Follows the links of a site and yields the title of each page."""

    name = "pages"

    def __init__(self, start: str = "http://127.0.0.1:8000/", **kwargs: object) -> None:
        """Begin at `start`: `scrapy crawl pages -a start=https://…`."""
        super().__init__(**kwargs)
        self.start_urls = [start]

    def parse(self, response: Response) -> Iterator[object]:
        """Yield what the page is called, and ask for the pages it links."""
        yield {"url": response.url, "title": response.css("title::text").get()}
        yield from response.follow_all(css="a", callback=self.parse)
