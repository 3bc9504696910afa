"""Sends a ten-fold spike to what is deployed, for half a minute at most, and draws latency and concurrency over time.

usage: load.py (--stack NAME | --url URL) [--peak REQUESTS_PER_SECOND] [--at-most REQUESTS] [--picture FILE]

It asks nobody but the address that the stack put out, or the one that was given; redirects are not followed.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

# Before anything that imports ssl, which gevent replaces.
from locust import FastHttpUser, LoadTestShape, constant_throughput, task
from locust.env import Environment
from locust.exception import StopUser

# How much of the peak comes, and for how many seconds: the peak, ten times the peak, the peak again.
PEAK_PER_SECOND = 11.4
STAGES = ((5, 1), (15, 10), (5, 1))
AT_MOST = 10_000
WIDTH, HEIGHT = 640, 160


@dataclass(frozen=True, slots=True)
class Answer:
    """One request that was answered: when it was sent, how long it took, and whether the answer was the right one."""

    sent: float
    seconds: float
    good: bool


class Caller(FastHttpUser):
    """Asks for one quote a second."""

    wait_time = constant_throughput(1)
    sent: list[float]
    answers: list[Answer]
    at_most: int

    @task
    def quote(self) -> None:
        """Send the request of the README, unless enough were sent."""
        if len(self.sent) >= self.at_most:
            raise StopUser
        sent = time.monotonic()
        self.sent.append(sent)
        with self.client.post(
            "/quotes",
            json={"zone": "domestic", "weight_grams": 1200},
            allow_redirects=False,
            catch_response=True,
        ) as response:
            good = response.status_code == 200  # noqa: PLR2004
            response.success() if good else response.failure(str(response.status_code))
        self.answers.append(Answer(sent, time.monotonic() - sent, good))


def spike(url: str, peak: float, at_most: int) -> list[Answer]:
    """Send the stages to an address and return what was answered."""
    sent: list[float] = []
    answers: list[Answer] = []
    ends = list(itertools.accumulate(seconds for seconds, _ in STAGES))

    class Spike(LoadTestShape):
        def tick(self) -> tuple[int, float] | None:
            stage = next((times for end, (_, times) in zip(ends, STAGES, strict=True) if self.get_run_time() < end), 0)
            callers = max(1, round(peak * stage))
            return (callers, callers) if stage and len(sent) < at_most else None

    caller = type("Caller", (Caller,), {"sent": sent, "answers": answers, "at_most": at_most, "host": url})
    environment = Environment(user_classes=[caller], shape_class=Spike(), host=url)
    runner = environment.create_local_runner()
    environment.runner = runner
    runner.start_shape()
    runner.shape_greenlet.join()
    runner.quit()
    return answers


def picture(answers: list[Answer]) -> str:
    """Return latency (median, worst) and concurrency of each second as an SVG."""
    began = min(answer.sent for answer in answers)
    seconds = int(max(answer.sent for answer in answers) - began) + 1
    median, worst, at_once = [], [], []
    for second in range(seconds):
        start = began + second
        took = [answer.seconds * 1000 for answer in answers if start <= answer.sent < start + 1] or [0.0]
        median.append(statistics.median(took))
        worst.append(max(took))
        middle = start + 0.5
        at_once.append(float(sum(answer.sent <= middle < answer.sent + answer.seconds for answer in answers)))
    body = [
        *_panel(0, "latency in ms: median, worst", [("#0072b2", median), ("#d55e00", worst)]),
        *_panel(HEIGHT + 40, "requests at once", [("#009e73", at_once)]),
    ]
    size = f'viewBox="-60 -30 {WIDTH + 80} {2 * HEIGHT + 100}" font-family="sans-serif" font-size="12"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', *body, "</svg>\n"])


def _panel(top: int, title: str, lines: list[tuple[str, list[float]]]) -> list[str]:
    highest = max(1.0, *(value for _, values in lines for value in values))
    drawn = [
        f'<text x="0" y="{top - 8}">{title}; up to {highest:.0f}</text>',
        f'<rect x="0" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>',
    ]
    for colour, values in lines:
        step = WIDTH / max(1, len(values) - 1)
        points = " ".join(
            f"{n * step:.1f},{top + HEIGHT * (1 - value / highest):.1f}" for n, value in enumerate(values)
        )
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return [*drawn, f'<text x="{WIDTH}" y="{top + HEIGHT + 16}" text-anchor="end">{len(lines[0][1])} s</text>']


def address_of(stack: str) -> str:
    """Return where the stack answers, from its outputs."""
    import boto3  # noqa: PLC0415 - after locust, see above; not at all when an address is given

    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return next(output["OutputValue"] for output in described["Outputs"] if output["OutputKey"] == "ApiUrl")


def main() -> int:
    """Send the spike, draw it, and tell by the exit code whether every answer was right."""
    parser = argparse.ArgumentParser()
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stack", help="its output ApiUrl is the address")
    where.add_argument("--url", help="the address itself")
    parser.add_argument("--peak", type=float, default=PEAK_PER_SECOND, help="requests a second before the spike")
    parser.add_argument("--at-most", type=int, default=AT_MOST, help="requests in all")
    parser.add_argument("--picture", type=Path, default=Path("dist/load.svg"))
    given = parser.parse_args()
    url = (given.url or address_of(given.stack)).rstrip("/")
    if not url.startswith(("https://", "http://")):
        parser.error(f"{url} is no address")
    answers = spike(url, given.peak, given.at_most)
    if not answers:
        sys.stderr.write(f"error: {url} answered nothing\n")
        return 1
    given.picture.parent.mkdir(exist_ok=True)
    given.picture.write_text(picture(answers), encoding="utf-8")
    bad = sum(not answer.good for answer in answers)
    slowest = sorted(answer.seconds for answer in answers)[int(len(answers) * 0.99)] * 1000
    sys.stdout.write(f"{len(answers)} requests, {bad} not answered with 200, p99 {slowest:.0f} ms; {given.picture}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
