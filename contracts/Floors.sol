// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {Movements} from "./Movements.sol";
import {SignerWord} from "./SignerWord.sol";
import {Signing} from "./Signing.sol";

/// @title Amounts above which only a passkey will do, for money that leaves an account without being spent: what is asked
///        back in euros, what goes into a campaign's escrow.
/// @dev Asked as of a payment (Movements): alone, and together with what was spent today. It leaves nothing in that sum,
///      because it is not spending.
abstract contract Floors is Movements, Signing {
    /// @dev By which kind of envelope a key with the account's full power signed, or revert.
    function _kindSignedFor(address account, AccountWord word, bytes calldata envelope, bytes32 digest)
        internal
        view
        returns (uint256 kind)
    {
        (SignerWord power,) = _powerOf(account, word, envelope, digest);
        if (SignerWord.unwrap(power) == 0 || power.isLimited()) revert BadSignature(account);
        return power.kind();
    }

    /// @dev The caller has checked that the balance bounds `value`. 0 is no floor.
    function _checkFloors(address account, AccountWord word, uint256 value, uint256 kind) internal view {
        uint256 spentWith = word.spentOn(_today()) + value;
        if (_needsPasskey(word.tier(), value, spentWith, kind) != 0) revert PasskeyRequired(account, value, spentWith);
    }
}
