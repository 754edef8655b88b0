"""Who may pay whom, how much and when. Pure functions over dataclasses: a business error or nothing.

The ledger checks the same rules again at settlement; here they are checked with the money already promised
counted in, so that a payment shown as accepted is as good as certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wallet_service.accounts.errors import AmountNotAllowed, KeySuspended, PayerUnknown
from wallet_service.accounts.models import Party, PostedBalance, Spending, TierLimits
from wallet_service.asks.decisions import check_part_payable
from wallet_service.asks.errors import AskNotFound, PartMismatch
from wallet_service.asks.models import PayablePart
from wallet_service.caps.decisions import check_caps, in_force
from wallet_service.keyholders import decisions as key_rules
from wallet_service.keyholders import errors as key_errors
from wallet_service.keyholders.models import KeyholderState, KeyPower
from wallet_service.payments import errors
from wallet_service.payments.models import Payment, PaymentOrder, Purpose
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.calendar import MS_PER_DAY, has_expired
from wallet_service.protocol.kinds import PROFESSIONAL_KINDS
from wallet_service.protocol.signing.floors import PasskeyFloors
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.sales import errors as sales_errors
from wallet_service.sales.decisions import check_sale_payable
from wallet_service.sales.models import RefundRequest, Sale
from wallet_service.sales.states import RefundRequestState

#: A payment that could die before the next batch is not worth starting.
MIN_VALIDITY_S = 5
#: How far a phone's clock may be ahead of ours before its payment is refused.
CLOCK_TOLERANCE_S = 5
#: Nonces below this are handed out one after the other and fit the ledger's cheap sliding window.
SMALL_NONCE_LIMIT = 2**40
#: How far below the highest used nonce the ledger still accepts an unused one.
NONCE_WINDOW = 32
#: A nonce further ahead would make every nonce below it useless.
MAX_NONCE_AHEAD = 1_000
NO_LIMIT_CENTS = 0


@dataclass(frozen=True, slots=True)
class PaymentContext:
    """Everything a decision about one payment needs, read in one transaction and locked."""

    now_unix_ms: int
    payment_lifetime_s: int
    payments_stopped: bool
    payer: Party | None
    payee: Party | None
    signer_allowed: bool
    payer_limits: TierLimits | None
    payee_limits: TierLimits | None
    payer_floors: PasskeyFloors
    spending: Spending
    payer_balance: PostedBalance
    payee_posted_cents: int
    payee_incoming_cents: int
    sale: Sale | None
    sale_payee_address: str | None
    refund_request: RefundRequest | None
    refund_payee_address: str | None
    ask_part: PayablePart | None = None
    #: Until when the signer's key is suspended; 0 or passed: not.
    suspended_until_unix_s: int = 0
    #: The only account a member may pay while a credit of theirs that the bank took back is not settled.
    returns_account: str = ""
    #: What the signer's key may, where somebody else than the account's holder has it.
    power: KeyPower | None = None

    @property
    def limited(self) -> KeyPower | None:
        """The key of somebody who pays within limits."""
        return self.power if self.power is not None and self.power.is_limited else None


def power_of(order: PaymentOrder, payer: Party | None, powers: Mapping[str, KeyPower]) -> KeyPower | None:
    """Of the key that signed, over the account that pays; None for its own keys and for strangers'."""
    power = powers.get(order.signer_address)
    return power if power is not None and payer is not None and power.member_id == payer.member_id else None


def signer_allowed(order: PaymentOrder, payer: Party | None, devices: Mapping[str, tuple[str, str]]) -> bool:
    """An active device of the payer. A key we were never told of may sign only for its very own account."""
    if payer is None:
        return False
    device = devices.get(order.signer_address)
    if device is None:
        return order.signer_address == payer.account_address
    return device == (payer.member_id, "active")


def may_sign(
    order: PaymentOrder, payer: Party | None, devices: Mapping[str, tuple[str, str]], power: KeyPower | None
) -> bool:
    """`signer_allowed`, or a living key of somebody the payer lets pay."""
    is_living = power is not None and power.state is KeyholderState.ACTIVE
    return is_living or signer_allowed(order, payer, devices)


def suspended_until(
    order: PaymentOrder, payer: Party | None, suspended: Mapping[tuple[str, str], int]
) -> int:
    """When the suspension of the signer's key ends (unix seconds); 0 where there is none."""
    return 0 if payer is None else suspended.get((payer.member_id, order.signer_address), 0)


