"""In which language a supporter reads a campaign's own words. Everything around them is English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request, session

from actionmail.flows.campaigns.reading import words_of
from actionmail.rules.campaigns.translations import OWN, Language, Words, known, look_up, offered, read_in

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

_REMEMBERED = 8  # campaigns whose language finds room in one cookie


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The campaign's words as this supporter reads them. `choices` is empty where there is nothing to choose."""

    language: Language
    words: Mapping[str, Words]
    choices: Sequence[Language]

    @property
    def is_translated(self) -> bool:
        return any(words.lang for words in self.words.values())


def reading(campaign: Campaign) -> Reading:
    """In the language of the link that was followed, or of the last one, or else in one that the browser asks for."""
    languages = offered(campaign.translations)
    chosen = _chosen(campaign, languages)
    return in_language(campaign, chosen, choices=languages if len(languages) > 1 else [])


def language_of(campaign: Campaign) -> Language:
    """The same language, where the words are not asked for."""
    return known(_chosen(campaign, offered(campaign.translations)))


def _chosen(campaign: Campaign, languages: Sequence[Language]) -> str:
    if len(languages) == 1:
        return languages[0].tag
    tags = [language.tag for language in languages]
    asked = look_up([request.args.get("lang", "")], tags)
    if asked:
        _remember(campaign.slug, asked)
        return asked
    remembered = str(session.get("languages", {}).get(campaign.slug, ""))
    if remembered in tags:
        return remembered
    return look_up([value for value, quality in request.accept_languages if quality > 0], tags)


def in_language(campaign: Campaign, tag: str, *, choices: Sequence[Language] = ()) -> Reading:
    """In this language, as far as there is a translation."""
    words = read_in(words_of(campaign), campaign.translations, tag)
    return Reading(language=known(tag), words=words, choices=choices)


def addresses(url: str, tags: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Where a page is read in each of its languages, by tag, for search engines; empty where there is but one.

    Whoever asks for none at `url` reads the campaign's own ("x-default").
    """
    if len(tags) < 2:
        return ()
    own = [(tag, url if tag == OWN.tag else f"{url}?lang={tag}") for tag in tags]
    return (*own, ("x-default", url))


def _remember(slug: str, tag: str) -> None:
    remembered = dict(session.get("languages", {}))
    remembered.pop(slug, None)
    session["languages"] = dict([*list(remembered.items())[1 - _REMEMBERED :], (slug, tag)])
