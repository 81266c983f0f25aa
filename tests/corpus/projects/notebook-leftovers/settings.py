# %% [markdown]
# # Settings

# %%
from pydantic_settings import BaseSettings

# %%
class Settings(BaseSettings):
    model_path: str = "model.onnx"
    # threshold: float = 0.5

# %%
settings = Settings()
settings
