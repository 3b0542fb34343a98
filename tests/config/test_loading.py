"""Reading `umecrawl.toml`: values, defaults, and what each mistake is told as."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from umecrawl.config import READY_COLLECTIONS, Kind, Robots, SourceScope, load, parse, ready_collection
from umecrawl.errors import ConfigError, NotFoundError

PATH = Path("umecrawl.toml")
MINIMAL = '[collection]\nname = "test"\ncontact = "mailto:archive@test.example"\n'
SOURCE = '[[source]]\nname = "blog"\nseeds = ["https://blog.example/"]\n'


def refused(text):
    """Return the error that a text is refused with."""
    with pytest.raises(ConfigError) as caught:
        parse(text, PATH)
    assert caught.value.exit_code == 3
    assert "\n" not in caught.value.message
    return caught.value


def test_the_example_of_the_contract_is_read_whole():
    """Every key has its value in the type that the rest of the program uses."""
    config = parse(
        """
[collection]
name = "umea"
title = "Socialdemokraterna i Umeå och lokalpressen"
operator = "Name of the archive"
contact = "https://example.org/archive"
timezone = "Europe/Stockholm"

[politeness]
delay = "1s"
max_delay = "60s"
connections_per_host = 1
robots = "obey"
max_bytes = "100MB"
timeout = "60s"

