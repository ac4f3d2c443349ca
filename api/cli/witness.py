"""``pingyi witness``: what an auditor runs on a machine of his own, once a day or once a minute (见证)."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.speaking import refuse, say
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    import httpx

    from survey_models.ledger.changes import Announced
    from survey_models.ledger.signing import Signer
    from survey_models.ledger.witness import Seen

TIMEOUT_SECONDS = 20.0


def witness(
    *,
    url: Annotated[str, typer.Option(help="服务地址。 Address of the service.")],
    state: Annotated[Path, typer.Option(help="状态文件,首次运行时新建。 State file; made at the first run.")],
    log: Annotated[list[str] | None, typer.Option(help="只看这些台账。 Only these logs (default: all).")] = None,
    vkey: Annotated[
        list[str] | None,
        typer.Option(help="首次运行时所信的公钥。 Keys to trust at the first run (default: as served)."),
    ] = None,
    name: Annotated[str, typer.Option(help="见证人的名称。 Name of this witness.")] = "witness",
    hand_in: Annotated[
        bool, typer.Option("--hand-in", help="把会签交给服务，须先登记。 Hand the signatures in; register first.")
    ] = False,
) -> None:
    """核对台账只增不改,会签首部;不符时以 1 退出。 Check that the logs only grew, cosign their heads; else exit 1."""
    book = Book.load(state, url=url.rstrip("/"), name=name)
    problems: list[Problem] = []
    for one in log or sorted({*book.served(), *book.logs}):
        try:
            book.look(one, trusted=vkey or [])
            if hand_in:
                book.hand_in(one)
        except Problem as refusal:
            problems.append(refusal)
    book.save()
    for problem in problems:
        refuse(problem)
    if problems:
        raise typer.Exit(1)
    say(f"核对无误,公钥 {book.public_key}", f"All logs hold. Key of this witness: {book.public_key}")


@dataclass
class Book:
    """The state file: the witness's own name, and for each log key, last head believed, and what contradicted it."""

    file: Path
    url: str
    name: str
    logs: dict[str, dict[str, Any]]
    signer: Signer
    keys: dict[str, str]
    http: httpx.Client

    @classmethod
    def load(cls, file: Path, *, url: str, name: str) -> Book:
        """Read the state, or begin one; the witness's own key lies beside it in ``<file>.key``."""
        import httpx

        from api.keys import load_secret
        from survey_models.ledger.signing import SEED_BYTES, Signer

        kept: dict[str, Any] = {"name": name, "logs": {}}
        if file.exists():
            kept = json.loads(file.read_text(encoding="utf-8"))
        signer = Signer(load_secret(file.with_name(f"{file.name}.key"), SEED_BYTES))
        return cls(file, url, kept["name"], kept["logs"], signer, {}, httpx.Client(timeout=TIMEOUT_SECONDS))

    @property
    def public_key(self) -> str:
        """The key that others check this witness's signatures with."""
        from survey_models.ledger.notes import WITNESS_KEY, vkey_of

        return vkey_of(self.name, self.signer.public, kind=WITNESS_KEY)

    def served(self) -> list[str]:
        """The logs that the service names, whose keys are remembered for a first look."""
        try:
            self.keys = {row["log"]: row["vkey"] for row in json.loads(self._get("/api/ledger/keys"))["logs"]}
        except (ValueError, KeyError, TypeError):
            raise Problem("ledger_unreachable", url=self.url) from None
        return list(self.keys)

    def look(self, log: str, *, trusted: list[str]) -> None:
        """Fetch the head of one log, believe it or keep it as evidence, and cosign it."""
        from survey_models.core import clock
        from survey_models.ledger.notes import cosigned
        from survey_models.ledger.witness import Seen, believe

        row = self.logs.get(log)
        before = Seen(row["vkey"], row["note"]) if row else None
        note = self._get(f"/ledger/{log}/checkpoint")
        try:
            seen = believe(
                log, before, note, self._key(log, note, trusted), self._proof(log), announced=self._announced
            )
        except Problem as problem:
            if row is not None and problem.code != "ledger_unreachable":
                row["evidence"] = [*row.get("evidence", []), {"code": problem.code, "note": note}][-10:]
            raise
        signed = cosigned(note, self.name, self.signer, at=int(clock.now().timestamp()))
        self.logs[log] = {**(row or {}), "vkey": seen.vkey, "note": note, "cosigned": signed}
        self._say(log, seen)

    def hand_in(self, log: str) -> None:
        """Give the cosignature of the last head to the service, once. Raises ``cosignature_not_taken``."""
        import httpx

        row = self.logs[log]
        if row.get("handed_in") == row["note"].split("\n\n")[0]:
            return
        try:
            answer = self.http.post(f"{self.url}/api/ledger/{log}/cosignatures", json={"note": row["cosigned"]})
        except httpx.HTTPError:
            raise Problem("ledger_unreachable", url=self.url) from None
        if answer.status_code != httpx.codes.CREATED:
            raise Problem("cosignature_not_taken", log=log, status=answer.status_code)
        row["handed_in"] = row["note"].split("\n\n")[0]

    def save(self) -> None:
        """Write the state whole or not at all."""
        draft = self.file.with_name(f".{self.file.name}-{uuid.uuid4().hex}")
        kept = {"url": self.url, "name": self.name, "logs": self.logs}
        draft.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(self.file)
        self.http.close()

    def _key(self, log: str, note: str, trusted: list[str]) -> str:
        """The key to begin with: the one named by the auditor; else the one that is served, for want of better."""
        origin = note.split("\n", 1)[0]
        named = [key for key in trusted if key.startswith(f"{origin}+")]
        if trusted:
            return named[0] if named else ""
        if log not in self.keys:
            self.served()
        return self.keys.get(log, "")

    def _proof(self, log: str) -> Any:
        def fetch(old: int, new: int) -> list[bytes]:
            answer = self._get(f"/api/ledger/{log}/consistency?from={old}&to={new}")
            try:
                return [bytes.fromhex(value) for value in json.loads(answer)["proof"]]
            except (ValueError, KeyError, TypeError):
                return []

        return fetch

    def _announced(self) -> Announced:
        """Changes of the ledger's key. Raises ValueError for what is no such document."""
        from survey_models.ledger.changes import Announced

        try:
            return Announced.of(json.loads(self._get("/api/ledger/keys"))["announced"])
        except (KeyError, TypeError):
            raise ValueError("no announcements") from None

    def _get(self, path: str) -> str:
        import httpx

        try:
            answer = self.http.get(self.url + path)
        except httpx.HTTPError:
            raise Problem("ledger_unreachable", url=self.url) from None
        # A log that has vanished or gives no proof is no less than a failure to show what it showed before.
        if answer.status_code != httpx.codes.OK and "consistency" not in path:
            raise Problem("ledger_unreachable", url=self.url)
        return answer.text

    @staticmethod
    def _say(log: str, seen: Seen) -> None:
        typer.echo(f"{log}  {seen.head.size}  {seen.head.root.hex()}")
