// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ILedgerErrors} from "./interfaces/ILedgerErrors.sol";

/// @title Why a movement is refused: a set of reasons, one bit each, in the order of judgement.
/// @dev A movement that nothing speaks against is judged without a branch: every question is asked, its answer (0 or 1)
///      put in its place, and the set compared with nothing once. Only a refusal looks for its first reason. Where a
///      question presumes another (a sum presumes that the balance bounds the value), that other one comes first.
library Reasons {
    uint256 internal constant BAD_SIGNATURE = 0;
    uint256 internal constant EXPIRED = 1;
    uint256 internal constant NONCE_USED = 2;
    uint256 internal constant ZERO_VALUE = 3;
    uint256 internal constant RECEIVER_INVALID = 4;
    uint256 internal constant SAME_PAYER_PAYEE = 5;
    uint256 internal constant NOT_MEMBER = 6;
    uint256 internal constant PAYMENTS_STOPPED = 7;
    uint256 internal constant IDENTITY_EXPIRED = 8;
    uint256 internal constant FROZEN_OUTGOING = 9;
    uint256 internal constant FROZEN_INCOMING = 10;
    uint256 internal constant VISITOR_TO_PERSON = 11;
    uint256 internal constant INSUFFICIENT_BALANCE = 12;
    uint256 internal constant PAYMENT_LIMIT = 13;
    uint256 internal constant DAILY_LIMIT = 14;
    uint256 internal constant WINDOW_LIMIT = 15;
    uint256 internal constant HOLDING_LIMIT = 16;
    uint256 internal constant PASSKEY_REQUIRED = 17;
    uint256 internal constant SIGNER_PAYMENT_LIMIT = 18;
    uint256 internal constant SIGNER_DAILY_LIMIT = 19;

    // ---- questions whose answer is 0 or 1

    function isZero(uint256 value) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := iszero(value)
        }
    }

    function same(address one, address other) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := eq(one, other)
        }
    }

    function equal(uint256 one, uint256 other) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := eq(one, other)
        }
    }

    function above(uint256 value, uint256 bound) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := gt(value, bound)
        }
    }

    /// @dev Above a limit, where 0 is no limit.
    function over(uint256 value, uint256 limit) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := and(gt(value, limit), iszero(iszero(limit)))
        }
    }

    function number(bool condition) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := condition
        }
    }

    // ---- the first reason of a set

    /// @dev The selector of the error that stands for the first reason of a set that is not empty.
    function firstOf(uint256 reasons) internal pure returns (bytes4) {
        if (_has(reasons, BAD_SIGNATURE)) return ILedgerErrors.BadSignature.selector;
        if (_has(reasons, EXPIRED)) return ILedgerErrors.Expired.selector;
        if (_has(reasons, NONCE_USED)) return ILedgerErrors.NonceUsed.selector;
        if (_has(reasons, ZERO_VALUE)) return ILedgerErrors.ZeroValue.selector;
        if (_has(reasons, RECEIVER_INVALID)) return ILedgerErrors.ReceiverInvalid.selector;
        if (_has(reasons, SAME_PAYER_PAYEE)) return ILedgerErrors.SamePayerPayee.selector;
        if (_has(reasons, NOT_MEMBER)) return ILedgerErrors.NotMember.selector;
        if (_has(reasons, PAYMENTS_STOPPED)) return ILedgerErrors.PaymentsStopped.selector;
        if (_has(reasons, IDENTITY_EXPIRED)) return ILedgerErrors.IdentityExpired.selector;
        if (_has(reasons, FROZEN_OUTGOING)) return ILedgerErrors.FrozenOutgoing.selector;
        if (_has(reasons, FROZEN_INCOMING)) return ILedgerErrors.FrozenIncoming.selector;
        if (_has(reasons, VISITOR_TO_PERSON)) return ILedgerErrors.VisitorToPerson.selector;
        if (_has(reasons, INSUFFICIENT_BALANCE)) return ILedgerErrors.InsufficientBalance.selector;
        if (_has(reasons, PAYMENT_LIMIT)) return ILedgerErrors.PaymentLimit.selector;
        if (_has(reasons, DAILY_LIMIT)) return ILedgerErrors.DailyLimit.selector;
        if (_has(reasons, WINDOW_LIMIT)) return ILedgerErrors.WindowLimit.selector;
        if (_has(reasons, HOLDING_LIMIT)) return ILedgerErrors.HoldingLimit.selector;
        if (_has(reasons, PASSKEY_REQUIRED)) return ILedgerErrors.PasskeyRequired.selector;
        if (_has(reasons, SIGNER_PAYMENT_LIMIT)) return ILedgerErrors.SignerPaymentLimit.selector;
        return ILedgerErrors.SignerDailyLimit.selector;
    }

    function _has(uint256 reasons, uint256 place) private pure returns (bool) {
        return (reasons >> place) & 1 != 0;
    }
}
