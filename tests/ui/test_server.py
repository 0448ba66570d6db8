"""The page as a process, and in a real browser where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from tests.api.support import CAUSE, SWEEP, Double, serving

from nightshift.ui.server import command

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> ![x](http://127.0.0.1:9/x.png) [go](javascript:alert(1))"


def test_the_command_line_is_quiet_and_local() -> None:
    line = command(8501)
    options = dict(zip(line[5::2], line[6::2], strict=True))
    assert line[1:4] == ["-m", "streamlit", "run"]
    assert Path(line[4]).name == "app.py"
    assert options["--server.port"] == "8501"
    assert options["--server.address"] == "127.0.0.1"
    assert options["--browser.gatherUsageStats"] == "false"
    assert options["--server.headless"] == "true"


@contextmanager
def _page(api_url: str) -> Iterator[str]:
    """The page as `nightshift ui` runs it, ended by its pid."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    code = f"from nightshift.ui.server import run; run({port}, {api_url!r})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ}
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until = monotonic() + 30
        while not _alive(url):
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert monotonic() < until, "the page did not start"
            sleep(0.1)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        assert process.stdout
        process.stdout.close()
    assert not _alive(url)


def _alive(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_stcore/health", timeout=2, trust_env=False).text == "ok"
    except httpx.TransportError:
        return False


def test_it_serves_and_ends_with_its_process() -> None:
    with _page("http://127.0.0.1:9") as url:
        assert "<title>" in httpx.get(url, trust_env=False).text


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
def test_in_a_browser(tmp_path: Path) -> None:
    """Asks a question, opens all evidence, and looks at what the browser made of hostile text."""
    from playwright.sync_api import sync_playwright

    text = f"The datastore **tank** is full [E1].\n\n{HOSTILE}"
    hostile = replace(SWEEP, findings=(replace(CAUSE, title=HOSTILE),))
    double = Double(answer_changes={"text": text}, sweep_result=hostile)
    with serving(double) as api_url, _page(api_url) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 2000})
            requested: list[str] = []
            page.on("request", lambda request: requested.append(request.url))
            page.goto(url)
            page.fill("[data-testid=stChatInputTextArea]", "Is anything wrong?")
            page.keyboard.press("Enter")
            _open_all(page)
            page.screenshot(path=tmp_path / "page.png")
            seen = page.inner_text("[data-testid=stAppViewContainer]")
            images = page.locator("[data-testid=stAppViewContainer] [data-testid=stMarkdown] img").count()
            links = page.locator("a[href^=javascript]").count()
            title = page.title()
        finally:
            browser.close()
    assert (images, links, title) == (0, 0, "Nightshift")
    assert "onerror" in seen
    assert "The datastore tank is full" in seen
    assert "Not everything could be seen" in seen
    assert [address for address in requested if not address.startswith((url, "data:", "blob:"))] == []
    assert (tmp_path / "page.png").stat().st_size > 20_000


def _open_all(page: Any) -> None:
    """Opens every piece of evidence. A box that moves under the pointer is clicked again."""
    page.wait_for_selector("text=look-ups", timeout=20_000)
    closed = page.locator("[data-testid=stChatMessage] [data-testid=stExpander] details:not([open]) summary")
    closed.first.wait_for(timeout=20_000)
    until = monotonic() + 20
    while closed.count():
        assert monotonic() < until, "the evidence did not open"
        closed.first.click()
        page.wait_for_timeout(400)
    page.wait_for_selector("[data-testid=stDataFrame]", timeout=10_000)
    page.wait_for_selector("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg", timeout=10_000)
