// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {Movements} from "./Movements.sol";
import {RuleWord} from "./RuleWord.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";

/// @title ERC-20's `transfer` under the same rules as payments: part of the payment path the proxy carries itself.
abstract contract Transfers is Movements {
    /// @notice Moves `value` cents of the caller to `to`, or reverts with the reason.
    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    /// @dev An account whose own key was taken away moves only by its other signers' signatures: neither that key nor
    ///      an allowance it gave counts any more. A transaction counts as the signature of a key without a person's
    ///      verification.
    function _transfer(address from, address to, uint256 value) internal {
        AccountWord payer = _wordAt(_wordSlot(from));
        RuleWord rules = _currentRules(payer);
        if (payer.keyRevoked()) revert KeyRevoked(from);
        _moveOrRevert(from, to, value, payer, rules, SignatureEnvelope.SECP256K1);
    }
}
