"""The main job on the test bed: what is demanded of a crawl of its editions 1 and 2."""

import gzip
import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from umecrawl.model.urls import host_of, in_domain

pytestmark = pytest.mark.testbed


def query(root, sql, *values):
    """Ask the index as an outsider would: through its views."""
    with sqlite3.connect(f"file:{root / 'index.sqlite'}?mode=ro", uri=True) as connection:
        return connection.execute(sql, values).fetchall()


def gold(testbed, kind):
    """Return the gold records of one type."""
    lines = (testbed / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["type"] == kind]


def manifest(testbed, edition):
    """Return the manifest lines of one edition."""
    lines = (testbed / "capture" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["edition"] == edition]


def posts_of(testbed, pattern):
    """Return the URLs of edition 1 that answer 200 and have this form."""
    return {r["url"] for r in manifest(testbed, 1) if r["status"] == 200 and re.fullmatch(pattern, r["url"])}


def article_urls(root):
    """Return the permalinks that have a version."""
    return {url for (url,) in query(root, "select distinct url from versions")}


def test_the_crawl_ends_by_itself_within_a_thousand_requests(crawled):
    """Two page counters on one page and an endless calendar do not keep the crawl going."""
    assert len(crawled.first_log) < 1000
    assert ("finished",) in query(crawled.root, "select outcome from runs where id = ?", crawled.first_run)


def test_every_post_and_page_of_both_blogs_is_an_article(crawled, testbed):
    """All 46 posts and 7 pages of site A and all 19 posts of site B are in the index."""
    posts_a = posts_of(testbed, r"https://umesosse\.se/\d{4}/\d\d/\d\d/[^/?]+/")
    posts_b = posts_of(testbed, r"http://blogg\.vk\.se/andreaslundgren/\d{4}/\d\d/\d\d/[^/?]+/")
    pages = {r["url"] for r in gold(testbed, "page") if r["site"] == "A"}
    assert (46, 19, 7) == (len(posts_a), len(posts_b), len(pages))
    assert set() == (posts_a | posts_b | pages) - article_urls(crawled.root)


def test_every_linked_news_article_that_robots_allow_is_an_article(crawled, testbed):
    """One hop off the blogs, the articles of the gold data are in the index under their own URLs."""
    gold_articles = gold(testbed, "article")
    cited = {link["url"] for r in gold_articles if r["site"] in "AB" for link in r["outlinks"]}
    linked = {r["url"] for r in gold_articles if r["site"] == "C"} & cited
    assert len(linked) > 8
    assert set() == linked - article_urls(crawled.root)


def test_no_listing_is_an_article(crawled, testbed):
    """Front pages, archives and paged lists are discovery; what they show counts at its permalink."""
    listings = {r["url"] for r in gold(testbed, "listing")}
    assert set() == listings & article_urls(crawled.root)


def test_the_article_that_robots_txt_forbids_is_skipped_with_its_rule_and_nowhere_stored(crawled, testbed):
    """The archive says why the page is missing, and holds no byte of it."""
    skipped = query(
        crawled.root, "select url, reason, via from skipped where rule = 'robots' and run = ?", crawled.first_run
    )
    news = [
        (url, reason) for url, reason, via in skipped
        if not in_domain(host_of(url), "umesosse.se") and "/andreaslundgren/" not in url and via
    ]  # fmt: skip
    # Linked only by a page that is one hop off already, so that scope leaves it too: robots.txt is the last rule.
    assert "https://www.aftonbladet.se/nyheter/a/Qa91Lp/kommunerna-som-forebygger" in {url for url, _ in news}
    stored = set()
    for warc in (crawled.root / "warc").rglob("*.warc.gz"):
        stored |= set(re.findall(rb"WARC-Target-URI: (\S+)\r\n", gzip.decompress(warc.read_bytes())))
    asked = {entry["url"] for entry in crawled.first_log}
    for url, reason in news:
        assert "robots.txt" in reason
        assert url.encode() not in stored
        assert url not in asked


