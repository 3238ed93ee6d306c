"""Processes on the same data count under numbers of their own."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from app.core import nodes

COUNT = 6
_fork = multiprocessing.get_context("fork")


def _hold(folder: Path, count: int, told: Connection) -> None:
    nodes.let_go()
    told.send(nodes.take_node(folder, count))
    signal.pause()


def _begun(folder: Path, count: int = COUNT) -> tuple[BaseProcess, int]:
    here, there = _fork.Pipe()
    process = _fork.Process(target=_hold, args=(folder, count, there), daemon=True)
    process.start()
    return process, int(here.recv())


def test_no_two_living_processes_have_the_same_number(tmp_path: Path) -> None:
    begun = [_begun(tmp_path) for _ in range(COUNT)]
    assert sorted(node for _process, node in begun) == list(range(COUNT))
    killed, freed = begun[2]
    os.kill(killed.pid or 0, signal.SIGKILL)
    killed.join(10)
    latest, again = _begun(tmp_path)
    assert again == freed
    for process in [latest, *(one for one, _node in begun)]:
        process.kill()


def test_a_process_changes_its_number_with_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "_held", None)
    one, other = tmp_path / "one", tmp_path / "other"
    nodes.take_node(one, 2)
    nodes.take_node(other, 2)
    begun = [_begun(one, 2) for _ in range(2)]
    assert sorted(node for _process, node in begun) == [0, 1], "both are free again"
    for process, _node in begun:
        process.kill()
    nodes.let_go()
