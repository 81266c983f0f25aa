import sys

from pydantic_settings import BaseSettings

if sys.platform == "win32":
    FOLDER = "C:/conditional"
else:
    FOLDER = "/var/lib/conditional"


class Settings(BaseSettings):
    folder: str = FOLDER
    if sys.platform == "win32":
        drive: str = "C:"
    traced: bool = False


settings = Settings()
