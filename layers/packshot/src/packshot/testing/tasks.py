"""Waiting states in memory."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """What a state was told first: an output, or an error and its cause."""

    output: str = ""
    error: str = ""
    cause: str = ""


class MemoryTasks:
    """Keeps the first answer to each token, as a state does."""

    def __init__(self) -> None:
        self._answers: dict[str, Answered] = {}
        self._beats: list[str] = []

    @property
    def beats(self) -> tuple[str, ...]:
        """Return the tokens of all heartbeats, in order."""
        return tuple(self._beats)

    def answer_to(self, token: str) -> Answered | None:
        """Return what a state was told, None while it waits."""
        return self._answers.get(token)

    def give_up(self, token: str) -> None:
        """Let a state wait no more, as one does whose time is up."""
        self._answers.setdefault(token, Answered(error="States.Timeout"))

    def succeed(self, token: str, output: str) -> bool:
        """Hand a state its answer."""
        return self._answer(token, Answered(output=output))

    def fail(self, token: str, *, error: str, cause: str) -> bool:
        """End a state with an error."""
        return self._answer(token, Answered(error=error, cause=cause))

    def heartbeat(self, token: str) -> None:
        """Note that a state was told to wait on."""
        self._beats.append(token)

    def _answer(self, token: str, answer: Answered) -> bool:
        return self._answers.setdefault(token, answer) is answer
