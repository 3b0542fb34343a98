"""The schedule, with a clock that a test moves: weeks go by in a moment, and nothing sleeps."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.config import parse
from umecrawl.errors import (
    ArchiveInUseError,
    ConfigError,
    InterruptedRunError,
    NoSpaceError,
    SeedFailedError,
    ServiceError,
    UmecrawlError,
)
from umecrawl.frontier.seeds import FailedSeed
from umecrawl.model.crawl import RunEnd, RunOutcome
from umecrawl.model.urls import Url
from umecrawl.pipeline.crawl import CrawlReport
from umecrawl.pipeline.duetimes import Why, offset_of, outlooks
from umecrawl.pipeline.progress import Tally
from umecrawl.pipeline.runs import CrawlOptions, new_run
from umecrawl.pipeline.schedule import Scheduler, Ways
from umecrawl.pipeline.served import past_run, recent_runs

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NO_JITTER = '[schedule]\njitter = "0s"\n'


def settings(extra="", **sources):
    """Return a configuration with these sources; the value of each is its `every` or its `cron`."""
    text = '[collection]\nname = "test"\ncontact = "mailto:a@archive.example"\n' + extra
    for name, when in sources.items():
        line = f'cron = "{when}"' if " " in when else f'every = "{when}"' if when else ""
        text += f'[[source]]\nname = "{name}"\nseeds = ["https://{name}.example/"]\n{line}\n'
    return parse(text, Path("umecrawl.toml"))


def at(text):
    """Return the moment at which the clocks of Stockholm show this."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


class World:
    """A clock, an archive that holds runs and nothing else, and a user who listens."""

    def __init__(self, config, start):
        self.config = config
        self.now = at(start)
        self.runs = []
        self.said = []
        self.notices = []
        self.lasts = lambda _sources: timedelta(minutes=10)
        self.ends = lambda _sources: RunOutcome.FINISHED
        self.until = None
        self.index_problem = None
        self.look_every = timedelta(minutes=1)

    def scheduler(self):
        """Return a scheduler that has just been started."""
        ways = Ways(
            load=self.load,
            history=lambda: reversed(self.runs),
            crawl=self.crawl,
            check_index=self.check_index,
            notify=self.notify,
            say=self.said.append,
            complain=self.said.append,
            note=lambda *_: None,
            clock=lambda: self.now,
            sleep=self.sleep,
        )
        return Scheduler("archive", self.config, CrawlOptions(), ways, self.look_every)

    def keep(self, until):
        """Let a scheduler run until a time, and then be stopped."""
        self.until = at(until)
        with pytest.raises(KeyboardInterrupt):
            self.scheduler().run()

    def load(self):
        """Return the configuration, or raise what is wrong with it."""
        if isinstance(self.config, UmecrawlError):
            raise self.config
        return self.config

    def check_index(self):
        """Raise what is wrong with the index."""
        if self.index_problem is not None:
            raise self.index_problem

    def notify(self, notice, _settings):
        """Keep a notice; telling always works."""
        self.notices.append(notice)
        return []

    def sleep(self, seconds):
        """Move the clock."""
        assert 1 <= seconds <= self.look_every.total_seconds()
        self.now += timedelta(seconds=seconds)
        if self.until is not None and self.now >= self.until:
            raise KeyboardInterrupt

    def crawl(self, config, options):
        """Make a run that lasts as long and ends as the test says."""
        if options.resume is None:
            run = new_run(config, options, self.now, f"{len(self.runs):04x}")
        else:
            place = next(place for place, (run, _) in enumerate(self.runs) if run.id == options.resume)
            run, _ = self.runs.pop(place)
        began = self.now
        self.now += self.lasts(run.sources)
        outcome = self.ends(run.sources)
        if isinstance(outcome, Exception):
            raise outcome
        failed = tuple(
            FailedSeed(Url(f"https://{name}.example/"), name, "dns: not found")
            for name in run.sources
            if outcome is RunOutcome.SEED_FAILED and name.startswith("dead")
        )
        end = RunEnd(run.id, self.now, outcome, failed_sources=tuple(seed.source for seed in failed))
        self.runs.append((run, end if outcome is not RunOutcome.KILLED else None))
        if outcome is RunOutcome.NO_SPACE:
            raise NoSpaceError("no space left")
        return CrawlReport(
            run=run.id,
            outcome=outcome,
            detail="",
            elapsed=(self.now - began).total_seconds(),
            tally=Tally(),
            queued=0,
            not_due=0,
            failed_seeds=failed,
            indexed=True,
            index_problem="",
            index_exit_code=0,
            problems=(),
        )

    def begun(self, source):
        """Return when runs of a source began, as clocks in Stockholm showed it."""
        return [f"{r.started_at.astimezone(STOCKHOLM):%m-%d %H:%M}" for r, _ in self.runs if source in r.sources]

    def facts(self, source):
        """Return what each run of a source says about its due time."""
        return [
            " ".join(
                f"{name.removeprefix('schedule.')}={value.partition(' ')[2]}"
                for name, value in run.settings
                if name.startswith("schedule.") and value.startswith(f"{source} ")
            )
            for run, _ in self.runs
            if source in run.sources
        ]


