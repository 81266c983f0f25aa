# Copyright (c) the authors of sorted
# SPDX-License-Identifier: MIT

# Third party
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    trains: int = 7  # a day


settings = Settings()
