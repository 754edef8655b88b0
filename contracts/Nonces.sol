// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord, AccountWordLibrary, MAX_NONCE_STEP} from "./AccountWord.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Reasons} from "./Reasons.sol";

/// @title One nonce space per account for payments, redemptions and EIP-3009 authorizations.
/// @dev Nonces below 2^40 live in the account word: the highest used and the 32 up to it; what falls behind that window
///      counts as used, what lies more than 4 096 ahead must wait. Any other 32-byte value has a flag of its own.
abstract contract Nonces is LedgerStorage {
    function _nonceUsed(address account, AccountWord word, uint256 nonce) internal view returns (bool) {
        if (nonce < AccountWordLibrary.SMALL_NONCES) return word.smallNonceUsed(nonce);
        return _ledger().wideNonces[account][nonce];
    }

    /// @dev Whether the nonce was used (0 or 1), and the word with it, which the caller stores if nothing speaks against it
    ///      after `_markWideNonce`.
    function _takeNonce(address account, AccountWord word, uint256 nonce)
        internal
        view
        returns (uint256 used, AccountWord)
    {
        if (nonce < AccountWordLibrary.SMALL_NONCES) return word.takeSmallNonce(nonce);
        return (Reasons.toUint(_ledger().wideNonces[account][nonce]), word);
    }

    /// @dev A nonce that does not live in the word is marked by itself.
    function _markWideNonce(address account, uint256 nonce) internal {
        if (nonce >= AccountWordLibrary.SMALL_NONCES) _ledger().wideNonces[account][nonce] = true;
    }

    /// @dev Marks the nonce, or refuses one too far ahead. The caller has checked it was free and stores the word that comes
    ///      back.
    function _useNonce(address account, AccountWord word, uint256 nonce) internal returns (AccountWord after_) {
        if (word.nonceTooFar(nonce) != 0) revert NonceTooFar(account, nonce, word.nonceNext() + MAX_NONCE_STEP);
        (, after_) = _takeNonce(account, word, nonce);
        _markWideNonce(account, nonce);
    }
}