def test_weeks_with_a_change_to_summer_time_a_missed_night_and_an_overlap():
    """Three weeks: the night job keeps its hour by the clock, the interval its length; what was missed comes once."""
    world = World(settings(NO_JITTER, night="30 2 * * *", often="6h"), "2026-03-20 12:00")
    world.look_every = timedelta(hours=1)
    world.lasts = lambda _: timedelta(hours=9) if world.now == at("2026-04-01 19:00") else timedelta(minutes=10)
    world.keep("2026-03-27 22:00")
    world.now = at("2026-03-28 09:15")  # nobody kept the schedule that night
    world.keep("2026-04-10 12:30")

    nights = world.begun("night")
    assert ["03-20 12:00", "03-21 02:30", "03-22 02:30"] == nights[:3]
    assert ["03-27 02:30", "03-28 09:15", "03-29 03:00", "03-30 02:30", "03-31 02:30", "04-01 02:30"] == nights[7:13]
    assert ["04-02 04:00", "04-03 02:30"] == nights[13:15]  # a run of the other source went on until four
    assert len(nights) == len(set(nights)) == 22

    often = world.begun("often")
    assert ["03-27 00:00", "03-27 06:00", "03-27 12:00", "03-27 18:00", "03-28 09:15", "03-28 12:00"] == often[26:32]
    assert ["03-28 18:00", "03-29 00:00", "03-29 07:00", "03-29 13:00"] == often[32:36]  # six hours, not the clock's
    overlap = often.index("04-01 19:00")
    assert ["04-01 19:00", "04-02 04:00", "04-02 07:00"] == often[overlap : overlap + 3]

    facts = dict(zip(nights, world.facts("night"), strict=True))
    assert "why=first" == facts["03-20 12:00"]
    assert "why=due due=2026-03-21T01:30:00Z" == facts["03-21 02:30"]
    assert "why=late due=2026-03-28T01:30:00Z late=24300" == facts["03-28 09:15"]
    assert "why=due due=2026-03-29T01:00:00Z" == facts["03-29 03:00"]
    assert "why=overlap due=2026-04-02T00:30:00Z late=5400" == facts["04-02 04:00"]
    facts = dict(zip(often, world.facts("often"), strict=True))
    assert facts["03-28 09:15"].startswith("why=catch-up due=2026-03-28T05:00:00Z late=")
    assert facts["03-28 09:15"].endswith("missed=1 2026-03-27T23:00:00Z 2026-03-27T23:00:00Z")


def test_ten_missed_times_are_made_up_for_by_one_run():
    """Somebody away for days finds one run that says what it stands for, and then the old rhythm."""
    world = World(settings(NO_JITTER, blog="6h"), "2026-05-01 00:00")
    world.keep("2026-05-01 07:00")
    world.now = at("2026-05-04 00:30")
    world.keep("2026-05-04 12:30")
    assert ["05-01 00:00", "05-01 06:00", "05-04 00:30", "05-04 06:00", "05-04 12:00"] == world.begun("blog")
    assert world.facts("blog")[2].endswith("missed=10 2026-05-01T10:00:00Z 2026-05-03T16:00:00Z")


