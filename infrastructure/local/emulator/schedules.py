"""Correction: a schedule that is changed begins anew, as on AWS.

MiniStack remembers when the old expression fired last, so a new `at(…)` would never come.
"""

from types import ModuleType

from infrastructure.local.emulator.guard import original, replace


def correct(scheduler: ModuleType) -> None:
    """Forget when a schedule fired last as it is updated."""
    update = original(scheduler, "_update_schedule")
    fired = original(scheduler, "_schedule_last_fired")

    def update_schedule(name: str, body: dict[str, object]) -> object:
        answer = update(name, body)
        for key in [key for key in fired if key[2].rpartition("/")[2] == name]:
            fired.pop(key, None)
        return answer

    replace(scheduler, "_update_schedule", update_schedule)