def test_no_url_is_fetched_twice_within_a_run_unless_it_failed(crawled):
    """The seen-set holds: a second request for a URL is a retry after a 5xx or a broken connection."""
    twice = "select url from fetches where run = ? and attempt = 1 group by url having count(*) > 1"
    assert [] == query(crawled.root, twice, crawled.first_run)
    # No request is made that the archive does not tell of.
    asked = query(crawled.root, "select requested from runs where id = ?", crawled.first_run)
    assert [(len(crawled.first_log),)] == asked


def test_edition_2_shows_new_changed_and_gone_pages(crawled, testbed):
    """Changes of the gold data show as a further version; deleted posts as a capture with 404 or 410."""
    for change in gold(testbed, "change"):
        url = change["url"]
        if change["change"].startswith("deleted"):
            statuses = query(crawled.root, "select status from captures where canonical_url = ? and run = ?",
                             url, crawled.second_run)  # fmt: skip
            assert statuses in ([(404,)], [(410,)]), url
        elif change["text_changed"] or change["change"] == "headline":
            versions = query(crawled.root, "select id from versions where url = ?", url)
            assert len(versions) == 2, (url, change["change"])
    new = {r["url"] for r in manifest(testbed, 2) if r["kind"] == "post" and "?" not in r["url"]}
    new -= {r["url"] for r in manifest(testbed, 1)}
    assert new
    assert set() == {u for u in new if re.search(r"/\d{4}/\d\d/\d\d/[^/]+/$", u)} - article_urls(crawled.root)


CLASSES = {
    "stealth edit of one figure, modified date untouched": ("stealth-edit", ["figure"]),
    "headline": ("headline", ["wording"]),
    "deleted, 404": ("removal", []),
    "deleted, 410": ("removal", []),
    "paragraph appended": ("edit", ["correction-notice", "paragraph-added"]),
    "sentence rewritten": ("edit", ["wording"]),
    "typo corrected": ("edit", ["typo"]),
}


def test_each_change_of_the_gold_data_is_listed_with_its_kind_and_class(crawled, testbed):
    """Edits, the stealth edit, headline and removals; nothing else changed at these URLs."""
    for record in gold(testbed, "change"):
        rows = query(crawled.root, "select kind, classes, evidence from changes where url = ?", record["url"])
        assert [(kind, json.loads(classes)) for kind, classes, _ in rows] == [CLASSES[record["change"]]], record
        for capture in json.loads(rows[0][2]):
            assert query(crawled.root, "select 1 from captures where id = ?", capture)


def test_nothing_is_a_change_where_the_server_changed_nothing_but_the_frame(crawled, testbed):
    """Every change listed stands at a URL that edition 2 serves otherwise, or no longer."""
    differs = {r["url"] for r in manifest(testbed, 2) if r.get("change") != "chrome only"}
    changed = {url for (url,) in query(crawled.root, "select url from changes")}
    assert set() == changed - differs
    moved = query(crawled.root, "select url, summary from changes where kind = 'moved'")
    assert len(moved) == 1, "one slug was renamed"


# What the server did to a page of edition 2, and what the archive has to say of it.
KINDS = {
    "stealth edit of one figure, modified date untouched": {"stealth-edit"},
    "headline": {"headline"},
    "typo in headline": {"headline"},
    "deleted, 404": {"removal"},
    "deleted, 410": {"removal"},
    "paragraph appended": {"edit"},
    "correction appended": {"edit"},
    "sentence rewritten": {"edit"},
    "list item edited": {"edit"},
    "typo corrected": {"edit"},
    "became paywalled": {"paywall"},
    "slug renamed, old URL 301": {"moved"},
    "comment added, body unchanged": set(),
    "category removed, text unchanged": set(),
    "like counter only": set(),
    "new post": set(),
}


