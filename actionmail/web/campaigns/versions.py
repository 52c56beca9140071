"""Every version of a campaign's letters: what differs, and going back to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for

from actionmail.flows.campaigns import history, reading
from actionmail.flows.campaigns.refusals import ChangeRefused, Overtaken
from actionmail.flows.staff import Permission
from actionmail.web.campaigns import words
from actionmail.web.campaigns.pages import Answer, bp
from actionmail.web.platform.arguments import LONGEST_NAME, LONGEST_REVISION, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.staff.access import require, staff_page, this_author

if TYPE_CHECKING:
    from actionmail.db.campaigns import Letter


@bp.get("/<slug>/versions")
@require(Permission.WRITE_LETTERS)
def versions(slug: str) -> Answer:
    return _versions_page(slug)


@bp.post("/<slug>/restorations")
@require(Permission.WRITE_LETTERS)
def restore(slug: str) -> Answer:
    name = short_line(request.form, "letter", most=LONGEST_NAME)
    version = whole_number(request.form, "version", default=0)
    seen = short_line(request.form, "revision", most=LONGEST_REVISION)
    try:
        with services().database.write() as db:
            report = history.restore(db, slug, name, version, seen=seen, by=this_author(), now=services().clock())
    except Overtaken as error:
        return _versions_page(slug, problem=f"{words.overtaken(error)} Below is what is saved now."), 409
    except ChangeRefused as refused:
        return _versions_page(slug, problem=words.sentence(refused.problem)), 422
    flash(f"Done. New: {', '.join(report.letters_added)}.")
    return redirect(url_for("campaigns.versions", slug=slug), 303)


def _versions_page(slug: str, problem: str = "") -> str:
    with services().database.read() as db:
        campaign, versions = reading.campaign_of(db, slug), history.versions(db, slug)
    by_name: dict[str, list[Letter]] = {}
    for letter in versions:
        by_name.setdefault(letter.name, []).append(letter)
    return staff_page(
        "campaigns/versions.html",
        campaign=campaign,
        versions=by_name,
        problem=problem,
        revision=reading.letters_revision(campaign),
    )


@bp.get("/<slug>/differences")
@require(Permission.WRITE_LETTERS)
def differences(slug: str) -> Answer:
    """Two versions of a letter; without numbers, the newest and the one before it."""
    name = short_line(request.args, "letter", most=LONGEST_NAME)
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        old = history.version_of(db, slug, name, whole_number(request.args, "old", default=0))
        new = history.version_of(db, slug, name, whole_number(request.args, "new", default=0))
    return staff_page(
        "campaigns/differences.html", campaign=campaign, old=old, new=new, differences=history.difference(old, new)
    )
