// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {IERC7943} from "./interfaces/IERC7943.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";

/// @title Freezing an account in one direction or both, on a ground, with or without an end; or an amount of it.
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

    /// @notice Holds `amount` cents of `account`: they leave it by no way but a forced transfer. Replaces what was held; 0
    ///         holds nothing. May be more than the account has: what arrives is then held too.
    function setFrozenTokens(address account, uint256 amount) external restricted returns (bool) {
        Ledger storage $ = _ledger();
        AccountWord word = $.words[account];
        if (word.tier() == 0) revert NotMember(account);
        $.words[account] = word.withHeld(amount != 0);
        $.heldAmounts[account] = amount;
        emit IERC7943.Frozen(account, amount);
        return true;
    }

    /// @notice When the freezes of `account` end (unix seconds); 0 when they have no end or there are none.
    function frozenUntil(address account) external view returns (uint64) {
        return _ledger().frozenUntil[account];
    }
}
