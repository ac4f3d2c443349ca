"""Flags on the command line."""

from tests.api.poll import make_poll
from tests.cli.shell import Shell


def test_the_rules_are_run_and_what_they_found_is_listed(staffed: Shell) -> None:
    make_poll(staffed.engine, "luohe", stop_at="open")
    assert staffed.refused("flags run luohe --as release") == "forbidden"
    assert "0 new flags" in staffed.ok("flags run luohe")
    assert "0 new flags" in staffed.ok("flags run")
    assert "规则 rule" in staffed.ok("flags list --as release")
    assert "规则 rule" in staffed.ok("flags list --campaign luohe --state open")
    assert staffed.refused("flags list --window none") == "window_unknown"
    # Once as the event, once in the body of each of the two.
    assert staffed.ok("ledger list --log luohe").count("flags:looked") == 4
