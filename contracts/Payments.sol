// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {Payment} from "./interfaces/LedgerTypes.sol";
import {AccountWord} from "./AccountWord.sol";
import {Domain} from "./Domain.sol";
import {Movements} from "./Movements.sol";
import {Nonces} from "./Nonces.sol";
import {OrdinaryPayment} from "./OrdinaryPayment.sol";
import {PackedBatch} from "./PackedBatch.sol";
import {Reasons} from "./Reasons.sol";
import {RuleWord} from "./RuleWord.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";
import {Signing} from "./Signing.sol";
import {SignerWord} from "./SignerWord.sol";
import {PaymentPreimage, TypedData} from "./TypedData.sol";

/// @title Signed payments, one or up to 200 at a time: part of the payment path the proxy carries itself.
/// @dev Anybody may send them: the signature is the permission. A batch never reverts because of what an item says; it
///      reverts as a whole only for its own shape.
abstract contract Payments is Movements, Nonces, Signing, Domain {
    /// @dev The most items one batch takes.
    uint256 internal constant MAX_BATCH = 200;

    /// @notice Executes one payment, or reverts with the reason. The only payment by which a contract may agree (ERC-1271).
    function pay(Payment calldata payment, bytes calldata signature) external {
        PaymentPreimage preimage = TypedData.newPreimage(_separator());
        preimage.fill(payment);
        bytes32 payerSlot = _wordSlot(preimage.from());
        AccountWord payer = _wordAt(payerSlot);
        RuleWord rules = _currentRules(payer);
        (address signer, uint8 kind) = SignatureEnvelope.recover(signature, preimage.digest());
        uint256 today = _today();
        if (_settleOrdinary(preimage, payerSlot, payer, rules, signer, kind, today)) return;
        SignerWord power = _powerOfSigner(preimage.from(), payer, signer, kind);
        if (SignerWord.unwrap(power) == 0) {
            (power, signer) = _powerOfContract(preimage.from(), payer, signature, preimage.digest());
        }
        uint256 reasons = _settle(preimage, payerSlot, payer, rules, power, signer, today);
        if (reasons != 0) _refusePayment(Reasons.firstOf(reasons), preimage, payer, power, signer);
    }

    /// @notice Executes the payments in order; a bad one is skipped and reported by `PaymentSkipped`.
    /// @param batch as PackedBatch says
    /// @return settledCount how many were executed
    function settlePacked(bytes calldata batch) external returns (uint256 settledCount) {
        _currentRules(AccountWord.wrap(0));
        PaymentPreimage payment = TypedData.newPreimage(_separator());
        uint256 today = _today();
        (uint256 count, uint256 payees, uint256 position) = PackedBatch.open(batch, MAX_BATCH);
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                bytes calldata envelope;
                (envelope, position) = PackedBatch.read(batch, payees, position, payment);
                settledCount += _settleOrSkip(i, payment, envelope, today);
            }
        }
        PackedBatch.close(batch, position);
    }

    /// @dev One item of a batch: executed (1), or reported and left out (0).
    function _settleOrSkip(uint256 index, PaymentPreimage payment, bytes calldata envelope, uint256 today)
        internal
        returns (uint256)
    {
        bytes32 payerSlot = _wordSlot(payment.from());
        AccountWord payer = _wordAt(payerSlot);
        RuleWord rules = _rulesOf(payer);
        (address signer, uint8 kind) = SignatureEnvelope.recover(envelope, payment.digest());
        if (_settleOrdinary(payment, payerSlot, payer, rules, signer, kind, today)) return 1;
        SignerWord power = _powerOfSigner(payment.from(), payer, signer, kind);
        uint256 reasons = _settle(payment, payerSlot, payer, rules, power, signer, today);
        if (reasons == 0) return 1;
        emit PaymentSkipped(index, payment.from(), payment.ref(), Reasons.firstOf(reasons));
        return 0;
    }

    /// @dev Executes what is ordinary and good and answers true, or changes nothing and answers false: then the full rules
    ///      have to look.
    function _settleOrdinary(
        PaymentPreimage payment,
        bytes32 payerSlot,
        AccountWord payer,
        RuleWord rules,
        address signer,
        uint256 kind,
        uint256 today
    ) private returns (bool) {
        bytes32 payeeSlot = _wordSlot(payment.to());
        AccountWord payee = _wordAt(payeeSlot);
        uint256 doubts;
        (doubts, payer, payee) = OrdinaryPayment.judge(payment, payer, payee, rules, signer, today);
        if (doubts | rules.passkeyFloorsMark() != 0) {
            if (doubts != 0) return false;
            if (_needsPasskey(payer.tier(), payment.value(), payer.spentToday(), kind) != 0) return false;
        }
        _setWordAt(payerSlot, payer);
        _setWordAt(payeeSlot, payee);
        payment.logSettled(Transfer.selector, PaymentSettled.selector);
        return true;
    }

    /// @dev Executes the payment and answers 0, or changes nothing and answers what speaks against it. The signature comes
    ///      first: any other reason is then about something the payer has truly signed.
    function _settle(
        PaymentPreimage payment,
        bytes32 payerSlot,
        AccountWord payer,
        RuleWord rules,
        SignerWord power,
        address signer,
        uint256 today
    ) private returns (uint256 reasons) {
        uint256 used;
        (used, payer) = _takeNonce(payment.from(), payer, payment.nonce());
        bytes32 payeeSlot = _wordSlot(payment.to());
        AccountWord payee = _wordAt(payeeSlot);
        (reasons, payer, payee) = _judge(
            payment.from(), payment.to(), payment.value(), payer, payee, rules, power.kind(), today
        );
        reasons |= Reasons.isZero(SignerWord.unwrap(power)) << Reasons.BAD_SIGNATURE
            | Reasons.number(block.timestamp >= payment.validBefore()) << Reasons.EXPIRED
            | used << Reasons.NONCE_USED | Reasons.isZero(payment.value()) << Reasons.ZERO_VALUE;
        if (power.isLimited()) {
            reasons |= _reasonsOfLimits(power, payment.value(), today);
            if (reasons == 0) {
                _ledger().signers[payment.from()][signer] = power.spend(payment.value(), today);
            }
        }
        if (reasons == 0) {
            _markWideNonce(payment.from(), payment.nonce());
            _move(payment.from(), payment.to(), payment.value(), payer, payee, payerSlot, payeeSlot);
            emit PaymentSettled(payment.ref(), payment.nonce());
        }
    }

    /// @dev A limited key's own limits. Where the sum passes its bits, the balance speaks first.
    function _reasonsOfLimits(SignerWord power, uint256 value, uint256 today) private pure returns (uint256) {
        unchecked {
            return Reasons.over(value, power.maxPayment()) << Reasons.SIGNER_PAYMENT_LIMIT
                | Reasons.over(power.spentOn(today) + value, power.maxPerDay()) << Reasons.SIGNER_DAILY_LIMIT;
        }
    }

    function _refusePayment(
        bytes4 reason,
        PaymentPreimage payment,
        AccountWord payer,
        SignerWord power,
        address signer
    ) private view {
        address from = payment.from();
        uint256 value = payment.value();
        if (reason == BadSignature.selector) revert BadSignature(from);
        if (reason == Expired.selector) revert Expired(payment.validBefore());
        if (reason == NonceUsed.selector) revert NonceUsed(from, payment.nonce());
        if (reason == ZeroValue.selector) revert ZeroValue();
        if (reason == SignerPaymentLimit.selector) revert SignerPaymentLimit(from, signer, value, power.maxPayment());
        if (reason == SignerDailyLimit.selector) {
            revert SignerDailyLimit(from, signer, power.spentOn(_today()) + value, power.maxPerDay());
        }
        _refuse(reason, from, payment.to(), value, payer, _ledger().words[payment.to()]);
    }
}
