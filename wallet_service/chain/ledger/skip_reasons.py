"""What the ledger says when it skips a payment of a batch: from its error selectors to codes and sentences.

The error signatures are those of contracts/interfaces/ILedgerErrors.sol; a test compares them with the
deployed ABI.
"""

from __future__ import annotations

from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.refusal import Refusal

PREFIX = "payment.refused_on_chain."
UNKNOWN = PREFIX + "unknown"
EXPIRED_BEFORE_SETTLEMENT = "payment.expired_before_settlement"

#: error signature -> (end of the code, what happened in French, in English)
_REASONS: dict[str, tuple[str, str, str]] = {
    "ERC20InvalidReceiver(address)": (
        "receiver_invalid",
        "ce compte ne peut pas recevoir",
        "this account cannot receive",
    ),
    "SamePayerPayee(address)": (
        "same_payer_and_payee",
        "on ne peut pas se payer soi-même",
        "one cannot pay oneself",
    ),
    "ZeroValue()": ("zero_value", "le montant est nul", "the amount is zero"),
    "PaymentsStopped()": ("payments_stopped", "les paiements sont suspendus", "payments are suspended"),
    "NotMember(address)": ("not_member", "un des deux comptes n’est pas ouvert", "one account is not open"),
    "IdentityExpired(address)": (
        "identity_expired",
        "une identité est à vérifier de nouveau",
        "an identity must be verified again",
    ),
    "FrozenOutgoing(address)": ("frozen_outgoing", "votre compte est gelé", "your account is frozen"),
    "FrozenIncoming(address)": (
        "frozen_incoming",
        "le compte qui reçoit est gelé",
        "the receiving account is frozen",
    ),
    "VisitorToPerson(address,address)": (
        "visitor_to_person",
        "un visiteur ne peut payer que des commerces et des associations",
        "a visitor can only pay shops and associations",
    ),
    "ERC20InsufficientBalance(address,uint256,uint256)": (
        "insufficient_balance",
        "le solde ne suffit pas",
        "the balance is too low",
    ),
    "ERC7943InsufficientUnfrozenBalance(address,uint256,uint256)": (
        "amount_held",
        "une partie du solde est retenue",
        "a part of the balance is held",
    ),
    "PaymentLimit(address,uint256,uint256)": (
        "payment_limit",
        "le montant dépasse votre plafond par paiement",
        "the amount passes your limit per payment",
    ),
    "DailyLimit(address,uint256,uint256)": (
        "daily_limit",
        "le montant dépasse votre plafond du jour",
        "the amount passes your limit for the day",
    ),
    "WindowLimit(address,uint256,uint256)": (
        "window_limit",
        "le montant dépasse votre plafond sur 30 jours",
        "the amount passes your limit over 30 days",
    ),
    "HoldingLimit(address,uint256,uint256)": (
        "holding_limit",
        "le compte qui reçoit atteindrait son plafond",
        "the receiving account would pass its ceiling",
    ),
    "Expired(uint256)": ("expired", "le paiement a trop attendu", "the payment waited too long"),
    "NonceUsed(address,uint256)": (
        "nonce_used",
        "ce numéro de paiement a déjà servi",
        "this payment number was already used",
    ),
    "NonceTooFar(address,uint256,uint256)": (
        "nonce_too_far",
        "ce numéro de paiement est trop en avance",
        "this payment number is too far ahead",
    ),
    "BadSignature(address)": (
        "bad_signature",
        "la signature n’est pas reconnue",
        "the signature is not recognised",
    ),
    "PasskeyRequired(address,uint256,uint256)": (
        "passkey_required",
        "ce montant demande votre clé d’accès",
        "this amount needs your passkey",
    ),
    "SignerPaymentLimit(address,address,uint256,uint256)": (
        "signer_payment_limit",
        "le montant dépasse le plafond par paiement de cette clé",
        "the amount passes this key's limit per payment",
    ),
    "SignerDailyLimit(address,address,uint256,uint256)": (
        "signer_daily_limit",
        "le montant dépasse le plafond du jour de cette clé",
        "the amount passes this key's limit for the day",
    ),
}

#: What the first code called two of them, before ERC-6093's names: its events are read again after a rebuild.
_EARLIER = {
    "ReceiverInvalid(address)": "ERC20InvalidReceiver(address)",
    "InsufficientBalance(address,uint256,uint256)": "ERC20InsufficientBalance(address,uint256,uint256)",
}


def _selector(signature: str) -> str:
    return "0x" + keccak256(signature.encode()).hex()[:8]


#: selector ("0x" + 8 hex) -> code
CODES_BY_SELECTOR = {
    **{_selector(earlier): PREFIX + _REASONS[now][0] for earlier, now in _EARLIER.items()},
    **{_selector(signature): PREFIX + ending for signature, (ending, _, _) in _REASONS.items()},
}
ERROR_SIGNATURES = tuple(_REASONS)
#: Skipped for one of these a payment could still be settled by whoever has its bytes, until its time is over:
#: the ledger has used up no number of it (contracts/Payments.sol). For any other it never happens.
MAY_STILL_HAPPEN = frozenset({PREFIX + "bad_signature", PREFIX + "nonce_too_far"})


def _refusal(code: str, french: str, english: str) -> type[Refusal]:
    return type(
        code.replace(".", "_"),
        (Refusal,),
        {
            "code": code,
            "status": 409,
            "french": f"Rien n'a été débité : {french}.",
            "english": f"Nothing was taken: {english}.",
            "__doc__": "The ledger skipped the payment.",
        },
    )


#: Every code a payment may carry in `refusal_code`, as business errors, so that they are listed and
#: translated.
REFUSALS: dict[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        *(_refusal(PREFIX + ending, french, english) for ending, french, english in _REASONS.values()),
        _refusal(UNKNOWN, "le registre a refusé ce paiement", "the ledger refused this payment"),
        _refusal(
            EXPIRED_BEFORE_SETTLEMENT,
            "le paiement a trop attendu avant d'être inscrit",
            "the payment waited too long before it was recorded",
        ),
    )
}


def code_of(selector: str) -> str:
    """The refusal code for a PaymentSkipped reason; an unknown selector has a code of its own."""
    return CODES_BY_SELECTOR.get(selector.lower(), UNKNOWN)


def sentence_of(code: str, language: str) -> str:
    refusal = REFUSALS.get(code, REFUSALS[UNKNOWN])
    return refusal().sentence(language)
