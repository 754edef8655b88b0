"""What a key may do: limited keys, amounts that need a passkey, contracts that answer for an account."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import ContractSigner, accounts, chain, web3
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import (
    DAY_S,
    GROUND,
    VERIFIED,
    LedgerFixture,
    Signed,
    arrays,
    refusal,
    skipped,
    skipped_benefits,
)
from signing import P256, PASSKEY, SECP256K1, SigningKey

CONTRACT = 4
VETO_TYPE = "RecoveryVeto(address account,uint256 number)"
TRANSFER_TYPE = (
    "TransferWithAuthorization(address from,address to,uint256 value,"
    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)


@pytest.fixture
def child(onchain: LedgerFixture, alice: Any) -> SigningKey:
    """Alice's child: 5 euros a payment, 12 a day, for a week."""
    key = SigningKey("child", P256)
    # From the last block on: Brownie's idea of now runs ahead of the node's once a test was undone.
    week = chain[-1].timestamp + 7 * DAY_S
    onchain.add_limited_signer(alice, key, P256, 5_00, 12_00, week)
    return key


# ---- limited keys


def test_a_child_pays_within_its_limits(
    onchain: LedgerFixture, alice: Any, bakery: Any, child: SigningKey
) -> None:
    assert onchain.ledger.isSigner(alice.address, child.address) is True
    for _ in range(2):
        onchain.pay(onchain.payment(alice, bakery, 5_00, signer=child))
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 5_01, signer=child))
    assert refused == ("SignerPaymentLimit", alice.address.lower(), child.address.lower(), 5_01, 5_00)
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 2_01, signer=child))
    assert refused == ("SignerDailyLimit", alice.address.lower(), child.address.lower(), 12_01, 12_00)
    onchain.pay(onchain.payment(alice, bakery, 2_00, signer=child))
    assert onchain.ledger.signerOf(alice.address, child.address)[-1] == 12_00
    # The account's own key goes on as before, and its spending is not the child's.
    onchain.pay(onchain.payment(alice, bakery, 50_00))
    assert onchain.ledger.signerOf(alice.address, child.address)[-1] == 12_00


def test_a_childs_day_starts_anew(onchain: LedgerFixture, alice: Any, bakery: Any, child: SigningKey) -> None:
    for cents in (5_00, 5_00, 2_00):
        onchain.pay(onchain.payment(alice, bakery, cents, signer=child))
    assert onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=child)) is not None
    chain.sleep(DAY_S)
    chain.mine()
    assert onchain.refused_payment(onchain.payment(alice, bakery, 5_00, signer=child)) is None
    assert onchain.ledger.signerOf(alice.address, child.address)[-1] == 0


def test_a_childs_limits_hold_inside_a_batch(
    onchain: LedgerFixture, alice: Any, bakery: Any, child: SigningKey
) -> None:
    batch = [onchain.payment(alice, bakery, 4_00, signer=child, nonce=nonce) for nonce in range(4)]
    batch.append(onchain.payment(alice, bakery, 6_00, signer=child, nonce=4))
    assert skipped(onchain.settle(batch)) == [(3, "SignerDailyLimit"), (4, "SignerPaymentLimit")]
    assert onchain.balance(bakery) == 12_00


def test_a_key_whose_time_is_over_is_a_strangers(
    onchain: LedgerFixture, alice: Any, bakery: Any, child: SigningKey
) -> None:
    chain.sleep(7 * DAY_S + 10)
    chain.mine()
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=child))
    assert refused == ("BadSignature", alice.address.lower())
    assert onchain.ledger.isSigner(alice.address, child.address) is False


def test_a_child_signs_nothing_but_payments(onchain: LedgerFixture, child: SigningKey) -> None:
    shop = onchain.shop("shop", money=50_00)
    helper = SigningKey("helper", P256)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.add_limited_signer(shop, helper, P256, 10_00, 0, 0)
    refused = onchain.refused_redemption(onchain.redemption(shop, 1_00, signer=helper))
    assert refused == ("BadSignature", shop.address.lower())
    campaign = onchain.open_campaign(shop, 10_00)
    refused = onchain.refused_benefit(onchain.benefit(shop, onchain.shop("other"), 1, campaign, helper))
    assert refused == ("BadSignature", shop.address.lower())
    veto = ["bytes32", "address", "uint256"]
    recovery = onchain.ledger.proposeRecovery(
        shop.address, SigningKey("next", P256).address, P256, GROUND, registrar
    )
    number = recovery.events["RecoveryProposed"]["number"]
    hashed = keccak(encode(veto, [keccak(text=VETO_TYPE), shop.address, number]))
    signature = helper.sign(onchain.domain.digest(hashed))
    refused = refusal(onchain.ledger.vetoRecovery, shop.address, number, signature, sender=onchain.relay)
    assert refused == ("BadSignature", shop.address.lower())
    nonce = bytes(31) + b"\x07"
    signature = helper.sign(onchain.domain.digest(cancel_hash(shop.address, nonce)))
    method = onchain.ledger.cancelAuthorization
    refused = refusal(method, shop.address, nonce, signature, sender=onchain.relay)
    assert refused == ("BadSignature", shop.address.lower())


