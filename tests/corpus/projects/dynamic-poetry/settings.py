from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    poems: int = 4

    def __init__(self, **values: object) -> None:
        super().__init__(**values)


settings = Settings()
