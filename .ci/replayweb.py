"""Open an exported WACZ in ReplayWeb.page in a real Chromium, and look at pages, revisits, search and signature.

    python .ci/replayweb.py WACZ REPLAYWEBPAGE_FOLDER SCREENSHOT_FOLDER

The folder is the unpacked npm package `replaywebpage`. Run by an environment that has playwright, with the system's
chromium; nothing leaves loopback. Ends with 1 where something is not shown.
"""

import gzip
import json
import re
import shutil
import sys
import threading
import zipfile
from collections import Counter
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Frame, Page, sync_playwright

_PATIENCE = 60_000  # milliseconds
_STEP = 200
# The player keeps its findings in the browser's database.
_SIGNATURE = """async () => {
    const wait = ask => new Promise((done, fail) => { ask.onsuccess = () => done(ask.result); ask.onerror = fail });
    for (const { name } of await indexedDB.databases()) {
        const database = await wait(indexedDB.open(name));
        if ([...database.objectStoreNames].includes("verification")) {
            const found = await wait(database.transaction("verification").objectStore("verification").get("signature"));
            if (found) return found.matched === true;
        }
    }
    return false;
}"""


class _Files(SimpleHTTPRequestHandler):
    """Serves files with byte ranges, of which players read a WACZ."""

    def __init__(self, *arguments: object, wacz: Path, package: Path) -> None:
        self._wacz, self._package = wacz, package
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].lstrip("/") or "index.html"
        path = self._wacz if name == "export.wacz" else self._package / name
        if name == "replay/sw.js":
            path = self._package / "sw.js"
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        begin, end = 0, len(data)
        if asked and asked[1]:
            begin, end = int(asked[1]), min(int(asked[2] or len(data) - 1) + 1, len(data))
        elif asked:
            begin = max(len(data) - int(asked[2]), 0)
        self.send_response(206 if asked else 200)
        kind = self.guess_type(path)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Service-Worker-Allowed", "/")
        if asked:
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(data)}")
        self.send_header("Content-Length", str(end - begin))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # a player stops reading when it has what it wants
            self.wfile.write(data[begin:end])

    do_HEAD = do_GET  # noqa: N815 - the name the server asks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Export:
    """What the WACZ says it holds."""

    def __init__(self, wacz: Path) -> None:
        with zipfile.ZipFile(wacz) as file:
            lines = file.read("pages/pages.jsonl").splitlines()[1:]
            index = gzip.decompress(file.read("indexes/index.cdx.gz")).decode().splitlines()
            self.signed = "signedData" in json.loads(file.read("datapackage-digest.json"))
        self.pages = [json.loads(line) for line in lines]
        self._entries = [json.loads(line.split(" ", 2)[2]) for line in index]

    def examples(self) -> dict[str, dict[str, str]]:
        """Return a page stored whole, one with a picture, and one each of the two kinds of revisits."""
        kinds = {entry["id"]: (entry["mime"] == "warc/revisit", entry["status"]) for entry in self._entries}
        framed = {entry.get("via") for entry in self._entries if entry["mime"].startswith("image/")}
        titled = [page for page in self.pages if page.get("title")]
        chosen = {
            "page": [page for page in titled if kinds[page["id"]] == (False, "200")],
            "picture": [page for page in titled if page["url"] in framed and kinds[page["id"]][1] == "200"],
            "identical": [page for page in titled if kinds[page["id"]] == (True, "200")],
            "not-modified": [page for page in titled if kinds[page["id"]] == (True, "304")],
        }
        return {name: pages[0] for name, pages in chosen.items() if pages}

    def rare_word(self) -> tuple[str, dict[str, str]]:
        """Return a word that stands in the text of one page only, and in no title or URL; and that page."""
        words = Counter[str]()
        for page in self.pages:
            words.update(set(re.findall(r"[a-zåäö]{8,}", json.dumps(page, ensure_ascii=False).lower())))
        for page in self.pages:
            for word in re.findall(r"\b[a-zåäö]{8,}\b", page.get("text", "")):
                if words[word] == 1 and word not in (page["url"] + page.get("title", "")).lower():
                    return word, page
        raise LookupError("no word stands in one text only")


