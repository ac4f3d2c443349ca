"""A log that is served over HTTP and that its keeper may tamper with: what a witness must see through."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from survey_models.core.canonical import canonical_bytes
from survey_models.ledger.changes import Announced, Placed, change_body
from survey_models.ledger.merkle import consistency_proof, leaf_hash, node_in, root_of
from survey_models.ledger.notes import Checkpoint, signed_note, vkey_of
from survey_models.ledger.signing import Signer

ORIGIN = "pingyi.test/ledger/poll"


@dataclass
class Keeper:
    """Whoever keeps the log ``poll``. ``entries`` and ``signer`` are his to change."""

    entries: list[bytes]
    signer: Signer = field(default_factory=lambda: Signer(bytes(range(32))))
    url: str = ""
    down: bool = False
    announced: Announced = field(default_factory=Announced)

    @property
    def vkey(self) -> str:
        return vkey_of(ORIGIN, self.signer.public)

    @property
    def root(self) -> bytes:
        return root_of([leaf_hash(entry) for entry in self.entries])

    def change_key(self, to: Signer, *, size: int | None = None, forged_by: Signer | None = None) -> None:
        """Sign with another key from now on, and announce it in a system's log of that one entry."""
        logs = [(ORIGIN, len(self.entries) if size is None else size)]
        body = change_body(1, old=forged_by or self.signer, new=to, logs=logs)
        told = {**body, "old": self.signer.public.hex(), "event": "ledger:key_changed", "log": "system"}
        entry = canonical_bytes(told)
        note = signed_note(Checkpoint("pingyi.test/ledger/system", 1, leaf_hash(entry)), to)
        self.announced = Announced([Placed(entry, 0, ())], note)
        self.signer = to

    def answer(self, address: str) -> str | None:
        """What is served at an address; None for nothing."""
        path, query = urlsplit(address).path, parse_qs(urlsplit(address).query)
        if self.down:
            return None
        if path == "/api/ledger/keys":
            logs = [{"log": "poll", "vkey": self.vkey}]
            return json.dumps({"logs": logs, "announced": self.announced.as_dict()})
        if path == "/ledger/poll/checkpoint":
            return signed_note(Checkpoint(ORIGIN, len(self.entries), self.root), self.signer)
        if path == "/api/ledger/poll/consistency":
            node = node_in([leaf_hash(entry) for entry in self.entries])
            proof = consistency_proof(int(query["from"][0]), int(query["to"][0]), node)
            return json.dumps({"proof": [value.hex() for value in proof]})
        return None


@contextmanager
def served(keeper: Keeper) -> Iterator[Keeper]:
    """The keeper's log on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = keeper.answer(self.path)
            body = (text or "").encode()
            self.send_response(200 if text is not None else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    keeper.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield keeper
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
