"""One-time codes against the vectors of RFC 4226 and RFC 6238; windows, used steps, recovery codes, sealed secrets."""

import base64
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidTag

from survey_models.accounts.one_time import (
    address_of,
    code_of,
    is_code,
    matching_step,
    new_recovery_codes,
    secret_text,
    step_at,
)
from survey_models.accounts.sealing import HalfSignIn, PassKeys

SECRET = b"12345678901234567890"
# RFC 4226, appendix D.
HOTP = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
# RFC 6238, appendix B, SHA-1: seconds since 1970 and eight digits.
TOTP = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
AT = datetime(2026, 11, 23, 1, 0, 7, tzinfo=UTC)


def test_codes_are_those_of_the_standard() -> None:
    assert [code_of(SECRET, counter) for counter in range(10)] == HOTP
    found = {second: code_of(SECRET, step_at(datetime.fromtimestamp(second, UTC)), digits=8) for second in TOTP}
    assert found == TOTP


def test_a_code_counts_one_step_early_or_late_and_once() -> None:
    step = step_at(AT)
    for offset in (-1, 0, 1):
        assert matching_step(SECRET, code_of(SECRET, step + offset), at=AT, after=0) == step + offset
    for offset in (-2, 2):
        assert matching_step(SECRET, code_of(SECRET, step + offset), at=AT, after=0) is None
    code = code_of(SECRET, step)
    assert matching_step(SECRET, code, at=AT, after=step) is None, "used"
    assert matching_step(SECRET, code_of(SECRET, step - 1), at=AT, after=step) is None, "older than one that was used"
    assert matching_step(SECRET, code_of(SECRET, step + 1), at=AT, after=step) == step + 1


def test_what_people_type_is_read_kindly() -> None:
    code = code_of(SECRET, step_at(AT))
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    for typed in (f" {code[:3]} {code[3:]} ", wide):
        assert matching_step(SECRET, typed, at=AT, after=0) == step_at(AT)
        assert is_code(typed)
    assert not is_code("7KQ4-M2TX-9D3H")
    assert matching_step(SECRET, "", at=AT, after=0) is None


def test_an_app_reads_the_address() -> None:
    parts = urlsplit(address_of(SECRET, name="li.wei", issuer="Pingyi city.example:8443"))
    asked = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Pingyi%20city.example%3A8443:li.wei")
    assert base64.b32decode(asked["secret"][0]) == SECRET
    assert asked["issuer"] == ["Pingyi city.example:8443"]
    assert secret_text(SECRET).replace(" ", "") == asked["secret"][0]


def test_recovery_codes_are_ten_and_kept_as_keyed_digests() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    keys, account = PassKeys(b"p" * 32), uuid.uuid4()
    assert keys.digest(codes[0].lower().replace("-", " "), account) == keys.digest(codes[0], account)
    others = {keys.digest(codes[0], uuid.uuid4()), PassKeys(b"q" * 32).digest(codes[0], account)}
    assert keys.digest(codes[0], account) not in others, "of no use for another account or without the key"


def test_a_sealed_secret_opens_for_its_account_under_its_key_alone() -> None:
    keys, account = PassKeys(b"p" * 32), uuid.uuid4()
    sealed = keys.seal(SECRET, account)
    assert SECRET not in sealed
    assert keys.opened(sealed, account) == SECRET
    with pytest.raises(InvalidTag):
        keys.opened(sealed, uuid.uuid4())
    with pytest.raises(InvalidTag):
        PassKeys(b"q" * 32).opened(sealed, account)


def test_a_half_sign_in_lasts_five_minutes_and_cannot_be_made_up() -> None:
    keys, half = PassKeys(b"p" * 32), HalfSignIn("li.wei", "d" * 64, "browser", AT)
    ticket = keys.ticket(half)
    assert keys.opened_ticket(ticket, at=AT + timedelta(minutes=4, seconds=59)) == half
    assert keys.opened_ticket(ticket, at=AT + timedelta(minutes=5)) is None
    for forged in (ticket[:-4] + "AAAA", "", "老地方", "====", ticket[1:]):
        assert keys.opened_ticket(forged, at=AT) is None
    assert PassKeys(b"q" * 32).opened_ticket(ticket, at=AT) is None
