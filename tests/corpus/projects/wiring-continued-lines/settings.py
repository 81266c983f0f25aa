from pydantic \
    import Field, \
    field_validator
from pydantic_settings \
    import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(); mills: int = Field(
        3); sails: int = 4

    @field_validator("mills")
    def positive(cls, value): return \
        abs(value)


settings = Settings()
