"""Real servers for tests, the demo and benchmarks: started on free ports, gone with their owner."""

from servers.otlp import OtlpReceiver, Span
from servers.ports import free_port
from servers.postgres import Postgres
from servers.process import Server, ServerError
from servers.redis import Redis
from servers.s3 import S3

__all__ = ["S3", "OtlpReceiver", "Postgres", "Redis", "Server", "ServerError", "Span", "free_port"]
