"""One of the two doors: the place where settings, database, district table and pages meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from actionmail.db.engine import OUR_FAULTS, TROUBLE, Database
from actionmail.db.replica import LargeReads
from actionmail.db.trouble import lacks_tables
from actionmail.flows.campaigns import brands, campaign_pictures, toolkits
from actionmail.flows.campaigns.in_force import CampaignsInForce
from actionmail.flows.delivery.sts_policies import KeptPolicies
from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.tables_in_force import TablesInForce
from actionmail.flows.privacy.retention import DraftSweep
from actionmail.flows.staff import HASHER
from actionmail.gateways.http.geocoder import geocoder_for
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.dns import Dns
from actionmail.gateways.mail.spam_filters import filter_at
from actionmail.rules.delivery.states import Parcel, State
from actionmail.rules.moments import TEMPLATE_FILTERS
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import Settings, bundled
from actionmail.settings_reading import SettingsError
from actionmail.web import supporter
from actionmail.web.api import acting, routes, staff_routes  # noqa: F401  # all but the second only add their pages
from actionmail.web.campaigns import brands as staff_brands

# Some only add their pages to the blueprints of the others.
from actionmail.web.campaigns import (  # noqa: F401
    editor,
    letters,
    pages,
    post_picture,
    preflight,
    previews,
    status,
    targets,
    versions,
)
from actionmail.web.campaigns import pictures as staff_pictures
from actionmail.web.platform import (
    errors,
    fault_reports,
    health,
    languages,
    metrics,
    request_log,
    security,
    tongues,
    traces,
)
from actionmail.web.platform.background_tasks import BackgroundTasks
from actionmail.web.platform.context import Services
from actionmail.web.platform.fields import every_field, shown_text
from actionmail.web.platform.kept import kept_part
from actionmail.web.platform.late_rules import LateRule
from actionmail.web.platform.mail_words import sentence_of, trouble_sentence
from actionmail.web.platform.static_files import PackingFlask, asset
from actionmail.web.platform.templates import KeptTemplates
from actionmail.web.platform.tongues import TEMPLATE_WORDS
from actionmail.web.platform.wsgi_objects import Request, Response
from actionmail.web.privacy import supporters
from actionmail.web.review import (
    bulk_changes,
    campaign_actions,
    crowds,
    dmarc,
    exports,
    new_address,
    numbers,
    petition_delivery,
    petition_mail,  # noqa: F401  # it only adds its pages
    reports,
    reviews,
    send_log,
    stops,
    webhooks,
)
from actionmail.web.review import organisations as staff_organisations
from actionmail.web.review.words import REASON_WORDS
from actionmail.web.roster import pages as roster
from actionmail.web.roster.dataset_words import dataset_sentence
from actionmail.web.staff import account, accounts, api_tokens, audit, home, links, passkeys
from actionmail.web.supporter import (
    answers,
    cards,
    confirmations,
    days,
    embeds,
    feeds,
    looks,
    organisations,
    pictures,
    receipts,
    sharing,
)

if TYPE_CHECKING:
    from actionmail.gateways.mail.handing_over import HandsOver
    from actionmail.gateways.pictures.cards import CardPress
    from actionmail.rules.actions.papers import Printed
    from actionmail.rules.campaigns.cards import CardWords
    from actionmail.rules.campaigns.pictures import BothSizes


class Application(PackingFlask):
    url_rule_class = LateRule
    request_class = Request
    response_class = Response

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view and no hook of ours is asynchronous; Flask looks at each one in every request."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        """Say which rule failed, not which address: a receipt's address is its key."""
        rule = request.url_rule.rule if request.url_rule else "an unknown address"
        self.logger.error("Exception on %s [%s]", rule, request.method, exc_info=exc_info)