def test_a_run_longer_than_the_interval_never_piles_up():
    """What came due while a run went on is done once, right behind it, and called an overlap."""
    world = World(settings(NO_JITTER, slow="4h", quick="1h"), "2026-05-01 00:00")
    world.lasts = lambda names: timedelta(minutes=70) if "slow" in names else timedelta(minutes=5)
    world.keep("2026-05-01 03:30")
    assert ["05-01 00:00", "05-01 01:10", "05-01 02:00", "05-01 03:00"] == world.begun("quick")
    assert "why=overlap due=2026-04-30T23:00:00Z late=600" == world.facts("quick")[1]


def test_a_source_that_fails_is_tried_again_ever_more_rarely_and_others_go_on():
    """Five, ten, twenty minutes ... six hours; the living source keeps its times, and each failure is told."""
    world = World(settings(NO_JITTER, dead="1h", alive="1h"), "2026-05-01 00:00")
    world.ends = lambda names: RunOutcome.SEED_FAILED if "dead" in names else RunOutcome.FINISHED
    world.lasts = lambda _: timedelta()
    world.keep("2026-05-02 12:00")
    tries = [run.started_at for run, _ in world.runs if "dead" in run.sources]
    gaps = [(later - earlier) / timedelta(minutes=5) for earlier, later in pairwise(tries)]
    assert [1, 2, 4, 8, 16, 32, 64, 72, 72, 72, 72] == gaps
    assert [f"05-01 {hour:02d}:00" for hour in range(24)] == world.begun("alive")[:24]
    told = [notice for notice in world.notices if notice.event == "run-failed"]
    assert len(tries) == len(told)
    assert [1, 2, 3] == [notice.failures for notice in told[:3]]
    assert (6, "seed-failed", told[0].run) == (told[0].exit_code, told[0].outcome, world.runs[0][0].id)
    assert tries[1] == told[0].retry_at


def test_a_site_that_comes_back_is_crawled_and_keeps_its_times_again():
    """After the first run that brought it home nothing of the failures is left."""
    world = World(settings(NO_JITTER, dead="6h"), "2026-05-01 00:00")
    world.ends = lambda _: RunOutcome.SEED_FAILED if world.now < at("2026-05-01 01:00") else RunOutcome.FINISHED
    world.lasts = lambda _: timedelta()
    world.keep("2026-05-01 08:00")
    assert ["05-01 00:00", "05-01 00:05", "05-01 00:15", "05-01 00:35", "05-01 01:15", "05-01 07:15"] == (
        world.begun("dead")
    )


@pytest.mark.parametrize("error", [RuntimeError("a fault"), NoSpaceError("full"), ServiceError("gone")])
def test_an_exception_without_any_trace_in_the_archive_ends_nothing(error):
    """It is told and tried again later, not at once, although no record remembers it."""
    world = World(settings(NO_JITTER, blog="6h"), "2026-05-01 00:00")
    world.ends = lambda _: error if world.now < at("2026-05-01 00:20") else RunOutcome.FINISHED
    world.lasts = lambda _: timedelta()
    world.keep("2026-05-01 06:00")
    assert ["05-01 00:35"] == world.begun("blog")
    assert 3 == len(world.notices)
    assert str(error) in world.notices[0].message


def test_a_full_disk_is_waited_for_and_the_run_goes_on():
    """The run that the disk cut off is taken up again; no new one begins in its place."""
    world = World(settings(NO_JITTER, blog="6h"), "2026-05-01 00:00")
    world.ends = lambda _: RunOutcome.NO_SPACE if world.now < at("2026-05-01 00:12") else RunOutcome.FINISHED
    world.lasts = lambda _: timedelta(minutes=1)
    world.keep("2026-05-01 01:00")
    assert 1 == len(world.runs)
    assert RunOutcome.FINISHED is world.runs[0][1].outcome
    assert ["no-space", "no-space"] == [notice.outcome for notice in world.notices]


