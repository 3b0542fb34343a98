"""A project made by `scrapy startproject` archives exact bytes once the three lines of the how-to are added."""

import json
import resource
import signal
from collections import Counter

import pytest
from servers.gated import GatedSite
from servers.torture import CASES, End, TortureServer

from umecrawl.warc.records import NOT_MODIFIED_PROFILE

# Whether rubbish comes in time to be seen is a matter of luck (tests/fetch/test_keep_alive.py).
ANSWERED = [case for case in CASES if case.failure is None and case.end not in {End.LATE, End.RUBBISH}]
FAILED = [case for case in CASES if case.failure is not None]

TORTURE = """
import json

import scrapy


class TortureSpider(scrapy.Spider):
    name = "torture"
    start_urls = [{base!r}]
    handle_httpstatus_all = True

    async def start(self):
        for name, method, size, seconds in json.loads({cases!r}):
            yield scrapy.Request(
                {base!r} + name,
                method=method,
                dont_filter=True,
                errback=lambda failure: None,
                meta={{"download_maxsize": size, "download_timeout": seconds, "handle_httpstatus_all": True}},
            )

    def parse(self, response):
        yield {{"url": response.url, "status": response.status}}
"""

FOLLOWING = """
import scrapy


class FollowingSpider(scrapy.Spider):
    name = "following"
    start_urls = [{start!r}]

    def parse(self, response):
        for link in response.css("a"):
            yield response.follow(link, self.parse)
"""
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_block_is_what_the_server_sent_and_received(project, tls_context, scheme):
    """Over http and https, each request and response block equals the octets that the server read and wrote."""
    with TortureServer(tls=tls_context if scheme == "https" else None) as server:
        base = f"{scheme}://127.0.0.1:{server.port}/"
        cases = json.dumps([(case.name, case.method, case.max_body, case.timeout) for case in ANSWERED + FAILED])
        project.add_spider("torture", TORTURE.format(base=base, cases=cases))
        log = project.run("crawl", "torture", *FAST, "-s", "UMECRAWL_INSECURE=True", "-s", "RETRY_TIMES=1")
    # Scrapy's cookie code may complain that it cannot ask the network for a list; the handler has nothing to say.
    assert "scrapy.core.scraper] ERROR" not in log
    requests, responses = project.blocks("request"), project.blocks("response", "revisit")
    by_name = {case.name: case for case in CASES}
    served = Counter((one.target, one.request) for one in server.served)
    kept = Counter((url.removeprefix(base[:-1]), block) for url, blocks in requests.items() for block in blocks)
    # A kept connection on which no answer comes is replaced by a new one, unseen (RFC 9112 §9.3.1).
    differing = {target for target, request in served if served[target, request] != kept[target, request]}
    assert differing <= {f"/{case.name}" for case in FAILED}
    assert set(served) == set(kept)
    for name in {target.strip("/") for target, _ in served} & {case.name for case in ANSWERED}:
        case = by_name[name]
        sent = case.head + (case.body if case.recorded is None else case.recorded)
        assert len(responses[base + name]) == sum(n for (target, _), n in served.items() if target == f"/{name}")
        assert all(block in {sent, case.head} for block in responses[base + name]), name
        assert (
            case.head == sent
            or any(block == sent for block in responses[base + name])
            or _is_revisit(project, base + name)
        ), name
    assert not {base + case.name for case in FAILED} & set(responses)
    failures = {url for kind, url, block, _ in project.records() if block.startswith(b"fetch-outcome: ")}
    assert {base + case.name for case in FAILED} == failures
    project.verify()


def _is_revisit(project, url):
    return any(
        kind == "revisit" and found == url and fields.get_header("WARC-Profile") != NOT_MODIFIED_PROFILE
        for kind, found, _, fields in project.records()
    )


def test_only_codings_that_can_be_replayed_are_asked_for_and_the_contact_is_named(project, server):
    """Scrapy offers br and zstd; what is sent and recorded is gzip alone, with the contact in the User-Agent."""
    project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{server.port}/plain"))
    project.run("crawl", "following", *FAST)
    sent = server.of("plain")[0].request
    assert b"\r\nAccept-Encoding: gzip\r\n" in sent
    assert b"(+https://example.org/archive)\r\n" in sent
    assert b"scrapy.org" not in sent
    [info] = [block for kind, _, block, _ in project.records() if kind == "warcinfo"]
    for line in (b"robots: classic", b"http-header-from: https://example.org/archive", b"isPartOf: shop"):
        assert line in info
    assert b"\r\numecrawl-source: following\r\n" in info
    assert sent.partition(b"User-Agent: ")[2].partition(b"\r\n")[0] in info


