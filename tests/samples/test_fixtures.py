"""The sample sites on disk: rendered as committed, complete, true to their gold, and invented throughout."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html

from umecrawl.errors import UmecrawlError
from umecrawl.model.article import Outcome, Quality
from umecrawl.pipeline import fixtures
from umecrawl.pipeline.fixtures import (
    EDITIONS,
    Match,
    Route,
    route_table,
    sample_changes,
    sample_reuse,
    sample_sites,
)

FOLDER = Path(__file__).resolve().parents[2] / "fixtures"
# Names of vocabularies, not addresses of anything.
NAMESPACES = {"schema.org", "www.w3.org", "api.w.org", "www.sitemaps.org", "purl.org", "gmpg.org"}
SAMPLES = [pytest.param(edition, id=f"edition {edition}") for edition in EDITIONS]


def expected(route: Route) -> dict[str, object]:
    """Return what extraction must make of a route's page."""
    return json.loads((FOLDER / route.file).with_suffix(".expected.json").read_text(encoding="utf-8"))


def readable(route: Route) -> str:
    """Return the visible text of a page with white space evened out."""
    charset = "cp1252" if "iso-8859-1" in route.content_type else "utf-8"
    tree = html.fromstring(route.body.decode(charset).removeprefix('<?xml version="1.0" encoding="UTF-8"?>'))
    for hidden in tree.iter("script", "style"):
        hidden.drop_tree()
    return " ".join("".join(tree.itertext()).split())


def pages(edition: int, *kinds: str) -> Iterator[Route]:
    """Yield the HTML routes of an edition, those of some kinds or all that have an expectation."""
    for route in route_table(edition).exact.values():
        if route.file.endswith(".html") and (
            route.kind in kinds if kinds else route.kind not in {"redirect", "forbidden"}
        ):
            yield route


def articles(edition: int) -> dict[str, Route]:
    """Return every article and fixed page of an edition under its permalink, those that are gone included."""
    found = {route.url: route for route in pages(edition, "post", "page", "gone")}
    return {url: route for url, route in found.items() if expected(route).get("permalink", url) == url}


def text(route: Route) -> str:
    """Return the text that must come out of a page, empty when it shows none."""
    return "\n".join(expected(route).get("text", []))


def test_build_writes_what_is_committed(tmp_path):
    """The rendered folders are exactly what build.py makes of content and themes."""
    subprocess.run([sys.executable, str(FOLDER / "build.py"), "--into", str(tmp_path)], check=True, capture_output=True)
    for site in sample_sites():
        made = {
            file.relative_to(tmp_path): file.read_bytes()
            for file in (tmp_path / site.name).rglob("*")
            if file.is_file()
        }
        kept = {
            file.relative_to(FOLDER): file.read_bytes() for file in (FOLDER / site.name).rglob("*") if file.is_file()
        }
        assert made.keys() == kept.keys()
        assert [name for name in made if made[name] != kept[name]] == []


def test_every_file_is_answered_somewhere():
    """No page, picture or expectation lies about that no route of any edition sends."""
    for site in sample_sites():
        sent = set()
        for line in (FOLDER / site.name / "routes.toml").read_text(encoding="utf-8").splitlines():
            if line.startswith("file = "):
                sent.add(json.loads(line.removeprefix("file = ")))
        for file in (FOLDER / site.name).glob("edition-*/*"):
            name = file.relative_to(FOLDER / site.name).as_posix()
            page = name.replace(".expected.json", ".html")
            assert page in sent, f"{name} is never sent"


@pytest.mark.parametrize("edition", SAMPLES)
def test_every_page_has_an_expectation_of_known_words(edition):
    """Each HTML page says what extraction must make of it, in the words of the model."""
    for route in pages(edition):
        gold = expected(route)
        assert Outcome(gold["outcome"])
        assert Quality(gold["quality"])


@pytest.mark.parametrize("edition", SAMPLES)
def test_expected_text_stands_on_its_page_and_what_must_not_come_out_is_no_part_of_it(edition):
    """The gold can be met: its paragraphs are on the page, and none of the forbidden strings is in them."""
    for route in pages(edition):
        gold, shown = expected(route), readable(route)
        for post in gold.get("posts", [gold]):
            paragraphs = post.get("text", [])
            missing = [part for part in paragraphs if " ".join(part.split()) not in shown]
            assert missing == [], route.url
            assert "title" not in post or post["title"] in shown
            assert [bad for bad in gold["absent"] for part in paragraphs if bad in part] == [], route.url
        for repeated in gold.get("text", []):
            assert gold["text"].count(repeated) == 1


@pytest.mark.parametrize("edition", SAMPLES)
def test_every_link_of_the_gold_is_on_the_page(edition):
    """The links that citations are checked against are in the mark-up."""
    for route in articles(edition).values():
        tree = html.fromstring(route.body)
        targets = {urljoin(route.url, anchor.get("href")) for anchor in tree.iter("a") if anchor.get("href")}
        assert set(expected(route).get("links", [])) <= targets


