from pydantic_settings import BaseSettings


class Box[T]:
    content: T


def number(text: str) -> int:
    try:
        return int(text)
    except ValueError, TypeError:
        return 0


class Settings(BaseSettings):
    streams: int = number("4")
    label: str = f"{f"{1 + 1}" + "x"}"


settings = Settings()
