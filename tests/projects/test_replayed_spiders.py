"""Spiders of a project run over WARC and WACZ files, own and foreign ones, and see what servers once said."""

import zipfile
from pathlib import Path

import pytest
import scrapy
from foreign_warcs import browsertrix, heritrix, response, wpull
from replays import run_over
from scrapy.http import HtmlResponse

from umecrawl.pipeline.fixtures import route_table
from umecrawl.warc.collection import WarcFiles

SAMPLES = Path(__file__).parents[1] / "warc" / "foreign"
NAMES = [
    "scrapy-warcio.warc.gz",
    "scrapy-webarchive.wacz",
    "warcio-1.0.warc.gz",
    "warcio-1.1.warc.gz",
    "warcprox.warc.gz",
    "wget.warc.gz",
]
BLOG = "http://blogg.bladet.example/annaberg/"


class BlogSpider(scrapy.Spider):
    """Reads the titles of a blog's posts, as any spider does."""

    name = "blog"
    start_urls = (BLOG,)

    def parse(self, response):
        """Follow the posts of the first page."""
        for link in response.xpath("//a[contains(@href, '/2026/')]"):
            yield response.follow(link, self.parse_post)

    def parse_post(self, response):
        """Yield what a post is called."""
        yield {"url": response.url, "title": response.css("title::text").get()}


@pytest.mark.parametrize("name", NAMES)
def test_a_spider_reads_what_any_tool_recorded(name):
    """Pages come decoded through Scrapy's own middlewares, with the titles that the sites have."""
    items = run_over(BlogSpider, SAMPLES / name)
    pages = route_table(1).exact
    assert items
    for item in items:
        sent = HtmlResponse(item["url"], body=pages[item["url"]].body)
        assert item["title"] == sent.css("title::text").get()


def test_a_wacz_and_a_folder_give_the_same(tmp_path):
    """A WACZ, a folder and the file itself are three ways to name the same captures."""
    folder = tmp_path / "folder"
    folder.mkdir()
    warc = SAMPLES / "wget.warc.gz"
    (folder / warc.name).write_bytes(warc.read_bytes())
    with zipfile.ZipFile(tmp_path / "a.wacz", "w") as wacz:
        wacz.write(warc, f"archive/{warc.name}")
    expected = sorted(map(str, run_over(BlogSpider, warc)))
    assert expected == sorted(map(str, run_over(BlogSpider, folder)))
    assert expected == sorted(map(str, run_over(BlogSpider, tmp_path / "a.wacz")))


class MissingSpider(scrapy.Spider):
    """Asks for what is in no file."""

    name = "missing"
    start_urls = ("http://nowhere.example/a",)
    handle_httpstatus_list = (404,)

    def parse(self, response):
        """Tell what came."""
        yield {"status": response.status, "flags": response.flags, "links": response.css("a").getall()}


def test_what_is_missing_is_a_404_that_says_so():
    """The flag tells it from a 404 that a server once gave."""
    assert run_over(MissingSpider, SAMPLES / "wget.warc.gz") == [
        {"status": 404, "flags": ["not-archived"], "links": []}
    ]


class OneSpider(MissingSpider):
    """Asks for one page."""

    name = "one"
    start_urls = ("http://blog.example/secret",)


def test_a_recorded_robots_txt_is_obeyed(tmp_path):
    """What it forbids is not read from the records either; where none is recorded, nothing is forbidden."""
    robots = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\nDisallow: /secret\n"
    page = response(1, "http://blog.example/secret")
    (tmp_path / "without.warc").write_bytes(page)
    (tmp_path / "with.warc").write_bytes(page + response(2, "http://blog.example/robots.txt", block=robots))
    obey = {"ROBOTSTXT_OBEY": True}
    assert [item["status"] for item in run_over(OneSpider, tmp_path / "without.warc", settings=obey)] == [200]
    assert run_over(OneSpider, tmp_path / "with.warc", settings=obey) == []
    assert [item["status"] for item in run_over(OneSpider, tmp_path / "with.warc")] == [200]


@pytest.mark.parametrize("tool", [browsertrix, heritrix, wpull])
def test_every_page_of_other_crawlers_is_answered(tmp_path, tool):
    """Each URL that such a file holds as a response gives that response; a revisit gives what it repeats."""
    path = tmp_path / "a.warc"
    path.write_bytes(tool())
    with WarcFiles([path]) as files:
        urls = {one.url for one in files.captures() if one.record_type != "resource"}

    class EverySpider(MissingSpider):
        start_urls = tuple(urls)
        handle_httpstatus_all = True

        def parse(self, response):
            yield {"url": response.url, "flags": response.flags}

    items = run_over(EverySpider, path, settings={"REDIRECT_ENABLED": False, "HTTPERROR_ALLOW_ALL": True})
    assert urls == {item["url"] for item in items}
    assert not [item for item in items if item["flags"]]


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("UMECRAWL_FROM_WARC=nowhere.warc.gz", "nowhere.warc.gz: there is no such file"),
        ("UMECRAWL_FROM_WARC=", "the setting UMECRAWL_FROM_WARC is missing"),
        (f"UMECRAWL_FROM_WARC={SAMPLES}|UMECRAWL_AT=yesterday", "UMECRAWL_AT is no time: 'yesterday'"),
    ],
)
def test_a_wrong_setting_is_named(project, setting, complaint):
    """The log has one line that says which, and the spider closes without a request."""
    project.add_settings(
        'DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "umecrawl.scrapy.ReplayDownloadHandler")'
    )
    project.add_spider(
        "one", "import scrapy\nclass One(scrapy.Spider):\n    name = 'one'\n    start_urls = ['http://a.example/']\n"
    )
    given = [part for one in setting.split("|") for part in ("-s", one)]
    log = project.run("crawl", "one", *given)
    assert complaint in log
    assert "umecrawl_not_configured" in log
    assert "Traceback" not in log
