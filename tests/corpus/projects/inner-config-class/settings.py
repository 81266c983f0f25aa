from pydantic_settings import BaseSettings


class LibrarySettings(BaseSettings):

    class Config:
        env_file = ".env"
        env_prefix = "LIBRARY_"

    # --- Loans -------------------------------------------------
    loan_days: int = 28

    # --- Fines -------------------------------------------------
    fine_per_day: float = 0.25

    # --- end ---------------------------------------------------


settings = LibrarySettings()
