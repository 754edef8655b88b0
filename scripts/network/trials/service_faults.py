"""What befalls the service on a network that is well: a node lies, a nonce is used, an end is near."""

from __future__ import annotations

import time

from scripts.network import status
from scripts.network.permissions import TRANSFER_GAS
from scripts.network.rpc import NoAnswer, ask
from scripts.network.trials.liar import Lie
from scripts.network.trials.load import until
from scripts.network.trials.scene import MAX_P99_S, Scene, Seen, shown_s
from scripts.network.validations import days
from wallet_service.chain.node.several.story import State
from wallet_service.chain.node.several.validations import ALARM_DAYS, SECONDS_A_DAY
from wallet_service.security.role_keys import open_role_keys
from wallet_service.security.sealing import read_master_key

#: What the watch must call each lie.
CALLED = {
    Lie.OLDER_HEAD: State.BEHIND,
    Lie.OTHER_HASH: State.OTHER_STORY,
    Lie.OTHER_CHAIN: State.OTHER_CHAIN,
    Lie.HTML: State.AWAY,
}
NOTICED_WITHIN_S = 10.0
FOREIGN_TRANSACTIONS = 3
FOREIGN_APART_S = 0.7


class ServiceFaults(Scene):
    """Nothing of the validators is touched."""

    def node_lies(self) -> Seen:
        """The service's first node tells each lie in turn; the four others tell the truth."""
        began_s, told, noticed = time.monotonic(), [], []
        for lie, state in CALLED.items():
            self.ground.liar.lie = lie
            found_s = self._until_called(state)
            told.append(f"{lie}: {state.value} after {shown_s(found_s)}")
            noticed.append(found_s is not None)
            time.sleep(self.calm_s / len(CALLED))
            self.ground.liar.lie = Lie.HONEST
            self._until_called(State.WELL)
        p99_s, drained_s = self.p99_since(began_s), self.drained()
        held = all(noticed) and p99_s is not None and p99_s < MAX_P99_S and drained_s is not None
        return Seen(
            "the service's first node lies", held, f"{'; '.join(told)}; p99 to final {shown_s(p99_s)}"
        )

    def foreign_nonce(self) -> Seen:
        """Somebody else sends with the relayer's key: its next nonces are used up by other transactions."""
        settings = self.ground.settings
        keys = open_role_keys(settings.chain_keys_directory, read_master_key(settings.master_key_file))
        address, taken, began_s = keys.address("RELAYER"), 0, time.monotonic()
        url = self.founded.rpc_urls()[-1]
        while taken < FOREIGN_TRANSACTIONS:
            nonce = int(ask(url, "eth_getTransactionCount", [address, "pending"]), 16)
            signed = keys.sign(
                "RELAYER",
                {
                    "nonce": nonce,
                    "gasPrice": 1,
                    "gas": TRANSFER_GAS,
                    "to": bytes.fromhex(address[2:]),
                    "value": 0,
                    "data": b"",
                    "chainId": self.founded.chain_id,
                },
            )
            try:
                ask(url, "eth_sendRawTransaction", ["0x" + signed.raw.hex()])
                taken += 1
            except NoAnswer:
                continue  # the service was first with this nonce
            finally:
                time.sleep(FOREIGN_APART_S)
        drained_s = self.drained()
        return Seen(
            "nonces of the relayer used by foreign transactions",
            drained_s is not None,
            f"{taken} of them; all that waited final in {shown_s(drained_s)}, "
            f"p99 to final {shown_s(self.p99_since(began_s))}",
        )

    def end_is_near(self) -> Seen:
        """The alarms of the validations' real ends, asked as of the days before them."""
        ends = status.validation_ends(self.founded)
        first = min(ends.values())
        heard = [
            days.judged(ends, len(ends), first - before * SECONDS_A_DAY + 1)[1] for before in (*ALARM_DAYS, 0)
        ]
        early = days.judged(ends, len(ends), first - (ALARM_DAYS[0] + 1) * SECONDS_A_DAY)[1]
        return Seen(
            "a validator's end date near",
            all(heard) and not early and len(ends) == len(self.founded.nodes),
            "alarm at 60, 30 and 7 days and none before; "
            "renewal itself: python -m scripts.network.trials.renewal",
        )

    def _until_called(self, state: State) -> float | None:
        def is_called() -> bool:
            last = self.ground.services.watches.nodes.last()
            return last is not None and last.nodes[0].state is state

        return until(is_called, NOTICED_WITHIN_S)
