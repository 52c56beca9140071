"""Views of the send log that staff called by a supporter's name go when the supporter is erased."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.saved_views import SavedView
from actionmail.rules.actions.search_words import indexed_words


def drop_named(session: Session, action: Action) -> None:
    """Forget the views in whose names stands the whole name, or the address, of who acted. There are a few dozen."""
    names = [words for words in (indexed_words([action.name]), indexed_words([action.email])) if words]
    gone = []
    for number, name in session.execute(select(SavedView.id, SavedView.name)):
        called = f" {indexed_words([name])} "
        if any(f" {words} " in called for words in names):
            gone.append(number)
    if gone:
        session.execute(delete(SavedView).where(SavedView.id.in_(gone)))
