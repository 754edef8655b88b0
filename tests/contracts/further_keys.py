"""Further keys of an account, for ledger_fixture.py: the account's word, and the call that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from brownie import chain, web3
from signing import ADDITION_TYPE, SECP256K1, Domain, SignerAddition, SigningKey


@dataclass(frozen=True)
class Signed:
    """A message and the envelope of its signature."""

    message: Any
    envelope: bytes

    def arguments(self) -> tuple[tuple[Any, ...], bytes]:
        """What `pay` and `requestRedemption` take."""
        return self.message.fields(), self.envelope


class FurtherKeys:
    """What a ledger's fixture does about keys."""

    ledger: Any
    officers: dict[str, Any]
    domain: Domain

    def ref(self, owner: Any = None) -> bytes:
        """A number nobody used."""
        raise NotImplementedError

    def addition(
        self,
        account: Any,
        signer: Any,
        kind: int,
        limits: tuple[int, int, int] = (0, 0, 0),
        by: Any = None,
        **changed: Any,
    ) -> Signed:
        """The account's word for a further key; limits: cents a payment, a day, an end (unix seconds)."""
        address, further = (str(getattr(each, "address", each)) for each in (account, signer))
        nonce = int.from_bytes(self.ref(), "big")
        message = SignerAddition(address, further, kind, *limits, chain.time() + 3600, nonce)
        message = message.changed(**changed)
        by = account if by is None else by
        if isinstance(by, SigningKey):
            return Signed(message, by.sign(self.domain.digest(message.struct_hash())))
        return Signed(message, self._signed_by_the_node(by, message))

    def _signed_by_the_node(self, account: Any, message: SignerAddition) -> bytes:
        """The envelope of an account whose key only the test node holds."""
        kind, _, members = ADDITION_TYPE.rstrip(")").partition("(")
        fields = [dict(zip(("type", "name"), each.split(" "), strict=True)) for each in members.split(",")]
        domain = [("name", "string"), ("version", "string"), ("chainId", "uint256")]
        domain.append(("verifyingContract", "address"))
        typed = {
            "types": {
                "EIP712Domain": [{"name": name, "type": type_} for name, type_ in domain],
                kind: fields,
            },
            "primaryType": kind,
            "domain": {
                "name": self.domain.name,
                "version": self.domain.version,
                "chainId": self.domain.chain_id,
                "verifyingContract": self.ledger.address,
            },
            "message": {
                each["name"]: str(value) if isinstance(value, int) else value
                for each, value in zip(fields, message.fields(), strict=True)
            },
        }
        answer = web3.provider.make_request("eth_signTypedData_v4", [account.address, typed])
        return bytes([SECP256K1]) + bytes.fromhex(answer["result"][2:])

    def add_signer(self, account: Any, signer: Any, kind: int, by: Any = None) -> Any:
        """The registrar adds a key on the word of the account, or of `by`."""
        signed = self.addition(account, signer, kind, by=by)
        registrar = {"from": self.officers["REGISTRAR"]}
        return self.ledger.addSigner(*signed.message.unlimited(), signed.envelope, registrar)

    def add_limited_signer(self, account: Any, signer: Any, kind: int, *limits: int) -> Any:
        """The same with limits: cents a payment, cents a day, an end (unix seconds)."""
        signed = self.addition(account, signer, kind, (limits[0], limits[1], limits[2]))
        registrar = {"from": self.officers["REGISTRAR"]}
        return self.ledger.addLimitedSigner(*signed.message.fields(), signed.envelope, registrar)
