"""Settings: one frozen class, read from the environment as ``PINGYI_*``. Listed in docs/settings.md."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from survey_models.accounts.rules import known_roles
from survey_models.accounts.second_factor import Policy
from survey_models.core.errors import Problem
from survey_models.findings.rules import Limits, Terms
from survey_models.ratings.rates import Counting


class Settings(BaseSettings):
    """Everything that may differ from one installation to the next."""

    model_config = SettingsConfigDict(env_prefix="PINGYI_", frozen=True)

    data_dir: Path = Field(default=Path("var"), description="folder of the database file, keys and hand-over files")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: an SQLite file in data_dir")
    migration_url: str = Field(default="", description="the owner's address for migrations; empty: database_url")
    public_url: str = Field(default="http://127.0.0.1:8000", description="address that links and QR codes carry")
    timezone: str = Field(default="Asia/Shanghai", description="time zone of days, months and deadlines")
    demo: bool = Field(default=False, description="demo installation: new accounts may confirm at once")
    allow_unsafe_database: bool = Field(default=False, description="tests only: accept a database that is not durable")
    trusted_proxies: str = Field(
        default="", description="addresses or networks, comma-separated, whose X-Forwarded-For is believed; empty: none"
    )
    wrong_codes_alarm: int = Field(
        default=30, ge=1, description="unknown codes for one campaign on one day that raise an alarm"
    )
    looked_up_alarm: int = Field(
        default=100, ge=2, description="codes looked up from one address within an hour without a ballot: an alarm"
    )
    device_wrong_codes: int = Field(
        default=5, ge=2, description="unknown codes within ten minutes after which a paired device is paused"
    )
    case_days: int = Field(default=7, ge=1, le=60, description="days within which a finished case can be rated")
    case_minutes: int = Field(default=30, ge=1, description="minutes for which the terminal offers a finished case")
    rating_gap_seconds: int = Field(
        default=10,
        ge=0,
        le=300,
        description="of two ratings of one terminal nearer than this only one counts",
    )
    month_days: int = Field(default=15, ge=0, le=60, description="days after its end at which a month is counted")
    window_scale: Literal["five", "three"] = Field(
        default="five", description="what windows ask: the five levels of 好差评, or 满意, 基本满意, 不满意"
    )
    basic_is_good: bool = Field(default=True, description="whether 基本满意 counts as 好评")
    callback_days: int = Field(default=30, ge=1, le=365, description="days after which a number to call back is erased")
    objection_days: int = Field(default=2, ge=1, le=60, description="working days to object to a notice (整改通知书)")
    complaint_days: int = Field(default=10, ge=1, le=60, description="working days to deal with a complaint (投诉)")
    complaint_extension_days: int = Field(default=5, ge=1, le=60, description="working days more, once, if approved")
    complaint_return_days: int = Field(default=3, ge=1, le=60, description="working days to return what is not ours")
    rating_verify_days: int = Field(default=1, ge=1, le=60, description="working days to verify a bad rating (差评)")
    rating_rectify_days: int = Field(default=15, ge=1, le=60, description="working days to rectify or explain it")
    repeat_matter: int = Field(default=3, ge=2, description="complaints on one matter that raise a flag")
    repeat_count: int = Field(default=3, ge=2, description="complaints about a unit within repeat_days that raise one")
    repeat_days: int = Field(default=30, ge=1, le=366, description="days of that rolling span")
    evidence_years: int = Field(default=2, ge=2, description="years that sealed evidence is kept after counting")
    intake_queue: int = Field(default=4000, description="how many sheets may wait for the writer before 503")
    max_body_bytes: int = Field(default=262_144, description="largest request body, uploads excepted")
    max_upload_bytes: int = Field(default=20_971_520, description="largest uploaded file")
    session_idle_minutes: int = Field(default=30, description="a session ends after this time without use")
    session_hours: int = Field(default=8, description="a session ends after this time in any case")
    totp_roles: str = Field(
        default="setup,release,auditor",
        description="roles, comma-separated, that need an authenticator app, demo accounts excepted; empty: none",
    )
    totp_grace_days: int = Field(
        default=14, ge=0, le=90, description="days after the first sign-in until such an account needs one; 0: at once"
    )
    token_rate: int = Field(default=120, ge=1, description="requests a minute that one access token may make")
    oidc_issuer: str = Field(
        default="", description="issuer address of an OpenID Connect provider (统一身份认证) to sign in at; empty: none"
    )
    oidc_client_id: str = Field(default="", description="how this installation is called there")
    oidc_client_secret_file: Path | None = Field(
        default=None, description="file with the client's secret; empty: a public client, with PKCE alone"
    )
    oidc_claim: str = Field(
        default="preferred_username", description="claim of the ID token that holds the name of an existing account"
    )
    oidc_mfa: str = Field(
        default="",
        description="values of acr or amr, comma-separated, that stand for a second factor there; empty: none",
    )
    oidc_label: str = Field(default="统一身份认证", description="how the provider is called on the sign-in page")
    inline_worker: bool = Field(default=True, description="run background jobs inside the serving process")
    inline_sequencer: bool = Field(default=True, description="let the ledger's trees grow inside the serving process")
    sealing_key_on_server: bool = Field(
        default=False, description="allow keys to sealed sheets in data_dir; the first screen says so"
    )
    font: Path | None = Field(
        default=None, description="font file (.ttf, .otf, .ttc) of PDFs, with Chinese letters; empty: one is looked for"
    )
    log_level: str = Field(default="info", description="debug, info, warning or error")

    @field_validator("totp_roles")
    @classmethod
    def _roles_are_known(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",") if name.strip()]
        try:
            return ",".join(known_roles(names)) if names else ""
        except Problem as unknown:
            raise ValueError(unknown.sentence("en")) from None

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer_is_safe(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not parts.netloc:
            msg = "the issuer is an address: https://..."
            raise ValueError(msg)
        if value and parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            msg = "the issuer is reached over https"
            raise ValueError(msg)
        return value

    @cached_property
    def oidc_secret(self) -> str | None:
        """The client's secret at the provider; None for a public client."""
        file = self.oidc_client_secret_file
        return None if file is None else file.read_text(encoding="utf-8").strip()

    @cached_property
    def totp(self) -> Policy:
        """Who needs an authenticator app (动态验证码)."""
        roles = frozenset(name for name in self.totp_roles.split(",") if name)
        return Policy(roles, timedelta(days=self.totp_grace_days), demo=self.demo)

    @cached_property
    def session_lasts(self) -> timedelta:
        """How long a session lasts in any case."""
        return timedelta(hours=self.session_hours)

    @cached_property
    def database(self) -> str:
        """The address in use."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'pingyi.sqlite3').absolute()}"

    @cached_property
    def owner_database(self) -> str:
        """The address migrations use."""
        return self.migration_url or self.database

    @cached_property
    def https(self) -> bool:
        """Whether people reach the service over https; decides cookie names and flags."""
        return urlsplit(self.public_url).scheme == "https"

    @cached_property
    def host(self) -> str:
        """The public address without its scheme: how the ledger's logs are named."""
        parts = urlsplit(self.public_url)
        return parts.netloc + parts.path.rstrip("/")

    @cached_property
    def counting(self) -> Counting:
        """How window ratings are counted."""
        return Counting(
            gap_seconds=self.rating_gap_seconds, month_days=self.month_days, basic_is_good=self.basic_is_good
        )

    @cached_property
    def terms(self) -> Terms:
        """Time zone and time limits of findings."""
        limits = Limits(
            objection=self.objection_days,
            reply=self.complaint_days,
            extension=self.complaint_extension_days,
            send_back=self.complaint_return_days,
            verify=self.rating_verify_days,
            rectify=self.rating_rectify_days,
            repeat_matter=self.repeat_matter,
            repeat_count=self.repeat_count,
            repeat_days=self.repeat_days,
        )
        return Terms(self.timezone, limits)

    @cached_property
    def origin(self) -> str:
        """Scheme and host of the public address."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"
