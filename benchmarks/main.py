"""Benchmark of pages, writes, queries and memory, as ratios: script/bench.

Machines vary from day to day: figures are ratios to a constant view or a bare commit, measured alternately in one run.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.client import Client
from tests.support.stack import Stack

SIZES = (1, 100, 1000)
MODES = ("anonymous", "signed in", "If-None-Match")
ENV = {
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
    "ASK_MINIMUM_SECONDS": "0",
    "LOG_LEVEL": "WARNING",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure the site; prints ratios.")
    parser.add_argument("--rounds", type=int, default=200, help="how often each thing is asked (200)")
    rounds = parser.parse_args().rounds
    stack = Stack(env=ENV).start()
    try:
        os.environ.update(stack.env, DEBUG="true", SITE_URL=stack.url)
        import django

        django.setup()
        from benchmarks import writes
        from benchmarks.content import fill, queries

        print(f"database: {'PostgreSQL' if 'DATABASE_URL' in stack.env else 'SQLite'}; {rounds} rounds")
        slugs = fill(SIZES)
        pages(stack, slugs, rounds)
        ratio_lines(writes.compare(rounds))
        queries(slugs)
        memory(stack)
    finally:
        stack.stop()


def pages(stack: Stack, slugs: dict[int, str], rounds: int) -> None:
    print("\nArticle page, median, against a constant Django view of the same size")
    for size, slug in slugs.items():
        for mode in MODES:
            print(f"  {size:>5} comments, {mode:<13} {page(stack, f'/articles/{slug}/', mode, f'{size}', rounds)}")


def page(stack: Stack, path: str, mode: str, name: str, rounds: int) -> str:
    client, constant = Client(stack.url), Client(stack.url)
    if mode == "signed in":
        client.sign_in("member@example.org", "demo-pass-HSP")
    first = client.get(path)
    assert first.status == 200, (path, first.status)
    headers = {"If-None-Match": client.get(path).headers["etag"]} if mode == "If-None-Match" else {}
    name = f"{name}-{MODES.index(mode)}"
    (stack.var / f"constant-{name}.html").write_bytes(first.body)
    ours, theirs = in_turns(
        lambda: client.get(path, **headers).seconds, lambda: constant.get(f"/constant/{name}/").seconds, rounds
    )
    status = client.get(path, **headers).status
    sizes = f"{len(first.body):,} bytes, {first.wire:,} gzipped"
    return f"{status}: {ours * 1e3:6.2f} ms / {theirs * 1e3:5.2f} ms = {ours / theirs:5.2f}   ({sizes})"


def in_turns(one: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Return the median seconds of both, measured alternately; the first five rounds warm up and do not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 5):
        for ask, kept in zip((one, other), times, strict=True):
            seconds = ask()
            if number >= 5:
                kept.append(seconds)
    return statistics.median(times[0]), statistics.median(times[1])


def ratio_lines(results: dict[str, tuple[float, float]]) -> None:
    print("\nWrites, median, against a bare commit of one row")
    for name, (ours, bare) in results.items():
        print(f"  {name:<28} {ours * 1e3:6.2f} ms / {bare * 1e3:5.2f} ms = {ours / bare:5.2f}")


def memory(stack: Stack) -> None:
    """Print the memory of each kind of process as PSS (proportional set size: shared pages count once)."""
    print("\nMemory of the whole stack (PSS, MiB)")
    time.sleep(1)
    total = 0.0
    for name, pids in sorted(stack.pids().items()):
        size = sum(psutil.Process(pid).memory_full_info().pss for pid in pids) / 2**20
        total += size
        print(f"  {name:<14} {len(pids)} process(es) {size:7.1f}")
    print(f"  {'total':<14} {'':>12} {total:7.1f}")
