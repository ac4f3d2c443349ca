"""The watch over codes (评议码监看): who tries wrong ones is slowed, counted and shown, and a right code never refused.

Addresses live in memory only, as digests under a key that is thrown away every day. What reaches the database is
a number per campaign and day, and which paired device is paused.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import threading
import uuid
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from api.addresses import Proxies, asking_address
from api.db import reading, unit_of_work
from api.limits import CheckLimit
from api.settings import Settings
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.intake import Receipt
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.devices import service as devices
from survey_models.devices.tables import Device
from survey_models.tablets import service as tablets
from survey_models.tablets.tables import Tablet
from survey_models.tickets import alarms, codes
from survey_models.tickets import service as tickets
from survey_models.tickets.service import Checked
from survey_models.tickets.tables import AlarmKind, TicketState

FAILURES, WITHIN = 10, 600.0
SLOWED_BY = 1.0
HOUR = 3600.0
REMEMBERED = 10_000
_BEARER = b"bearer "
_WRONG = "ticket_unknown"
_FAILED = frozenset({_WRONG, "ticket_mistyped"})
_TELLS_NOTHING = _FAILED | {"campaign_unknown"}
_OVER = frozenset({"ticket_used", "ticket_void", "ticket_expired"})
_SERVER_ERROR = 500
log = structlog.get_logger("watch")


@dataclass(frozen=True)
class Asker:
    """Who shows a code: a connection, and the paired device if it is one.

    ``campaign``: the one that a tablet of a test point is paired for; None for a window's terminal and everybody else.
    """

    scope: Scope = field(repr=False)
    device: uuid.UUID | None = None
    campaign: str | None = None

    def stands_for(self, campaign_id: str) -> bool:
        """Whether this is a tablet at a test point of the campaign, where many people show their codes."""
        return self.campaign == campaign_id


class CodeWatch:
    """One per process. ``flush`` writes what has gathered; its thread does so at most once a second."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._proxies = Proxies(settings.trusted_proxies)
        self._lock = threading.Lock()
        self._day: date | None = None
        self._key = b""
        self._failures: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._looks: OrderedDict[tuple[bytes, str], dict[bytes, tuple[float, bool]]] = OrderedDict()
        self._tried: dict[uuid.UUID, deque[float]] = {}
        self._wrong: Counter[str] = Counter()
        self._many: set[tuple[bytes, str]] = set()
        self._paused: dict[uuid.UUID, int] = {}
        # Two that write at once would both write what has gathered.
        self._writing = threading.Lock()
        self._wake, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="code-watch", daemon=True)

    def start(self) -> None:
        """Begin to write down."""
        self._thread.start()

    def stop(self) -> None:
        """Write what has gathered, and end."""
        if self._thread.is_alive():
            self._ended.set()
            self._wake.set()
            self._thread.join()
            self._try_to_flush()

    async def admit(self, scope: Scope) -> Asker:
        """Who asks; an address with many failures waits a second first. Raises ``device_paused``."""
        if self._failures and self._is_failing(self._address(scope)):
            await asyncio.sleep(SLOWED_BY)
        token = _token_of(scope)
        return Asker(scope) if token is None else await run_in_threadpool(self._paired, scope, token)

    def _paired(self, scope: Scope, token: str) -> Asker:
        """The asker as a paired device; a token that is none makes nobody, and refuses nobody."""
        device = self._known(token)
        if device is None:
            return Asker(scope)
        if device.paused_at is not None or device.id in self._paused:
            raise Problem("device_paused")
        return Asker(scope, device.id, device.campaign_id if isinstance(device, Tablet) else None)

    def _known(self, token: str) -> Device | Tablet | None:
        with reading(self._engine) as session:
            for find in (devices.by_token, tablets.by_token):
                try:
                    return find(session, token)
                except Problem:
                    continue
        return None

    @contextmanager
    def counting(self, asker: Asker, campaign_id: str) -> Iterator[None]:
        """Count what fails in the block; the failure goes on its way."""
        try:
            yield
        except Problem as problem:
            if problem.code in _FAILED:
                self._failed(asker, campaign_id, wrong=problem.code == _WRONG)
            raise

    def _failed(self, asker: Asker, campaign_id: str, *, wrong: bool) -> None:
        present, address = clock.now().timestamp(), self._address(asker.scope)
        with self._lock:
            self._failures.setdefault(address, deque(maxlen=FAILURES)).append(present)
            _keep_newest(self._failures, address)
            if not wrong:
                return  # a typing mistake, told by the check character: no guess at anybody's code
            self._wrong[campaign_id] += 1
            if asker.device is not None:
                self._count_device(asker.device, present)
        self._wake.set()

    def _count_device(self, device: uuid.UUID, present: float) -> None:
        limit = self._settings.device_wrong_codes
        tried = self._tried.setdefault(device, deque(maxlen=limit))
        tried.append(present)
        if len(tried) == limit and abs(present - tried[0]) <= WITHIN:
            self._paused[device] = limit
            del self._tried[device]

    def _is_failing(self, address: bytes) -> bool:
        kept = self._failures.get(address)
        return kept is not None and len(kept) == FAILURES and abs(clock.now().timestamp() - kept[0]) <= WITHIN

    def looked_up(self, asker: Asker, campaign_id: str, digest: bytes, *, live: bool) -> None:
        """Note a right code that was looked up and not spent; many of them without ballots raise an alarm.

        Many people share the address of a hall, so it is counted by address; of a paired device by the device.
        """
        present = clock.now().timestamp()
        key = (self._address(asker.scope) if asker.device is None else asker.device.bytes, campaign_id)
        with self._lock:
            looks = self._looks.setdefault(key, {})
            _keep_newest(self._looks, key)
            looks.setdefault(digest, (present, live))
            if len(looks) >= self._settings.looked_up_alarm:
                for old in [name for name, (at, _) in looks.items() if present - at > HOUR]:
                    del looks[old]
            if len(looks) < self._settings.looked_up_alarm:
                return
            self._many.add(key)
        self._wake.set()

    def _address(self, scope: Scope) -> bytes:
        """A digest of the address under the key of the day; at midnight everything under the old one is forgotten."""
        day = clock.local_day(clock.now(), self._settings.timezone)
        with self._lock:
            if day != self._day:
                self._day, self._key = day, secrets.token_bytes(32)
                self._failures.clear()
                self._looks.clear()
            key = self._key
        return hashlib.blake2b(asking_address(scope, self._proxies).encode(), key=key, digest_size=16).digest()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait()
            self._wake.clear()
            self._try_to_flush()
            self._ended.wait(1)

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except Exception as error:  # noqa: BLE001 - the database is away for a moment: tried again
            log.warning("numbers not written yet", error=type(error).__name__)
            self._wake.set()

    def flush(self) -> None:
        """Write down the numbers that have gathered; what could not be written is kept."""
        with self._writing:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            wrong, many, paused = dict(self._wrong), set(self._many), dict(self._paused)
        if not (wrong or many or paused):
            return
        at = clock.now()
        day = clock.local_day(at, self._settings.timezone)
        settled: list[tuple[tuple[bytes, str], set[bytes]]] = []
        with unit_of_work(self._engine) as session:
            for campaign_id, number in sorted(wrong.items()):
                threshold = self._settings.wrong_codes_alarm
                alarms.add(session, campaign_id, AlarmKind.WRONG, number, threshold=threshold, day=day, at=at)
            for key in sorted(many):
                with self._lock:
                    looks = dict(self._looks.get(key, {}))
                done = alarms.followed(session, key[1], [digest for digest, (_, live) in looks.items() if live])
                left, threshold = len(looks) - len(done), self._settings.looked_up_alarm
                if left >= threshold:
                    alarms.add(session, key[1], AlarmKind.LOOKED_UP, left, threshold=threshold, day=day, at=at)
                    done = set(looks)
                settled.append((key, done))
            for device, number in paused.items():
                devices.pause(session, device, wrong=number, at=at)
                tablets.pause(session, device, wrong=number, at=at)
        self._settle(wrong, settled, paused)

    def _settle(
        self,
        wrong: dict[str, int],
        settled: list[tuple[tuple[bytes, str], set[bytes]]],
        paused: dict[uuid.UUID, int],
    ) -> None:
        """Forget what stands in the database now."""
        with self._lock:
            self._wrong -= Counter(wrong)
            for key, done in settled:
                looks = self._looks.get(key, {})
                for digest in done:
                    looks.pop(digest, None)
                # What came while this was written may be enough for an alarm by itself.
                if len(looks) < self._settings.looked_up_alarm:
                    self._many.discard(key)
            for device in paused:
                self._paused.pop(device, None)


