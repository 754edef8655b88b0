"""The gas of a transfer of T-REX 4.1.6 (ERC-3643) with ONCHAINID. Owns its deployment as its makers mean it.

By their factory: six proxies, one claim topic, one trusted issuer, three compliance modules behind proxies
that come nearest to what the ledger checks: allowed countries, a highest balance, a limit per day. Both
people have an ONCHAINID with one signed claim. It has no signed payments and no batches of different payers.
"""

from __future__ import annotations

from typing import Any

from brownie import accounts, web3
from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_utils.crypto import keccak
from signing import SECP256K1, SigningKey, word  # type: ignore[import-not-found]

from scripts.bench.peers.compiling import Compiled, security_token
from scripts.bench.peers.node import at, deploy, send

NOBODY = "0x" + "00" * 20
SALT = "peer"
TOPIC = 42
FRANCE = 250
CLAIM_PURPOSE = 3
ECDSA_TYPE = 1
DAY_S = 86_400
MAX_BALANCE = 3_000_00
MAX_PER_DAY = 1_500_00
FUNDS = 100_00
VALUE = 12_50
NAME = "T-REX 4.1.6 + ONCHAINID 2.2.1, 1 topic, 3 modules"
# In the order of ITREXImplementationAuthority.TREXContracts.
PARTS = (
    "Token",
    "ClaimTopicsRegistry",
    "IdentityRegistry",
    "IdentityRegistryStorage",
    "TrustedIssuersRegistry",
    "ModularCompliance",
)
MODULES = ("CountryAllowModule", "MaxBalanceModule", "TimeTransfersLimitsModule")


def measure() -> dict[str, dict[str, int]]:
    """{figure: {peer: gas}}: it offers a transfer only."""
    compiled = security_token()
    identities = _identity_factory(compiled)
    issuer_key = SigningKey("T-REX claim issuer", SECP256K1)
    issuer = deploy(compiled, "ClaimIssuer", accounts[0].address)
    issuer_key_hash = keccak(encode(["address"], [issuer_key.address]))
    send(issuer.functions.addKey(issuer_key_hash, CLAIM_PURPOSE, ECDSA_TYPE))
    token = _token(compiled, identities, issuer)
    registry = at(compiled, "IdentityRegistry", token.functions.identityRegistry().call())
    payer, payee = accounts[12], accounts[13]
    for person in (payer, payee):
        identity = _identity(compiled, identities, issuer, issuer_key, person)
        send(registry.functions.registerIdentity(person.address, identity.address, FRANCE))
        send(token.functions.mint(person.address, FUNDS))
    send(token.functions.unpause())
    # The first transfer of a day opens the counter; the one measured is any other.
    send(token.functions.transfer(payee.address, VALUE), payer)
    return {"transfer": {NAME: send(token.functions.transfer(payee.address, VALUE), payer)}}


def settings() -> dict[str, Any]:
    """The compiler settings in words."""
    return security_token().settings


def _identity_factory(compiled: Compiled) -> Any:
    library = deploy(compiled, "Identity", accounts[0].address, True)
    authority = deploy(compiled, "ImplementationAuthority", library.address)
    return deploy(compiled, "IdFactory", authority.address)


def _token(compiled: Compiled, identities: Any, issuer: Any) -> Any:
    """A token by the factory, owned and run by accounts[0]."""
    authority = deploy(compiled, "TREXImplementationAuthority", True, NOBODY, NOBODY)
    implementations = tuple(deploy(compiled, name).address for name in PARTS)
    send(authority.functions.addAndUseTREXVersion((4, 1, 6), implementations))
    factory = deploy(compiled, "TREXFactory", authority.address, identities.address)
    send(identities.functions.addTokenFactory(factory.address))
    modules = {name: _module(compiled, name) for name in MODULES}
    settings = [
        _encoded(modules["CountryAllowModule"].functions.batchAllowCountries([FRANCE])),
        _encoded(modules["MaxBalanceModule"].functions.setMaxBalance(MAX_BALANCE)),
        _encoded(modules["TimeTransfersLimitsModule"].functions.setTimeTransferLimit((DAY_S, MAX_PER_DAY))),
    ]
    owner = accounts[0].address
    addresses = [modules[name].address for name in MODULES]
    details = (owner, "Peer", "PEER", 2, NOBODY, NOBODY, [owner], [owner], addresses, settings)
    send(factory.functions.deployTREXSuite(SALT, details, ([TOPIC], [issuer.address], [[TOPIC]])))
    return at(compiled, "Token", factory.functions.getToken(SALT).call())


def _module(compiled: Compiled, name: str) -> Any:
    implementation = deploy(compiled, name)
    initialization = _encoded(implementation.functions.initialize())
    proxy = deploy(compiled, "ModuleProxy", implementation.address, initialization)
    return at(compiled, name, proxy.address)


def _identity(compiled: Compiled, identities: Any, issuer: Any, issuer_key: SigningKey, person: Any) -> Any:
    """The person's ONCHAINID with one claim, added by the person."""
    send(identities.functions.createIdentity(person.address, person.address))
    identity = at(compiled, "Identity", identities.functions.getIdentity(person.address).call())
    data = b"known to the bench"
    claim = keccak(encode(["address", "uint256", "bytes"], [identity.address, TOPIC, data]))
    signature = Account.sign_message(encode_defunct(claim), word(issuer_key.secret)).signature
    adding = identity.functions.addClaim(TOPIC, 1, issuer.address, bytes(signature), data, "")
    send(adding, person)
    return identity


def _encoded(call: Any) -> bytes:
    return bytes(web3.to_bytes(hexstr=call._encode_transaction_data()))