def check_payment(order: PaymentOrder, context: PaymentContext) -> None:
    """Raises the first reason why `order` cannot be accepted, in the order a person would ask."""
    if context.payments_stopped:
        raise errors.PaymentsStopped()
    _check_shape(order, context)
    payer, payee = _check_parties(order, context)
    if context.limited is not None:
        _check_limited(order, context.limited)
    _check_sale(order, context)
    _check_refund(order, context)
    _check_ask(order, context, payer, payee)
    _check_limits(order, context, payer, payee)
    _check_balance(order, context, payer)


def _check_limited(order: PaymentOrder, power: KeyPower) -> None:
    """It pays, within its limits. What a till or a friend asks of the holder, the holder answers."""
    if order.refund_request_id is not None or order.ask_part_id is not None:
        raise key_errors.KeyOnlyPays()
    key_rules.check_amount(power, order.amount_cents)


def _check_balance(order: PaymentOrder, context: PaymentContext, payer: Party) -> None:
    """What is contested stays where it is.

    So does what the bank took back of a credit, unless it goes where it is given back.
    """
    available_cents = context.payer_balance.available_cents
    free_here_cents = available_cents - payer.disputed_cents - payer.owed_cents
    if context.limited is not None and order.amount_cents > free_here_cents:
        raise key_errors.KeyBalanceTooLow()
    if order.amount_cents > available_cents:
        raise errors.BalanceTooLow(available_cents=max(available_cents, 0))
    undisputed_cents = available_cents - payer.disputed_cents
    if order.amount_cents > undisputed_cents:
        raise errors.AmountDisputed(
            held_back_cents=payer.disputed_cents, available_cents=max(undisputed_cents, 0)
        )
    free_cents = undisputed_cents - payer.owed_cents
    if order.amount_cents > free_cents and order.to_address != context.returns_account:
        raise errors.AmountHeldBack(held_back_cents=payer.owed_cents, available_cents=max(free_cents, 0))


def _check_shape(order: PaymentOrder, context: PaymentContext) -> None:
    now_unix_s = context.now_unix_ms // 1000
    if not 0 < order.amount_cents <= MAX_AMOUNT_CENTS:
        raise AmountNotAllowed(amount_cents=order.amount_cents)
    if order.from_address == order.to_address:
        raise errors.SamePayerAndPayee()
    if order.valid_before_unix_s < now_unix_s + MIN_VALIDITY_S:
        raise errors.ValidityTooShort(server_time_unix_s=now_unix_s)
    if order.valid_before_unix_s > now_unix_s + context.payment_lifetime_s + CLOCK_TOLERANCE_S:
        raise errors.ValidityTooLong(server_time_unix_s=now_unix_s)