def look_up(state: Any, session: Session, asker: Asker, campaign_id: str, code: str) -> Checked:
    """Look at a code for whoever asks: at most ten times an hour, paired devices excepted; nothing is spent.

    ``state`` is the application's. Raises ``check_too_often`` and what ``tickets.service.check`` raises.
    """
    watch: CodeWatch = state.watch
    with watch.counting(asker, campaign_id):
        if not asker.stands_for(campaign_id):
            state.check_limit.count(campaign_id, codes.normalise(code))
        zone = state.settings.timezone
        found = tickets.check(session, campaign_id, code, pepper=state.pepper, at=clock.now(), zone=zone)
    watch.looked_up(asker, campaign_id, found.digest, live=found.state == TicketState.LIVE)
    return found


async def hand_in(state: Any, asker: Asker, campaign_id: str, *, code: str, **sheet: Any) -> Receipt:
    """Hand a sheet in for whoever sends it; ``state`` is the application's, ``sheet`` what the door takes besides.

    A refusal tells whether a right code was used, and so does a replay under an id of one's own: of one code as often
    as looking at it does, and many are seen like many looks. A sheet that can be stored is stored in any case.
    Raises ``check_too_often`` and what the door raises.
    """
    watch: CodeWatch = state.watch
    door: BallotDoor = state.door
    limit: CheckLimit = state.refusal_limit
    limited = not asker.stands_for(campaign_id)
    try:
        with watch.counting(asker, campaign_id):
            receipt = await door.post(campaign_id=campaign_id, code=code, **sheet)
    except Problem as problem:
        if problem.code not in _TELLS_NOTHING and problem.entry.status < _SERVER_ERROR:
            typed = codes.normalise(code)
            digest = codes.digest(typed, campaign_id=campaign_id, pepper=state.pepper)
            watch.looked_up(asker, campaign_id, digest, live=problem.code not in _OVER)
            if limited:
                limit.count(campaign_id, typed)
        raise
    if receipt.replay and limited and limit.is_used_up(campaign_id, codes.normalise(code)):
        raise Problem("check_too_often")
    return receipt


def _keep_newest(kept: OrderedDict[Any, Any], key: object) -> None:
    kept.move_to_end(key)
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


def _token_of(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:7].lower() == _BEARER:
            return str(value[7:].decode("latin-1").strip()) or None
    return None