def test_a_killed_run_goes_on_when_the_scheduler_is_back():
    """Its due time stays that of its beginning, and what came due meanwhile is done behind it."""
    world = World(settings(NO_JITTER, blog="1h"), "2026-05-01 00:00")
    world.ends = lambda _: RunOutcome.KILLED
    world.scheduler().once()
    world.now = at("2026-05-01 02:30")
    world.ends = lambda _: RunOutcome.FINISHED
    world.keep("2026-05-01 02:55")
    assert ["05-01 00:00", "05-01 02:40"] == world.begun("blog")
    assert any("goes on" in line for line in world.said)


def test_a_killed_run_of_long_ago_is_left_behind():
    """A day later a new run begins, so that the captures of a run are close together in time."""
    world = World(settings(NO_JITTER, blog="1h"), "2026-05-01 00:00")
    world.ends = lambda _: RunOutcome.KILLED
    world.scheduler().once()
    world.now = at("2026-05-02 00:30")
    world.ends = lambda _: RunOutcome.FINISHED
    world.scheduler().once()
    assert ["05-01 00:00", "05-02 00:30"] == world.begun("blog")


def test_a_run_that_the_user_stopped_ends_the_schedule_and_goes_on_with_the_next():
    """Ctrl-C while a run goes on leaves a run that is taken up again."""
    world = World(settings(NO_JITTER, blog="1h"), "2026-05-01 00:00")
    world.ends = lambda _: RunOutcome.INTERRUPTED
    with pytest.raises(InterruptedRunError, match="nothing is lost"):
        world.scheduler().run()
    world.ends = lambda _: RunOutcome.FINISHED
    assert 1 == world.scheduler().once()
    assert [RunOutcome.FINISHED] == [end.outcome for _, end in world.runs]


def test_once_does_what_is_due_and_tells_the_first_error():
    """Exit codes come from the error; a second call has nothing to do."""
    world = World(settings(NO_JITTER, dead="1h", alive="1h", idle=""), "2026-05-01 00:00")
    world.ends = lambda names: RunOutcome.SEED_FAILED if "dead" in names else RunOutcome.FINISHED
    with pytest.raises(SeedFailedError, match=r"dead\.example"):
        world.scheduler().once()
    assert ("dead", "alive") == world.runs[0][0].sources
    assert 0 == world.scheduler().once()


def test_an_archive_in_use_is_waited_for():
    """A crawl by hand holds the archive: that is no failure of the source, and it is said once."""
    world = World(settings(NO_JITTER, blog="1h"), "2026-05-01 00:00")
    busy = ArchiveInUseError("archive: the archive is in use by process 1")
    world.ends = lambda _: busy if world.now < at("2026-05-01 00:10") else RunOutcome.FINISHED
    world.lasts = lambda _: timedelta()
    with pytest.raises(ArchiveInUseError):
        world.scheduler().once()
    world.keep("2026-05-01 00:30")
    assert ["05-01 00:10"] == world.begun("blog")
    assert [] == world.notices
    assert 1 == sum("Waiting" in line for line in world.said)


def test_a_configuration_that_breaks_is_told_once_and_the_one_before_stays():
    """When it is mended, it is taken over between two runs."""
    world = World(settings(NO_JITTER, blog="1h"), "2026-05-01 00:00")
    good = world.config
    scheduler = world.scheduler()

    def load():
        if at("2026-05-01 00:30") <= world.now < at("2026-05-01 02:30"):
            raise ConfigError("umecrawl.toml, line 7: source.every: not a duration")
        return good if world.now < at("2026-05-01 02:30") else settings(NO_JITTER, blog="1h", paper="1h")

    scheduler._ways = Ways(**{name: getattr(scheduler._ways, name) for name in Ways.__slots__} | {"load": load})
    world.until = at("2026-05-01 03:10")
    with pytest.raises(KeyboardInterrupt):
        scheduler.run()
    assert ["05-01 00:00", "05-01 01:00", "05-01 02:00", "05-01 03:00"] == world.begun("blog")[:4]
    assert ["05-01 02:30"] == world.begun("paper")[:1]
    assert ["configuration-invalid"] == [notice.event for notice in world.notices]


