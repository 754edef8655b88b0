"""The gas of OpenZeppelin's and Solady's tokens. Owns what is measured of them, in the steady state of ours.

They check nothing of what the ledger checks: no membership, no limit, no freeze, no upgrade, no role. Every
account holds money before and after, and has signed once before; each payer of a batch is another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from brownie import accounts, chain, web3
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from signing import SECP256K1, Domain, SigningKey  # type: ignore[import-not-found]

from scripts.bench.peers.compiling import plain_tokens
from scripts.bench.peers.node import confirmed, deploy, send

BATCH = 100
MERCHANTS = 10
VALUE = 12_50
FUNDS = 100_00
AN_HOUR_S = 3600
AUTHORIZATION_TYPE = (
    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
    "uint256 validBefore,bytes32 nonce)"
)
PERMIT_TYPE = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"

# A payment of a peer: (token, payer, payee address, value, number of the payer's earlier ones) -> its calls.
Calls = Callable[[Any, SigningKey, str, int, int], list[bytes]]


def measure() -> dict[str, dict[str, int]]:
    """{figure: {peer: gas}} of the plain tokens; a batch's figure is per payment."""
    compiled = plain_tokens()
    plain = {
        "OpenZeppelin 5.7 ERC-20": deploy(compiled, "OpenZeppelinERC20"),
        "Solady 0.1.26 ERC-20": deploy(compiled, "SoladyERC20"),
    }
    found: dict[str, dict[str, int]] = {
        "transfer": {name: _transfer(token) for name, token in plain.items()},
        "signed_payment": {},
        "batch100_secp256k1": {},
    }
    signed: tuple[tuple[str, Any, Calls], ...] = (
        ("OpenZeppelin 5.7 ERC-3009", deploy(compiled, "OpenZeppelinERC3009"), _random_nonce),
        (
            "OpenZeppelin 5.7 TransferAuthorization",
            deploy(compiled, "OpenZeppelinTransferAuthorization"),
            _counting_nonce,
        ),
        ("Solady 0.1.26 permit + transferFrom", plain["Solady 0.1.26 ERC-20"], _permit),
    )
    for name, token, calls in signed:
        found["signed_payment"][name] = _signed_payment(token, name, calls)
        found["batch100_secp256k1"][f"{name}, multicall"] = _batch(token, name, calls)
    return found


def _transfer(token: Any) -> int:
    payer, payee = accounts[10], accounts[11]
    for account in (payer, payee):
        send(token.functions.transfer(account.address, FUNDS))
    return send(token.functions.transfer(payee.address, VALUE), payer)


def _signed_payment(token: Any, name: str, calls: Calls) -> int:
    payer = SigningKey(f"{name}: payer alone", SECP256K1)
    payee = SigningKey(f"{name}: payee alone", SECP256K1)
    for key in (payer, payee):
        send(token.functions.transfer(key.address, FUNDS))
    gas = 0
    for made_before in range(2):
        data = calls(token, payer, payee.address, VALUE, made_before)
        # One call is sent as it is; a permit and its transfer travel together.
        gas = _send_raw(token, data[0]) if len(data) == 1 else send(token.functions.multicall(data))
    return gas


def _batch(token: Any, name: str, calls: Calls) -> int:
    payers = [SigningKey(f"{name}: payer {number}", SECP256K1) for number in range(BATCH)]
    merchants = [SigningKey(f"{name}: shop {number}", SECP256K1) for number in range(MERCHANTS)]
    for key in (*payers, *merchants):
        send(token.functions.transfer(key.address, FUNDS))
    gas = 0
    for made_before in range(2):
        data: list[bytes] = []
        for number, payer in enumerate(payers):
            payee = merchants[number % MERCHANTS].address
            data += calls(token, payer, payee, VALUE, made_before)
        gas = send(token.functions.multicall(data))
    return gas // BATCH


def _random_nonce(token: Any, payer: SigningKey, payee: str, value: int, made_before: int) -> list[bytes]:
    """An EIP-3009 authorization with a nonce as wallets make them: 32 bytes nobody can foresee."""
    return [_authorization(token, payer, payee, value, keccak(text=f"{payer.label}/{made_before}"))]


def _counting_nonce(token: Any, payer: SigningKey, payee: str, value: int, made_before: int) -> list[bytes]:
    return [_authorization(token, payer, payee, value, made_before.to_bytes(32, "big"))]


def _authorization(token: Any, payer: SigningKey, payee: str, value: int, nonce: bytes) -> bytes:
    valid_before = chain.time() + AN_HOUR_S
    struct = [keccak(text=AUTHORIZATION_TYPE), payer.address, payee, value, 0, valid_before, nonce]
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256", "bytes32"]
    v, r, s = payer.vrs(_domain(token).digest(keccak(encode(types, struct))))
    arguments = [payer.address, payee, value, 0, valid_before, nonce, v, r, s]
    return _encoded(token.get_function_by_signature(_TRANSFER_WITH_AUTHORIZATION)(*arguments))


_TRANSFER_WITH_AUTHORIZATION = (
    "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
)


def _permit(token: Any, payer: SigningKey, payee: str, value: int, _made_before: int) -> list[bytes]:
    """A permit of exactly this value for the relay, and the relay's transfer by it."""
    relay = accounts[0].address
    deadline = chain.time() + AN_HOUR_S
    nonce = token.functions.nonces(payer.address).call()
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
    struct = [keccak(text=PERMIT_TYPE), payer.address, relay, value, nonce, deadline]
    v, r, s = payer.vrs(_domain(token).digest(keccak(encode(types, struct))))
    permit = token.functions.permit(payer.address, relay, value, deadline, v, r, s)
    return [_encoded(permit), _encoded(token.functions.transferFrom(payer.address, payee, value))]


def _domain(token: Any) -> Domain:
    return Domain("Peer", web3.eth.chain_id, token.address)


def _encoded(call: Any) -> bytes:
    return bytes.fromhex(call._encode_transaction_data()[2:])


def _send_raw(token: Any, data: bytes) -> int:
    sent = web3.eth.send_transaction({"from": accounts[0].address, "to": token.address, "data": data})
    return int(confirmed(sent)["gasUsed"])
