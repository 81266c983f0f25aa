from pydantic_settings import BaseSettings as Base


class Settings(Base):
    pass


settings = Settings()