def cancel_hash(account: str, nonce: bytes) -> bytes:
    """hashStruct of a cancellation."""
    type_hash = keccak(text="CancelAuthorization(address authorizer,bytes32 nonce)")
    return keccak(encode(["bytes32", "address", "bytes32"], [type_hash, account, nonce]))


@pytest.mark.parametrize(
    ("payment", "day", "ends_in_s"), [(0, 0, None), (2**31, 0, None), (0, 2**31, None), (1, 1, -10)]
)
def test_limits_that_are_none_or_too_large_are_refused(
    onchain: LedgerFixture, alice: Any, payment: int, day: int, ends_in_s: int | None
) -> None:
    signer = SigningKey("child", P256).address
    end = 0 if ends_in_s is None else chain[-1].timestamp + ends_in_s
    signed = onchain.addition(alice, signer, P256, (payment, day, end))
    arguments = (*signed.message.fields(), signed.envelope)
    refused = refusal(onchain.ledger.addLimitedSigner, *arguments, sender=onchain.officers["REGISTRAR"])
    assert refused == ("InvalidSigner", alice.address.lower(), signer.lower(), P256)


def test_a_removed_child_pays_no_more(
    onchain: LedgerFixture, alice: Any, bakery: Any, child: SigningKey
) -> None:
    onchain.ledger.removeSigner(alice.address, child.address, {"from": onchain.officers["REGISTRAR"]})
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 1, signer=child))
    assert refused == ("BadSignature", alice.address.lower())


# ---- amounts that need a passkey


@pytest.fixture
def floors(onchain: LedgerFixture) -> None:
    """Verified people: above 20 euros, or above 50 euros a day, by passkey only."""
    onchain.ledger.setPasskeyFloors(VERIFIED, (20_00, 50_00), {"from": onchain.officers["GOVERNOR"]})


def with_passkey(onchain: LedgerFixture, account: Any) -> SigningKey:
    """A passkey registered for the account."""
    key = SigningKey(f"passkey of {account.label}", PASSKEY)
    onchain.add_signer(account, key, PASSKEY)
    return key


def test_above_the_floor_only_a_passkey_will_do(
    onchain: LedgerFixture, alice: Any, bakery: Any, floors: None
) -> None:
    passkey = with_passkey(onchain, alice)
    assert onchain.refused_payment(onchain.payment(alice, bakery, 20_00)) is None
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 20_01))
    assert refused == ("PasskeyRequired", alice.address.lower(), 20_01, 20_01)
    onchain.pay(onchain.payment(alice, bakery, 20_01, signer=passkey))


def test_above_the_days_sum_every_further_payment_needs_it(
    onchain: LedgerFixture, alice: Any, bakery: Any, floors: None
) -> None:
    passkey = with_passkey(onchain, alice)
    batch = [onchain.payment(alice, bakery, 20_00, nonce=nonce) for nonce in range(3)]
    assert skipped(onchain.settle(batch)) == [(2, "PasskeyRequired")]
    onchain.pay(onchain.payment(alice, bakery, 20_00, signer=passkey))
    refused = onchain.refused_payment(onchain.payment(alice, bakery, 1))
    assert refused == ("PasskeyRequired", alice.address.lower(), 1, 60_01)
    chain.sleep(DAY_S)
    chain.mine()
    assert onchain.refused_payment(onchain.payment(alice, bakery, 20_00)) is None


