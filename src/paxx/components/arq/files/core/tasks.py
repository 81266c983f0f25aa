"""The tasks of this project, and the settings of the worker that runs them.

    uv run arq core.tasks.WorkerSettings

A task runs at least once: after a crash it runs again, so let it find out what it did already.
"""

import logging

from arq import cron

from core._arq.worker import Context, RedisSettings, complete, retry_on
from settings import settings

logger = logging.getLogger(__name__)


async def send_welcome_email(ctx: Context, user_id: int) -> None:
    """Send welcome email to a new user."""
    logger.info("sending welcome email to user %s, try %s", user_id, ctx["job_try"])


@retry_on(ConnectionError, TimeoutError)
async def send_reminder(ctx: Context, user_id: int) -> None:
    """Remind a user; tried again later while the mail server is away."""
    logger.info("sending reminder to user %s, try %s", user_id, ctx["job_try"])


async def report_of_the_day(ctx: Context) -> None:
    """Run by the clock: once a day, whatever the number of workers."""
    logger.info("writing the report that was due at %s", ctx["enqueue_time"])


class WorkerSettings:
    """What the worker runs; `complete` adds what is not said here."""

    functions = [send_welcome_email, send_reminder]  # noqa: RUF012 - arq reads it from the class
    cron_jobs = [cron(report_of_the_day, hour=6, minute=0)]  # noqa: RUF012
    redis_settings = RedisSettings.from_dsn(settings.arq_redis_url)


complete(WorkerSettings)
