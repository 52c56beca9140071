"""What `actionmail setup` asks a person for, one after the other; an answer that cannot be right is asked for again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click
from msgspec import Struct

from actionmail.settings import Settings
from actionmail.settings_reading import SettingsError

DATABASE = "sqlite:////var/lib/actionmail/actionmail.sqlite3"  # where nobody names another one
# The option of `actionmail setup` for a setting.
FLAGS: Mapping[str, str] = {
    "database_url": "ACTIONMAIL_DATABASE_URL",
    "base_url": "ACTIONMAIL_BASE_URL",
    "organisation": "ACTIONMAIL_ORGANISATION",
    "contact_address": "ACTIONMAIL_CONTACT_ADDRESS",
    "from_address": "ACTIONMAIL_FROM_ADDRESS",
    "smtp_url": "ACTIONMAIL_SMTP_URL",
    "smtp_user": "ACTIONMAIL_SMTP_USER",
    "smtp_password_file": "ACTIONMAIL_SMTP_PASSWORD_FILE",
    "proxies": "ACTIONMAIL_PROXIES",
}


class _Question(Struct, frozen=True, kw_only=True):
    name: str
    words: str
    otherwise: str | None = None  # what stands there by itself; None: an answer is needed
    is_secret: bool = False


_QUESTIONS = (
    _Question(
        name="ACTIONMAIL_DATABASE_URL",
        words="The database",
        otherwise=DATABASE,
    ),
    _Question(name="ACTIONMAIL_BASE_URL", words="The address that people open, such as https://act.example.org"),
    _Question(name="ACTIONMAIL_ORGANISATION", words="The organisation's name, for the top of every page"),
    _Question(name="ACTIONMAIL_CONTACT_ADDRESS", words="Where offices and supporters can write to you", otherwise=""),
    _Question(name="ACTIONMAIL_FROM_ADDRESS", words="The sender of every letter, on your own domain"),
    _Question(name="ACTIONMAIL_SMTP_URL", words="The mail server, such as smtp+starttls://mail.example.org:587"),
    _Question(name="ACTIONMAIL_SMTP_USER", words="Your user name there", otherwise=""),
    _Question(name="ACTIONMAIL_SMTP_PASSWORD", words="The password there", otherwise="", is_secret=True),
)


def answers(known: Mapping[str, str]) -> dict[str, str]:
    """What is missing in `known`, asked for."""
    given: dict[str, str] = {}
    for question in _QUESTIONS:
        if question.name in known or f"{question.name}_FILE" in known or _is_moot(question.name, {**known, **given}):
            continue
        answer = click.prompt(
            question.words,
            default=question.otherwise,
            show_default=bool(question.otherwise),
            hide_input=question.is_secret,
            value_proc=_right(question.name),
        )
        if answer:
            given[question.name] = answer
    return given


def _is_moot(name: str, known: Mapping[str, str]) -> bool:
    """Whether the mail server's address says it already, or there is nobody to sign in as."""
    if name == "ACTIONMAIL_SMTP_USER":
        return "@" in known.get("ACTIONMAIL_SMTP_URL", "")
    return name == "ACTIONMAIL_SMTP_PASSWORD" and not known.get("ACTIONMAIL_SMTP_USER")


def _right(name: str) -> Callable[[str], str]:
    """The answer as it is; click asks again where the setting alone could not be right."""

    def checked(answer: str) -> str:
        try:
            if not answer.isprintable():
                raise SettingsError(f"{name} must be one line of text.")
            Settings.from_env({name: answer})
        except SettingsError as error:
            raise click.UsageError(str(error)) from None
        return answer

    return checked
