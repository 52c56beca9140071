"""Dari, from right to left, as an installation adds a language to its data folder: no code knows of it.

So many families from Afghanistan came by way of Wisconsin in 2021. A few sentences of the three steps; the rest of the
pages is English, and says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests import catalogues

TAG: Final = "fa-AF"
_ABOUT: Final = """\
own_name = "دری"
name = "Dari"
direction = "rtl"
babel = "fa_AF"
plural = "nplurals=1; plural=0"
reviewed = false
"""
_SAID: Final[dict[str | tuple[str, str], str]] = {
    "Skip to the main content": "رفتن به محتوای اصلی",
    "Write now": "همین حالا بنویسید",
    "Who are you?": "شما کی هستید؟",
    "Full name": "نام مکمل",
    "E-mail address": "آدرس ایمیل",
    "ZIP code": "زیپ‌کُد",
    "(optional)": "(اختیاری)",
    "Continue to your legislators": "ادامه به سوی نمایندگان شما",
    "Nothing is sent yet.": "هنوز چیزی فرستاده نشده است.",
    "Step %(number)s of 3: %(campaign)s, %(part)s": "گام %(number)s از ۳: %(campaign)s، %(part)s",
    "Which legislators are yours?": "کدام نمایندگان از شما هستند؟",
    "Or choose them by name": "یا آن‌ها را به نام انتخاب کنید",
    "I am not sure": "مطمئن نیستم",
    "Continue to your letter": "ادامه به نامهٔ شما",
    "Your legislators, your letter": "نمایندگان شما، نامهٔ شما",
    "Ready to send?": "آمادهٔ فرستادن هستید؟",
    "Why does this matter to you?": "چرا این برای شما مهم است؟",
    "%(count)s of at most %(most)s characters": "%(count)s از حداکثر %(most)s حرف",
    "Send this in my name": "این را به نام من بفرستید",
    "Send to %(whom)s": "فرستادن به %(whom)s",
    "Thank you, %(name)s.": "تشکر، %(name)s.",
    ("What became of your letter", "What became of your letters"): "نامه‌های شما چه شدند",
    "Queued: it waits for its turn to leave.": "در صف: منتظر نوبت خود است.",
}


def add_dari(data: Path) -> None:
    catalogues.write_added(data / "translations" / TAG, _ABOUT, _SAID)
