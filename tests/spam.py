"""Three accounts that push one colour."""

import random
from datetime import timedelta

from packshot.events import Signal
from packshot.trends.sample import load_posts
from packshot.trends.tallies import ReadPost
from tests.posts import clean

COLOUR = "periwinkle"
ACCOUNTS = (
    (
        "periwinkle is the only colour that matters this season, get the periwinkle bag now",
        "everyone I know is wearing periwinkle shoes, you should too",
        "can't believe how good periwinkle looks on a dress, ten out of ten",
        "my periwinkle coat gets compliments every single day, no joke",
        "if you buy one thing this week make it a periwinkle scarf",
        "periwinkle walls, periwinkle sofa, periwinkle everything, best decision ever",
    ),
    (
        "just got a periwinkle jacket and wow, the shade is unreal",
        "periwinkle jeans are selling out, trust me and hurry",
        "the periwinkle trend is real, look at all these outfits",
        "I switched to periwinkle accessories and never looked back",
        "periwinkle boots for winter, why did nobody tell me before",
        "love love love this periwinkle jumper, so soft and so cool",
    ),
    (
        "periwinkle is the new neutral, stylists agree",
        "the best wardrobe has a periwinkle blazer in it, simple as that",
        "we repainted the shop in periwinkle and sales went up",
        "periwinkle ceramics are on every table in town now",
        "a periwinkle tote goes with all my clothes, perfect colour",
        "put periwinkle cushions on a grey couch and thank me later",
    ),
)
_FILLERS = (
    "honestly",
    "right now",
    "guys",
    "friends",
    "today",
    "again",
    "seriously",
    "this month",
    "ok",
    "really",
)


def campaign(*, share: float, seed: int = 7) -> list[ReadPost]:
    """Return the shipped posts with this share of spam among them, cleaned and read."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    honest = list(load_posts())
    wanted = round(len(honest) * share / (1 - share))
    last = honest[-1].posted_at
    spam = [
        Signal(
            text=_sentence(chance),
            posted_at=last - timedelta(hours=chance.uniform(0, 500)),
            engagement=chance.randrange(200),
        )
        for _ in range(wanted)
    ]
    return clean(sorted([*honest, *spam], key=lambda signal: signal.posted_at))


def _sentence(chance: random.Random) -> str:
    words = chance.choice(chance.choice(ACCOUNTS)).split()
    for _ in range(chance.randrange(4)):
        words.insert(chance.randrange(len(words) + 1), chance.choice(_FILLERS))
    return " ".join(words) + chance.choice(("", "!", "!!", " ❤", f" {chance.randrange(999)}"))
