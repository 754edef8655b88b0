// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ILedgerErrors} from "./interfaces/ILedgerErrors.sol";

// The reasons in the order of judgement, each the number of its bit. At file level, where inline assembly can name them.
uint256 constant REASON_BAD_SIGNATURE = 0;
uint256 constant REASON_EXPIRED = 1;
uint256 constant REASON_NONCE_USED = 2;
uint256 constant REASON_ZERO_VALUE = 3;
uint256 constant REASON_RECEIVER_INVALID = 4;
uint256 constant REASON_SAME_PAYER_PAYEE = 5;
uint256 constant REASON_NOT_MEMBER = 6;
uint256 constant REASON_PAYMENTS_STOPPED = 7;
uint256 constant REASON_IDENTITY_EXPIRED = 8;
uint256 constant REASON_FROZEN_OUTGOING = 9;
uint256 constant REASON_FROZEN_INCOMING = 10;
uint256 constant REASON_VISITOR_TO_PERSON = 11;
uint256 constant REASON_INSUFFICIENT_BALANCE = 12;
uint256 constant REASON_AMOUNT_HELD = 13;
uint256 constant REASON_PAYMENT_LIMIT = 14;
uint256 constant REASON_DAILY_LIMIT = 15;
uint256 constant REASON_WINDOW_LIMIT = 16;
uint256 constant REASON_HOLDING_LIMIT = 17;
uint256 constant REASON_PASSKEY_REQUIRED = 18;
uint256 constant REASON_SIGNER_PAYMENT_LIMIT = 19;
uint256 constant REASON_SIGNER_DAILY_LIMIT = 20;
uint256 constant REASON_NONCE_TOO_FAR = 21;

// With any of these a skipped payment's nonce is not used up: nothing was signed, it can never happen any more, or the
// nonce is not to be had yet.
uint256 constant REASONS_THAT_KEEP_A_NONCE =
    (1 << REASON_BAD_SIGNATURE) | (1 << REASON_EXPIRED) | (1 << REASON_NONCE_USED) | (1 << REASON_NONCE_TOO_FAR);

/// @title Why a movement is refused: a set of reasons, one bit each, in the order of judgement.
/// @dev A movement that nothing speaks against is judged without a branch: every question is asked, its answer (0 or 1)
///      put in its place, and the set compared with nothing once. Only a refusal looks for its first reason. Where a
///      question presumes another (a sum presumes that the balance bounds the value), that other one comes first.
library Reasons {
    // ---- questions whose answer is 0 or 1

    function isZero(uint256 value) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := iszero(value)
        }
    }

    function equal(address one, address other) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := eq(one, other)
        }
    }

    /// @dev Above a limit, where 0 is no limit.
    function exceedsLimit(uint256 value, uint256 limit) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := and(gt(value, limit), iszero(iszero(limit)))
        }
    }

    function toUint(bool condition) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := condition
        }
    }

    // ---- the first reason of a set

    /// @dev The selectors of the errors in the order of judgement, eight to a word, the first lowest.
    uint256 private constant SELECTORS_0_7 =
        uint256(uint32(ILedgerErrors.BadSignature.selector))
        | uint256(uint32(ILedgerErrors.Expired.selector)) << 32
        | uint256(uint32(ILedgerErrors.NonceUsed.selector)) << 64
        | uint256(uint32(ILedgerErrors.ZeroValue.selector)) << 96
        | uint256(uint32(ILedgerErrors.ERC20InvalidReceiver.selector)) << 128
        | uint256(uint32(ILedgerErrors.SamePayerPayee.selector)) << 160
        | uint256(uint32(ILedgerErrors.NotMember.selector)) << 192
        | uint256(uint32(ILedgerErrors.PaymentsStopped.selector)) << 224;
    uint256 private constant SELECTORS_8_15 =
        uint256(uint32(ILedgerErrors.IdentityExpired.selector))
        | uint256(uint32(ILedgerErrors.FrozenOutgoing.selector)) << 32
        | uint256(uint32(ILedgerErrors.FrozenIncoming.selector)) << 64
        | uint256(uint32(ILedgerErrors.VisitorToPerson.selector)) << 96
        | uint256(uint32(ILedgerErrors.ERC20InsufficientBalance.selector)) << 128
        | uint256(uint32(ILedgerErrors.ERC7943InsufficientUnfrozenBalance.selector)) << 160
        | uint256(uint32(ILedgerErrors.PaymentLimit.selector)) << 192
        | uint256(uint32(ILedgerErrors.DailyLimit.selector)) << 224;
    uint256 private constant SELECTORS_16_21 =
        uint256(uint32(ILedgerErrors.WindowLimit.selector))
        | uint256(uint32(ILedgerErrors.HoldingLimit.selector)) << 32
        | uint256(uint32(ILedgerErrors.PasskeyRequired.selector)) << 64
        | uint256(uint32(ILedgerErrors.SignerPaymentLimit.selector)) << 96
        | uint256(uint32(ILedgerErrors.SignerDailyLimit.selector)) << 128
        | uint256(uint32(ILedgerErrors.NonceTooFar.selector)) << 160;

    /// @dev The selector of the error that stands for the first reason of a set that is not empty. Without a branch, as
    ///      the judgement itself: a shift by a word's width or more, or by less than nothing, leaves nothing.
    function firstOf(uint256 reasons) internal pure returns (bytes4) {
        unchecked {
            uint256 first = reasons & (0 - reasons);
            // The place of that one bit, digit by digit, times the 32 bits of a selector.
            uint256 at = toUint(first & 0xaaaaaa != 0) << 5 | toUint(first & 0xcccccc != 0) << 6
                | toUint(first & 0xf0f0f0 != 0) << 7 | toUint(first & 0x00ff00 != 0) << 8
                | toUint(first & 0xff0000 != 0) << 9;
            uint256 found = SELECTORS_0_7 >> at | SELECTORS_8_15 >> (at - 256) | SELECTORS_16_21 >> (at - 512);
            // forge-lint: disable-next-line(unsafe-typecast)
            return bytes4(uint32(found));
        }
    }
}
