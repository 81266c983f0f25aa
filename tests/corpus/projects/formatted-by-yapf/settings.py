from pydantic_settings import (BaseSettings,
                               SettingsConfigDict)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file='.env',
                                      extra='ignore')
    archive_root : str  = '/srv/archive'  # must be mounted
    chunk_size   : int  = (64 *
                           1024)          # bytes

    @property
    def chunks_per_mebibyte(self) -> int:
        return 1024 * 1024 // self.chunk_size


settings = Settings()
