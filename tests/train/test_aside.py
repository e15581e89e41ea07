"""Processes aside: one thread each, and an end for all of them whatever ends the work."""

import signal
import time
from multiprocessing import active_children

import pytest
import torch

from hfgnn.train.aside import aside, single


def test_a_worker_uses_one_thread_and_an_end_of_the_parent_is_its_end(monkeypatch):
    before, called = torch.get_num_threads(), []
    monkeypatch.setattr("hfgnn.train.aside.alone", lambda: called.append(True))
    torch.set_num_threads(2)
    try:
        single()
        assert torch.get_num_threads() == 1
        assert called == [True]
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_work_is_done_by_processes_of_one_thread():
    with aside(2) as pool:
        assert pool.submit(torch.get_num_threads).result() == 1
        assert active_children()
    assert not active_children()


@pytest.mark.slow
def test_who_is_killed_at_work_is_told_of_with_a_remedy():
    said = r"was killed.*run the same command again"
    with pytest.raises(ChildProcessError, match=said), aside(1) as pool:
        pool.submit(signal.raise_signal, signal.SIGKILL).result()
    assert not active_children()


def cut_off() -> None:
    """Begin what takes ten minutes, and hear Ctrl-C."""
    with aside(1) as pool:
        pool.submit(abs, -1).result()
        pool.submit(time.sleep, 600)
        raise KeyboardInterrupt


@pytest.mark.slow
def test_what_is_cut_off_waits_for_nobody():
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert time.monotonic() - began < 120
    assert not active_children()
