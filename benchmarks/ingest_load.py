"""The load of `benchmarks.ingest`: many keep-alive connections in one thread, requests made beforehand.

Closed loop (闭环): every connection sends its next request when the answer to the last one is there. Open loop (开环):
requests are due at a fixed rate whatever the server does, and their latency counts from the moment they were due.
The sender costs about 15 µs a request, so that one core drives a server of 60,000 a second; it shares the machine.
"""

from __future__ import annotations

import gc
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

ACKNOWLEDGED = frozenset({200, 201})
PATIENCE = 30.0
CHUNK = 65_536


@dataclass(frozen=True)
class Load:
    """What became of one run. Latencies in seconds, sorted; ``seconds`` from the first request to the last answer."""

    seconds: float
    statuses: Counter[int]
    latencies: Sequence[float] = field(repr=False)
    broken: int
    """Connections that ended before their answer came."""

    @property
    def acked(self) -> int:
        """Answers that acknowledge a sheet."""
        return sum(number for status, number in self.statuses.items() if status in ACKNOWLEDGED)

    @property
    def rate(self) -> float:
        """Acknowledged requests a second."""
        return self.acked / self.seconds

    def quantile(self, share: float) -> float:
        """Latency in milliseconds that ``share`` of the requests do not exceed."""
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def request(path: str, body: bytes, *, host: str = "127.0.0.1") -> bytes:
    """The bytes of one POST of JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def closed_loop(port: int, requests: Sequence[bytes], *, connections: int) -> Load:
    """Send every request once, at most one at a time on each connection."""
    with _wires(port, min(connections, len(requests))) as run:
        waiting = iter(requests)
        begun = time.perf_counter()
        for wire in run.wires:
            wire.send(next(waiting), time.perf_counter())
        open_requests = len(run.wires)
        while open_requests:
            for wire, ready in run.answered():
                open_requests -= 1
                following = next(waiting, None) if ready else None
                if following is not None:
                    wire.send(following, time.perf_counter())
                    open_requests += 1
        return run.result(time.perf_counter() - begun)


def open_loop(port: int, requests: Sequence[bytes], *, rate: float, connections: int) -> Load:
    """Send every request when it is due, ``rate`` a second; one without a free connection waits for one."""
    with _wires(port, connections) as run:
        free = deque(run.wires)
        sent = answered = 0
        begun = time.perf_counter()
        while answered < len(requests):
            while sent < len(requests) and free and time.perf_counter() - begun >= sent / rate:
                free.popleft().send(requests[sent], begun + sent / rate)
                sent += 1
            pause = max(0.0, begun + sent / rate - time.perf_counter()) if sent < len(requests) and free else PATIENCE
            for wire, ready in run.answered(pause):
                answered += 1
                if ready:
                    free.append(wire)
            if not free and sent == answered:
                break  # every connection broke
        return run.result(time.perf_counter() - begun)


class _Wire:
    """One connection and the answer that is under way on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)  # noqa: FBT003 - the name is all there is
        self.due = 0.0
        self.got = b""
        self.needed = 0

    def send(self, data: bytes, due: float) -> None:
        """Send one request; it is small enough to leave at once."""
        self.due, self.got, self.needed = due, b"", 0
        if self.socket.send(data) != len(data):
            raise RuntimeError("a request did not fit into the socket's buffer")

    def read(self) -> int | None:
        """The status of a whole answer, 0 when the connection ended, None while more is to come."""
        try:
            data = self.socket.recv(CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            return 0
        self.got = self.got + data if self.got else data
        if not self.needed:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return None
            self.needed = end + 4 + _length(self.got[:end])
        return int(self.got[9:12]) if len(self.got) >= self.needed else None


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at < 0:
        raise RuntimeError(f"an answer without a length: {head[:200]!r}")
    return int(lowered[at + 15 :].split(b"\r\n", 1)[0])


class _Run:
    def __init__(self, port: int, connections: int) -> None:
        self.wires = [_Wire(port) for _ in range(connections)]
        self._by_file = {wire.socket.fileno(): wire for wire in self.wires}
        self._poll = select.epoll()
        for number in self._by_file:
            self._poll.register(number, select.EPOLLIN)
        self._latencies: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._broken = 0

    def answered(self, pause: float = PATIENCE) -> Iterator[tuple[_Wire, bool]]:
        """Connections whose answer is there, and whether they can be used again."""
        events = self._poll.poll(pause)
        if not events and pause >= PATIENCE:
            raise TimeoutError(f"no answer within {PATIENCE:.0f} s")
        for number, _ in events:
            wire = self._by_file[number]
            status = wire.read()
            if status is None:
                continue
            if status:
                self._latencies.append(time.perf_counter() - wire.due)
                self._statuses[status] += 1
            else:
                self._broken += 1
                self._poll.unregister(number)
            yield wire, status != 0

    def result(self, seconds: float) -> Load:
        return Load(seconds, self._statuses, sorted(self._latencies), self._broken)

    def close(self) -> None:
        self._poll.close()
        for wire in self.wires:
            wire.socket.close()


@contextmanager
def _wires(port: int, connections: int) -> Iterator[_Run]:
    run = _Run(port, connections)
    gc.disable()
    try:
        yield run
    finally:
        gc.enable()
        run.close()
