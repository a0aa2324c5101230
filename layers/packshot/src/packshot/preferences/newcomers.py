"""What is told of a customer who never bought: what first purchases are now, and nothing more."""

from collections.abc import Iterable

import numpy as np

from packshot.preferences.heads import Beliefs
from packshot.preferences.ledger import Occasion
from packshot.preferences.memory import HALF_LIVES, Memory
from packshot.preferences.purchases import Vocabulary
from packshot.preferences.tables import learn
from packshot.preferences.world import World


def newcomers(occasions: Iterable[Occasion], *, vocabulary: Vocabulary, since: float = -np.inf) -> Beliefs:
    """Return what was popular (a week's, month's, quarter's and year's view) before each first visit.

    Of the first visits from `since` on.
    """
    world, memories = World(vocabulary), dict[int, Memory]()
    told, came, now, who = [], [], [], []
    day: list[Occasion] = []
    for occasion in occasions:
        if day and occasion.visit.day != day[0].visit.day:
            for past in day:
                learn(past, memories=memories, world=world)
            day = []
        if occasion.customer not in memories and occasion.time >= since:
            told.append(world.popularity(now=occasion.time))
            came.append(occasion.visit.top)
            now.append(occasion.time)
            who.append(occasion.customer)
        day.append(occasion)
    none = np.zeros(len(came), np.intp)
    views = np.stack(told) if told else np.zeros((0, len(HALF_LIVES), world.categories))
    return Beliefs(views, none, none, np.array(came), np.array(now), np.array(who))
