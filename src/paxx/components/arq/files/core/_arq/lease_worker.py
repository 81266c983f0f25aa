"""arq's worker, which keeps jobs it cannot run as dead letters and holds others by a lease."""

import json
import logging
import time

import arq.worker
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix
from redis.exceptions import RedisError

from core._arq import payload

logger = logging.getLogger(__name__)

LEASE = 25  # seconds after which a job of a killed worker is free for the others
LEASE_INTERVAL = 5.0  # seconds between two renewals
CLOCK_WARNING = 1.0  # seconds between the clocks of worker and Redis
CLOCK_LIMIT = 30.0
DEAD_LETTERS = 1000  # the oldest of more are dropped


class Worker(arq.worker.Worker):
    """arq's worker that survives jobs it cannot run, and frees its jobs soon after it is killed."""

    next_renewal = 0.0

    async def main(self) -> None:
        """Work until the end; arq's `--watch` would wait for files after an error."""
        self.in_progress_timeout_s = LEASE
        try:
            await super().main()
        except Exception as error:
            logger.critical("the worker failed", exc_info=True)
            raise SystemExit(1) from error

    async def heart_beat(self) -> None:
        """Renew the leases of running jobs as well."""
        await super().heart_beat()
        if self.job_tasks and time.monotonic() >= self.next_renewal:
            self.next_renewal = time.monotonic() + LEASE_INTERVAL
            for job_id in list(self.job_tasks):
                await self.pool.expire(in_progress_key_prefix + job_id, LEASE)

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Start jobs; those whose id is not UTF-8, or whose score is no time, are dead letters."""
        for job_id in job_ids:
            try:
                await super().start_jobs([job_id])
            except (UnicodeDecodeError, OverflowError) as error:
                self.job_counter -= 1  # arq took a place for the job
                self.sem.release()
                await self._bury(job_id, repr(error))

    async def run_job(self, job_id: str, score: int) -> None:
        """Run a job; one that arq does not understand is a dead letter."""
        try:
            await super().run_job(job_id, score)
        except RedisError:
            raise
        except Exception as error:
            await self._bury(job_id.encode(), repr(error))
            await super().finish_failed_job(job_id, None)

    async def finish_failed_job(self, job_id: str, result_data: bytes | None) -> None:
        """Keep a job that was not run, unless it expired: of an unknown task, out of tries."""
        if await self.pool.exists(payload.JOB_KEY + job_id):
            result = payload.loads(result_data)["r"] if result_data else None
            await self._bury(job_id.encode(), ": ".join(payload.error_of(result)))
        await super().finish_failed_job(job_id, result_data)

    async def _bury(self, job_id: bytes, reason: str) -> None:
        logger.error("job %r is a dead letter: %s", job_id, reason)
        key = payload.JOB_KEY.encode() + job_id
        # Text as it was, if it was UTF-8; else readable, and not the cause of the next failure.
        fields = [job_id, await self.pool.get(key) or b""]
        name, message = (each.decode(errors="backslashreplace") for each in fields)
        letter = json.dumps({"id": name, "reason": reason, "message": message})
        letters = payload.dead_letters_key(self.queue_name)
        async with self.pool.pipeline(transaction=True) as pipe:
            pipe.lpush(letters, letter)
            pipe.ltrim(letters, 0, DEAD_LETTERS - 1)
            pipe.zrem(self.queue_name, job_id)
            pipe.delete(key)
            await pipe.execute()


async def _compare_clocks(redis: ArqRedis, _: object) -> None:
    """Refuse to work with a clock that is wrong: schedules would run twice, jobs late."""
    before = time.time()
    seconds, microseconds = await redis.time()
    server = seconds + microseconds / 1_000_000
    difference = max(before - server, server - time.time())
    message = f"the clock of this worker and that of Redis differ by {difference:.1f} s"
    if difference > CLOCK_LIMIT:
        raise RuntimeError(message)
    if difference > CLOCK_WARNING:
        logger.warning(message)


def install() -> None:
    """Have the command `arq` start this worker.

    arq calls the function with its first connection; its own one logs the version of Redis, and
    ends the worker of a Redis user who may not run INFO.
    """
    vars(arq.worker).update(Worker=Worker, log_redis_info=_compare_clocks)
