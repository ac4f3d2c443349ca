"""Which person of a sign-in provider (统一身份认证) an account belongs to: bound at the first sign-in, by ``sub``.

The provider's own name of a person (``sub``) is given to one person and never again; a claim with the account's name
may be. So the claim finds the account once, and from then on issuer and ``sub`` do.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_models.accounts import queries, rules
from survey_models.accounts.pass_tables import ProviderLink
from survey_models.accounts.tables import Account
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record

LONGEST_SUBJECT = 255


def find(session: Session, issuer: str, subject: str, name: str) -> Account:
    """The account of the person, held; for one who comes for the first time that of the name.

    Raises ``oidc_no_account`` for none, or a disabled one; ``oidc_other_person`` where it is bound to somebody else.
    """
    linked = session.get(ProviderLink, (issuer, subject))
    if linked is not None:
        found = session.get(Account, linked.account_id, with_for_update=True, populate_existing=True)
    else:
        found = queries.by_name(session, name, lock=True)
    if found is None or found.disabled:
        raise Problem("oidc_no_account")
    if linked is None:
        _refuse_other(session, issuer, found)
    return found


def bind(session: Session, account: Account, issuer: str, subject: str, *, nobodys_hash: str, at: datetime) -> None:
    """Bind a held account to the person who has just signed in; a second time it stays as it is.

    From the first time on its 24 hours run: it has a new way in. A first password (首个密码) ends with a sign-in, and
    ``nobodys_hash`` takes its place: who gave it cannot sign in beside the person. Raises ``oidc_other_person``.
    """
    if account.first_password:
        account.password_hash, account.first_password = nobodys_hash, False
        account.renewed_at = at
    if session.get(ProviderLink, (issuer, subject)) is not None:
        return
    _refuse_other(session, issuer, account)
    session.add(ProviderLink(issuer=issuer, subject=subject, account_id=account.id, made_at=at))
    account.renewed_at = at
    session.flush()
    record(session, SYSTEM_LOG, Event.PROVIDER_LINKED, {"account": account.name, "issuer": issuer}, at=at)


def _refuse_other(session: Session, issuer: str, account: Account) -> None:
    other = select(ProviderLink.subject).where(ProviderLink.issuer == issuer, ProviderLink.account_id == account.id)
    if session.scalar(other) is not None:
        raise Problem("oidc_other_person")


def names(session: Session) -> list[str]:
    """The names of the accounts that are bound to a person of a provider, in order."""
    query = select(Account.name).join(ProviderLink, ProviderLink.account_id == Account.id).distinct()
    return list(session.scalars(query.order_by(Account.name)))


def unlink(session: Session, name: str, *, by: str, at: datetime) -> None:
    """Let the next person whom the provider calls so be bound to an account: the colleague has another identity there.

    Its sessions end, and for 24 hours it confirms nothing. Never one's own. Raises ``account_unknown``,
    ``oidc_own_link``, ``oidc_not_linked``.
    """
    account = queries.by_name(session, rules.stored_name(name), lock=True)
    if account is None:
        raise Problem("account_unknown")
    if account.name == by:
        raise Problem("oidc_own_link")
    gone = session.execute(
        delete(ProviderLink).where(ProviderLink.account_id == account.id).returning(ProviderLink.issuer)
    ).all()
    if not gone:
        raise Problem("oidc_not_linked")
    account.renewed_at = at
    queries.forget_sessions_of(session, account)
    session.flush()
    record(session, SYSTEM_LOG, Event.PROVIDER_UNLINKED, {"account": account.name}, at=at, by=by)