[[source]]
name = "umesosse"
kind = "auto"
seeds = ["https://umesosse.se/"]
scope = "host"
include = ['/keep/']
exclude = []
requisites = true
follow = ["vk.se", "*"]
every = "6h"
max_pages = 50_000
""",
        PATH,
    )
    source = config.sources[0]
    assert config.collection.title == "Socialdemokraterna i Umeå och lokalpressen"
    assert config.collection.contact_is_placeholder
    assert config.politeness.delay == timedelta(seconds=1)
    assert config.politeness.max_bytes == 100_000_000
    assert source.kind is Kind.AUTO
    assert source.scope is SourceScope.HOST
    assert source.include[0].search("https://umesosse.se/keep/1")
    assert source.follow == ("vk.se", "*")
    assert source.every == timedelta(hours=6)
    assert source.cron is None


def test_what_is_left_out_has_its_default():
    """Only a name and a contact are needed, and a name and a seed for each source."""
    config = parse(MINIMAL + SOURCE, PATH)
    source = config.sources[0]
    assert config.collection.title == "test"
    assert config.collection.timezone == "Europe/Stockholm"
    assert (source.kind, source.scope, source.requisites, source.max_pages) == ("auto", "host", True, 50_000)
    assert source.politeness == config.politeness
    assert source.politeness.robots is Robots.OBEY


def test_a_source_overrides_single_politeness_keys():
    """What a source does not set comes from [politeness]."""
    config = parse(MINIMAL + '[politeness]\ndelay = "3s"\ntimeout = "5s"\n' + SOURCE + 'delay = "500ms"\n', PATH)
    assert config.sources[0].politeness == dataclasses.replace(config.politeness, delay=timedelta(milliseconds=500))
    assert config.sources[0].politeness.timeout == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("text", "line", "key", "wanted", "hint"),
    [
        ("[colection]\n", 1, "colection", "unknown key", "'collection'"),
        (MINIMAL + '\n[politeness]\ndelai = "1s"\n', 6, "politeness.delai", "unknown key", "'delay'"),
        (MINIMAL + SOURCE + "seed = []\n", 7, "source.seed", "unknown key", "'seeds'"),
        (MINIMAL + SOURCE + "zzz = 1\n", 7, "source.zzz", "unknown key", "Known keys"),
        ('[collection]\nname = "a"\n', 1, "collection.contact", "missing", "mailto:"),
        ('[collection]\ncontact = "mailto:a@b.example"\n', 1, "collection.name", "missing", ""),
        ("", 1, "collection.name", "missing", ""),
        ("collection = 1\n", 1, "collection", "a table is wanted, not a whole number", ""),
        (MINIMAL.replace("mailto:archive@test.example", "me"), 3, "collection.contact", "web address", ""),
        (MINIMAL.replace("mailto:archive@test.example", "mailto:me"), 3, "collection.contact", "mailto:", ""),
        (MINIMAL.replace('"test"', '"a.b"'), 2, "collection.name", "letters a-z", "file names"),
        (MINIMAL.replace('"test"', '"a/b"'), 2, "collection.name", "letters a-z", "file names"),
        (MINIMAL.replace('"test"', '"umeå"'), 2, "collection.name", "letters a-z", "file names"),
        (MINIMAL.replace('"test"', "1"), 2, "collection.name", "a string is wanted, not a whole number", ""),
        (MINIMAL + 'timezone = "Europe/Umea"\n', 4, "collection.timezone", "Europe/Stockholm", ""),
        (MINIMAL + 'timezone = "../../etc/passwd"\n', 4, "collection.timezone", "time zone", ""),
        (MINIMAL + "[politeness]\ndelay = 1\n", 5, "politeness.delay", "duration", "quotes"),
        (MINIMAL + '[politeness]\ndelay = "1"\n', 5, "politeness.delay", "'1'", ""),
        (MINIMAL + '[politeness]\ntimeout = "0s"\n', 5, "politeness.timeout", "longer than nothing", ""),
        (MINIMAL + '[politeness]\nmax_bytes = "big"\n', 5, "politeness.max_bytes", "100MB", ""),
        (MINIMAL + '[politeness]\nmax_bytes = "0MB"\n', 5, "politeness.max_bytes", "above 0", ""),
        (MINIMAL + "[politeness]\nconnections_per_host = 0\n", 5, "politeness.connections_per_host", "from 1", ""),
        (MINIMAL + "[politeness]\nconnections_per_host = true\n", 5, "politeness.connections_per_host", "boolean", ""),
        (MINIMAL + '[politeness]\nrobots = "ignore"\n', 5, "politeness.robots", "robots_reason", "robots_reason ="),
        (MINIMAL + '[revisit]\nlongst = "1d"\n', 5, "revisit.longst", "unknown key", "'longest'"),
        (MINIMAL + '[revisit]\nlongest = "0s"\n', 5, "revisit.longest", "longer than nothing", ""),
        (MINIMAL + '[revisit]\nlongest = "9999w"\n', 5, "revisit.longest", "ten years", "ever dropped"),
        (MINIMAL + '[revisit]\nlongest = "30m"\n', 5, "revisit.longest", "shortest (1h) is longer", "between"),
        (MINIMAL + SOURCE + '[source.revisit]\nshortest = "9w"\n', 8, "source.revisit.shortest", "longest (30d)", ""),
        (MINIMAL + SOURCE + 'robots = "ignore"\n', 7, "source.robots", "robots_reason", "robots_reason ="),
        (MINIMAL + SOURCE + 'robots = "obay"\n', 7, "source.robots", "one of obey, ignore", "'obey'"),
        (MINIMAL + SOURCE + 'scope = "hosts"\n', 7, "source.scope", "one of page", "'host'"),
        (MINIMAL + SOURCE + "requisites = 1\n", 7, "source.requisites", "a boolean is wanted", ""),
        (MINIMAL + SOURCE + "max_pages = 1.5\n", 7, "source.max_pages", "not a number", ""),
        (MINIMAL + SOURCE + "max_pages = 2024-01-01\n", 7, "source.max_pages", "a date or time", ""),
        (MINIMAL + SOURCE + 'exclude = ["("]\n', 7, "source.exclude", "not a regular expression", "single quotes"),
        (MINIMAL + SOURCE + 'exclude = [""]\n', 7, "source.exclude", "matches everything", ""),
        (MINIMAL + SOURCE + 'exclude = "x"\n', 7, "source.exclude", "a list is wanted, not a string", ""),
        (MINIMAL + SOURCE + "exclude = [1]\n", 7, "source.exclude", "a list of strings", ""),
        (MINIMAL + SOURCE + 'follow = ["https://vk.example/x"]\n', 7, "source.follow", "a domain", "'vk.example'"),
        (MINIMAL + SOURCE + 'follow = ["a b"]\n', 7, "source.follow", "a domain", ""),
        (MINIMAL + SOURCE + 'cron = "hourly"\n', 7, "source.cron", "five fields", ""),
        (MINIMAL + SOURCE + 'every = "1h"\ncron = "0 6 * * *"\n', 8, "source.cron", "not both", ""),
        (MINIMAL + SOURCE + 'every = "0s"\n', 7, "source.every", "longer than nothing", ""),
        (MINIMAL + '[[source]]\nname = "x"\n', 4, "source.seeds", "at least one URL", ""),
        (MINIMAL + '[[source]]\nname = "x"\nseeds = ["umesosse.se"]\n', 6, "source.seeds", "http", "https://"),
        (MINIMAL + SOURCE + "\n" + SOURCE, 9, "source.name", "already named 'blog'", ""),
        (MINIMAL + '[source]\nname = "x"\n', 4, "source", "an array of tables", "[[source]]"),
        ("source = [1]\n" + MINIMAL, 1, "source", "an array of tables", "[[source]]"),
    ],
)
def test_a_mistake_is_told_with_line_key_and_what_is_wanted(text, line, key, wanted, hint):
    """Each message names file, line, key and what is wanted; the hint helps."""
    error = refused(text)
    assert error.message.startswith(f"umecrawl.toml, line {line}: {key}: ")
    assert wanted in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[collection\nname = "x"\n', 1),
        ("a = [\n1,\n", 2),
        ("a = 1\na = 2\n", 2),
        ('x = "open\n', 1),
        ("a = 1\n= 2", 2),
    ],
)
def test_broken_toml_is_one_line_with_file_and_line(text, line):
    """What is no TOML at all is told without a traceback."""
    assert refused(text).message.startswith(f"umecrawl.toml, line {line}: not valid TOML: ")


def test_a_source_has_the_revisit_plan_of_the_collection_unless_it_has_its_own():
    """Key by key, in a table behind the source."""
    sources = SOURCE + '[source.revisit]\nlongest = "7d"\n' + SOURCE.replace('"blog"', '"other"')
    own, other = parse(MINIMAL + '[revisit]\nshortest = "2h"\n' + sources, PATH).sources
    assert (own.revisit.shortest, own.revisit.longest) == (timedelta(hours=2), timedelta(days=7))
    assert (other.revisit.shortest, other.revisit.longest) == (timedelta(hours=2), timedelta(days=30))


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path):
    """An editor's habits do not break a file or shift its lines."""
    path = tmp_path / "umecrawl.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (MINIMAL + SOURCE).replace("\n", "\r\n").encode())
    assert load(path).sources[0].name == "blog"
    path.write_bytes((MINIMAL + "x = 1\n").replace("\n", "\r\n").encode())
    with pytest.raises(ConfigError, match=r"line 4: collection\.x: unknown key"):
        load(path)