def create_app(settings: Settings, *, application: type[Application] = Application) -> Flask:
    """The web application for one installation. Raises SettingsError where it cannot run on these settings."""
    settings = settings.for_web()
    if settings.loopback_only:
        forbid_other_hosts()
    app = application(
        "actionmail",
        template_folder=str(bundled("templates")),
        static_folder=str(Path(__file__).parent / "static"),
        static_url_path="/static",  # or it is found anew for each address of a file
    )
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.jinja_env.bytecode_cache = KeptTemplates(bundled("templates"))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(every_field=every_field, shown_text=shown_text, asset=asset, kept_part=kept_part)
    app.jinja_env.globals.update(organisation=settings.organisation, contact_address=settings.contact_address)
    app.jinja_env.globals.update(TEMPLATE_WORDS)
    app.jinja_env.filters.update(TEMPLATE_FILTERS)
    _load_tongues(app, settings)
    app.extensions["actionmail"] = _services(app, settings)
    if settings.metrics_dir is not None:  # first, so that what the guards refuse is counted too
        metrics.measure_pages(app, settings.metrics_dir)
    _follow_requests(app, settings)
    security.protect(app, settings)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    errors.register(app)
    for trouble in TROUBLE:
        app.register_error_handler(trouble, _not_kept)
    return app


def _follow_requests(app: Flask, settings: Settings) -> None:
    """What is told of each request, where somebody wants to be told. Raises SettingsError."""
    if settings.json_log or settings.traces_url or settings.sentry_dsn:
        request_log.number_requests(app, is_behind_proxy=settings.proxies > 0)
    if settings.json_log:
        request_log.write_json_log(app)
    if settings.traces_url:
        traces.trace_pages(app, settings.traces_url)
    if settings.sentry_dsn:
        fault_reports.report_pages(app, settings.sentry_dsn)


def _load_tongues(app: Flask, settings: Settings) -> None:
    """The languages that come with us, and those that an installation adds. Raises TongueError."""
    languages.bind(app, tongues.of_installation(settings.data_dir))


_BLUEPRINTS = (
    pages.bp,
    preflight.bp,
    editor.bp,
    targets.bp,
    staff_pictures.bp,
    staff_brands.bp,
    supporter.bp,
    pictures.bp,
    cards.bp,
    looks.bp,
    sharing.bp,
    feeds.bp,
    embeds.bp,
    receipts.bp,
    confirmations.bp,
    days.reminders,
    answers.bp,
    organisations.bp,
    health.bp,
    home.bp,
    account.bp,
    accounts.bp,
    api_tokens.bp,
    webhooks.bp,
    audit.bp,
    links.bp,
    passkeys.bp,
    bulk_changes.bp,
    new_address.bp,
    stops.bp,
    dmarc.bp,
    send_log.bp,
    reviews.bp,
    exports.bp,
    numbers.bp,
    reports.bp,
    supporters.bp,
    campaign_actions.bp,
    crowds.bp,
    petition_delivery.bp,
    staff_organisations.bp,
    roster.bp,
    routes.bp,
)


def _services(app: Flask, settings: Settings) -> Services:
    """What every view may reach. Raises SettingsError where data or geocoder cannot be used."""
    try:
        zip_tables = TablesInForce(settings.data_dir)
    except DatasetError as error:
        raise SettingsError(
            f"ACTIONMAIL_DATA_DIR holds no ZIP table that can be used: {dataset_sentence(error)}"
        ) from None
    atlas = Atlas(settings.data_dir / "boundaries")
    try:
        geocode = geocoder_for(settings, has_boundaries=atlas.covers)
    except DatasetError as error:
        raise SettingsError(f"ACTIONMAIL_GEOCODER_URL: {dataset_sentence(error)}") from None
    database = Database(settings.database_url)
    return Services(
        settings=settings,
        database=database,
        large_reads=LargeReads(database, settings.read_database_url),
        campaigns=CampaignsInForce(database),
        draft_sweep=DraftSweep(),
        zip_tables=zip_tables,
        atlas=atlas,
        geocode=geocode,
        clock=lambda: datetime.now(UTC),
        hasher=HASHER,
        ask_txt=None if settings.loopback_only else Dns().txt,
        ask_names=None if settings.loopback_only else Dns().names,
        signing_records=_signing_records(settings),
        spam_filter=filter_at(settings.spam_filter),
        hand_over=hand_over_one(settings, database) if settings.relay else None,
        later=BackgroundTasks(app.logger).do,
        reencode=_reencode,
        draw_card=lru_cache(maxsize=_CARDS)(_draw_card),
        picture_uses=_picture_uses,
        write_calendar=_write_calendar,
        print_statement=_print_statement,
        print_report=_print_report,
    )


