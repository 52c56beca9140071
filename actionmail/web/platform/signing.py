"""What a browser brings back signed: by the installation's first key, and verified by each of its keys."""

from __future__ import annotations

from itsdangerous import URLSafeTimedSerializer

from actionmail.web.platform.context import services


def signed_for(purpose: str) -> URLSafeTimedSerializer:
    """Signs and reads values of one purpose (itsdangerous calls it a salt), and no others'."""
    return URLSafeTimedSerializer(services().settings.keys.for_itsdangerous, salt=purpose)
