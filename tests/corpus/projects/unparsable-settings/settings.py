from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    name: str = "unparsable"


settings = Settings(

print("unfinished"