def test_every_kind_of_change_of_the_server_is_told_as_what_it_is(crawled, testbed):
    """For all pages that edition 2 serves otherwise and that were asked for in it, not only those of the gold data."""
    seen = {url for (url,) in query(crawled.root, "select canonical_url from captures where run = ?",
                                    crawled.second_run)}  # fmt: skip
    told = {}
    for url, kind in query(crawled.root, "select url, kind from changes"):
        told.setdefault(url, set()).add(kind)
    served = {r["url"]: KINDS[r["change"]] for r in manifest(testbed, 2) if r.get("change") in KINDS}
    known = article_urls(crawled.root)
    asked = {url: kinds for url, kinds in served.items() if url in known and url in seen}
    assert len(asked) > 10
    assert {url: kinds for url, kinds in asked.items() if kinds} == {url: told.get(url) for url in asked if asked[url]}
    assert set() == {url for url, kinds in asked.items() if not kinds} & set(told)


def test_each_deleted_post_has_the_chain_of_its_removal(crawled, testbed):
    """The last good capture, the lists that no longer name it, and the answer that it is gone, each a capture."""
    deleted = {r["url"] for r in gold(testbed, "change") if r["change"].startswith("deleted")}
    rows = {url: row for url, *row in query(crawled.root, "select url, state, last_good_capture, gone_capture, "
                                            "reason, days, left_lists from removals")}  # fmt: skip
    assert set() == deleted - set(rows)
    assert {url for url, row in rows.items() if row[0] == "moved"} == {
        url for (url,) in query(crawled.root, "select url from changes where kind = 'moved'")
    }
    for url in deleted:
        state, good, gone, reason, days, left = rows[url]
        assert (state, days) == ("missing", 1), "three days confirm it"
        assert reason in {"answered 404", "answered 410"}
        assert [(200,)] == query(crawled.root, "select status from captures where id = ?", good)
        assert query(crawled.root, "select status from captures where id = ?", gone) in ([(404,)], [(410,)])
        assert json.loads(left), "some list named it and does so no longer"
        steps = query(crawled.root, "select step, capture from removal_steps where url = ? order by number", url)
        assert {"last-good", "gone"} < {step for step, _ in steps}
        for _, capture in steps:
            assert query(crawled.root, "select 1 from captures where id = ?", capture)


def test_an_unchanged_site_costs_a_twentieth_of_the_first_run(crawled):
    """Home pages, feeds, and what the API and the lists of posts name; nothing of it is new."""
    assert len(crawled.again_log) <= len(crawled.first_log) * 0.05
    [(not_modified, not_due, new)] = query(
        crawled.root, "select not_modified, not_due, new_versions from runs where id = ?", crawled.again_run
    )
    assert not_modified == sum(entry["status"] == 304 for entry in crawled.again_log) > 0
    assert not_due > 300
    assert new == 0


def test_a_full_run_asks_for_everything_and_stores_little(crawled):
    """What is served unchanged is not stored a second time; requests are unconditional."""
    assert {entry["url"] for entry in crawled.first_log} == {entry["url"] for entry in crawled.full_log}
    assert not any(entry["conditional"] for entry in crawled.full_log)
    # The records of what was answered; each fetch has two more, of its request and of where its page was found.
    [(stored,)] = query(crawled.root, "select sum(length) from captures where run = ?", crawled.full_run)
    received = dict(query(crawled.root, "select id, bytes_wire from runs"))[crawled.first_run]
    assert stored < received * 0.05
    rows = query(crawled.root, "select record_type, count(*) from captures where run = ? and status = 200 "
                 "and size >= 512 group by 1", crawled.full_run)  # fmt: skip
    assert [kind for kind, _ in rows] == ["revisit"]


def test_edition_2_costs_little_more_than_its_changes(crawled, testbed):
    """What is asked for is where news is looked for, what is new, and what something says has changed."""
    changed = {record["url"] for record in gold(testbed, "change")}
    asked = [entry["url"] for entry in crawled.second_log]
    assert len(asked) == len(set(asked))
    assert len(asked) <= len(crawled.first_log) * 0.1
    assert set() == {url for url in changed if "umesosse.se" in url or "andreaslundgren" in url} - set(asked)


