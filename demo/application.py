"""The demonstration's project under uvicorn."""

import urllib.request
from pathlib import Path
from typing import Self

from servers import OtlpReceiver, Redis
from servers.ports import HOST
from servers.process import Server, started


class Application(Server):
    """The project's application as a real process; made by `Application.start`."""

    def __init__(self, port: int, project: Path, environment: dict[str, str]) -> None:
        super().__init__(port)
        self.working_directory = project
        self.environment = environment

    @classmethod
    def start(cls, project: Path, redis: Redis, traces: OtlpReceiver) -> Self:
        """Return the running application, connected to both servers."""
        environment = {
            "REDIS_URL": redis.url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": traces.grpc_endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "200",  # milliseconds: nobody waits five seconds for a span
        }
        return started(lambda port: cls(port, project, environment), None)

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://{HOST}:{self.port}"

    def command(self) -> list[str]:
        """Return uvicorn's command line."""
        python = self.working_directory / ".venv" / "bin" / "python"
        return [str(python), "-m", "uvicorn", "main:app", "--host", HOST, "--port", str(self.port)]

    def answers(self) -> bool:
        """Ask for the application's health."""
        with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