def test_a_transaction_of_the_account_is_no_passkey(
    onchain: LedgerFixture, bakery: Any, floors: None
) -> None:
    """Otherwise a stolen device key would go around the floor by ERC-20."""
    account = accounts[12]
    onchain.ledger.enrol(account, 1, VERIFIED, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    onchain.fund(account, 90_00)
    refused = refusal(onchain.ledger.transfer, bakery.address, 20_01, sender=account)
    assert refused == ("PasskeyRequired", account.address.lower(), 20_01, 20_01)
    assert onchain.ledger.canTransfer(account, bakery.address, 20_01) is False
    assert onchain.ledger.canTransfer(account, bakery.address, 20_00) is True


def test_without_floors_nothing_needs_a_passkey(
    onchain: LedgerFixture, alice: Any, bakery: Any, floors: None
) -> None:
    onchain.ledger.setPasskeyFloors(VERIFIED, (0, 0), {"from": onchain.officers["GOVERNOR"]})
    assert tuple(onchain.ledger.passkeyFloors(VERIFIED)) == (0, 0)
    assert onchain.refused_payment(onchain.payment(alice, bakery, 900_00)) is None


# ---- contracts


@pytest.fixture
def safe(onchain: LedgerFixture, bakery: Any) -> Any:
    """A member that is a contract, with 100 euros."""
    contract = ContractSigner.deploy({"from": accounts[0]})
    onchain.ledger.enrol(contract, 3, 4, 0, 0, {"from": onchain.officers["REGISTRAR"]})
    onchain.fund(contract, 100_00)
    return contract


def contract_payment(onchain: LedgerFixture, safe: Any, payee: Any, value: int) -> Signed:
    """A payment of the contract, with the envelope that names it."""
    author = SigningKey("anybody", SECP256K1)
    message = onchain.payment(author, payee, value, nonce=0).message.changed(payer=safe.address)
    return Signed(message, bytes([CONTRACT]) + bytes.fromhex(safe.address[2:]) + b"whatever")


def test_a_contract_pays_by_its_own_word_alone_and_never_in_a_batch(
    onchain: LedgerFixture, safe: Any, bakery: Any
) -> None:
    signed = contract_payment(onchain, safe, bakery, 10_00)
    assert onchain.refused_payment(signed) == ("BadSignature", safe.address.lower())
    safe.agree(onchain.domain.digest(signed.message.struct_hash()), {"from": accounts[0]})
    assert skipped(onchain.settle([signed])) == [(0, "BadSignature")]
    assert skipped(onchain.settle_arrays([signed])) == [(0, "BadSignature")]
    onchain.pay(signed)
    assert onchain.balance(bakery) == 10_00
    assert onchain.refused_payment(signed) == ("NonceUsed", safe.address.lower(), 0)


def test_a_contract_answers_for_nobody_else(
    onchain: LedgerFixture, safe: Any, alice: Any, bakery: Any
) -> None:
    message = onchain.payment(alice, bakery, 1).message
    safe.agree(onchain.domain.digest(message.struct_hash()), {"from": accounts[0]})
    envelope = bytes([CONTRACT]) + bytes.fromhex(safe.address[2:])
    assert onchain.refused_payment(Signed(message, envelope)) == ("BadSignature", alice.address.lower())
    onchain.add_signer(alice, safe, CONTRACT)
    assert onchain.refused_payment(Signed(message, envelope)) is None


def test_a_contract_authorizes_by_bytes(onchain: LedgerFixture, safe: Any, bakery: Any) -> None:
    values = [safe.address, bakery.address, 5_00, 0, chain.time() + 3600, keccak(text="nonce")]
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256", "bytes32"]
    digest = onchain.domain.digest(keccak(encode(types, [keccak(text=TRANSFER_TYPE), *values])))
    method = onchain.ledger.transferWithAuthorization
    refused = refusal(method, *values, b"", sender=onchain.relay)
    assert refused == ("BadSignature", safe.address.lower())
    safe.agree(digest, {"from": accounts[0]})
    method(*values, b"", {"from": onchain.relay})
    assert onchain.balance(bakery) == 5_00


def contract_says(onchain: LedgerFixture, safe: Any, signed: Signed) -> Signed:
    """The same message with the envelope that names the contract, which agrees with it."""
    safe.agree(onchain.domain.digest(signed.message.struct_hash()), {"from": accounts[0]})
    return Signed(signed.message, bytes([CONTRACT]) + bytes.fromhex(safe.address[2:]))


def test_a_contract_that_is_the_only_key_does_what_keys_do(
    onchain: LedgerFixture, safe: Any, bakery: Any
) -> None:
    """It redeems, funds, spends a benefit and objects to a recovery: it must not be half a key."""
    shop = onchain.shop("a shop that only its contract signs for", money=100_00)
    registrar = {"from": onchain.officers["REGISTRAR"]}
    onchain.add_signer(shop, safe, CONTRACT)
    onchain.ledger.removeSigner(shop.address, shop.address, registrar)
    silent = bytes([CONTRACT]) + bytes.fromhex(safe.address[2:])
    bad = ("BadSignature", shop.address.lower())
    ledger = onchain.ledger
    for method, signed in (
        (ledger.requestRedemption, onchain.redemption(shop, 5_00)),
        (ledger.openCampaign, onchain.campaign(shop, 20_00, nonce=1)),
    ):
        assert refusal(method, signed.message.fields(), silent, sender=onchain.relay) == bad
        method(*contract_says(onchain, safe, signed).arguments(), {"from": onchain.relay})
    benefit = onchain.benefit(shop, bakery, 2_00, signed.message.ref)
    assert onchain.refused_benefit(Signed(benefit.message, silent)) == bad
    agreed = contract_says(onchain, safe, benefit)
    assert skipped_benefits(ledger.settleWithBenefits(*arrays([agreed]), {"from": onchain.relay})) == [
        (0, "BadSignature")
    ]
    onchain.pay_benefit(agreed)
    assert (onchain.balance(shop), onchain.balance(bakery)) == (75_00, 2_00)
    phone = SigningKey("a thief's", P256)
    proposed = ledger.proposeRecovery(shop.address, phone.address, P256, GROUND, registrar)
    number = proposed.events["RecoveryProposed"]["number"]
    assert refusal(ledger.vetoRecovery, shop.address, number, silent, sender=onchain.relay) == bad
    safe.agree(ledger.recoveryVetoDigest(shop.address, number), {"from": accounts[0]})
    assert refusal(ledger.vetoRecovery, shop.address, number, silent, sender=onchain.relay) is None


def test_where_an_account_has_code_its_contract_answers_and_not_its_key(
    onchain: LedgerFixture, safe: Any, bakery: Any
) -> None:
    """An account that took on code (EIP-7702) may refuse what its old key still signs."""
    payer = onchain.person("who took on code", key_kind=SECP256K1, money=20_00)
    values = [payer.address, bakery.address, 5_00, 0, chain.time() + 3600, keccak(text="nonce")]
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256", "bytes32"]
    envelope = payer.sign(onchain.domain.digest(keccak(encode(types, [keccak(text=TRANSFER_TYPE), *values]))))
    method = onchain.ledger.transferWithAuthorization
    for signature in (envelope, envelope[1:]):
        assert refusal(method, *values, signature, sender=onchain.relay) is None
    code = "0x" + bytes(web3.eth.get_code(safe.address)).hex()
    web3.provider.make_request("anvil_setCode", [payer.address, code])
    for signature in (envelope, envelope[1:]):
        refused = refusal(method, *values, signature, sender=onchain.relay)
        assert refused == ("BadSignature", payer.address.lower())


@pytest.mark.parametrize("kind", [SECP256K1, P256, PASSKEY])
def test_a_key_authorizes_by_bytes(onchain: LedgerFixture, bakery: Any, kind: int) -> None:
    """An envelope of any kind; and for secp256k1 also the 65 bytes other tokens take."""
    payer = onchain.person(f"payer {kind}", key_kind=kind, money=20_00)
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint256", "bytes32"]
    method = onchain.ledger.transferWithAuthorization
    for number, bare in enumerate([False, True] if kind == SECP256K1 else [False]):
        nonce = keccak(text=f"nonce {number}")
        values = [payer.address, bakery.address, 5_00, 0, chain.time() + 3600, nonce]
        envelope = payer.sign(
            onchain.domain.digest(keccak(encode(types, [keccak(text=TRANSFER_TYPE), *values])))
        )
        signature = envelope[1:] if bare else envelope
        changed = [*values[:2], 5_01, *values[3:]]
        refused = refusal(method, *changed, signature, sender=onchain.relay)
        assert refused == ("BadSignature", payer.address.lower())
        method(*values, signature, {"from": onchain.relay})
        assert onchain.ledger.authorizationState(payer.address, nonce) is True
        refused = refusal(method, *values, signature, sender=onchain.relay)
        assert refused == ("NonceUsed", payer.address.lower(), int.from_bytes(nonce, "big"))
