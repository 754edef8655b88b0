// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {REDEMPTION_LOCKED, REDEMPTION_BURNED, REDEMPTION_RETURNED} from "./interfaces/LedgerTypes.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";
import {Movements} from "./Movements.sol";

/// @title How a locked redemption ends: burned when the bank has paid it, returned when it has not.
/// @dev Both go on under every stop and freeze: a payout that was made must burn, one that was not must come back, even
///      above the account's holding limit.
abstract contract RedemptionOutcomes is Movements, LedgerAuthorized {
    /// @notice Burns a locked redemption: the bank has paid it.
    function completeRedemption(bytes32 ref) external restricted {
        Ledger storage $ = _ledger();
        (address account, uint256 value) = _unlock(ref, REDEMPTION_BURNED);
        // forge-lint: disable-next-line(unsafe-typecast)
        $.burnedTotal += uint128(value);
        emit Transfer(address(this), address(0), value);
        emit RedemptionCompleted(ref, account, value);
    }

    /// @notice Gives a locked redemption back to its account: the bank has not paid it.
    function returnRedemption(bytes32 ref, bytes32 reason) external restricted {
        Ledger storage $ = _ledger();
        (address account, uint256 value) = _unlock(ref, REDEMPTION_RETURNED);
        $.words[account] = $.words[account].credit(value);
        emit Transfer(address(this), account, value);
        emit RedemptionReturned(ref, account, value, reason);
    }

    /// @notice A redemption by its reference; `state` is 0 none, 1 locked, 2 burned, 3 returned.
    function redemptionOf(bytes32 ref)
        external
        view
        returns (address account, uint256 value, uint8 state, bytes32 payeeHash)
    {
        RedemptionRecord storage record = _ledger().redemptions[ref];
        return (record.account, record.value, record.state, record.payeeHash);
    }

    function _unlock(bytes32 ref, uint8 newState) private returns (address account, uint256 value) {
        Ledger storage $ = _ledger();
        RedemptionRecord storage record = $.redemptions[ref];
        if (record.state != REDEMPTION_LOCKED) revert RedemptionNotLocked(ref, record.state);
        record.state = newState;
        (account, value) = (record.account, record.value);
        $.locked[account] -= value;
        $.words[address(this)] = $.words[address(this)].debit(value);
    }
}
