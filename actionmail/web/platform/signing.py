"""What a browser brings back signed: by the installation's first key, and verified by each of its keys."""

from __future__ import annotations

from functools import lru_cache

from itsdangerous import URLSafeTimedSerializer

from actionmail.web.platform.context import services


def signed_for(purpose: str) -> URLSafeTimedSerializer:
    """Signs and reads values of one purpose (itsdangerous calls it a salt), and no others'."""
    return _serializer(tuple(services().settings.keys.for_itsdangerous), purpose)


@lru_cache(maxsize=32)
def _serializer(keys: tuple[str, ...], purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(keys), salt=purpose)
