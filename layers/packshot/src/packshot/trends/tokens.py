"""A post as plain words and the pauses between them."""

import functools
import re
import unicodedata

STOP = "."
"""Ends a sentence."""
PAUSE = ","
"""Parts a sentence."""
BEATS = "beat"
"""What `>` says between two things."""
OPAQUE = "\N{BLACK SQUARE}"
"""Stands where a word is not in our letters, so that no phrase reaches across it."""

_PIECE = re.compile(r"[^\W_]+|[.!?;\n\u2026,:()\u2013\u2014\u2022|/\"\u201c\u201d]| -+ |(?<= )>+(?= )")
_STOPS = frozenset(".!?;\n\u2026\u2022|")
_INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_APOSTROPHE = re.compile(r"(?<=\w)['\u2018\u2019\u02bc](?=\w)")
_SPELLINGS = {
    "accessorise": "accessorize",
    "centre": "center",
    "centred": "centered",
    "color": "colour",
    "colored": "coloured",
    "colorful": "colourful",
    "cosy": "cozy",
    "cosier": "cozy",
    "gray": "grey",
    "jewellery": "jewelry",
    "mold": "mould",
    "mom": "mum",
    "favorite": "favourite",
    "theatre": "theater",
    "sneaker": "trainer",
    "sneakers": "trainer",
    "pajama": "pyjama",
    "laces": "shoelace",
    "leaves": "leaf",
    "falls": "falling",
    "biege": "beige",
    "kaki": "khaki",
    "linnen": "linen",
    "swede": "suede",
    "sweude": "suede",
    "marbel": "marble",
    "fuschia": "fuchsia",
    "woolen": "woollen",
    "aluminum": "aluminium",
    "lite": "light",
    "hr": "hour",
    "pls": "please",
    "plz": "please",
    "luv": "love",
    "luvv": "love",
    "loooove": "love",
    "tho": "though",
    "altho": "although",
    "rn": "now",
    "ppl": "people",
    "bc": "because",
    "cuz": "because",
    "cos": "because",
    "coz": "because",
    "u": "you",
    "ur": "your",
    "w": "with",
    "obsesed": "obsessed",
    "favs": "favourite",
    "fav": "favourite",
    "fave": "favourite",
    "xmas": "christmas",
    "pics": "pic",
}
_SHORT = 3
_HISSING = ("ches", "shes", "sses", "xes", "zes")


def tokens(text: str) -> list[str]:
    """Return lower-case words without accents, apostrophes and plurals, with `STOP` and `PAUSE` between them.

    Compatibility forms are unfolded (full-width, small capitals); a word with a letter that only looks like
    one of ours is `OPAQUE`, so a homoglyph is nothing rather than a guess.
    """
    folded = text.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", _INVISIBLE.sub("", folded))
        folded = "".join(each for each in folded if not unicodedata.combining(each))
    plain = _APOSTROPHE.sub("", folded)
    return [_token(piece) for piece in _PIECE.findall(plain)]


def words_of(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase, in the form that `tokens` gives them."""
    return tuple(each for each in tokens(phrase) if each not in {STOP, PAUSE})


@functools.lru_cache(maxsize=65_536)
def _token(piece: str) -> str:
    if piece[0] == ">":
        return BEATS
    if not piece[0].isalnum():
        return STOP if piece in _STOPS else PAUSE
    if not piece.isascii():
        return OPAQUE
    piece = _SPELLINGS.get(piece, piece)
    return _SPELLINGS.get(singular := _singular(piece), singular)


def _singular(word: str) -> str:
    if len(word) <= _SHORT or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > _SHORT + 1 else word[:-1]
    return word[:-2] if word.endswith(_HISSING) else word[:-1]