def test_only_what_changed_becomes_a_new_version(crawled, testbed):
    """Footers, counters, comments and categories are no edits."""
    told = {r["url"]: r["text_changed"] or r["change"] == "headline" for r in gold(testbed, "change")}
    differs = {r["url"] for r in manifest(testbed, 2) if r.get("change") != "chrome only"}
    several = {url for (url,) in query(crawled.root, "select url from versions group by url having count(*) > 1")}
    assert several
    assert set() == several - differs, "served unchanged, or with another frame only"
    assert set() == {url for url in several if not told.get(url, True)}, "changed in something else than its text"


def test_a_rebuilt_index_answers_the_same_row_by_row(crawled, cli, tmp_path):
    """Index, CDXJ and run state are derived: without them, the same rows come back."""
    copy = tmp_path / "archive"
    shutil.copytree(crawled.root, copy)
    shutil.rmtree(copy / "cdxj")
    shutil.rmtree(copy / "runs")
    (copy / "index.sqlite").unlink()
    cli("index", "--rebuild", "--archive", str(copy))
    views = [name for (name,) in query(crawled.root, "select name from sqlite_master where type = 'view'")]
    assert {"captures", "versions", "sightings", "claims", "comments"} <= set(views)
    for view in views:
        expected = sorted(map(repr, query(crawled.root, f"select * from {view}")))
        assert expected == sorted(map(repr, query(copy, f"select * from {view}"))), view
    for arguments in (
        ("search", "trygghet", "--json"),
        ("history", "https://umesosse.se/", "--json"),
        ("versions", "https://umesosse.se/2024/04/18/studiebesok-om-hur-umea-bygger-trygghet/", "--json"),
        ("status", "--json"),
    ):
        live = cli(*arguments, "--archive", str(crawled.root)).stdout
        assert json.loads(live) == json.loads(cli(*arguments, "--archive", str(copy)).stdout), arguments


def test_the_archive_verifies(crawled, cli):
    """Files, records, digests, and WARC against index both ways are in order."""
    done = cli("verify", "--archive", str(crawled.root))
    assert "0 findings" in done.stdout + done.stderr or "no findings" in (done.stdout + done.stderr).lower()


@pytest.mark.parametrize("suffix", ["cdxj", "sha256"])
def test_each_warc_has_its_index_and_manifest(crawled, suffix):
    """A closed WARC comes with a CDXJ and a checksum."""
    warcs = {path.name.removesuffix(".warc.gz") for path in (crawled.root / "warc").rglob("*.warc.gz")}
    folder = crawled.root / ("cdxj" if suffix == "cdxj" else "manifest")
    assert len(warcs) == 4
    assert warcs == {Path(p.name.removesuffix(f".{suffix}").removesuffix(".warc.gz")).name for p in folder.iterdir()}


def test_the_interfaces_of_each_site_are_found_and_those_of_others_left_alone(crawled):
    """Site A has an API, sitemaps and a feed, site B a feed alone; the papers, one hop off, are never swept."""
    assert len(crawled.first_log) <= 800
    rows = query(
        crawled.root, "select source, interface, standing from interfaces where is_index = 0 or standing = 'absent'"
    )
    found = set(rows)
    for interface in ("rest", "sitemap", "feed"):
        assert ("umesosse", interface, "offered") in found
    assert {standing for source, interface, standing in found if (source, interface) == ("lundgren", "rest")} == {
        "absent"
    }
    assert ("lundgren", "feed", "offered") in found
    asked = {str(entry["url"]) for entry in (*crawled.first_log, *crawled.second_log)}
    news = {url for url in asked if not in_domain(host_of(url), "umesosse.se") and "/andreaslundgren/" not in url}
    assert not {url for url in news if "sitemap" in url or "/feed" in url or url.endswith("/rss")}
    assert ("umesosse", "links", "rest") in set(query(crawled.root, "select source, named_by, missed_by from audits"))
