"""Decisions about accounts that need no database."""

from datetime import UTC, datetime, timedelta

import pytest

from survey_models.accounts import rules
from survey_models.core.errors import Problem

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "password1234",
        "PassWord1234",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "li.weili.weiX",
        "x" * 257,
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(Problem) as refused:
        rules.check_password(password, name="li.wei")
    assert refused.value.code == "password_weak"


@pytest.mark.parametrize("password", ["a long walk in autumn", "秋天走很远的路去看红叶落", "7KQ4-M2TX-9D3H-0WZB"])
def test_good_passwords_pass(password: str) -> None:
    rules.check_password(password, name="li.wei")


def test_every_common_password_is_long_enough_to_be_worth_listing() -> None:
    assert [word for word in rules._COMMON if len(word) < rules.SHORTEST_PASSWORD or word != word.casefold()] == []


def test_the_wait_grows_and_ends_growing() -> None:
    waits = [rules.wait_after(failures) for failures in range(4, 30)]
    assert waits[0] is None
    seconds = [wait.total_seconds() for wait in waits[1:] if wait is not None]
    assert seconds[:4] == [5, 10, 20, 40]
    assert seconds == sorted(seconds)
    assert seconds[-1] == 900


def test_the_rest_is_told_in_whole_seconds() -> None:
    rules.check_not_resting(None, AT)
    rules.check_not_resting(AT, AT)
    with pytest.raises(Problem) as refused:
        rules.check_not_resting(AT + timedelta(seconds=1.2), AT)
    assert refused.value.params["seconds"] == 2


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a b", "a\\b", "a\0b", "x" * 41, "../../etc/passwd"])
def test_names_are_safe_in_file_names(name: str) -> None:
    with pytest.raises(Problem) as refused:
        rules.stored_name(name)
    assert refused.value.code == "request_malformed"


@pytest.mark.parametrize("name", ["li.wei", "李伟", "setup", "a_b-c.9"])
def test_names_of_any_script_are_kept(name: str) -> None:
    assert rules.stored_name(f" {name} ") == name


def test_one_name_has_one_spelling() -> None:
    assert rules.stored_name("Zoe\u0308") == rules.stored_name("Zo\u00eb")


def test_roles_are_known_and_ordered() -> None:
    assert rules.known_roles(["release", "setup", "setup"]) == ["setup", "release"]
    for roles in ([], ["king"], ["setup", "king"]):
        with pytest.raises(Problem) as refused:
            rules.known_roles(roles)
        assert refused.value.code == "role_unknown"


def test_an_account_is_new_for_a_day() -> None:
    rules.check_seasoned(AT - timedelta(hours=24), AT)
    with pytest.raises(Problem) as refused:
        rules.check_seasoned(AT - timedelta(hours=24) + timedelta(microseconds=1), AT)
    assert refused.value.code == "account_too_new"


def test_an_assessor_belongs_to_an_office() -> None:
    assert rules.known_office(["assessor"], " 市委市政府督查室 ") == "市委市政府督查室"
    assert rules.known_office(["setup"], None) is None
    for roles, office, code in (
        (["assessor"], " ", "account_office_missing"),
        (["setup"], "督查室", "account_office_unwanted"),
        (["assessor"], "室" * 81, "request_malformed"),
    ):
        with pytest.raises(Problem) as refused:
            rules.known_office(roles, office)
        assert refused.value.code == code


def test_a_units_account_speaks_for_one_unit_and_does_nothing_else() -> None:
    rules.check_unit_named(["unit"], "U-1")
    rules.check_unit_named(["setup", "release"], None)
    for roles, code, problem in (
        (["unit"], None, "account_unit_missing"),
        (["desk"], "U-1", "account_unit_unwanted"),
        (["unit", "release"], "U-1", "account_unit_alone"),
    ):
        with pytest.raises(Problem) as refused:
            rules.check_unit_named(roles, code)
        assert refused.value.code == problem


def test_a_units_account_meets_its_own_unit_alone() -> None:
    rules.check_own_unit(["unit"], "U-1", "U-1")
    rules.check_own_unit(["setup"], None, "U-2")
    for own, other in (("U-1", "U-2"), ("U-1", None), (None, None)):
        with pytest.raises(Problem) as refused:
            rules.check_own_unit(["unit"], own, other)
        assert refused.value.code == "not_own_unit"
