// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {Payment} from "./interfaces/LedgerTypes.sol";
import {AccountWord, MAX_NONCE_STEP} from "./AccountWord.sol";
import {FastPath} from "./FastPath.sol";
import {Movements} from "./Movements.sol";
import {Nonces} from "./Nonces.sol";
import {PackedBatch} from "./PackedBatch.sol";
import {
    Reasons,
    REASONS_THAT_KEEP_A_NONCE,
    REASON_BAD_SIGNATURE,
    REASON_EXPIRED,
    REASON_NONCE_USED,
    REASON_NONCE_TOO_FAR,
    REASON_ZERO_VALUE,
    REASON_SIGNER_PAYMENT_LIMIT,
    REASON_SIGNER_DAILY_LIMIT
} from "./Reasons.sol";
import {RuleWord} from "./RuleWord.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";
import {Signing} from "./Signing.sol";
import {SignerWord} from "./SignerWord.sol";
import {Domain, PaymentPreimage, TypedData} from "./TypedData.sol";

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
        if (_settleFast(preimage, payerSlot, payer, rules, signer, kind, today)) return;
        SignerWord power = _powerOfSigner(preimage.from(), payer, signer, kind);
        if (SignerWord.unwrap(power) == 0) {
            (power, signer) = _powerOfContract(preimage.from(), payer, signature, preimage.digest());
        }
        uint256 reasons = _settleFully(preimage, payerSlot, payer, rules, power, signer, today);
        if (reasons != 0) _refusePayment(Reasons.firstOf(reasons), preimage, payer, power, signer);
    }

    /// @notice Executes the payments in order; a bad one is skipped and reported by `PaymentSkipped`, and can be sent no more
    ///         when its payer had truly signed it.
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

    /// @dev One item of a batch: executed (1), or reported and left out (0). What a member truly signed and saw left out never
    ///      happens later, whoever has its bytes: its nonce is used up (docs/decisions/0023).
    function _settleOrSkip(uint256 index, PaymentPreimage payment, bytes calldata envelope, uint256 today)
        internal
        returns (uint256)
    {
        bytes32 payerSlot = _wordSlot(payment.from());
        AccountWord payer = _wordAt(payerSlot);
        RuleWord rules = _rulesOf(payer);
        (address signer, uint8 kind) = SignatureEnvelope.recoverInBatch(envelope, payment.digest());
        if (_settleFast(payment, payerSlot, payer, rules, signer, kind, today)) return 1;
        SignerWord power = _powerOfSigner(payment.from(), payer, signer, kind);
        uint256 reasons = _settleFully(payment, payerSlot, payer, rules, power, signer, today);
        if (reasons == 0) return 1;
        if (reasons & REASONS_THAT_KEEP_A_NONCE == 0) _useUpNonce(payment, payerSlot, payer);
        emit PaymentSkipped(index, payment.from(), payment.ref(), Reasons.firstOf(reasons));
        return 0;
    }

    /// @dev Executes what the fast path passes and answers true, or changes nothing and answers false: then the full rules
    ///      have to look.
    function _settleFast(
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
        uint256 mustCheckFully;
        (mustCheckFully, payer, payee) = FastPath.check(payment, payer, payee, rules, signer, today);
        if (mustCheckFully | rules.passkeyFloorsMark() != 0) {
            if (mustCheckFully != 0) return false;
            uint256 proven = _provenKind(payer, kind);
            if (_needsPasskey(payment.from(), payer.tier(), payment.value(), payer.spentToday(), proven) != 0) {
                return false;
            }
        }
        _setWordAt(payerSlot, payer);
        _setWordAt(payeeSlot, payee);
        payment.logSettled(Transfer.selector, PaymentSettled.selector);
        return true;
    }

    /// @dev Executes the payment and answers 0, or changes nothing and answers what speaks against it. The signature comes
    ///      first: any other reason is then about something the payer has truly signed.
    function _settleFully(
        PaymentPreimage payment,
        bytes32 payerSlot,
        AccountWord payer,
        RuleWord rules,
        SignerWord power,
        address signer,
        uint256 today
    ) private returns (uint256 reasons) {
        uint256 used;
        uint256 tooFar = payer.nonceTooFar(payment.nonce());
        (used, payer) = _takeNonce(payment.from(), payer, payment.nonce());
        bytes32 payeeSlot = _wordSlot(payment.to());
        AccountWord payee = _wordAt(payeeSlot);
        (reasons, payer, payee) = _judge(
            payment.from(), payment.to(), payment.value(), payer, payee, rules, power.kind(), today
        );
        reasons |= Reasons.isZero(SignerWord.unwrap(power)) << REASON_BAD_SIGNATURE
            | Reasons.toUint(block.timestamp >= payment.validBefore()) << REASON_EXPIRED
            | used << REASON_NONCE_USED | Reasons.isZero(payment.value()) << REASON_ZERO_VALUE
            | tooFar << REASON_NONCE_TOO_FAR;
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

    /// @dev A stranger's word stays empty.
    function _useUpNonce(PaymentPreimage payment, bytes32 payerSlot, AccountWord payer) private {
        if (payer.tier() == 0) return;
        (, payer) = _takeNonce(payment.from(), payer, payment.nonce());
        _setWordAt(payerSlot, payer);
        _markWideNonce(payment.from(), payment.nonce());
    }

    /// @dev A limited key's own limits. Where the sum passes its bits, the balance speaks first.
    function _reasonsOfLimits(SignerWord power, uint256 value, uint256 today) private pure returns (uint256) {
        unchecked {
            return Reasons.exceedsLimit(value, power.maxPayment()) << REASON_SIGNER_PAYMENT_LIMIT
                | Reasons.exceedsLimit(power.spentOn(today) + value, power.maxPerDay()) << REASON_SIGNER_DAILY_LIMIT;
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
        if (reason == NonceTooFar.selector) {
            revert NonceTooFar(from, payment.nonce(), payer.nonceNext() + MAX_NONCE_STEP);
        }
        if (reason == SignerPaymentLimit.selector) revert SignerPaymentLimit(from, signer, value, power.maxPayment());
        if (reason == SignerDailyLimit.selector) {
            revert SignerDailyLimit(from, signer, power.spentOn(_today()) + value, power.maxPerDay());
        }
        _refuse(reason, from, payment.to(), value, payer, _ledger().words[payment.to()]);
    }
}

/// @title A batch in the ABI's own form, for tools that know nothing of ours, and for wide nonces.
/// @dev The same payments as `settlePacked` at a higher price. The calldata must be the ABI's: an offset that points
///      elsewhere reverts the whole batch.
abstract contract PaymentArrays is Payments {
    /// @notice The most items one batch takes.
    function MAX_BATCH_ITEMS() external pure returns (uint256) {
        return MAX_BATCH;
    }

    /// @notice Executes the payments in order; a bad one is skipped and reported by `PaymentSkipped`.
    /// @return settledCount how many were executed
    function settle(Payment[] calldata payments, bytes[] calldata signatures)
        external
        returns (uint256 settledCount)
    {
        uint256 count = payments.length;
        if (count > MAX_BATCH) revert TooManyItems(count, MAX_BATCH);
        if (count != signatures.length) revert LengthMismatch(count, signatures.length);
        PaymentPreimage payment = TypedData.newPreimage(_separator());
        uint256 today = _today();
        for (uint256 i = 0; i < count; ++i) {
            payment.fill(payments[i]);
            settledCount += _settleOrSkip(i, payment, signatures[i], today);
        }
    }
}
