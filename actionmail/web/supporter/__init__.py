"""The supporter's three steps: who, which legislators (where the ZIP code does not tell), which letter.

What they type is kept as a draft under a random key, which the session and the pages carry; the key later makes a
double click one action. Every page can be shown again with what was posted to it: `again`.
"""

from actionmail.web.supporter.again import again, posted_form, typed_texts
from actionmail.web.supporter.step import bp

__all__ = ["again", "bp", "posted_form", "typed_texts"]
