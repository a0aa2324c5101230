"""One post may talk a language model into saying something of all posts: this is seen by what others find."""

from collections import Counter
from collections.abc import Sequence

from packshot.trends.tallies import ReadPost

_TIMES = 3
_SHARE = 0.05
_FEW = 5
"""A model may find a thing in three times as many posts as the embedded interpreter, and in a twentieth of a
batch (five posts at least) beyond that: it knows more words, but no season begins in one batch."""


def believed(read: Sequence[ReadPost], *, checked_by: Sequence[ReadPost]) -> tuple[ReadPost, ...]:
    """Return a model's reading, with the embedded one's word on each thing that somebody pushes."""
    pushed = _pushed(read, checked_by)
    return tuple(
        ReadPost(
            theirs.post,
            (
                *(each for each in theirs.mentions if each.id not in pushed),
                *(each for each in own.mentions if each.id in pushed),
            ),
        )
        for theirs, own in zip(read, checked_by, strict=True)
    )


def _pushed(read: Sequence[ReadPost], checked_by: Sequence[ReadPost]) -> frozenset[str]:
    found, known = _counted(read), _counted(checked_by)
    spare = max(_FEW, _SHARE * len(read))
    return frozenset(
        name for (name, stance), times in found.items() if times > _TIMES * known[name, stance] + spare
    )


def _counted(read: Sequence[ReadPost]) -> Counter[tuple[str, str]]:
    return Counter((each.id, each.stance) for post in read for each in post.mentions)