def test_a_file_that_is_not_there_or_not_utf_8_is_told_so(tmp_path):
    """No file is 'not found' with the command that makes one; other bytes name the line."""
    with pytest.raises(NotFoundError) as caught:
        load(tmp_path / "umecrawl.toml")
    assert "umecrawl init" in caught.value.hint
    (tmp_path / "umecrawl.toml").write_bytes(b"[collection]\nname = '\xe5'\n")
    with pytest.raises(ConfigError, match="line 2: not UTF-8"):
        load(tmp_path / "umecrawl.toml")
    with pytest.raises(NotFoundError):
        load(tmp_path)


@pytest.mark.parametrize("cron", ["0 6-22 * * *", "*/15 * * * mon-fri", "0,30 6 1 1-12/2 *"])
def test_a_cron_line_of_five_fields_is_kept(cron):
    """The form is checked here, its meaning where it is used."""
    assert parse(MINIMAL + SOURCE + f'cron = "{cron}"\n', PATH).sources[0].cron == cron


def test_seeds_are_normalized_and_listed_once():
    """Two spellings of one seed are one seed; domains are compared in ASCII."""
    seeds = 'seeds = ["HTTPS://Blogg.Example", "https://blogg.example/"]'
    config = parse(MINIMAL + f'[[source]]\nname = "x"\n{seeds}\nfollow = ["umeå.example"]', PATH)
    assert config.sources[0].seeds == ("https://blogg.example/",)
    assert config.sources[0].follow == ("xn--ume-wla.example",)


@pytest.mark.parametrize("name", READY_COLLECTIONS)
def test_the_ready_collections_are_valid(name):
    """What `umecrawl init` writes can be read, and asks for a contact of one's own."""
    config = parse(ready_collection(name), PATH)
    assert config.collection.contact_is_placeholder
    assert all(source.seeds for source in config.sources)
    assert bool(config.sources) == (name == "umea")


def test_an_unknown_ready_collection_names_those_there_are():
    """A wrong name is 'not found' with the right ones."""
    with pytest.raises(NotFoundError) as caught:
        ready_collection("../umea")
    assert "umea, empty" in caught.value.hint