_CARDS = 64  # that each process keeps, of some 40 kB


# Few pages need what writes calendars, papers and pictures, so it is imported by the first that does.


def _write_calendar(*args: Any, **kwargs: Any) -> bytes:
    from actionmail.gateways.documents.calendar_file import calendar_file

    return calendar_file(*args, **kwargs)


def _print_statement(*args: Any, **kwargs: Any) -> Printed:
    from actionmail.gateways.documents.statement_pdf import write_statement

    return write_statement(*args, **kwargs)


def _print_report(*args: Any, **kwargs: Any) -> int:
    from actionmail.gateways.documents.report_pdf import write_report

    return write_report(*args, **kwargs)


def _reencode(content: bytes) -> BothSizes:
    from actionmail.gateways.pictures.reencoding import reencode

    return reencode(content)


def _draw_card(words: CardWords) -> bytes:
    return _card_press().draw(words)


@lru_cache(maxsize=1)
def _card_press() -> CardPress:
    from actionmail.gateways.pictures.cards import CardPress

    return CardPress(bundled("data") / "fonts")


def _picture_uses(session: Session, number: int) -> list[str]:
    """What shows a picture: the titles of campaigns, as their own or to be shared, and organisations, as their logo."""
    return [
        *campaign_pictures.uses(session, number),
        *toolkits.uses(session, number),
        *brands.uses(session, number),
    ]


def _signing_records(settings: Settings) -> Callable[[], dict[str, str]]:
    """Of the folder of keys; none where there is none, or it is the worker's alone."""
    if settings.dkim_folder is None:
        return dict
    from actionmail.gateways.mail.dkim_folder import KeyFolder  # here, with all of cryptography, since few have keys

    return KeyFolder(settings.dkim_folder, settings.mail_domain).signing_records


def hand_over_one(settings: Settings, database: Database) -> Callable[[Parcel | None], str]:
    """Gives the mail server one letter, or only greets it, with somebody waiting. "" or the sentence why not."""
    return partial(_hand_over, partial(_relay, settings, database))


def _relay(settings: Settings, database: Database) -> HandsOver:
    from actionmail.gateways.mail.handing_over import relay_to  # here, since only staff who try a letter need it
    from actionmail.gateways.mail.smtp import Timeouts

    assert settings.relay is not None
    # Somebody waits before a page: less patience than the worker has.
    patience = Timeouts(
        connect=5.0,
        greeting=10.0,
        mail=10.0,
        rcpt=10.0,
        data=10.0,
        final_dot=20.0,
        handover=25.0,
        connection_letters=1,
    )
    return relay_to(
        settings.relay,
        hello=settings.helo_name or settings.mail_domain,
        policy_store=KeptPolicies(database, clock=lambda: datetime.now(UTC)),
        only_here=settings.loopback_only,
        timeouts=patience,
    )


def _hand_over(open_relay: Callable[[], HandsOver], parcel: Parcel | None) -> str:
    relay = open_relay()
    try:
        if parcel is None:
            trouble = relay.check()
            return trouble_sentence(trouble) if trouble else ""
        done = relay.deliver([parcel])
    finally:
        relay.close()
    if outcome := done.outcomes.get(parcel.id):
        accepted = outcome.state is State.ACCEPTED
        if outcome.code is None:
            return f"{REASON_WORDS[outcome.reason]} {sentence_of(outcome.text)}".strip()
        return "" if accepted else f"The mail server said: {outcome.code or ''} {outcome.text}".strip()
    return trouble_sentence(done.trouble) if done.trouble else "The mail server did not take it."


def _not_kept(error: Exception) -> ResponseReturnValue:
    """What is shown when the database cannot keep or tell anything; nothing was sent."""
    if isinstance(error, DBAPIError) and lacks_tables(error):
        current_app.logger.error("The database's tables are missing or old; run `actionmail migrate`.")
    elif isinstance(error, OUR_FAULTS):
        raise error
    else:
        current_app.logger.error("The database is in trouble: %s", getattr(error, "orig", error))
    if request.blueprint == health.bp.name:
        return health.unreachable()
    try:
        return errors.not_kept()
    except TROUBLE:  # it cannot even be read
        return errors.out_of_reach()
