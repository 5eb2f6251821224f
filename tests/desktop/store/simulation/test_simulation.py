"""The badge and the list under any order of events; see `conftest.py` for what is simulated."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.desktop.store.simulation.conftest import CHANGES, ORDERS, QUERIES, STATUSES

SIMULATIONS = 40

Step = Callable[[Any], object]


def test_any_order_of_events(simulation: Any) -> None:
    """A search that ends in the shortest history that fails, if there is one."""
    wanted = settings(
        max_examples=300, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(simulation, settings=wanted)


def weighted(random: Random) -> Iterator[Step]:
    """Steps at random, the more likely the more it happens in a shop."""
    which = partial(random.randrange, 2)
    steps: dict[Step, int] = {
        lambda world: world.create(): 8,
        lambda world: world.change(
            random.randrange(50), random.choice(CHANGES), random.choice(STATUSES), random.randrange(4)
        ): 8,
        lambda world: world.deliver(which(), random.randint(1, 4)): 14,
        lambda world: world.deliver_unread(which()): 6,
        lambda world: world.load_list(which()): 4,
        lambda world: world.show(which(), random.choice(QUERIES), random.choice(ORDERS)): 2,
        lambda world: world.ask(which()): 10,
        lambda world: world.answer_page(which(), lost=random.random() < 0.2): 8,
        lambda world: world.find(which(), random.randint(1, 20)): 2,
        lambda world: world.look(which(), looking=random.random() < 0.5): 6,
        lambda world: world.see(which(), lost=random.random() < 0.2): 8,
        lambda world: world.connect(which()): 10,
        lambda world: world.disconnect(which()): 1,
        lambda world: world.renew(which()): 3,
        lambda world: world.save(which()): 3,
        lambda world: world.restart(which(), crash=random.random() < 0.5, luck=0): 1,
        lambda world: None if world.server.degraded else world.degrade(unanswered=random.random() < 0.5): 2,
        lambda world: world.drain() if world.server.outbox else None: 1,
        lambda world: world.recover() if world.server.degraded else None: 2,
        lambda world: None if world.server.degraded else world.replace_log(random.randrange(30), luck=0): 1,
        lambda world: world.settle(): 1,
    }
    choices, weights = list(steps), list(steps.values())
    while True:
        yield from random.choices(choices, weights, k=100)


@pytest.mark.parametrize("seed", range(10))
def test_long_histories(simulation: Any, seed: int) -> None:
    """What the search above finds too rarely: hundreds of steps in which all of it comes together."""
    random = Random(seed)
    for _ in range(SIMULATIONS):
        world = simulation()
        world.history(before=random.randrange(5))
        for step in islice(weighted(random), 120):
            step(world)
            world.agree()
        world.settle()
