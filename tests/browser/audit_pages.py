"""``make audit-pages``: every state of the phone page in three languages and five views, through axe and the Tab key.

Screenshots go to var/audit. Long: 225 pages; ``ARGS=--short`` takes each state and language in one of the views, 45.
``make test`` looks at each state once (test_phone_audit).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.phone_states import LANGUAGES, STATES, VIEWS, State, View
from tests.browser.rules import RULES
from tests.browser.server import ROOT, Server, running_demo
from tests.browser.watch import Watch
from tests.kinds import kinds_questionnaire

PICTURES = ROOT / "var" / "audit"
HEIGHT = 740
# A page that hangs is a fault; one on a busy machine is not: milliseconds.
MOST = 600_000
# What has the focus must be what the person would touch there, and inside the window.
_COVERED = """() => {
  const focused = document.activeElement, box = focused.getBoundingClientRect();
  if (focused === document.body || !box.width) return '';
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const seen = top && (top === focused || focused.contains(top) || top.contains(focused));
  return seen ? '' : (focused.id || focused.name || focused.tagName);
}"""


def faults_of(page: Page, *, tabs: int = 40) -> list[str]:
    """What is wrong with the page as it stands: axe, what Tab shows, what is wider than the window."""
    found = []
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if width > room:
        found.append(f"{width} wide in {room}")
    for _ in range(tabs):
        page.keyboard.press("Tab")
        covered = page.evaluate(_COVERED)
        if covered:
            found.append(f"{covered} has the focus and is hidden")
            break
    page.evaluate("document.activeElement.blur()")  # the link past the head lies over it while it has the focus
    # Tall enough that nothing lies under the bars: axe would call a row half scrolled away too small a target.
    size = page.viewport_size or {"width": 360, "height": HEIGHT}
    page.set_viewport_size(
        {"width": size["width"], "height": page.evaluate("document.documentElement.scrollHeight") + 10}
    )
    result = Axe().run(page, options=RULES)
    found += [f"axe: {fault['id']} ({len(fault['nodes'])})" for fault in result.response["violations"]]
    page.set_viewport_size(size)
    return found


def query_of(view: View, language: str) -> str:
    """The query of an address."""
    return "&".join(filter(None, [LANGUAGES[language], view.query]))


def audit(server: Server, browser: Browser, state: State, view: View, language: str) -> list[str]:
    """Faults of one page; a picture of it is kept."""
    context = browser.new_context(
        viewport={"width": view.width, "height": HEIGHT},
        color_scheme="dark" if view.dark else "light",
        base_url=server.base_url,
        locale="zh-CN",
    )
    context.set_default_timeout(MOST)
    watch = Watch(context, own_origin=server.base_url)
    page = context.new_page()
    state.go(page, server, query_of(view, language))
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{state.name}-{language}-{view.name}.png")
    found = faults_of(page) + watch.faults
    watch.close()
    return found


def polls_to_look_at(server: Server) -> None:
    """Every kind of item, in the order in which they stand, and a campaign with an open QR."""
    server.poll("kinds", document={**kinds_questionnaire(), "shuffle": False})
    server.poll("opened", open_channel=True)


def pages(*, short: bool) -> list[tuple[State, View, str]]:
    """Every state in every language and view; short: in every language, in one of the views."""
    every = [(state, view, language) for state in STATES for language in LANGUAGES for view in VIEWS]
    if not short:
        return every
    turns = [(state, language) for state in STATES for language in LANGUAGES]
    return [(state, VIEWS[number % len(VIEWS)], language) for number, (state, language) in enumerate(turns)]


def main(arguments: Sequence[str]) -> int:
    """Look at everything; 1 when anything is wrong."""
    executable, wanted, wrong = shutil.which("chromium"), pages(short="--short" in arguments), 0
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as server, sync_playwright() as playwright:
        polls_to_look_at(server)
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for state, view, language in wanted:
            found = audit(server, browser, state, view, language)
            wrong += bool(found)
            sys.stdout.write(f"{state.name:<10}{language:<6}{view.name:<8}{'; '.join(found) or 'good'}\n")
            sys.stdout.flush()
        browser.close()
    sys.stdout.write(f"{len(wanted)} pages, {wrong} with faults (limit 0); pictures in {PICTURES}\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
