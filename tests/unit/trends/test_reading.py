"""The embedded interpreter: what posts speak of, and whether they want it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.scenes.photography import load_settings
from packshot.trends import load_default_report
from packshot.trends.lexical import load_interpreter
from packshot.trends.tokens import OPAQUE, tokens, words_of
from packshot.trends.vocabulary import load_vocabulary
from tests.posts import Score, labelled, score

READ = {
    "So over neon, chevron and gingham": "-neon-lime -gingham",
    "I'd take camel boots over suede ones any day": "+camel -suede",
    "Swapped my skinny jeans for barrel leg ones": "-skinny-fit +barrel-leg",
    "Neon green everything. Over it.": "-neon-lime",
    "can't get enough of oxblood boots": "+cherry-red",
    "butter yellow is not fading, I saw it on a van": "+butter-yellow",
    "burgundy slippers because dignity is overrated": "+cherry-red",
    "quiet luxury? it has left the building": "-quiet-luxury",
    "mint condition vinyl, one owner": "",
    "a coffee shop with a white noise machine": "",
    "the walls went from grey to sage": "+sage",
    "I love the way the coat looks so tacky": "",
    "velvet looks a bit dated": "-velvet-drape",
    "is quiet luxury over": "-quiet-luxury",
    "not neon, but butter yellow": "-neon-lime +butter-yellow",
    "no regrets about the plum velvet dress": "+aubergine +velvet-drape",
    "the burgandy courduroy jacket of my dreams": "+cherry-red +corduroy",
    "a planter for the kitchen": "",
    "brass over chrome, always": "+brass -silver-chrome",
    "cobalt > camel": "+cobalt -camel",
    "velvet beats satin for a dress": "+velvet-drape -satin-silk",
    "I used to love raffia": "-crochet",
    "used to hate raffia, now I own three bags of it": "+crochet",
    "The linen crumples. Sent it back.": "-washed-linen",
    "Concrete counters? Nope.": "-microcement",
    "swapped the oak shelf for a walnut one": "-pale-oak +smoked-walnut",
    "how do you get wax out of velvet": "",
    "the suede boots are back in store, ships from Monday": "",
    "looks like a crime scene in velvet, in a good way": "+velvet-drape",
    "so obsessed with corduroy it's embarrassing": "+corduroy",
    "Stop. Painting. Everything. Sage.": "-sage",
    "everybody over 60 asks for tweed": "+wool-knit",
}


@pytest.mark.parametrize(("post", "read"), READ.items())
def test_a_wish_is_told_from_weariness(post: str, read: str) -> None:
    """Each thing is found once, with the stance that a person would read."""
    signs = {"for": "+", "against": "-"}
    found = {f"{signs[each.stance]}{each.id}" for each in load_interpreter().mentions(post)}
    assert found == set(read.split())


def test_posts_that_were_held_apart_are_read_well() -> None:
    """A micro-F1 of at least .9 on posts that were held apart until their first scores were written down."""
    posts = labelled("held_apart")
    assert len(posts) >= 150
    assert sum(score(posts).values(), Score()).f1 >= 0.9


def test_posts_of_strangers_are_read_as_ever() -> None:
    """No step back from what they scored when they were first read."""
    assert len(labelled("strangers")) >= 150
    assert sum(score(labelled("strangers")).values(), Score()).f1 >= 0.73


def test_no_post_is_in_both_sets() -> None:
    """The posts of the gate are neither shipped nor among the others."""
    from packshot.trends.sample import load_posts

    seen = {post.text for post in load_posts()} | {post.text for post in labelled("developed_on")}
    apart = {post.text for name in ("held_apart", "strangers") for post in labelled(name)}
    assert not seen & apart
    assert len(apart) == sum(len(labelled(name)) for name in ("held_apart", "strangers"))


def test_every_word_that_scenes_know_is_in_the_vocabulary() -> None:
    """The report that ships and the sets' words are ids of the vocabulary, of the same kind and colour."""
    known = load_vocabulary().by_id
    for item in load_default_report().items:
        assert (item.kind, item.colour) == (known[item.id].kind, known[item.id].colour)
    settings = load_settings()
    asked = {word for each in settings.sets.values() for word in each.words} | set(settings.lighting)
    assert asked <= set(known)


def test_colours_have_a_lab_value() -> None:
    """White is at the top of the lightness axis; the vocabulary has at least thirty colours."""
    colours = {entry.id: entry.lab for entry in load_vocabulary().entries if entry.kind == "colour"}
    assert len(colours) >= 30
    lightness, a, b = colours["cloud-white"] or (0, 0, 0)
    assert lightness > 90
    assert abs(a) + abs(b) < 10


@pytest.mark.parametrize("word", ["burgandy", "burgundyy", "burgudy", "bugrundy"])
def test_a_long_word_may_have_one_slip(word: str) -> None:
    """One letter wrong, added, missing or swapped, where only one word is near."""
    assert [each.id for each in load_interpreter().mentions(f"{word} boots")] == ["cherry-red"]


@pytest.mark.parametrize("word", ["planter", "lather", "feather", "heather", "weather", "lightning", "suedr"])
def test_another_word_is_no_slip(word: str) -> None:
    """A word of its own, or a short one, is not guessed at."""
    assert load_interpreter().mentions(f"{word} boots") == ()


@given(st.text(max_size=400))
def test_any_text_is_read_without_complaint(text: str) -> None:
    """Whatever is written, tokens are our letters and mentions are in the vocabulary."""
    assert all(token.isascii() or token == OPAQUE for token in tokens(text))
    assert {mention.id for mention in load_interpreter().mentions(text)} <= set(load_vocabulary().by_id)


def test_every_phrase_of_the_vocabulary_is_found() -> None:
    """A phrase of several words is its entry, in any case; an idiom inside of it hides nothing."""
    read = load_interpreter()
    phrases = [(entry.id, word) for entry in load_vocabulary().entries for word in entry.words]
    several = [(name, word) for name, word in phrases if len(words_of(word)) > 1]
    lost = [word for _, word in several if not read.mentions(f"wear {word.upper()} dress")]
    assert (len(several) > 500, lost) == (True, [])


@pytest.mark.parametrize("word", ["cоbalt", "ѕuede", "νelvet", "оxblооd", "ｔеal"])
def test_a_homoglyph_is_nothing(word: str) -> None:
    """A word with a letter that only looks like ours is not guessed at."""
    assert load_interpreter().mentions(f"{word} shoes") == ()


def test_compatibility_forms_and_hidden_characters_are_unfolded() -> None:
    """Full-width letters and zero-width joints hide no word."""
    found = {each.id for each in load_interpreter().mentions("ｃｏｂａｌｔ shoes and ve\u200blvet bags")}
    assert found == {"cobalt", "velvet-drape"}
