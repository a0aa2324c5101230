"""Places for invocations on one machine."""

import mmap
import os
import threading
import time

import pytest

from infrastructure.local.emulator.capacity import Capacity
from infrastructure.local.emulator.memory import peak_mib, private_mib


def enters(capacity: Capacity, function: str, *, memory_mib: int) -> bool:
    """Say whether an invocation gets a place while others keep theirs."""
    entered = threading.Event()

    def take() -> None:
        with capacity.place(function, memory_mib=memory_mib):
            entered.set()

    threading.Thread(target=take, daemon=True).start()
    return entered.wait(0.2)


def test_heavy_functions_share_the_cores() -> None:
    """With both cores taken, a third heavy invocation waits, whichever function it is of."""
    capacity = Capacity(2)
    with capacity.place("mask", memory_mib=3008), capacity.place("compose", memory_mib=2048):
        assert not enters(capacity, "assess", memory_mib=2048)
    assert enters(capacity, "assess", memory_mib=2048)


def test_light_functions_never_wait_for_heavy_ones() -> None:
    """The API answers while photos are processed."""
    capacity = Capacity(1)
    with capacity.place("mask", memory_mib=3008):
        assert enters(capacity, "api", memory_mib=512)


def test_light_functions_have_an_end_too() -> None:
    """A burst of requests starts a few processes, and those of one function leave others alone."""
    capacity = Capacity(1)
    with capacity.place("api", memory_mib=512), capacity.place("api", memory_mib=512):
        assert not enters(capacity, "api", memory_mib=512)
        assert enters(capacity, "authorizer", memory_mib=512)


def test_places_are_given_in_the_order_of_asking() -> None:
    """Nobody in a burst waits longer than those who came later."""
    capacity, order = Capacity(1), []
    started = threading.Semaphore(0)

    def take(number: int) -> None:
        started.release()
        with capacity.place("mask", memory_mib=3008):
            order.append(number)

    with capacity.place("mask", memory_mib=3008):
        threads = []
        for number in range(8):
            threads.append(threading.Thread(target=take, args=(number,)))
            threads[-1].start()
            started.acquire()
            time.sleep(0.01)
    for thread in threads:
        thread.join(5)

    assert order == list(range(8))


def test_a_failed_invocation_gives_its_place_back() -> None:
    """An error in one invocation costs nobody else anything."""
    capacity = Capacity(1)
    with pytest.raises(RuntimeError), capacity.place("mask", memory_mib=3008):
        raise RuntimeError
    assert enters(capacity, "mask", memory_mib=3008)


def test_memory_is_what_the_process_holds_itself() -> None:
    """64 MiB more are seen as 64 MiB more; the peak stays when they are gone."""
    before = private_mib(os.getpid())
    # Mapped, since an allocation may be given pages that the process holds already.
    with mmap.mmap(-1, 64 * 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
        for page in range(0, len(held), mmap.PAGESIZE):
            held[page] = 1
        during = private_mib(os.getpid())

    assert 60 < during - before < 70
    assert peak_mib(os.getpid()) >= during


def test_a_process_that_is_gone_holds_nothing() -> None:
    """The watchdog may ask too late."""
    assert private_mib(2**22 + 1) == 0
    assert peak_mib(2**22 + 1) == 0
