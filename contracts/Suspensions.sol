// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";

/// @title Suspending a key: what it signs counts for nothing for a while, and no other key takes its place.
/// @dev For a telephone in wrong hands: whoever holds it objects to every recovery, and goes on paying where the account is
///      not frozen. It takes the compliance officer, who can give nobody a key; who proposes keys cannot suspend one. One key
///      of an account at a time, for at most `MAX_KEY_SUSPENSION`: it ends by itself, by the officer, or with the recovery.
abstract contract Suspensions is LedgerAuthorized {
    /// @notice The longest a key is suspended by one act (seconds).
    uint256 public constant MAX_KEY_SUSPENSION = 90 days;

    /// @notice Suspends `signer`, which may be the account's own key, until that moment (unix seconds); again for another end.
    function suspendKey(address account, address signer, uint64 until, bytes32 groundHash) external restricted {
        Ledger storage $ = _ledger();
        AccountWord word = $.words[account];
        if (word.tier() == 0) revert NotMember(account);
        KeySuspension storage running = $.keySuspensions[account];
        bool ends = until > block.timestamp && until <= block.timestamp + MAX_KEY_SUSPENSION;
        bool another = running.signer != signer && block.timestamp < running.until;
        if (signer == address(0) || !ends || another) revert InvalidSuspension(account, signer, until);
        (running.signer, running.until) = (signer, until);
        $.words[account] = word.withKeySuspended(true);
        emit KeySuspended(account, signer, until, groundHash);
    }

    /// @notice Ends the suspension before its time; after it, only tidies up.
    function releaseKey(address account, bytes32 groundHash) external restricted {
        Ledger storage $ = _ledger();
        AccountWord word = $.words[account];
        address signer = $.keySuspensions[account].signer;
        if (signer == address(0)) revert InvalidSuspension(account, signer, 0);
        delete $.keySuspensions[account];
        $.words[account] = word.withKeySuspended(false);
        emit KeyReleased(account, signer, groundHash);
    }

    /// @notice The key of `account` that was last suspended, and the end of that (unix seconds); zero when there is none.
    function suspendedKeyOf(address account) external view returns (address signer, uint64 until) {
        KeySuspension storage running = _ledger().keySuspensions[account];
        return (running.signer, running.until);
    }
}
