"""Which hosts requests may name, and which other sites may call the API."""

import logging

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from settings import settings

logger = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Check the Host header against ALLOWED_HOSTS, and allow CORS_ORIGINS to send credentials."""
    hosts, origins = _listed(settings.allowed_hosts), _listed(settings.cors_origins)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_credentials="*" not in origins,
            allow_methods=["*"],
            allow_headers=["*"],
        )
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    elif settings.environment == "production":
        logger.warning("ALLOWED_HOSTS is empty: requests may name any host")


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
