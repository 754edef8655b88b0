// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";

/// @title Freezing an account in one direction or both, on a ground, with or without an end.
/// @dev The ground itself stays with the officer; its hash here lets it be proved later.
abstract contract Freezes is LedgerAuthorized {
    /// @notice Sets the freezes of `account` to exactly these. `until`: unix seconds, 0 = until unfrozen.
    function freeze(address account, bool incoming, bool outgoing, bytes32 groundHash, uint64 until)
        external
        restricted
    {
        Ledger storage $ = _ledger();
        AccountWord word = $.words[account];
        if (word.tier() == 0) revert NotMember(account);
        bool ends = until != 0;
        if (!(incoming || outgoing) || (ends && until <= block.timestamp)) revert InvalidFreeze(account, until);
        $.words[account] = word.withFreeze(incoming, outgoing);
        $.frozenUntil[account] = until;
        emit Frozen(account, incoming, outgoing, groundHash, until);
    }

    /// @notice Lifts every freeze of `account`.
    function unfreeze(address account, bytes32 groundHash) external restricted {
        Ledger storage $ = _ledger();
        AccountWord word = $.words[account];
        if (word.tier() == 0) revert NotMember(account);
        $.words[account] = word.withFreeze(false, false);
        delete $.frozenUntil[account];
        emit Unfrozen(account, groundHash);
    }

    /// @notice When the freezes of `account` end (unix seconds); 0 when they have no end or there are none.
    function frozenUntil(address account) external view returns (uint64) {
        return _ledger().frozenUntil[account];
    }
}
