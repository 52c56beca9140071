"""In which language a page is read: its sentences, as far as we speak it, and a campaign's own words.

They need not be the same: a campaign may be translated into a language that we do not speak, and hardly any is into
every one that we do. What is in another language than its page says so (`lang`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlencode

from flask import Flask, current_app, request, session
from msgspec import Struct
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from actionmail.flows.campaigns.reading import words_of
from actionmail.rules import speech
from actionmail.rules.campaigns import translations
from actionmail.rules.campaigns.translations import OWN, Language, Words, known, look_up, offered, read_in
from actionmail.rules.replacing import replace
from actionmail.rules.speech import ENGLISH, Tongue
from actionmail.web.platform.kept import made_of

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

_COMMON: Final = 200  # characters of the header with a browser's languages; a longer one is not kept
_REMEMBERED = 8  # campaigns whose language finds room in one cookie
_HERE: Final = "/"  # among them: of the pages that are no campaign's
_STAFF: Final = ("/staff", "/api/")  # where nothing but English is spoken, also where no page is
# Whose pages are supporters'; and what of them any cache may keep, which is in the language of its address.
_SPOKEN_TO: Final = ("supporter", "receipts", "confirmations", "reminders", "answers", "organisations", "embeds")
_PUBLIC: Final = ("supporter.toolkit_file", "supporter.calendar", "supporter.calendar_of_day")


class Reading(Struct, frozen=True, kw_only=True, eq=False):  # so that what is kept can hang on it
    """The campaign's words as this supporter reads them. `choices` is empty where there is nothing to choose."""

    language: Language
    words: Mapping[str, Words]
    choices: Sequence[Language]

    @property
    def is_translated(self) -> bool:
        """Whether somebody reads here who may wonder in which language the letter is."""
        return self.language != OWN


def bind(app: Flask, spoken: Mapping[str, Tongue]) -> None:
    """Have the application speak these languages: on each request the one that is asked for."""
    app.extensions["actionmail.tongues"] = spoken
    app.jinja_env.globals.update(
        address_in_tongue=address_in_tongue, known_tongues=known_tongues, unreviewed=unreviewed
    )

    @app.before_request
    def _speak() -> None:
        speech.learn(spoken)
        speech.speak(_of_request())

    @app.teardown_request
    def _fall_silent(_error: BaseException | None) -> None:
        speech.speak(ENGLISH)


def address_in_tongue() -> str:
    """The address of this page in another language, with all that it was asked for, up to that language's tag.

    "" where there is none to choose in the foot of the page: where a form was posted, and for staff.
    """
    if (
        len(known_tongues()) < 2
        or request.method != "GET"
        or request.path.startswith(_STAFF)
        or request.blueprint not in _SPOKEN_TO
    ):
        return ""
    others = [(name, value) for name, value in request.args.to_dict().items() if name != "lang"]
    return f"{request.script_root}{request.path}?{urlencode([*others, ('lang', '')])}"


def unreviewed() -> Sequence[Tongue]:
    """The languages whose words are a machine's, and which nobody who speaks them has read."""
    return tuple(tongue for tongue in known_tongues().values() if not tongue.is_reviewed)


def asked_in_form() -> str:
    """The language that a form's button asks for, "" where another was pressed."""
    go = request.form.get("go", "")
    tag = go.removeprefix("lang:")
    return tag if tag != go and tag in (OWN.tag, *translations.languages()) else ""


def known_tongues() -> Mapping[str, Tongue]:
    """The languages that we speak, by tag, English first."""
    return cast(Mapping[str, Tongue], current_app.extensions["actionmail.tongues"])


def reading(campaign: Campaign) -> Reading:
    """In the language of the link that was followed, or of the last one, or else in one that the browser asks for.

    From here on the page speaks it too, or English, where we do not speak it.
    """
    read = _in_force(campaign, _wanted(campaign.slug, _tags(campaign)))
    speech.speak(known_tongues().get(read.language.tag, ENGLISH))
    return read


def reading_in_list(campaign: Campaign) -> Reading:
    """The same of one campaign among others, whose page speaks what it speaks."""
    return in_language(campaign, _wanted(campaign.slug, _tags(campaign)))


