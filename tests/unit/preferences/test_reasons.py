"""Every phrase of a reason is true of the history and the shop that it speaks of."""

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packshot.preferences.features import LONGEST_HISTORY, feature_names
from packshot.preferences.predictor import Predictor, remembered
from packshot.preferences.purchases import DAY, Purchase, encode, visits
from packshot.preferences.reasons import MONTHS, Story, because, groups, span
from packshot.preferences.simulator import CATEGORIES

NOW = 18_900.5 * DAY
FEW = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
HISTORIES = st.lists(
    st.builds(
        Purchase,
        time=st.floats(18_300 * DAY, NOW - 1),
        category=st.sampled_from(CATEGORIES),
        price=st.none() | st.floats(1, 300),
        brand=st.sampled_from(("alder", "")),
        style=st.sampled_from(("classic", "")),
        discount=st.none() | st.sampled_from((0.0, 0.25)),
    ),
    min_size=1,
    max_size=12,
)
WEIGHTS = st.lists(st.floats(-1, 1), min_size=len(feature_names()), max_size=len(feature_names()))


def story_of(predictor: Predictor, history: list[Purchase]) -> Story:
    """Return a history as reasons are asked about it."""
    lines = encode(history, tables=predictor.vocabulary.tables())
    memory = remembered(
        list(visits(lines, before=NOW, most=LONGEST_HISTORY)), categories=predictor.world.categories
    )
    return Story(memory, predictor.world, predictor.vocabulary, NOW)


def days_of(history: list[Purchase], category: str) -> list[int]:
    """Return the days on which a category was bought, ascending."""
    return sorted({int(p.time // DAY) for p in history if p.category == category})


def every_phrase(predictor: Predictor, story: Story, category: int) -> set[str]:
    """Return what each group of features says when it speaks alone."""
    found = set()
    codes = np.array([groups()[name] for name in feature_names()])
    for group in set(codes.tolist()):
        found.add(because((codes == group).astype(float), story=story, category=category))
    assert predictor
    return found


@FEW
@given(HISTORIES, st.integers(0, len(CATEGORIES) - 1))
def test_what_is_said_of_the_history_is_true(
    predictor: Predictor, history: list[Purchase], code: int
) -> None:
    """Counts, rhythms and last visits are those of the purchases themselves."""
    name = predictor.vocabulary.categories[code]
    bought = days_of(history, name)
    all_days = sorted({int(p.time // DAY) for p in history})
    said = " | ".join(sorted(every_phrase(predictor, story_of(predictor, history), code)))
    assert (f"has not bought {name} yet" in said) == (not bought)
    if found := re.search(rf"bought {name} on (\d+) of (\d+) visits", said):
        assert (int(found[1]), int(found[2])) == (len(bought), len(all_days))
    assert (f"bought {name} on every visit" in said) == (len(bought) == len(all_days) > 1)
    if f"bought {name} on the last visit" in said:
        assert bought[-1] == all_days[-1]
    if f"bought {name} on the visit before last" in said:
        assert bought[-1] == all_days[-2]
    if "buys mostly at a discount" in said:
        listed = [p.discount for p in history if p.discount is not None]
        assert sum(d > 0 for d in listed) > len(listed) / 2
    if found := re.search(rf"bought {name} (?:every|twice).*?last (\d+) days? ago", said):
        last = max(p.time for p in history if int(p.time // DAY) == bought[-1])
        assert int((NOW - last) // DAY) <= int(found[1]) <= int((NOW - bought[-1] * DAY) // DAY)


@FEW
@given(HISTORIES, st.integers(0, len(CATEGORIES) - 1))
def test_what_is_said_of_everybody_is_true(predictor: Predictor, history: list[Purchase], code: int) -> None:
    """Where a season or what is wanted of late is named, the shop's own counts say so."""
    story, world = story_of(predictor, history), predictor.world
    said = " | ".join(sorted(every_phrase(predictor, story, code)))
    month = int(np.datetime64(int(NOW), "s").astype("datetime64[M]").astype(int) % 12)
    shares = world.by_month[:, code] / np.maximum(world.by_month.sum(1), 1e-9)
    if f"most bought in {MONTHS[month]}" in said:
        assert shares[month] == shares.max()
    if "wanted more of late than in the year" in said:
        popular = world.popularity(now=NOW)
        assert popular[0, code] > popular[3, code]
    for other in re.findall(r"often bought with (\w+)", said):
        assert other in {p.category for p in history} - {predictor.vocabulary.categories[code]}
    for other in re.findall(r"often bought by who has (\w+)", said):
        assert days_of(history, other)


@FEW
@given(HISTORIES, WEIGHTS)
def test_a_reason_is_one_or_two_phrases(
    predictor: Predictor, history: list[Purchase], weights: list[float]
) -> None:
    """Whatever SHAP says there is something to say, and not too much of it."""
    story = story_of(predictor, history)
    for code in range(len(CATEGORIES)):
        said = because(np.array(weights), story=story, category=code)
        assert 0 < len(said) < 200


def test_a_rhythm_is_put_as_people_put_it(predictor: Predictor) -> None:
    """Shoes every five weeks, the last pair 38 days ago."""
    history = [
        Purchase(time=NOW - DAY * days, category="shoes", price=90.0) for days in (38, 38 + 35, 38 + 70)
    ]
    weights = np.array([float(name.startswith(("own gap", "days since it"))) for name in feature_names()])
    story = story_of(predictor, history)
    said = because(weights, story=story, category=predictor.vocabulary.categories.index("shoes"))
    assert said == "bought shoes every 5 weeks; last 38 days ago"


@pytest.mark.parametrize(("hours", "said"), [(3, "today"), (13, "1 day ago"), (37, "2 days ago")])
def test_last_evening_is_not_today(predictor: Predictor, hours: float, said: str) -> None:
    """At noon what was bought three hours ago was bought today, thirteen hours ago the day before."""
    story = story_of(predictor, [Purchase(time=NOW - 3600 * hours, category="shoes")])
    weights = np.array([float(name.startswith("days since it")) for name in feature_names()])
    code = predictor.vocabulary.categories.index("shoes")
    assert because(weights, story=story, category=code) == f"bought shoes {said}"


def test_every_feature_has_its_group() -> None:
    """No feature is forgotten, and those of a category say something of it."""
    assert set(groups()) == set(feature_names())
    assert len(set(groups().values())) > 12


@pytest.mark.parametrize(
    ("days", "said"), [(0.2, "1 day"), (3, "3 days"), (13.6, "14 days"), (35, "5 weeks"), (69.9, "10 weeks")]
)
def test_spans_are_round(days: float, said: str) -> None:
    """Days, weeks and months as people say them."""
    assert span(days) == said
