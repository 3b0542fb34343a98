"""`umecrawl verify` on the command line: what it prints, what it remembers, and its exit code."""

import json
import re

import pytest

from umecrawl.cli import main
from umecrawl.warc.audits import read_audits


@pytest.fixture
def archive(tmp_path, make, writing, the_warc):
    """Return an archive of one sealed WARC with a chunked response, and the WARC."""
    with writing(tmp_path) as writer:
        writer.append(make.chunked("http://blog.example/chunked"))
    return tmp_path, the_warc(tmp_path)


@pytest.fixture
def verify(archive, capsys):
    """Return a function that runs the command on the archive, without its index, and gives exit code and stdout."""
    root, _ = archive

    def run(*words) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main(["verify", "--archive", str(root), *words])
        return end.value.code or 0, capsys.readouterr().out

    return run


def damage(path) -> None:
    """Change one octet in the last member."""
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)


def test_a_sound_archive_ends_with_0_and_is_remembered(archive, verify):
    """Nothing on stdout, one line in the history."""
    assert verify("--no-index") == (0, "")
    assert [audit.ok for audit in read_audits(archive[0])] == [True]
    assert verify("--no-index", "--no-record") == (0, "")
    assert len(list(read_audits(archive[0]))) == 1


def test_damage_ends_with_5_in_every_form(archive, verify):
    """The findings are the same as a table, as JSON, as JSON lines and as CSV."""
    damage(archive[1])
    code, table = verify("--no-index")
    assert code == 5
    assert "gzip-member" in table
    code, text = verify("--no-index", "--json")
    assert code == 5
    rules = [finding["rule"] for finding in json.loads(text)]
    assert "gzip-member" in rules
    _, lines = verify("--no-index", "--nl")
    assert [json.loads(line)["rule"] for line in lines.splitlines()] == rules
    _, rows = verify("--no-index", "--csv")
    assert len(rows.splitlines()) == len(rules) + 1
    assert len(json.loads(verify("--no-index", "--json", "--limit", "1")[1])) == 1


def test_helpers_find_what_one_process_does(archive, verify, monkeypatch):
    """Processes of the command's own kind, each with a file."""
    monkeypatch.setattr("umecrawl.warc.verify._WORTH_A_PROCESS", 1)
    _, warc = archive
    for number in range(5):
        warc.with_name(f"umea-20260131120000-0000{number + 1}-crawler.warc.gz").write_bytes(warc.read_bytes())
    damage(warc)
    alone = verify("--no-index", "--json", "--workers", "1")
    assert len(json.loads(alone[1])) > 5
    assert verify("--no-index", "--json", "--workers", "3") == alone


def test_the_history_is_listed_newest_first(archive, verify):
    """With what was found, and without checking anything."""
    verify("--no-index")
    damage(archive[1])
    verify("--no-index")
    code, text = verify("--history", "--json")
    assert code == 0
    newest, oldest = json.loads(text)
    assert (newest["ok"], oldest["ok"]) == (False, True)
    assert newest["findings"]["gzip-member"] == 1
    assert newest["file"] == archive[1].name
    assert len(json.loads(verify("--history", "--json", "--limit", "1")[1])) == 1
    assert verify("--history", "--repair")[0] == 2


def test_false_alarms_are_explained_with_their_records(archive, verify):
    """Only when asked; with -v the ids are named. They are no damage."""
    assert "false-alarm" not in verify("--no-index")[1]
    code, text = verify("--no-index", "--explain", "-v")
    assert code == 0
    assert "1 chunked response" in text
    assert len(re.findall(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", text)) == 1


def test_repair_mends_and_then_checks(archive, verify):
    """What is left are the losses, and they are no error."""
    damage(archive[1])
    code, text = verify("--no-index", "--repair")
    assert code == 0
    assert "cut-sidecar" in text


@pytest.mark.parametrize(("damaged", "code"), [(False, 1), (True, 5)])
def test_a_history_that_cannot_be_written_hides_no_damage(archive, verify, capsys, damaged, code):
    """As on a medium that nobody writes; without damage the error names the option for it."""
    root, warc = archive
    if damaged:
        damage(warc)
    (root / "audits.jsonl").mkdir()
    with pytest.raises(SystemExit) as end:
        main(["verify", "--archive", str(root), "--no-index"])
    assert end.value.code == code
    said = capsys.readouterr().err
    assert said.count("Error: ") == 1
    assert "--no-record" in said
    assert verify("--no-index", "--no-record")[0] == (5 if damaged else 0)


@pytest.mark.parametrize(("damaged", "code"), [(False, 4), (True, 5)])
def test_a_missing_index_hides_no_damage(archive, verify, damaged, code):
    """It is an error of its own, and less than damage; what was found is printed as JSON all the same."""
    if damaged:
        damage(archive[1])
    found, text = verify("--json")
    assert found == code
    assert bool(json.loads(text)) is damaged