def test_a_database_that_is_away_does_not_keep_pages_from_being_archived():
    """The run is made without an index, and the failure of the index is told."""
    world = World(settings(NO_JITTER, blog="6h"), "2026-05-01 00:00")
    world.index_problem = ServiceError("no database there")
    with pytest.raises(ServiceError):
        world.scheduler().once()
    assert 1 == len(world.runs)
    assert ["index-incomplete"] == [notice.event for notice in world.notices]
    assert 0 == world.scheduler().once()


def test_clocks_that_jump_neither_stop_nor_repeat_the_schedule():
    """A run dated years ahead counts for nothing; of an hour that is set back nothing is done twice."""
    world = World(settings(NO_JITTER, blog="6h"), "2031-01-01 00:00")
    world.scheduler().once()
    world.now = at("2026-05-01 00:00")
    world.keep("2026-05-01 07:00")
    assert ["01-01 00:00", "05-01 00:00", "05-01 06:00"] == world.begun("blog")
    world.now = at("2026-05-01 05:00")
    world.keep("2026-05-01 13:00")
    assert ["05-01 06:00", "05-01 12:00"] == world.begun("blog")[2:]


def test_limited_and_replayed_runs_serve_nothing():
    """Five pages for a look are no crawl of the source."""
    config = settings(NO_JITTER, blog="6h")
    now = at("2026-05-01 00:00")
    look = new_run(config, CrawlOptions(limit_pages=5), now, "aaaa")
    found = outlooks(config, list(recent_runs([(look, RunEnd(look.id, now, RunOutcome.LIMIT))], config, now)), now)
    assert Why.FIRST is found[0].why


def test_a_crawl_by_hand_serves_what_was_due_before_it():
    """The interval counts from it."""
    config = settings(NO_JITTER, blog="6h")
    run = new_run(config, CrawlOptions(), at("2026-05-01 01:23"), "aaaa")
    past = [past_run(run, RunEnd(run.id, at("2026-05-01 01:40"), RunOutcome.FINISHED))]
    found = outlooks(config, past, at("2026-05-01 02:00"))[0]
    assert (Why.WAITING, at("2026-05-01 07:23")) == (found.why, found.due_at)


@given(
    name=st.text("abc", min_size=1, max_size=5),
    minutes=st.integers(0, 10**6),
    jitter=st.integers(0, 3600),
    gap=st.integers(1, 10**6),
)
def test_jitter_is_the_same_each_time_and_never_a_large_share_of_the_interval(name, minutes, jitter, gap):
    """It is drawn from source and slot alone."""
    slot = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    drawn = offset_of(name, slot, timedelta(seconds=jitter), timedelta(seconds=gap))
    assert drawn == offset_of(name, slot.astimezone(STOCKHOLM), timedelta(seconds=jitter), timedelta(seconds=gap))
    assert timedelta() <= drawn <= min(timedelta(seconds=jitter), timedelta(seconds=gap) / 10)


def test_jitter_spreads_runs_without_shifting_the_times_they_serve():
    """Each run begins within five minutes of its slot; the slots stay six hours apart."""
    world = World(settings("", blog="6h"), "2026-05-01 00:00")
    world.keep("2026-05-08 00:00")
    slots = [fact.split("due=")[1].split()[0] for fact in world.facts("blog")[1:]]
    moments = [datetime.fromisoformat(slot) for slot in slots]
    assert {timedelta(hours=6)} == {later - earlier for earlier, later in pairwise(moments)}
    offsets = {run.started_at - slot for (run, _), slot in zip(world.runs[1:], moments, strict=True)}
    assert 20 < len(offsets)
    assert max(offsets) <= timedelta(minutes=5)
