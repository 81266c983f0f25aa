"""The contract's examples of object storage, unchanged, on both backends."""

from pathlib import Path

import pytest

import servers
from tests.e2e.real import RealShop, as_script

pytestmark = pytest.mark.xdist_group("all")

USAGE = """
from core.storage import get_storage

storage = get_storage()

# Upload a file
url = await storage.upload("images/photo.jpg", file_data)

# Download a file
data = await storage.download("images/photo.jpg")

# Delete a file
await storage.delete("images/photo.jpg")

# Check if file exists
exists = await storage.exists("images/photo.jpg")
"""

THEN = """
assert data == file_data
assert exists is False
assert "images/photo.jpg" in url
print("ran")
"""


def environment_of(backend: str, s3: servers.S3, folder: Path) -> dict[str, str]:
    if backend == "local":
        return {"STORAGE_LOCAL_PATH": str(folder)}
    return {
        "STORAGE_BACKEND": "s3",
        "STORAGE_S3_BUCKET": s3.bucket,
        "STORAGE_S3_ENDPOINT_URL": s3.endpoint_url,
        "STORAGE_S3_ACCESS_KEY": s3.access_key,
        "STORAGE_S3_SECRET_KEY": s3.secret_key,
    }


@pytest.mark.parametrize("backend", ["local", "s3"])
def test_the_example_runs(
    full_shop: RealShop, backend: str, s3: servers.S3, tmp_path: Path
) -> None:
    script = as_script(USAGE, THEN, before='file_data = b"\\xff\\xd8 a photo"')
    env = environment_of(backend, s3, tmp_path)
    assert full_shop.tool("python", "-c", script, env=env).endswith("ran\n")


def test_local_files_are_in_uploads_by_default(full_shop: RealShop) -> None:
    script = as_script("from settings import settings\nprint(settings.storage_local_path)", "")
    assert full_shop.tool("python", "-c", script).strip() in {"./uploads", "uploads"}
