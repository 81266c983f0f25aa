from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Invoices.

    Read from the environment.
    """

    template_folder: str = r"C:\invoices\templates"

    # Numbers
    first_number: int = 1000


settings = Settings()
