"""Settings."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
  """From the environment."""
  index: str = '/var/lib/index'
  limit: int = 10

  class Config:
    env_file = '.env'


settings = Settings()
