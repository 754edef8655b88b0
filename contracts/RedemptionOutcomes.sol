// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {
    REDEMPTION_LOCKED,
    REDEMPTION_BURNED,
    REDEMPTION_RETURNED,
    REDEMPTION_LOCKED_AT,
    REDEMPTION_VALUE_MASK
} from "./interfaces/LedgerTypes.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";
import {Movements} from "./Movements.sol";

/// @title How a locked redemption ends: burned when the bank has paid it, returned when it has not.
/// @dev It takes two keys of two roles: the attester says of each what the bank did with its euros, the issuer ends it so. What
///      an attester said counts while he may attest, and his last word counts (docs/decisions/0033). Both endings go on under
///      every stop and freeze: a payout that was made must burn, one that was not must come back, even above the account's
///      holding limit.
abstract contract RedemptionOutcomes is Movements, LedgerAuthorized {
    /// @notice How long the issuer may let a redemption lie (seconds).
    uint256 public constant REDEMPTION_LIFE = 45 days;

    /// @dev The reason of a return that nobody decided.
    bytes32 private constant LAPSED = keccak256("alba.redemption.lapsed");

    /// @notice Says of a locked redemption that the bank has paid it, or that it has not and will not. It ends nothing.
    function attestOutcome(bytes32 ref, bool paid) external restricted {
        RedemptionRecord storage record = _locked(ref);
        record.attester = _officer();
        record.paid = paid;
        emit OutcomeAttested(ref, paid, msg.sender);
    }

    /// @notice Burns a locked redemption of which the attester says that the bank has paid it.
    function completeRedemption(bytes32 ref) external restricted {
        Ledger storage $ = _ledger();
        _requireAttested(ref, true);
        (address account, uint256 value) = _unlock(ref, REDEMPTION_BURNED);
        // forge-lint: disable-next-line(unsafe-typecast)
        $.burnedTotal += uint128(value);
        emit Transfer(address(this), address(0), value);
        emit RedemptionCompleted(ref, account, value);
    }

    /// @notice Gives a locked redemption back to its account, of which the attester says that the bank has not paid it.
    function returnRedemption(bytes32 ref, bytes32 reason) external restricted {
        _requireAttested(ref, false);
        _returnRedemption(ref, reason);
    }

    /// @notice Gives a locked redemption back that the officers have let lie for `REDEMPTION_LIFE`, unless the attester says that
    ///         it was paid. Anybody may send it. What was locked by the first code, which noted no moment, is theirs to end.
    function lapseRedemption(bytes32 ref) external {
        uint256 lockedAt = _ledger().redemptions[ref].value >> REDEMPTION_LOCKED_AT;
        if (lockedAt == 0 || block.timestamp < lockedAt + REDEMPTION_LIFE) {
            revert RedemptionNotDue(ref, lockedAt == 0 ? 0 : lockedAt + REDEMPTION_LIFE);
        }
        if (_isAttested(_locked(ref), true)) revert RedemptionPaid(ref);
        _returnRedemption(ref, LAPSED);
    }

    /// @notice A redemption by its reference; `state` is 0 none, 1 locked, 2 burned, 3 returned.
    function redemptionOf(bytes32 ref)
        external
        view
        returns (address account, uint256 value, uint8 state, bytes32 payeeHash)
    {
        RedemptionRecord storage record = _ledger().redemptions[ref];
        return (record.account, record.value & REDEMPTION_VALUE_MASK, record.state, record.payeeHash);
    }

    /// @notice What the attester last said of a redemption, and who that was; 0 when nothing was said.
    function outcomeOf(bytes32 ref) external view returns (address attester, bool paid) {
        RedemptionRecord storage record = _ledger().redemptions[ref];
        return (record.attester, record.paid);
    }

    /// @dev Refuses an ending that no other key than the caller's has attested.
    function _requireAttested(bytes32 ref, bool paid) private view {
        RedemptionRecord storage record = _locked(ref);
        if (!_isAttested(record, paid)) revert OutcomeNotAttested(ref, paid);
        if (record.attester == _officer()) revert SecondOfficerIsFirst(msg.sender);
    }

    /// @dev Nobody's word, of address 0, is none: the authority lets that call nothing.
    function _isAttested(RedemptionRecord storage record, bool paid) private view returns (bool) {
        return record.paid == paid && _mayCall(record.attester, this.attestOutcome.selector);
    }

    function _locked(bytes32 ref) private view returns (RedemptionRecord storage record) {
        record = _ledger().redemptions[ref];
        if (record.state != REDEMPTION_LOCKED) revert RedemptionNotLocked(ref, record.state);
    }

    function _returnRedemption(bytes32 ref, bytes32 reason) private {
        Ledger storage $ = _ledger();
        (address account, uint256 value) = _unlock(ref, REDEMPTION_RETURNED);
        $.words[account] = $.words[account].credit(value);
        emit Transfer(address(this), account, value);
        emit RedemptionReturned(ref, account, value, reason);
    }

    function _unlock(bytes32 ref, uint8 newState) private returns (address account, uint256 value) {
        Ledger storage $ = _ledger();
        RedemptionRecord storage record = _locked(ref);
        record.state = newState;
        (account, value) = (record.account, record.value & REDEMPTION_VALUE_MASK);
        $.locked[account] -= value;
        $.words[address(this)] = $.words[address(this)].debit(value);
    }
}
