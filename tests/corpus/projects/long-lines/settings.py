from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", case_sensitive=False, hide_input_in_errors=True)
    allowed_hosts: list[str] = Field(default_factory=lambda: ["a.example.org", "b.example.org", "c.example.org"], description="Hosts that requests may be addressed to; everything else is answered with 400 before any code of ours runs")


settings = Settings()
