"""What a service counts, for Prometheus. Of one process: behind several workers, each counts its own."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

TIMES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SIZES = (1, 2, 4, 8, 16, 32, 64)
TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Counters of their own for each app, so that two in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = self._counter("requests", "Requests by path and status.", "path", "status")
        self.items = self._counter("items", "Files by what became of them.", "outcome")
        self.given_up = self._counter("abandoned", "Requests that were passed over: nobody waited for them any more.")
        self.seconds = self._histogram("request_seconds", "From the first byte to the answer.", TIMES, "path")
        self.waiting = self._histogram("waiting_seconds", "Until the work on a request began.", TIMES)
        self.working = self._histogram("working_seconds", "Work on a request, and on its company.", TIMES)
        self.batches = self._histogram("batch_items", "Files that were worked on together.", SIZES)

    def gauge(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Tell of a number that is looked up when it is asked for."""
        Gauge(f"mediaml_service_{name}", about, registry=self._registry).set_function(value)

    def batch(self, items: int) -> None:
        """So many items are worked on together."""
        self.batches.observe(items)

    def abandoned(self) -> None:
        """A request was passed over, because nobody waits for it."""
        self.given_up.inc()

    def told(self) -> bytes:
        """Give all numbers in Prometheus's text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"mediaml_service_{name}", about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"mediaml_service_{name}", about, labels, buckets=buckets, registry=self._registry)
