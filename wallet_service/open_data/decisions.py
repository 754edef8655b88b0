"""Which numbers may be told without telling of somebody. Pure.

Sources: Article 29 Working Party, opinion 05/2014 on anonymisation (k-anonymity, and what differences give
away); INSEE's guide on statistical secrecy for the share of the largest business in a total (85 %).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from wallet_service.open_data.models import Flow, Received

#: A number is told when at least so many people and so many professionals stand behind it. INSEE asks for
#: three businesses; here the people who paid them are to be lost in a crowd as well.
K_ANONYMITY = 5
#: Nor is it told when one professional makes more of it than this: its takings would be known.
MAX_SHARE_PERCENT = 85


def may_be_told(flow: Flow) -> bool:
    """Whether nobody can be seen in the flow's numbers. Of a day without a payment, all may be told."""
    if not flow.received:
        return True
    if min(len(flow.payers), len(flow.received)) < K_ANONYMITY:
        return False
    largest_cents = max(each.cents for each in flow.received.values())
    return largest_cents * 100 <= MAX_SHARE_PERCENT * flow.volume_cents


def together(flows: Iterable[Flow]) -> Flow:
    """The flows as one: people who are in several count once."""
    payers: set[str] = set()
    received: dict[str, Received] = {}
    for flow in flows:
        payers |= flow.payers
        for account, each in flow.received.items():
            before = received.get(account, Received(0, 0))
            received[account] = Received(
                before.payments_count + each.payments_count, before.cents + each.cents
            )
    return Flow(frozenset(payers), received)


def tellable_areas(flows: Mapping[str, Flow], offered: Collection[str]) -> frozenset[str]:
    """The areas, of those offered, whose numbers may be told beside the total of all flows.

    What is left out is the total less what is told, so that must be a crowd as well: until it is, the
    smallest of the areas told is left out too (secondary suppression). When the total itself may not be
    told, only empty areas are.
    """
    empty = {area for area, flow in flows.items() if not flow.received}
    if not may_be_told(together(flows.values())):
        return frozenset(empty)
    told = {area for area in offered if area in flows and area not in empty and may_be_told(flows[area])}
    left_out = set(flows) - told - empty
    while left_out and told and not may_be_told(together(flows[area] for area in left_out)):
        smallest = min(told, key=lambda area: (flows[area].payments_count, area))
        told.remove(smallest)
        left_out.add(smallest)
    return frozenset(told | empty)


def told_count(count: int) -> int | None:
    """A number of members, or None for fewer than a crowd."""
    return count if count == 0 or count >= K_ANONYMITY else None