def _check_parties(order: PaymentOrder, context: PaymentContext) -> tuple[Party, Party]:
    payer, payee = context.payer, context.payee
    today = context.now_unix_ms // MS_PER_DAY
    if payer is None or payer.state != "active":
        raise PayerUnknown()
    if context.limited is not None:
        key_rules.check_alive(context.limited, context.now_unix_ms // 1000)
    elif not context.signer_allowed:
        raise errors.SignerNotAllowed()
    if context.now_unix_ms // 1000 < context.suspended_until_unix_s:
        raise KeySuspended(until_unix_s=context.suspended_until_unix_s)
    if payee is None or payee.state != "active":
        raise errors.PayeeUnknown()
    if payer.frozen_outgoing:
        raise errors.PayerFrozen()
    if payer.is_stopped_by_debt and order.to_address != context.returns_account:
        raise errors.PayerOwesReversal()
    if payee.frozen_incoming:
        raise errors.PayeeFrozen()
    if has_expired(payer.identity_expires_on_day, today):
        raise errors.PayerIdentityExpired()
    if has_expired(payee.identity_expires_on_day, today):
        raise errors.PayeeIdentityExpired()
    if payer.tier == "visitor" and payee.kind not in PROFESSIONAL_KINDS:
        raise errors.VisitorToPerson()
    return payer, payee


def _check_sale(order: PaymentOrder, context: PaymentContext) -> None:
    if order.sale_id is None:
        return
    sale = context.sale
    if sale is None:
        raise sales_errors.SaleNotFound()
    check_sale_payable(sale, context.now_unix_ms)
    if sale.amount_cents != order.amount_cents or context.sale_payee_address != order.to_address:
        raise sales_errors.SaleMismatch(amount_cents=sale.amount_cents)


def _check_refund(order: PaymentOrder, context: PaymentContext) -> None:
    if order.refund_request_id is None:
        return
    request = context.refund_request
    if request is None or context.payer is None or request.member_id != context.payer.member_id:
        raise sales_errors.RefundNotFound()
    if request.state is not RefundRequestState.REQUESTED:
        raise sales_errors.RefundAlreadyDecided()
    if order.sale_id is not None or request.amount_cents != order.amount_cents:
        raise sales_errors.RefundMismatch(amount_cents=request.amount_cents)
    if context.refund_payee_address != order.to_address:
        raise sales_errors.RefundMismatch(amount_cents=request.amount_cents)


def _check_ask(order: PaymentOrder, context: PaymentContext, payer: Party, payee: Party) -> None:
    if order.ask_part_id is None:
        return
    part = context.ask_part
    if part is None:
        raise AskNotFound()
    if order.sale_id is not None or order.refund_request_id is not None:
        raise PartMismatch(amount_cents=part.amount_cents)
    check_part_payable(part, payer.member_id, payee.member_id, order.amount_cents, context.now_unix_ms)


def _check_limits(order: PaymentOrder, context: PaymentContext, payer: Party, payee: Party) -> None:
    limits, amount_cents, spending = context.payer_limits, order.amount_cents, context.spending
    check_caps(in_force(payer.caps, context.now_unix_ms), amount_cents, spending)
    if limits is None or context.payee_limits is None:
        raise errors.LimitsUnknown()
    if _passes(limits.max_payment_cents, amount_cents):
        raise errors.PaymentLimitExceeded(limit_cents=limits.max_payment_cents)
    if _passes(limits.max_day_cents, spending.today_cents + amount_cents):
        left_cents = max(limits.max_day_cents - spending.today_cents, 0)
        raise errors.DayLimitExceeded(limit_cents=limits.max_day_cents, left_cents=left_cents)
    if _passes(limits.max_30_days_cents, spending.last_30_days_cents + amount_cents):
        left_cents = max(limits.max_30_days_cents - spending.last_30_days_cents, 0)
        raise errors.MonthLimitExceeded(limit_cents=limits.max_30_days_cents, left_cents=left_cents)
    if not order.by_passkey and context.payer_floors.ask_passkey(amount_cents, spending.left_today_cents):
        raise errors.PaymentPasskeyRequired() if context.limited is None else key_errors.KeyNeedsHolder()
    held_cents = context.payee_posted_cents + context.payee_incoming_cents + amount_cents
    if _passes(context.payee_limits.max_balance_cents, held_cents):
        raise errors.HoldingLimitExceeded()


def _passes(limit_cents: int, amount_cents: int) -> bool:
    return limit_cents != NO_LIMIT_CENTS and amount_cents > limit_cents


def accepted(
    order: PaymentOrder,
    payer: Party,
    payee: Party,
    power: KeyPower | None,
    request: RefundRequest | None,
    refund_of_ref: str | None,
    now_unix_ms: int,
) -> Payment:
    """The payment that an order becomes once nothing speaks against it."""
    purpose = Purpose.PERSON if order.sale_id is None else Purpose.SALE
    return Payment(
        message=order.message,
        purpose=purpose if request is None else Purpose.REFUND,
        state=PaymentState.ACCEPTED,
        payer_member_id=payer.member_id,
        payee_member_id=payee.member_id,
        sale_id=order.sale_id if request is None else request.sale_id,
        refund_of_ref=refund_of_ref,
        refund_request_id=order.refund_request_id,
        refusal_code=None,
        accepted_at_unix_ms=now_unix_ms,
        final_at_unix_ms=None,
        ask_part_id=order.ask_part_id,
        keyholder_id=None if power is None else power.keyholder_id,
    )


def check_nonce_in_window(nonce: int, next_nonce: int) -> None:
    """Refuses a small nonce the ledger would refuse or that would waste the payer's window."""
    if nonce >= SMALL_NONCE_LIMIT:
        return
    if nonce + NONCE_WINDOW < next_nonce or nonce > next_nonce + MAX_NONCE_AHEAD:
        raise errors.NonceConflict(next_nonce=str(next_nonce))


def same_order(order: PaymentOrder, recorded: Payment) -> bool:
    """Whether a repeated request says the same as what its reference already stands for.

    Signatures are left out: signing the same message twice gives two different, equally valid signatures.
    A payment known from the chain alone has none at all: neither its validity nor what it was for is known.
    """
    if recorded.is_adopted:
        return replace(order.message, valid_before=recorded.valid_before_unix_s) == recorded.message
    return (
        order.message == recorded.message
        and order.refund_request_id == recorded.refund_request_id
        and order.ask_part_id == recorded.ask_part_id
        and (order.sale_id == recorded.sale_id or order.refund_request_id is not None)
    )
