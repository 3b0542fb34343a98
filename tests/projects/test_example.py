"""`examples/scrapy-project` does what its README says, command by command."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from replays import without_proxy

EXAMPLE = Path(__file__).parents[2] / "examples" / "scrapy-project"
GUIDE = EXAMPLE.parents[1] / "docs" / "how-to" / "use-in-your-scrapy-project.md"
PROGRAMS = {"scrapy": "scrapy.cmdline", "umecrawl": "umecrawl"}


def commands(*programs):
    """Return the commands of the README that call one of these programs."""
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```", (EXAMPLE / "README.md").read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines() if line.split()[0] in programs]


def test_the_readme_can_be_followed(tmp_path):
    """The site is crawled, the archive verifies, and the spider reads the same from it when the server is gone."""
    root = shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("warcs", "*.jsonl"))
    serve = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", "site"]
    with subprocess.Popen(serve, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        port = re.search(r"port (\d+)", server.stdout.readline())[1]

        def run(line):
            program, _, arguments = line.replace(":8000", f":{port}").partition(" ")
            start = f" -a start=http://127.0.0.1:{port}/" if program == "scrapy" else ""
            command = f"{sys.executable} -m {PROGRAMS[program]} {arguments}{start}"
            done = subprocess.run(
                command, shell=True, cwd=root, env=without_proxy(), capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            return done

        crawl, verify, index, history, replay = commands(*PROGRAMS)
        try:
            run(crawl)
        finally:
            server.terminate()
    live = pages(root)
    assert {page["title"] for page in live} == {"Granvik", "Torget byggs om", "Badhuset öppnar"}
    assert "no findings" in run(verify).stderr
    run(index)
    assert "torget.html" in run(history).stdout or "200" in run(history).stdout
    run(replay)
    assert sorted(map(str, pages(root))) == sorted(map(str, live))


def pages(root):
    """Return what the spider wrote."""
    return [json.loads(line) for line in (root / "pages.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_example_has_the_three_lines_of_the_how_to():
    """Both tell the reader the same."""
    lines = re.search(r"(?ms)^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"))[1]
    assert (EXAMPLE / "townpages" / "settings.py").read_text(encoding="utf-8").endswith(lines)
