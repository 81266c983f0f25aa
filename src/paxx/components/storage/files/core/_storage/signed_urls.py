"""Signed URLs of the local backend, served by core/_storage/router.py."""

import hashlib
import hmac
import time
from urllib.parse import quote

from core._storage.keys import MAX_EXPIRY
from settings import settings

PATH = "/storage"


def url_of(key: str) -> str:
    """Return the URL of an object, from the root of the application; alone it opens nothing."""
    return f"{PATH}/{quote(key, safe='/')}"


def signed(key: str, method: str, seconds: int) -> str:
    """Return a URL that `is_signed` accepts for this method and as many seconds."""
    expires = int(time.time()) + seconds
    return f"{url_of(key)}?expires={expires}&signature={_signature(key, method, expires)}"


def is_signed(key: str, method: str, expires: int, signature: str) -> bool:
    """Say if `signed` made this for the key and the method, and it is not over."""
    left = expires - int(time.time())  # not of floats: it may be a number that they cannot hold
    expected = _signature(key, method, expires)
    genuine = hmac.compare_digest(expected.encode(), signature.encode())
    return genuine and 0 < left <= MAX_EXPIRY


def _signature(key: str, method: str, expires: int) -> str:
    # A key of its own: what is signed here cannot be taken for another use of SECRET_KEY.
    own = settings.secret_key.get_secret_value().encode()
    derived = hmac.digest(own, b"core.storage", "sha256")
    return hmac.new(derived, f"{method}\n{expires}\n{key}".encode(), hashlib.sha256).hexdigest()