class Viewer:
    """ReplayWeb.page in a browser, with the WACZ opened."""

    def __init__(self, page: Page, root: str, shots: Path) -> None:
        self._page, self._root, self._shots = page, root, shots
        self._source = f"{root}/?source={quote(f'{root}/export.wacz', safe='')}"

    def open(self) -> None:
        """Load the WACZ and wait for its list of pages."""
        self._page.goto(f"{self._source}#view=pages")
        self._page.locator("wr-page-entry").first.wait_for(timeout=_PATIENCE)
        self.shoot("pages")

    def replay(self, page: dict[str, str], name: str) -> Frame:
        """Show a page as it was captured and return its frame."""
        stamp = re.sub(r"\D", "", page["ts"])[:14]
        self._page.goto("about:blank")
        self._page.goto(f"{self._source}#view=replay&url={quote(page['url'], safe='')}&ts={stamp}")
        path = f"{stamp}mp_/{page['url']}"
        frame = self._frame(path)
        frame.wait_for_load_state("load", timeout=_PATIENCE)
        self.shoot(name)
        return frame

    def _frame(self, path: str) -> Frame:
        """Return the frame whose URL ends so, once it is there; the player hides it from scripts of the page."""
        for _ in range(_PATIENCE // _STEP):
            for frame in self._page.frames:
                if frame.url.endswith(path):
                    return frame
            self._page.wait_for_timeout(_STEP)
        raise LookupError(f"no frame shows {path}: {[frame.url for frame in self._page.frames]}")

    def search(self, word: str) -> list[str]:
        """Return the URLs of the pages that a search in titles, texts and URLs finds."""
        self._page.goto("about:blank")
        self._page.goto(f"{self._source}#view=pages&query={quote(word)}")
        self._page.locator("wr-page-entry").first.wait_for(timeout=_PATIENCE)
        self.shoot("search")
        return [str(entry.evaluate("entry => entry.page.url")) for entry in self._page.locator("wr-page-entry").all()]

    def signature_fits(self) -> bool:
        """Return whether the player found the signature right.

        What it says of checksums is left aside: version 2.5.3 finds those of every WACZ wrong, py-wacz's own too.
        """
        return bool(self._page.evaluate(_SIGNATURE))

    def shoot(self, name: str) -> None:
        """Keep what the screen shows."""
        self._page.screenshot(path=self._shots / f"{name}.png")


def main() -> None:
    """Look at everything and say what was seen."""
    wacz, package, shots = (Path(argument).resolve() for argument in sys.argv[1:4])
    shots.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    export, wrong = Export(wacz), list[str]()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, wacz=wacz, package=package))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        viewer = Viewer(
            browser.new_page(viewport={"width": 1280, "height": 900}), f"http://127.0.0.1:{server.server_port}", shots
        )
        viewer.open()
        for name, page in export.examples().items():
            frame = viewer.replay(page, name)
            if page["title"] not in frame.locator("body").inner_text(timeout=_PATIENCE) + frame.title():
                wrong.append(f"{name}: {page['url']} at {page['ts']} does not show its title")
            blank = frame.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)")
            styles = frame.evaluate("[...document.styleSheets].filter(s => s.cssRules.length).length")
            if blank or (name == "picture" and not styles):
                wrong.append(f"{name}: {page['url']} lacks its style or {blank}")
        word, page = export.rare_word()
        if (found := viewer.search(word)) != [page["url"]]:
            wrong.append(f"a search for {word} finds {found} and not {page['url']}")
        if export.signed and not viewer.signature_fits():
            wrong.append("the player finds the signature wrong")
        browser.close()
    server.shutdown()
    if missing := {"page", "picture", "identical"} - export.examples().keys():
        wrong.append(f"the WACZ has no example of {', '.join(sorted(missing))}")
    print(f"ReplayWeb.page shows {len(export.pages)} pages, {len(wrong)} things wrong")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
