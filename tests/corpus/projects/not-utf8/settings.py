# -*- coding: latin-1 -*-
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    name: str = "Müller"


settings = Settings()
