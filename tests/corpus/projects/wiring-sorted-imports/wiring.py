#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Copyright (c) the authors of sorted
# SPDX-License-Identifier: MIT

# Standard library
from collections.abc import Sequence
import logging
from typing import Any

# Third party
from fastapi import APIRouter

# Ours
from core.lifespan import Lifespan
import core.logging
from features.trains import lifespan, router  # isort: skip

# Local
from .extra import more  # noqa: TID252

logging.getLogger(__name__).debug("wired")

LIFESPANS: Sequence[Lifespan] = [
    lifespan,
]
MIDDLEWARE: Sequence[Any] = []
ROUTERS: Sequence[APIRouter] = [
    router,
    more,
]
READINESS: dict[str, Any] = {}
MIGRATIONS: Sequence[Any] = []
