"""Which endpoints a program may call with an access token (访问令牌), by scope. What stands here in no scope, none may.

Never here: acts of two people, accounts, tokens and anything of the person's own account. A test holds this against
the routes. The endpoint's own guard decides besides: a scope opens nothing that the owner's role does not.
"""

from __future__ import annotations

from survey_models.accounts.tokens import Scope

OPERATIONS: dict[Scope, frozenset[str]] = {
    Scope.PROGRESS_READ: frozenset(
        {"list_campaigns", "read_campaign", "read_progress", "progress_xlsx", "list_quotas"}
    ),
    Scope.UPLOADS_WRITE: frozenset(
        {
            "upload_template_xlsx",
            "upload_template_csv",
            "send_upload",
            "list_uploads",
            "read_upload",
            "upload_faults_xlsx",
            "accept_upload",
            "hold_place",
            "give_place_back",
        }
    ),
    Scope.MARKS_WRITE: frozenset(
        {"list_mark_standing", "list_marks", "enter_marks", "marks_template_xlsx", "send_marks_file"}
    ),
    Scope.RESULTS_READ: frozenset(
        {
            "list_campaigns",
            "read_campaign",
            "read_tallies",
            "read_items",
            "read_results",
            "read_unit_steps",
            "export_results",
            "list_rounds",
            "read_round",
            "read_scorecards",
            "read_scorecard",
            "read_round_history",
            "list_round_documents",
            "fetch_round_document",
        }
    ),
    Scope.WINDOWS_READ: frozenset(
        {"list_windows", "read_window_tallies", "list_rating_months", "read_rating_month", "read_fleet", "list_devices"}
    ),
    Scope.LEDGER_READ: frozenset(
        {"list_ledger", "list_audit_entries", "read_audit_proof", "read_separation", "read_entry_bundle"}
    ),
    Scope.METRICS_READ: frozenset({"read_metrics"}),
}


def opened_by(scopes: frozenset[str], operation: str | None) -> bool:
    """Whether one of the scopes opens the operation (``operation_id`` of the API's description)."""
    return any(operation in OPERATIONS[scope] for scope in Scope if scope.value in scopes)
