"""MTA-STS policies of receiving domains, kept so that they hold over restarts and for every worker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.sts_policies import StsPolicy
from actionmail.rules.delivery.mta_sts import Mode, Policy

Sessions = Callable[[], AbstractContextManager[Session]]


class KeptPolicies:
    """What `gateways.mail.direct.policies.PolicyStore` asks for. Each call is a transaction of its own."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._read, self._write, self._clock = database.read, database.write, clock

    def get(self, domain: str) -> Policy | None:
        with self._read() as session:
            row = session.get(StsPolicy, domain)
        return _policy(row) if row is not None else None

    def put(self, domain: str, policy: Policy) -> None:
        """In place of the one that was kept; what nobody may use any more goes."""
        try:
            with self._write() as session:
                session.execute(delete(StsPolicy).where(StsPolicy.expires_at <= self._clock()))
                session.merge(
                    StsPolicy(
                        domain=domain,
                        policy_id=policy.id,
                        mode=policy.mode.value,
                        hosts="\n".join(policy.hosts),
                        fetched_at=policy.fetched_at,
                        expires_at=policy.fetched_at + policy.max_age,
                    )
                )
        except IntegrityError:
            return  # another connection to the domain kept the same policy at this moment


def _policy(row: StsPolicy) -> Policy:
    return Policy(
        id=row.policy_id,
        mode=Mode(row.mode),
        hosts=tuple(row.hosts.split("\n")) if row.hosts else (),
        fetched_at=row.fetched_at,
        max_age=row.expires_at - row.fetched_at,
    )