def reading_as_kept(campaign: Campaign, tag: str) -> Reading:
    """As somebody read it who acted in the language of `tag`, unless another one was chosen since."""
    chosen = _chosen(_HERE, _tags(campaign))
    read = _in_force(campaign, chosen or tag)
    speech.speak(known_tongues().get(read.language.tag, ENGLISH) if chosen or tag else speech.spoken())
    return read


def offered_here(campaign: Campaign | None = None) -> list[Language]:
    """The languages to choose from: those that we speak, and those that the campaign is translated into."""
    languages = offered(campaign.translations) if campaign else [OWN]
    tags = {language.tag for language in languages}
    return [*languages, *(known(tag) for tag in known_tongues() if tag not in tags)]


def _tags(campaign: Campaign) -> Sequence[str]:
    return made_of(campaign, "tags", lambda: [language.tag for language in offered_here(campaign)])


def _in_force(campaign: Campaign, tag: str) -> Reading:
    """With what there is to choose from."""

    def read() -> Reading:
        languages = offered_here(campaign)
        return in_language(campaign, tag, choices=languages if len(languages) > 1 else [])

    return made_of(campaign, ("reading", tag), read)


def in_language(campaign: Campaign, tag: str, *, choices: Sequence[Language] = ()) -> Reading:
    """In this language, as far as there is a translation."""
    language = known(tag)
    words = read_in(words_of(campaign), campaign.translations, language.tag)
    if language != OWN and language.tag in known_tongues():
        words = {name: word if word.lang else replace(word, lang=OWN.tag) for name, word in words.items()}
    return Reading(language=language, words=words, choices=choices)


def addresses(url: str, tags: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Where a page is read in each of its languages, by tag, for search engines; empty where there is but one.

    Whoever asks for none at `url` reads the campaign's own ("x-default").
    """
    if len(tags) < 2:
        return ()
    own = [(tag, url if tag == OWN.tag else f"{url}?lang={tag}") for tag in tags]
    return (*own, ("x-default", url))


def _of_request() -> Tongue:
    """The language of this request, before its campaign is known."""
    spoken = known_tongues()
    if (request.blueprint not in _SPOKEN_TO and request.endpoint is not None) or request.endpoint in _PUBLIC:
        return ENGLISH
    if request.path.startswith(_STAFF):
        return ENGLISH
    slug = str((request.view_args or {}).get("slug", _HERE))
    if tag := _chosen(slug, [OWN.tag, *translations.languages()]):
        if slug == _HERE and tag in spoken and tag == _asked(spoken):
            _remember(slug, tag)
        return spoken.get(tag, ENGLISH)
    return spoken.get(_asked_by_browser(spoken), ENGLISH)


def _wanted(slug: str, tags: Sequence[str]) -> str:
    """Which of them is wanted on this campaign, "" where none is; a link's is remembered."""
    if (asked := _asked(tags)) and len(tags) > 1:
        _remember(slug, asked)
    return _chosen(slug, tags) or _asked_by_browser(tags)


def _chosen(slug: str, tags: Collection[str]) -> str:
    """The one of `tags` that was asked for by a link, or was last, on this campaign or elsewhere; "" where none was."""
    remembered = session.get("languages", {})
    wishes = (_asked(tags), remembered.get(slug, ""), remembered.get(_HERE, ""))
    return next((str(tag) for tag in wishes if tag in tags), "")


def _asked(tags: Collection[str]) -> str:
    """The one of `tags` that the address asks for; "" where it asks for none."""
    asked = request.args.get("lang", "")
    return look_up([asked], tags) if asked else ""


def _asked_by_browser(tags: Collection[str]) -> str:
    header = request.headers.get("Accept-Language", "")
    find = _best if len(header) <= _COMMON else _best.__wrapped__
    return find(header, tuple(tags))


@lru_cache(maxsize=256)
def _best(header: str, tags: tuple[str, ...]) -> str:
    """Of `tags`. Most browsers of a place send the same few headers."""
    wishes = parse_accept_header(header, LanguageAccept)
    return look_up([value for value, quality in wishes if quality > 0], tags)


def _remember(slug: str, tag: str) -> None:
    """On this campaign, and for the pages that are none's."""
    before = session.get("languages", {})
    others = [(name, chosen) for name, chosen in before.items() if name not in {slug, _HERE}]
    session["languages"] = {**dict(others[2 - _REMEMBERED :]), slug: tag, _HERE: tag}
