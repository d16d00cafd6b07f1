"""Work that nobody waits for ends, whenever it is told to."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from model.cancellation import Cancellation, CancelledError


def test_work_that_did_not_hear_the_first_word_is_told_again():
    cancellation, begun, told = Cancellation(), threading.Event(), threading.Semaphore(0)

    def work() -> str:
        with cancellation.ending_with(told.release):
            begun.set()
            told.acquire()  # comes between two steps, and ends nothing
            told.acquire()
        return "ended"

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        begun.wait()
        cancellation.cancel()
        assert done.result() == "ended"


def test_work_that_comes_too_late_does_not_begin():
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(CancelledError), cancellation.ending_with(lambda: None):
        pytest.fail("it began")


def test_what_is_done_is_not_ended():
    cancellation = Cancellation()
    with cancellation.ending_with(lambda: pytest.fail("it was told")):
        pass
    cancellation.cancel()