def test_texts_are_of_a_size_to_be_reviewed():
    """Posts run from 80 to 250 words, but for the one that is a link and the one behind a paywall."""
    for route in pages(2, "post"):
        words = len(text(route).split())
        short = "trygghetsprogram" in route.url or expected(route)["paywall"] == "hard"
        assert words <= 250
        assert words >= 80 or short, f"{route.url}: {words}"


def test_all_hosts_are_examples():
    """No address in any file leads to a host that somebody might own (RFC 2606)."""
    for file in FOLDER.rglob("*"):
        if not file.is_file() or file.suffix in {".png", ".pdf", ".pyc"}:
            continue
        content = file.read_bytes().decode("utf-8", "replace")
        hosts = {urlsplit(url).hostname or "" for url in re.findall(r"https?://[\w.\-]+", content)}
        hosts |= {address.rpartition("@")[2] for address in re.findall(r"[\w.]+@[a-z.]+\w", content)}
        assert {host for host in hosts if not host.endswith(".example")} <= NAMESPACES, file


def test_the_editions_differ_exactly_as_the_gold_says():
    """Every article whose answer differs is in changes.toml, and nothing else is."""
    first, second = articles(1), articles(2)
    answered = {url: (first.get(url), second.get(url)) for url in first.keys() | second.keys()}
    differing = {
        url
        for url, (old, new) in answered.items()
        if old is None or new is None or (old.status, old.body) != (new.status, new.body)
    }
    changes = sample_changes()
    assert differing == {change.url for change in changes}
    named = sorted((change.url, change.kind) for change in changes)
    assert all(left != right for left, right in pairwise(named))
    assert {url for url, _ in named if (url, "republished") in named} <= {url for url, kind in named if kind == "new"}


@pytest.mark.parametrize("change", sample_changes(), ids=lambda change: f"{change.kind} {change.url[-30:]}")
def test_each_change_is_what_the_gold_calls_it(change):
    """What stood there and what stands there are where the kind of the change says."""
    old, new = articles(1).get(change.url), articles(2)[change.url]
    match change.kind:
        case "new":
            assert old is None
            assert expected(new)["title"] == change.new
        case "republished":
            assert change.old in expected(new)["links"]
            assert any(reuse.target_url == change.url and reuse.source_url == change.old for reuse in sample_reuse())
        case "edited":
            assert change.old in text(old)
            assert change.new in text(new)
            assert change.new not in text(old)
            assert change.stealth == (expected(old)["modified"] == expected(new)["modified"])
        case "headline":
            assert (expected(old)["title"], expected(new)["title"]) == (change.old, change.new)
            assert text(old) == text(new)
        case "removed":
            assert expected(old)["title"] == change.old
            assert str(new.status) == change.new
        case "restored":
            assert str(old.status) == change.old
            assert expected(new)["title"] == change.new
        case "chrome-only" | "counts-only":
            assert change.old in readable(old)
            assert change.old not in readable(new)
            assert change.new in readable(new)
            varying = {"absent", "comment_count", "like_count"} if change.kind == "counts-only" else {"absent"}
            assert {k: v for k, v in expected(old).items() if k not in varying} == {
                k: v for k, v in expected(new).items() if k not in varying
            }
        case other:
            pytest.fail(f"unknown kind {other}")


@pytest.mark.parametrize("edition", SAMPLES)
def test_listings_feed_sitemap_and_rest_name_the_posts_of_their_edition(edition):
    """What a crawler discovers by any way is the same set of posts."""
    table = route_table(edition)
    shown = {url for url, route in articles(edition).items() if route.kind == "post" and "partiet.example" in url}
    rest = json.loads(table.find("https://partiet.example/wp-json/wp/v2/posts?per_page=100&page=1").body)
    sitemap = table.find("https://partiet.example/wp-sitemap-posts-post-1.xml").body.decode()
    feed = table.find("https://partiet.example/feed/").body.decode()
    author = expected(table.find("https://partiet.example/author/framtidgranvik/"))
    assert {row["link"] for row in rest} == shown
    assert set(re.findall("<loc>(.*?)</loc>", sitemap)) == shown
    assert set(re.findall("<item>\n.*\n<link>(.*?)</link>", feed)) == shown
    assert {post["permalink"] for post in author["posts"]} == shown


@pytest.mark.parametrize("edition", SAMPLES)
def test_rest_gives_the_text_of_the_page(edition):
    """A quiet edit shows in REST as it does on the page."""
    rest = json.loads(route_table(edition).find("https://partiet.example/wp-json/wp/v2/posts").body)
    for row in rest:
        content = html.fromstring(f"<div>{row['content']['rendered']}</div>").text_content()
        assert all(part in content for part in expected(articles(edition)[row["link"]])["text"])


