"""Runs over weeks on one archive: what is asked for again, what is left alone, and what no run may lose."""

from datetime import timedelta

import pytest
from simulated import BEGIN, DAY, HOME, HOUR, Archive, Page, Site

from umecrawl.model.capture import Capture, RecordType
from umecrawl.warc.reader import WarcArchive

OLD = f"{HOME}2015/01/02/gammal/"
POSTS = [f"{HOME}2015/01/{day:02}/inlagg/" for day in range(1, 21)]


@pytest.fixture
def site():
    """Return a home page that links to twenty old posts, the last of which links to one more."""
    pages = {url: Page(f"Inlägg {url}", (HOME,)) for url in POSTS}
    pages[POSTS[-1]] = Page("Inlägg", (OLD,))
    return Site({HOME: Page("Start", tuple(POSTS)), OLD: Page("Gammal")} | pages)


@pytest.fixture
def archive(tmp_path, site):
    """Return an archive of the site after a first run."""
    made = Archive(tmp_path, site)
    made.crawl(BEGIN)
    return made


def captures(archive):
    """Return the captures of an archive in the order of writing."""
    return [event for _, event in WarcArchive(archive.root).events({}) if isinstance(event, Capture)]


def test_an_unchanged_site_is_asked_for_its_home_page_and_no_more(archive):
    """And that is a 304."""
    again = archive.crawl(BEGIN + HOUR)
    assert again.asked == ((f"{HOME}robots.txt", 404), (HOME, 304))
    assert again.not_due == 21


def test_a_full_run_asks_for_everything_and_unconditionally(archive):
    """What is stored are revisits."""
    again = archive.crawl(BEGIN + HOUR, full=True)
    assert again.urls == sorted([HOME, OLD, *POSTS])
    assert again.of(304) == []
    assert again.not_due == 0
    stored = [one.record_type for one in captures(archive) if one.run == again.run and one.status == 200]
    assert stored == [RecordType.REVISIT] * 22


def test_a_new_post_is_captured_and_then_asked_for_often(archive, site):
    """In daily runs: on the days after it appeared, then less and less; the old posts once a month."""
    new = f"{HOME}nytt/"
    site.pages[HOME].links += (new,)
    site.pages[new] = Page("Nytt")
    days = [day for day in range(1, 45) if new in archive.crawl(BEGIN + day * DAY).urls]
    assert days[:4] == [1, 2, 3, 5]
    assert 5 < len(days) < 12
    old = [one for one in captures(archive) if one.url == OLD]
    assert [one.status for one in old] == [200, 304]
    assert timedelta(days=30) <= old[1].captured_at - old[0].captured_at < timedelta(days=32)


def test_an_edit_that_nothing_tells_of_is_found_within_the_longest_pause(archive, site):
    """And the page is young again: asked for on the next days too."""
    site.pages[OLD].text = "Ändrad"
    seen = []
    for day in range(1, 36):
        ran = archive.crawl(BEGIN + day * DAY)
        if OLD in ran.urls:
            seen.append((day, dict(ran.asked)[OLD]))
    assert seen[0] == (30, 200) or seen[0] == (31, 200)
    assert len(seen) > 2


def test_a_removal_is_confirmed_on_three_days_and_the_return_noticed(archive, site):
    """The page is asked for on the days after its 404, then ever more rarely."""
    site.pages[OLD].status = 404
    days = [day for day in range(30, 60) if archive.crawl(BEGIN + day * DAY + HOUR).of(404).count(OLD)]
    assert days[:3] == [30, 31, 32]
    assert len(days) < 12
    site.pages[OLD].status = 200
    back = [day for day in range(60, 100) if OLD in archive.crawl(BEGIN + day * DAY + HOUR).urls]
    assert back


def test_what_a_page_that_answers_304_links_to_is_known(tmp_path, site):
    """A post that could not be had is found by the next run through the home page, although that has not changed."""
    site.unreachable.add(POSTS[3])
    made = Archive(tmp_path, site)
    assert POSTS[3] not in made.crawl(BEGIN).of(200)
    site.unreachable.clear()
    again = made.crawl(BEGIN + HOUR)
    assert again.of(304) == [HOME]
    assert again.of(200) == [POSTS[3]]


def test_what_a_page_that_is_not_due_links_to_is_known(tmp_path, site):
    """Nothing but a page that is not due for a month leads to it."""
    site.unreachable.add(OLD)
    made = Archive(tmp_path, site)
    made.crawl(BEGIN)
    site.unreachable.clear()
    assert made.crawl(BEGIN + HOUR).of(200) == [OLD]


def test_a_run_after_one_that_was_stopped_and_not_resumed_asks_for_the_rest(tmp_path, site):
    """And for nothing twice."""
    made = Archive(tmp_path, site)
    first = made.crawl(BEGIN, stop_after=9)
    second = made.crawl(BEGIN + HOUR)
    assert {*first.urls, *second.urls} == {HOME, OLD, *POSTS}
    assert set(first.urls) & set(second.urls) == {HOME}


def test_an_interrupted_run_goes_on_with_the_plan_it_began_with(archive):
    """Although by then other pages would be due, and its own answers are there."""
    when = BEGIN + 31 * DAY
    first = archive.crawl(when, stop_after=12)
    rest = archive.crawl(when + 40 * DAY, resume=first.run)
    assert sorted(first.urls + rest.urls) == sorted([HOME, OLD, *POSTS])
    assert rest.run == first.run


