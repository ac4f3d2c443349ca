"""What no page of ours may do, noted while a browser test runs: break the policy, fail in script, ask elsewhere."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

_LISTEN = """
document.addEventListener('securitypolicyviolation', (event) =>
  window.reportViolation(event.effectiveDirective + ' stopped ' + event.blockedURI + ' on ' + location.pathname));
"""
_OWN_SCHEMES = ("data:", "blob:", "about:")


class Watch:
    """Notes faults of every page of a context."""

    def __init__(self, context: BrowserContext, *, own_origin: str) -> None:
        self.faults: list[str] = []
        self._context = context
        self._own_origin = own_origin
        context.expose_binding("reportViolation", lambda _source, text: self.faults.append(f"policy: {text}"))
        context.add_init_script(_LISTEN)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)

    def close(self) -> None:
        """Close the context; a cookie that a page left behind without sign-in is for the test to judge."""
        self._context.close()

    def _console(self, message: ConsoleMessage) -> None:
        # Refused and cut requests are part of some tests; the browser prints each as a failed resource.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")

    def _error(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._own_origin + "/", *_OWN_SCHEMES)):
            self.faults.append(f"foreign: {request.url}")
