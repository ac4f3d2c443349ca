"""The pictures of the README and the guides, taken from the running demo: ``make screenshots`` writes docs/images."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS, PHONE
from tests.browser.guide_pictures import PICTURES
from tests.browser.server import ROOT, Server, running_demo

IMAGES = ROOT / "docs" / "images"
CONSOLE = {"width": 1366, "height": 768}
TERMINAL = {"width": 1280, "height": 800}
LARGEST = 80_000
# A page has few colours: so many are enough, and the fewest that stay under the limit are never needed.
COLOURS = (256, 64, 24)
# What the person of the picture has chosen so far: mostly satisfied people, one who does not know everything.
CHOSEN = "112111031211"


def phone(page: Page, server: Server) -> None:
    """A form that somebody has begun to fill in."""
    page.goto(f"/b/luohe#{server.card()}")
    units = page.locator("#ballot fieldset:not([data-optional])")
    for place, code in enumerate(CHOSEN):
        units.nth(place).locator(f'label:has(input[value="{code}"])').click()
    units.nth(len(CHOSEN) // 2).scroll_into_view_if_needed()
    page.evaluate("document.activeElement.blur()")


def terminal(page: Page, server: Server) -> None:
    """A paired terminal that waits for the next visitor."""
    page.goto(f"/terminal/#pair={server.pairing_code('hall-01')}")
    page.get_by_text("非常不满意").wait_for()


def console(page: Page, server: Server) -> None:
    """The scores of the campaign that is counted already."""
    page.goto("/console/sign-in?to=/campaigns/luohe-closed/results")
    page.locator("#name").fill("setup")
    page.locator("#password").fill(server.credentials["setup"])
    page.locator("button.primary").click()
    page.locator("tbody tr").nth(9).wait_for()
    page.evaluate("document.activeElement.blur()")


SHOTS: dict[str, tuple[Callable[[Page, Server], None], dict[str, int], int]] = {
    "phone": (phone, PHONE, 2),
    "terminal": (terminal, TERMINAL, 1),
    "console": (console, CONSOLE, 1),
    **{name: (show, size, 1) for name, (show, size) in PICTURES.items()},
}


def take(browser: Browser, server: Server, name: str) -> None:
    """One picture; larger than a page of text should load it must not be."""
    show, size, scale = SHOTS[name]
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        device_scale_factor=scale,
        locale="zh-CN",
        base_url=server.base_url,
        reduced_motion="reduce",
    )
    page = context.new_page()
    show(page, server)
    content = small(page.screenshot())
    context.close()
    if len(content) > LARGEST:
        raise SystemExit(f"{name} has {len(content)} bytes, more than {LARGEST}")
    (IMAGES / f"{name}.png").write_bytes(content)


def small(screenshot: bytes) -> bytes:
    """The picture as PNG with a palette, with as many colours as let it stay under the limit."""
    content = screenshot
    for colours in COLOURS:
        out = io.BytesIO()
        Image.open(io.BytesIO(screenshot)).convert("RGB").quantize(colours).save(out, "PNG", optimize=True)
        content = out.getvalue()
        if len(content) <= LARGEST:
            break
    return content


def main(names: list[str]) -> None:
    """Serve a demo, take the named pictures (all when none is named)."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in names or SHOTS:
            take(browser, server, name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
