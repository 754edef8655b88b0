// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ILedger} from "./Interfaces.sol";

/// @title A second writing of who may pay whom, kept beside the ledger and never read from it.
/// @dev The rules are written from contracts/README.md, plainly: one field for each fact, no packing.
contract Model {
    enum Key {
        SECP256K1,
        P256
    }

    struct Member {
        address account;
        uint256 secret;
        Key key;
        uint8 kind;
        uint8 tier;
        uint256 expiresAtDay;
        bool frozenIn;
        bool frozenOut;
        uint256 frozenUntil;
        uint256 balance;
        uint256 nextNonce;
    }

    struct Statement {
        uint256 balance;
        uint256 paidOut;
        uint256 asOf;
    }

    uint8 internal constant VISITOR = 1;
    uint8 internal constant PROFESSIONAL = 4;
    uint8 internal constant RESIDENT = 1;
    uint8 internal constant MERCHANT = 2;
    uint256 internal constant DAY_S = 86_400;
    uint256 internal constant MAX_AGE_S = 4 * DAY_S;

    ILedger public immutable LEDGER;
    uint256 internal immutable MAX_BALANCE;
    uint256 internal immutable MAX_PAYMENT;

    Member[] internal _members;
    uint256 public minted;
    uint256 public burned;
    uint256 public locked;
    /// @dev Cents the bank ever received for units, and cents it ever paid out for them.
    uint256 public credited;
    uint256 public paidOut;
    /// @dev The last statement handed in: the balance, what was paid out by then, and its moment.
    Statement internal _attested;

    constructor(ILedger ledger, uint256 maxBalance, uint256 maxPayment) {
        LEDGER = ledger;
        MAX_BALANCE = maxBalance;
        MAX_PAYMENT = maxPayment;
    }

    function memberCount() external view returns (uint256) {
        return _members.length;
    }

    function member(uint256 place) external view returns (Member memory) {
        return _members[place];
    }

    /// @dev Whether the account is known, its identity holds and money may leave it.
    function _mayPay(Member storage one) internal view returns (bool) {
        return _isLive(one) && !_isFrozen(one, one.frozenOut);
    }

    function _mayBePaid(Member storage one) internal view returns (bool) {
        return _isLive(one) && !_isFrozen(one, one.frozenIn);
    }

    function _mayHold(Member storage one, uint256 more) internal view returns (bool) {
        return one.tier == PROFESSIONAL || one.balance + more <= MAX_BALANCE;
    }

    function _mayMove(Member storage payer, Member storage payee, uint256 value) internal view returns (bool) {
        if (!_mayPay(payer) || !_mayBePaid(payee) || payer.account == payee.account) return false;
        if (payer.tier == VISITOR && payee.kind == RESIDENT) return false;
        if (value > payer.balance || !_mayHold(payee, value)) return false;
        return payer.tier == PROFESSIONAL || value <= MAX_PAYMENT;
    }

    /// @dev What the bank would state now.
    function _statement() internal view returns (Statement memory) {
        return Statement(credited - paidOut, paidOut, block.timestamp);
    }

    /// @dev What the last statement leaves to be minted: the euros it speaks of, less the units that still claim them. A unit
    ///      burned claims none once that statement shows it paid.
    function _isCovered(uint256 more) internal view returns (bool) {
        uint256 shown = burned < _attested.paidOut ? burned : _attested.paidOut;
        return block.timestamp <= _attested.asOf + MAX_AGE_S && minted - shown + more <= _attested.balance;
    }

    function _isLive(Member storage one) private view returns (bool) {
        if (one.tier == 0) return false;
        return one.expiresAtDay == 0 || block.timestamp / DAY_S < one.expiresAtDay;
    }

    function _isFrozen(Member storage one, bool way) private view returns (bool) {
        return way && (one.frozenUntil == 0 || block.timestamp < one.frozenUntil);
    }

    function _moved(Member storage payer, Member storage payee, uint256 value) internal {
        payer.balance -= value;
        payee.balance += value;
    }
}