@pytest.mark.parametrize("full", [False, True])
def test_a_resumed_run_is_full_if_it_began_so(archive, full):
    """The option is one of those that a run keeps."""
    first = archive.crawl(BEGIN + HOUR, stop_after=2, full=full)
    rest = archive.crawl(BEGIN + 2 * HOUR, resume=first.run)
    assert len(rest.urls) == (21 if full else 0)


def test_a_server_that_confirms_everything_is_found_out(archive, site):
    """Its home page changes; within ten runs the whole answer is asked for."""
    site.confirms = lambda _sent, _tag: True
    site.pages[HOME].text = "Ny start"
    statuses = [dict(archive.crawl(BEGIN + run * HOUR).asked)[HOME] for run in range(1, 13)]
    assert statuses.count(200) == 1
    assert statuses.index(200) == 9


def test_a_304_of_something_never_archived_is_asked_again_without_condition(tmp_path, site):
    """A server that answers 304 to a request that asked for none."""
    made = Archive(tmp_path, site)
    site.pages[OLD].status, site.pages[OLD].etag = 304, False
    made.crawl(BEGIN)
    site.pages[OLD].status = 200
    assert OLD in made.crawl(BEGIN + HOUR).of(200)


def test_tags_that_change_each_time_and_pages_that_differ_each_time_cost_no_more_visits(archive, site):
    """Two months of daily runs ask for an old page a few times."""
    count = iter(range(10**9))
    site.tags = lambda _body: f'"{next(count)}"'
    asked = 0
    for day in range(1, 61):
        site.pages[OLD].text = f"Visad {next(count)} gånger"
        asked += OLD in archive.crawl(BEGIN + day * DAY).urls
    assert 1 < asked < 15


def test_a_clock_that_went_back_stops_nothing(archive):
    """Captures dated in the future are left out of the plan: everything is asked for once, and then planned anew."""
    past = BEGIN - 400 * DAY
    assert len(archive.crawl(past).urls) == 22
    assert archive.crawl(past + HOUR).urls == [HOME]


def test_a_clock_that_was_ahead_stops_nothing(tmp_path, site):
    """One run dated in 2049 does not keep its pages from being asked for until then."""
    made = Archive(tmp_path, site)
    made.crawl(BEGIN + 8000 * DAY)
    assert len(made.crawl(BEGIN).urls) == 22
    assert made.crawl(BEGIN + HOUR).urls == [HOME]
    assert len(made.crawl(BEGIN + 31 * DAY).urls) == 22


def test_without_cdxj_and_look_ups_the_plan_is_the_same(archive):
    """Both are made anew from the WARC files."""
    for path in [*(archive.root / "cdxj").iterdir(), *(archive.root / "runs").glob("*.sqlite*")]:
        path.unlink()
    again = archive.crawl(BEGIN + HOUR)
    assert (again.urls, again.not_due) == ([HOME], 21)


def test_a_lead_is_asked_for_once_and_unconditionally(archive, site):
    """Also where the server would confirm the old text; what the run has already is not asked for again."""
    site.confirms = lambda _sent, _tag: True
    site.pages[OLD].text = "Ändrad"
    again = archive.crawl(BEGIN + HOUR, leads=[OLD, HOME, f"{HOME}okand/", OLD])
    assert again.urls == [HOME, OLD]
    assert again.of(200) == [OLD]


def test_leads_that_come_to_nothing_are_followed_ever_more_rarely(archive):
    """A listing that shows another teaser in every run does not make its page be asked for in every run."""
    asked = [OLD in archive.crawl(BEGIN + hour * HOUR, leads=[OLD]).urls for hour in range(1, 25 * 5)]
    assert asked[:2] == [True, True]
    assert sum(asked) < 8


def test_a_moved_page_is_followed_to_its_new_place(archive, site):
    """The new address is new to the archive; the old one is confirmed on the next days."""
    new = f"{HOME}2015/01/02/ny-adress/"
    site.pages[OLD].status, site.pages[OLD].location = 301, new
    site.pages[new] = Page("Gammal")
    assert archive.crawl(BEGIN + HOUR, leads=[OLD]).urls == sorted([HOME, OLD, new])
    assert OLD in archive.crawl(BEGIN + DAY).urls


def test_several_sources_keep_their_own_plans(tmp_path, site):
    """The longest pause of one is not that of the other."""
    made = Archive(tmp_path, site, '[source.revisit]\nlongest = "2d"\n')
    made.crawl(BEGIN)
    assert made.crawl(BEGIN + DAY).urls == [HOME]
    assert len(made.crawl(BEGIN + 2 * DAY + HOUR).urls) == 22


def test_a_run_that_was_stopped_while_it_followed_leads_follows_the_rest(archive):
    """What it had followed is not asked for again."""
    first = archive.crawl(BEGIN + HOUR, leads=[OLD, POSTS[4]], stop_after=3)
    rest = archive.crawl(BEGIN + 2 * HOUR, resume=first.run, leads=[OLD, POSTS[4]])
    assert (first.urls, rest.urls) == ([HOME, OLD], [POSTS[4]])


def test_an_archive_made_before_there_was_a_plan_is_planned_at_once(archive):
    """Its CDXJ files say all that is needed; runs without the new field in their end have left nothing out."""
    (archive.root / "runs" / "histories.sqlite").unlink()
    assert archive.crawl(BEGIN + HOUR).not_due == 21
