"""An index on PostgreSQL that a team shares: a role that only reads, and a server that is lost."""

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from servers.gated import GatedSite
from servers.relay import Relay
from sqlalchemy import create_engine, make_url, text

from umecrawl.index.engine import Index

pytestmark = pytest.mark.postgres

CONFIGURATION = """
[collection]
name = "test"
operator = "Test"
contact = "mailto:archive@archive.example"

[politeness]
delay = "0s"
max_delay = "0s"

[[source]]
name = "site"
seeds = ["http://127.0.0.1:{port}/"]
"""


@pytest.fixture
def make(tmp_path):
    """Return a maker of the archive of a site on loopback."""

    def make(site):
        (tmp_path / "umecrawl.toml").write_text(CONFIGURATION.format(port=site.port), encoding="utf-8")
        return str(tmp_path)

    return make


@pytest.fixture
def reader(postgres):
    """Give a role of its own, and the URL with which it asks; it has the rights that the documentation names."""
    name = f"reader_{uuid.uuid4().hex[:12]}"
    url = make_url(postgres)
    server = create_engine(url)
    yield name, url.set(username=name, password=None).render_as_string(hide_password=False), server
    with server.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {name}"))
        connection.execute(text(f"DROP ROLE {name}"))
    server.dispose()


def _grant(reader, schema):
    name, url, server = reader
    with server.begin() as connection:
        for statement in (
            f"CREATE ROLE {name} LOGIN",
            f"GRANT USAGE ON SCHEMA {schema} TO {name}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {name}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {name}",
        ):
            connection.execute(text(statement))
    return url


def test_a_role_that_may_only_read_asks_everything(make, cli, postgres, reader):
    """It searches, counts and compares, also after a rebuild and from where the archive's folder is not.

    It cannot index, and is told why.
    """
    schema = make_url(postgres).query["options"].partition("search_path=")[2].split()[0]
    with GatedSite(6) as site:
        root = make(site)
        cli("crawl", "--archive", root, "--database", postgres)
        page = f"http://127.0.0.1:{site.port}/1"
    url = _grant(reader, schema)
    for rebuilt in (False, True):
        if rebuilt:
            cli("index", "--rebuild", "--archive", root, "--database", postgres)
        questions: list[tuple[str, ...]] = [("search", "*mmun NEAR/5 sak"), ("status",)]
        if not rebuilt:
            questions += [
                ("count", "kommun", "--by", "site"),
                ("timeline", "kommun"),
                ("similar", page),
                ("history", page),
                ("versions", page),
                ("changes",),
                ("reuse",),
            ]
        for question in questions:
            asked = json.loads(cli(*question, "--json", "--archive", f"{root}/elsewhere", "--database", url).stdout)
            there = json.loads(cli(*question, "--json", "--archive", root, "--database", postgres).stdout)
            assert asked == there, question
    elsewhere = ("--archive", f"{root}/elsewhere", "--database", url)
    assert "6 articles in 6 versions" in cli("status", *elsewhere).stdout
    kept = cli("show", page, "--body", *elsewhere, check=False)
    assert (kept.returncode, "there is no file" in kept.stderr) == (4, True)
    refused = cli("index", "--rebuild", "--archive", root, "--database", url, check=False)
    assert refused.returncode != 0
    assert "may not write" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert json.loads(cli("search", "kommun", "--json", "--archive", root, "--database", url).stdout)


def test_a_rebuild_waits_for_who_reads_and_says_for_whom(make, cli, postgres):
    """The user is told which session holds the index; others ask meanwhile; when it lets go, the rebuild goes on."""
    with GatedSite(3) as site:
        root = make(site)
        cli("crawl", "--archive", root, "--database", postgres)
    question = ("search", "kommun", "--json", "--archive", root, "--database", postgres)
    before = json.loads(cli(*question).stdout)
    index = Index.open(postgres)
    with index.connect() as reader:
        process = reader.execute(text("SELECT pg_backend_pid() FROM captures LIMIT 1")).scalar_one()
        command = [sys.executable, "-m", "umecrawl", "index", "--rebuild", "--archive", root, "--database", postgres]
        rebuild = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        told = rebuild.stderr.readline()
        assert "Waiting for who has the index in use: " in told
        assert f"(umecrawl, server process {process}, since 20" in told
        assert json.loads(cli(*question).stdout) == before
    index.close()
    _, told = rebuild.communicate(timeout=300)
    assert rebuild.returncode == 0, told
    assert json.loads(cli(*question).stdout) == before


def test_a_server_that_is_lost_costs_the_index_and_no_page(make, cli, postgres):
    """The crawl ends with code 9 and whole WARC files; once the server is back, indexing catches up."""
    url = make_url(postgres)
    with Relay(url.host or "127.0.0.1", url.port or 5432) as relay, GatedSite(12, gate=5) as site:
        root = make(site)
        through = url.set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)
        command = [sys.executable, "-m", "umecrawl", "crawl", "--archive", root, "--database", through]
        crawl = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert site.reached.wait(120)
        relay.cut()
        site.release.set()
        _, told = crawl.communicate(timeout=300)
        assert crawl.returncode == 9, told
        assert "Traceback" not in told
        assert "is archived whole" in told
    assert cli("verify", "--no-index", "--archive", root).returncode == 0
    cli("index", "--archive", root, "--database", postgres)
    indexed = json.loads(
        cli("search", "kommun", "--limit", "100", "--json", "--archive", root, "--database", postgres).stdout
    )
    assert len({row["url"] for row in indexed}) == 12  # the front page lists and is no article
    assert not list((Path(root) / "warc").rglob("*.open"))
