"""The ids of trace and span in the log lines of a request."""

import logging
from contextvars import ContextVar
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanContext

# Error handlers run, and log, when the span of a request that failed has ended.
failed_span: ContextVar[SpanContext | None] = ContextVar("failed_span", default=None)


def add_trace_to_log_lines() -> None:
    """Give every record that is made inside a span `trace_id` and `span_id`."""
    make = logging.getLogRecordFactory()

    def make_with_trace(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        span = trace.get_current_span().get_span_context()
        if not span.is_valid:
            span = failed_span.get() or span
        if span.is_valid:
            record.trace_id = trace.format_trace_id(span.trace_id)
            record.span_id = trace.format_span_id(span.span_id)
        return record

    logging.setLogRecordFactory(make_with_trace)
