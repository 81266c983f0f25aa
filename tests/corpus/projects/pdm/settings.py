'''Parcels: settings.'''

from pydantic_settings import BaseSettings, SettingsConfigDict


class ParcelSettings(BaseSettings):
    '''From the environment.'''

    carrier: str = 'dhl'
    '''Which carrier labels are bought from.'''
    label_format: str = 'pdf'
    '''`pdf` or `zpl`.'''

    model_config = SettingsConfigDict(env_file='.env')


settings = ParcelSettings()
