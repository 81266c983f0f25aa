from pydantic_settings import BaseSettings, SettingsConfigDict


class BuildSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BUILD_")

    revision: str = "unknown"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="SHOP_",  # shared with the front end
        env_file=(".env", ".env.local"),
    )

    currency: str = "EUR"
    build: BuildSettings = BuildSettings()


settings = Settings()
