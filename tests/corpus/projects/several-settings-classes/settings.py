from functools import cache

from pydantic_settings import BaseSettings


class AppSettings(BaseSettings):
    title: str = "Newsletter"


class MailSettings(BaseSettings):
    smtp_host: str = "localhost"


@cache
def app_settings() -> AppSettings:
    return AppSettings()


@cache
def mail_settings() -> MailSettings:
    return MailSettings()
