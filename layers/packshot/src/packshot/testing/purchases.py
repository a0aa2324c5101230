"""Purchases in memory."""

from collections.abc import Iterable, Sequence

from packshot.events import PurchaseLine
from packshot.ports import HistoryEntry
from packshot.purchases.histories import last_lines, lines_of
from packshot.purchases.identity import customer_key, digest_of


class MemoryPurchases:
    """Lines by customer, under the rules of the ports `Purchases` and `Histories`."""

    def __init__(self, *, salt: str = "memory") -> None:
        self._salt = salt
        self._lines: dict[str, dict[int, PurchaseLine]] = {}
        self._packed: dict[str, dict[str, HistoryEntry]] = {}
        self._forgotten: set[str] = set()

    def add(self, lines: Sequence[PurchaseLine]) -> int:
        """Keep lines; return how many were new."""
        new = 0
        for line in lines:
            key = self._key(line.customer)
            own = self._lines.setdefault(key, {})
            digest = digest_of(line)
            known = {digest_of(each) for each in self._entered(line.customer)}
            if key not in self._forgotten and digest not in own and digest not in known:
                own[digest] = line
                new += 1
        return new

    def history(self, customer: str, *, most: int) -> tuple[PurchaseLine, ...]:
        """Return a customer's last lines, oldest first."""
        key = self._key(customer)
        if key in self._forgotten:
            return ()
        return last_lines([*self._lines.get(key, {}).values(), *self._entered(customer)], most=most)

    def forgotten(self, customers: Iterable[str]) -> frozenset[str]:
        """Return those who were forgotten."""
        return frozenset(each for each in customers if self._key(each) in self._forgotten)

    def forget(self, customer: str) -> int:
        """Remove all that is known of a customer."""
        return self.clear(self._key(customer))

    def enter(self, entries: Iterable[HistoryEntry]) -> None:
        """Keep entries."""
        for entry in entries:
            self._packed.setdefault(entry.key, {})[entry.name] = entry

    def clear(self, key: str) -> int:
        """Remove what is left of a customer, and keep nothing of them any more."""
        self._forgotten.add(key)
        packed = sum(entry.count for entry in self._packed.pop(key, {}).values())
        return packed + len(self._lines.pop(key, {}))

    def _key(self, customer: str) -> str:
        return customer_key(customer, salt=self._salt)

    def _entered(self, customer: str) -> list[PurchaseLine]:
        packed = self._packed.get(self._key(customer), {}).values()
        return [line for entry in packed for line in lines_of(customer, entry.packed)]
