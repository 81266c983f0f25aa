"""A real S3 server (SeaweedFS) for tests, the demo and benchmarks."""

import hashlib
import hmac
import random
import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Self
from urllib.parse import urlencode

from servers.binaries import seaweedfs
from servers.ports import HOST, reserve
from servers.process import Server, started

REGION = "us-east-1"
GRPC = 10_000  # above each of its ports, SeaweedFS takes another one
PORTS = range(20_000, 22_700)  # both are below every system's ephemeral range
PROBE = "/is-it-ready/probe"
PARTS = 5  # S3, master, volume, filer, administration


class S3(Server):
    """An S3 server with one pair of keys and one bucket; made by `S3.start`."""

    def __init__(self, port: int, bucket: str) -> None:
        super().__init__(port)
        self.bucket = bucket
        self.access_key = secrets.token_hex(8)
        self.secret_key = secrets.token_hex(16)
        self.region = REGION
        self.ports = [port, *_others(port)]
        self.environment = {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }

    @classmethod
    def start(cls, bucket: str = "uploads", port: int | None = None) -> Self:
        """Return a running server that has the bucket."""
        return started(lambda _: cls(port or _free_pair(), bucket), port)

    @property
    def endpoint_url(self) -> str:
        """Address of the server, without a bucket."""
        return f"http://{HOST}:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment variables that point an application to this server."""
        return {
            "STORAGE_BACKEND": "s3",
            "STORAGE_S3_BUCKET": self.bucket,
            "STORAGE_S3_REGION": self.region,
            "STORAGE_S3_ENDPOINT_URL": self.endpoint_url,
            "STORAGE_S3_ACCESS_KEY": self.access_key,
            "STORAGE_S3_SECRET_KEY": self.secret_key,
        }

    def command(self) -> list[str]:
        """Return the server's command line."""
        s3, master, volume, filer, admin = self.ports
        return [
            *(str(seaweedfs()), "mini", f"-dir={self.directory}", f"-bucket={self.bucket}"),
            *(f"-ip={HOST}", f"-ip.bind={HOST}", f"-s3.port={s3}", f"-master.port={master}"),
            *(f"-volume.port={volume}", f"-filer.port={filer}", f"-admin.port={admin}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false"),
            "-master.telemetry=false",
        ]

    def answers(self) -> bool:
        """Ask for the bucket, and for an object that is kept in another one.

        Another server on this port does not know the keys. This one has its buckets some time
        before its volumes: until they are there as well, each object is an internal error.
        """
        if not self._succeeds("HEAD", f"/{self.bucket}"):
            return False
        is_there = self._succeeds("GET", PROBE)
        return is_there or (self._succeeds("PUT", PROBE) and self._succeeds("GET", PROBE))

    def _succeeds(self, method: str, path: str) -> bool:
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            body = b"x" if method == "PUT" else None
            connection.request(method, self.signed(method, path), body)
            return connection.getresponse().status in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}
        except HTTPException:
            return False
        finally:
            connection.close()

    def signed(self, method: str, path: str) -> str:
        """Return a path with its query of signature version 4, good for a minute."""
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        scope = f"{now[:8]}/{self.region}/s3/aws4_request"
        query = urlencode(
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": f"{self.access_key}/{scope}",
                "X-Amz-Date": now,
                "X-Amz-Expires": "60",
                "X-Amz-SignedHeaders": "host",
            }
        )
        host = f"host:{HOST}:{self.port}\n"
        request = "\n".join([method, path, query, host, "host", "UNSIGNED-PAYLOAD"])
        digest = hashlib.sha256(request.encode()).hexdigest()
        key = f"AWS4{self.secret_key}".encode()
        for part in [*scope.split("/"), f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{digest}"]:
            key = hmac.digest(key, part.encode(), "sha256")
        return f"{path}?{query}&X-Amz-Signature={key.hex()}"


def _others(port: int) -> list[int]:
    others: set[int] = set()
    while len(others) < PARTS - 1:
        others.add(_free_pair())
        others.discard(port)
    return sorted(others)


def _free_pair() -> int:
    """Return a free port whose second one, for gRPC, is free as well."""
    while True:
        port = random.choice(PORTS)  # noqa: S311  nothing secret
        if reserve(port) and reserve(port + GRPC):
            return port
