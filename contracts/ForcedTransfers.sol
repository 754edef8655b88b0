// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {
    FORCED_TRANSFER_PROPOSED,
    FORCED_TRANSFER_EXECUTED,
    FORCED_TRANSFER_CANCELED
} from "./interfaces/LedgerTypes.sol";
import {AccountWord, AccountWordLibrary} from "./AccountWord.sol";
import {IERC7943} from "./interfaces/IERC7943.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";
import {Movements} from "./Movements.sol";

/// @title Moving a member's money under a court's order: announced, delayed, stoppable, in the open.
/// @dev It passes the payer's freezes, holds, limits and the stops, because the order does. The receiver must be able to receive
///      (ERC-7943); a holding limit does not bind an order. It only moves: the supply stays.
abstract contract ForcedTransfers is Movements, LedgerAuthorized {
    /// @notice How long a forced transfer may be executed once its delay has passed (seconds).
    uint256 public constant FORCED_TRANSFER_LIFE = 30 days;

    /// @notice Announces that `value` cents of `from` will go to `to`; `groundHash` stands for the court's order.
    /// @return number what the other calls name
    function proposeForcedTransfer(address from, address to, uint256 value, bytes32 groundHash)
        external
        restricted
        returns (uint256 number)
    {
        Ledger storage $ = _ledger();
        if (value == 0) revert ZeroValue();
        if (value > AccountWordLibrary.MAX_BALANCE) {
            revert LimitTooLarge(value, AccountWordLibrary.MAX_BALANCE);
        }
        if (from == to) revert SamePayerPayee(from);
        if ($.words[from].tier() == 0) revert NotMember(from);
        if ($.words[to].tier() == 0) revert NotMember(to);
        number = ++$.forcedTransferCount;
        uint256 executableAt = block.timestamp + $.safeguards.forcedTransferDelay;
        $.forcedTransfers[number] =
        // forge-lint: disable-next-line(unsafe-typecast)
            ForcedTransferRecord(from, uint96(value), to, uint40(executableAt), FORCED_TRANSFER_PROPOSED, groundHash);
        $.forcedTransferNumbers[_announced(from, to, value)] = number;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit ForcedTransferProposed(number, from, to, value, groundHash, uint64(executableAt));
    }

    /// @notice The compliance officer withdraws what was announced.
    function cancelForcedTransfer(uint256 number, bytes32 groundHash) external restricted {
        _cancelForcedTransfer(number, groundHash);
    }

    /// @notice The pauser halts what was announced: a stolen compliance key takes nothing while somebody watches.
    function haltForcedTransfer(uint256 number, bytes32 groundHash) external restricted {
        _cancelForcedTransfer(number, groundHash);
    }

    /// @notice Moves what was announced, once its delay has passed, or reverts with the reason.
    function executeForcedTransfer(uint256 number) external restricted {
        _executeForcedTransfer(number);
    }

    /// @notice ERC-7943's way to the same: moves what was last announced with these parties and this amount.
    function forcedTransfer(address from, address to, uint256 amount) external restricted returns (bool) {
        _executeForcedTransfer(_ledger().forcedTransferNumbers[_announced(from, to, amount)]);
        return true;
    }

    function _announced(address from, address to, uint256 value) private pure returns (bytes32) {
        return keccak256(abi.encode(from, to, value));
    }

    function _executeForcedTransfer(uint256 number) private {
        ForcedTransferRecord storage record = _pending(number);
        uint256 lapsesAt = record.executableAt + FORCED_TRANSFER_LIFE;
        if (block.timestamp < record.executableAt) revert ForcedTransferNotDue(number, record.executableAt);
        if (block.timestamp >= lapsesAt) revert ForcedTransferLapsed(number, lapsesAt);
        Ledger storage $ = _ledger();
        (address from, address to, uint256 value) = (record.from, record.to, record.value);
        AccountWord payer = $.words[from];
        AccountWord payee = $.words[to];
        if (value > payer.balance()) revert ERC20InsufficientBalance(from, payer.balance(), value);
        if (payee.expiredOn(_today())) revert IdentityExpired(to);
        if (_frozen(to, payee.frozenIn())) revert FrozenIncoming(to);
        record.state = FORCED_TRANSFER_EXECUTED;
        $.words[from] = _release(from, payer.debit(value));
        $.words[to] = payee.credit(value);
        emit Transfer(from, to, value);
        emit ForcedTransferExecuted(number, from, to, value, record.groundHash);
        emit IERC7943.ForcedTransfer(from, to, value);
    }

    /// @notice A forced transfer; `state` is 0 none, 1 proposed, 2 executed, 3 canceled. Moments are unix seconds.
    function forcedTransferOf(uint256 number)
        external
        view
        returns (address from, address to, uint256 value, uint64 executableAt, uint8 state, bytes32 groundHash)
    {
        ForcedTransferRecord storage record = _ledger().forcedTransfers[number];
        return (record.from, record.to, record.value, record.executableAt, record.state, record.groundHash);
    }

    /// @dev An order passes what is held too; of it stays what is left of the balance. ERC-7943 has the change said first.
    function _release(address from, AccountWord payerAfter) private returns (AccountWord) {
        uint256 left = payerAfter.balance();
        if (!payerAfter.held() || _ledger().heldAmounts[from] <= left) return payerAfter;
        _ledger().heldAmounts[from] = left;
        emit IERC7943.Frozen(from, left);
        return payerAfter.withHeld(left != 0);
    }

    function _cancelForcedTransfer(uint256 number, bytes32 groundHash) private {
        _pending(number).state = FORCED_TRANSFER_CANCELED;
        emit ForcedTransferCanceled(number, _officer(), groundHash);
    }

    function _pending(uint256 number) private view returns (ForcedTransferRecord storage record) {
        record = _ledger().forcedTransfers[number];
        if (record.state != FORCED_TRANSFER_PROPOSED) revert ForcedTransferNotPending(number, record.state);
    }
}