def test_the_two_counters_multiply():
    """The news page can be reached under every combination of its counters, each in both orders."""
    table = route_table(1)
    seen, waiting = set(), ["https://partiet.example/nyheter/"]
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        for link in html.fromstring(table.exact[url].body).xpath("//nav[@class='pagination']/a/@href"):
            waiting.append(link)  # noqa: PERF402 - the list is being walked
    orders = {re.sub(r"=\d+", "", urlsplit(url).query) for url in seen}
    assert orders == {"", "paged1", "paged2", "paged1&paged2", "paged2&paged1"}
    assert len(seen) == 1 + 2 + 2 + 2 * 4


@pytest.mark.parametrize("edition", SAMPLES)
def test_one_newspaper_lies_about_its_charset(edition):
    """The old newspaper's bytes are windows-1252, whatever its label says."""
    for route in pages(edition, "post"):
        if "nybygdet" in route.url:
            assert "iso-8859-1" in route.content_type
            assert re.search(rb"[\x80-\x9f]", route.body) or "spadtaget" not in route.url
            assert "å" in route.body.decode("cp1252")
            with pytest.raises(UnicodeDecodeError):
                route.body.decode("utf-8")


def test_a_party_post_links_to_what_robots_forbids():
    """The forbidden path is served and linked, so that a crawler has something to leave alone."""
    table = route_table(1)
    forbidden = [route for route in table.exact.values() if route.kind == "forbidden"]
    assert forbidden
    rules = table.exact["https://www.bladet.example/robots.txt"].body.decode()
    for route in forbidden:
        assert urlsplit(route.url).path.startswith("/arkiv/")
        assert any(route.url in expected(page)["links"] for page in pages(1, "post"))
    assert "Disallow: /arkiv/" in rules


def test_the_pdf_is_one():
    """The cross-reference table of the PDF points at its objects (ISO 32000 §7.5.4)."""
    body = route_table(1).exact["https://partiet.example/wp-content/uploads/2026/03/trygghetsprogram-2026.pdf"].body
    assert body.startswith(b"%PDF-1.4")
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", body)[1])
    entries = re.findall(rb"(\d{10}) 00000 n \n", body[start:])
    assert len(entries) == 6
    for number, place in enumerate(entries, 1):
        assert body[int(place) :].startswith(b"%d 0 obj" % number)
    assert "Trygghetsprogrammet" in body.decode("cp1252", "replace")


@pytest.mark.parametrize("reuse", sample_reuse(), ids=lambda reuse: reuse.target_url[-30:])
def test_reused_passages_stand_in_both_articles(reuse):
    """The passage is word for word in source and target, and the source is the older one."""
    shown = articles(reuse.edition)
    source, target = shown[reuse.source_url], shown[reuse.target_url]
    assert reuse.passage in text(source)
    assert reuse.passage in text(target)
    assert expected(source)["published"] < expected(target)["published"]
    assert expected(source)["title"] != expected(target)["title"]


def test_the_most_particular_route_wins():
    """Exact before parameters before all below, whatever the order of the parameters."""
    table = route_table(1)
    posts = "https://partiet.example/wp-json/wp/v2/posts"
    assert table.find(f"{posts}?orderby=modified&page=2&per_page=100").status == 400
    assert table.find(f"{posts}?orderby=modified&page=1").status == 200
    assert table.find("https://partiet.example/").status == 200
    assert table.find("https://partiet.example/finns-inte/").match is Match.BELOW
    assert table.find("https://annan.example/") is None


def test_an_edition_that_does_not_exist_is_refused():
    """The message names the editions there are."""
    with pytest.raises(UmecrawlError, match="no edition 3") as caught:
        route_table(3)
    assert "1, 2" in caught.value.hint


def test_missing_fixtures_are_told_with_both_places(monkeypatch, tmp_path):
    """Neither in the package nor beside it: the error names where it looked."""
    (tmp_path / "umecrawl").mkdir()
    monkeypatch.setattr(fixtures, "files", lambda _: tmp_path / "umecrawl")
    with pytest.raises(UmecrawlError, match=re.escape(str(tmp_path / "fixtures"))) as caught:
        sample_sites()
    assert caught.value.hint


def test_fixtures_inside_the_package_come_first(monkeypatch, tmp_path):
    """A wheel carries the folder inside the package."""
    inside = tmp_path / "umecrawl" / "fixtures"
    for folder in (inside, tmp_path / "fixtures"):
        folder.mkdir(parents=True)
        (folder / "changes.toml").write_text("change = []\nreuse = []\n")
    monkeypatch.setattr(fixtures, "files", lambda _: tmp_path / "umecrawl")
    assert fixtures.fixtures_folder() == inside


def test_a_damaged_table_is_told_with_its_file(monkeypatch, tmp_path):
    """A fixture that cannot be parsed is named in the error."""
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "changes.toml").write_text("change = [")
    monkeypatch.setattr(fixtures, "files", lambda _: tmp_path / "umecrawl")
    with pytest.raises(UmecrawlError, match=r"changes\.toml"):
        sample_changes()