def test_the_way_to_a_page_is_recorded(project):
    """robots.txt is a prerequisite, a link has its page as via, and a start URL is its own seed."""
    with GatedSite(3, gate=99) as site:
        start = f"http://127.0.0.1:{site.port}/"
        project.add_spider("following", FOLLOWING.format(start=start))
        project.run("crawl", "following", *FAST)
    said = {
        url: block.decode() for kind, url, block, _ in project.records() if kind == "metadata" and url[:4] == "http"
    }
    assert "hopsFromSeed: P\r\n" in said[f"{start}robots.txt"]
    assert f"seed: {start}\r\n" in said[start]
    [deeper] = [text for text in said.values() if "hopsFromSeed: L\r\n" in text][:1]
    assert f"via: {start}\r\n" in deeper
    assert "seed: " not in deeper


def test_ctrl_c_seals_the_file_and_a_job_goes_on(project):
    """After Ctrl-C the WARC is closed; with JOBDIR the next start asks for nothing twice."""
    with GatedSite(30, gate=10) as site:
        project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{site.port}/"))
        command = ("crawl", "following", "-s", "DOWNLOAD_DELAY=0", "-s", "JOBDIR=job")
        with project.start(*command) as crawl:
            assert site.reached.wait(60)
            crawl.send_signal(signal.SIGINT)
            site.release.set()
            crawl.communicate(timeout=60)
        assert [warc.suffix for warc in project.warcs()] == [".gz"]
        project.run(*command)
        asked = {path: times for path, times in site.asked.items() if path not in {"/robots.txt", "/"}}
    # Scrapy asks for start URLs and robots.txt anew.
    assert {1} == set(asked.values())
    kept = project.blocks("response", "revisit")
    assert {1} == {len(blocks) for url, blocks in kept.items() if not url.endswith(("robots.txt", "/"))}
    project.verify()


def test_a_killed_crawl_is_brought_in_order_at_the_next_start(project):
    """After kill -9 the open file is closed at its last whole exchange; what was recorded stays."""
    with GatedSite(30, gate=10) as site:
        project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{site.port}/"))
        with project.start("crawl", "following", "-s", "DOWNLOAD_DELAY=0") as crawl:
            assert site.reached.wait(60)
            crawl.kill()
        assert [warc.suffix for warc in project.warcs()] == [".open"]
        site.release.set()
        log = project.run("crawl", "following", "-s", "DOWNLOAD_DELAY=0")
    assert "the file was closed" in log
    assert len(project.warcs()) == 2
    project.verify()


def test_a_missing_contact_is_named_and_nothing_is_asked(project, server):
    """Without who crawls no site is asked; the log names the setting, and the spider closes."""
    project.add_settings("del UMECRAWL_CONTACT")
    project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{server.port}/plain"))
    log = project.run("crawl", "following", *FAST)
    assert "the setting UMECRAWL_CONTACT is missing" in log
    assert "umecrawl_not_configured" in log
    assert "Traceback" not in log
    assert not server.served


def test_a_private_address_that_nobody_named_is_refused(project, server):
    """A link to loopback from a start URL elsewhere is a failure that names the setting; naming the host allows it."""
    project.add_spider("following", FOLLOWING.format(start="data:,"))
    url = f"http://127.0.0.1:{server.port}/plain"
    assert "UMECRAWL_NAMED_HOSTS" in project.run("fetch", url, "-s", "ROBOTSTXT_OBEY=False")
    assert not server.served
    project.run("fetch", url, "-s", "ROBOTSTXT_OBEY=False", "-s", "UMECRAWL_NAMED_HOSTS=127.0.0.1")
    assert [one.target for one in server.served] == ["/plain"]


def test_a_proxy_is_refused_with_what_to_do(project, server):
    """A proxy would stand between us and the octets: the request fails and the message names the way out."""
    project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{server.port}/plain"))
    log = project.run("crawl", "following", *FAST, env={"http_proxy": "http://127.0.0.1:9"})
    assert "set HTTPPROXY_ENABLED = False" in log
    assert not server.served
    project.run("crawl", "following", *FAST, "-s", "HTTPPROXY_ENABLED=False", env={"http_proxy": "http://127.0.0.1:9"})
    assert server.of("plain")


def test_a_second_ctrl_c_leaves_a_sealed_file_as_well(project):
    """The request under way is given up; what was recorded is closed on the way out."""
    with GatedSite(30, gate=10) as site:
        project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{site.port}/"))
        # Without a delay Scrapy 2.19 does not keep to one request at a time.
        with project.start("crawl", "following", "-s", "DOWNLOAD_DELAY=0.01") as crawl:
            assert site.reached.wait(60)
            crawl.send_signal(signal.SIGINT)
            assert any("Send again to force" in line for line in crawl.stderr)
            crawl.send_signal(signal.SIGINT)
            crawl.communicate(timeout=60)
    assert [warc.suffix for warc in project.warcs()] == [".gz"]
    assert len(project.blocks("response")) == 10
    project.verify()


def test_a_full_disk_closes_the_spider(project):
    """What does not fit is not handed to the spider; what was recorded before is whole."""
    with GatedSite(300) as site:
        project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{site.port}/"))
        size = 60_000
        log = project.run(
            *("crawl", "following", "-s", "DOWNLOAD_DELAY=0"),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        )
        asked = site.asked.total()
    assert "umecrawl_no_space" in log
    assert "nothing more can be written" in log
    assert asked < 300
    project.run("crawl", "following", "-s", "DOWNLOAD_DELAY=0", "-s", "CLOSESPIDER_PAGECOUNT=1")
    project.verify()


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("UMECRAWL_CONNECT_TO=nonsense", "not a connection mapping: 'nonsense'"),
        ("UMECRAWL_CONTACT=me", "neither a web address nor mailto:"),
        ("UMECRAWL_WARC_DIR=", "the setting UMECRAWL_WARC_DIR is missing"),
        ("UMECRAWL_WARC_DIR=scrapy.cfg/x", "scrapy.cfg/x"),
        ("TWISTED_REACTOR=twisted.internet.selectreactor.SelectReactor", "needs asyncio"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_asked(project, server, setting, complaint):
    """One line of the log says what is wrong, and the spider closes."""
    project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{server.port}/plain"))
    log = project.run("crawl", "following", *FAST, "-s", setting)
    assert complaint in log
    assert "umecrawl_not_configured" in log
    assert not server.served


def test_the_shell_archives_and_closes_its_file(project, server):
    """`scrapy shell -c` fetches, records, and leaves a sealed file."""
    url = f"http://127.0.0.1:{server.port}/chunked"
    command = ("shell", url, "-c", "response.status", "-s", "ROBOTSTXT_OBEY=False")
    project.run(*command, "-s", "UMECRAWL_NAMED_HOSTS=127.0.0.1")
    assert [
        block == served.response for block, served in zip(project.blocks("response")[url], server.served, strict=True)
    ]
    assert [warc.suffix for warc in project.warcs()] == [".gz"]


TWO = """
import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings


class One(scrapy.Spider):
    name = "one"
    start_urls = ["http://127.0.0.1:{port}/plain"]

    def parse(self, response):
        pass


class Two(One):
    name = "two"
    start_urls = ["http://127.0.0.1:{port}/chunked"]


process = CrawlerProcess(get_project_settings())
process.crawl(One)
process.crawl(Two)
process.start()
"""


def test_two_crawlers_of_one_process_share_a_folder(project, server):
    """Each writes a file of its own into the same archive."""
    (project.root / "two.py").write_text(TWO.format(port=server.port), encoding="utf-8")
    project.run(module="two")
    assert len(project.warcs()) == 2
    assert {"/plain", "/chunked", "/robots.txt"} == {one.target for one in server.served}
    project.verify()


def test_two_processes_may_not_share_a_folder(project, server):
    """The second is refused, and told how each spider gets a folder of its own."""
    with GatedSite(30, gate=2) as site:
        project.add_spider("following", FOLLOWING.format(start=f"http://127.0.0.1:{site.port}/"))
        with project.start("crawl", "following", "-s", "DOWNLOAD_DELAY=0") as crawl:
            assert site.reached.wait(60)
            log = project.run("crawl", "following")
            site.release.set()
            crawl.communicate(timeout=60)
    assert "the archive is in use by process" in log
    assert "warcs/%(name)s" in log
