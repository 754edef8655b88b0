// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
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
        if (payer.keyInDoubt()) _requireOwnKey(from, payer);
        _moveOrRevert(from, to, value, payer, rules, SignatureEnvelope.SECP256K1);
    }
}

/// @title ERC-20 over the account words, under the same rules as payments.
/// @dev Two decimals: one unit is one euro, every value is cents. Differs from plain ERC-20 in that both sides must be
///      members and a transfer to oneself is refused.
abstract contract Token is Transfers {
    /// @notice ERC-20's record of an allowance.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice Cents in circulation, those locked for redemption included.
    function totalSupply() external view returns (uint256) {
        return _supply();
    }

    /// @notice Cents held by `account`; the ledger's own address holds what is locked for redemption.
    function balanceOf(address account) external view returns (uint256) {
        return _ledger().words[account].balance();
    }

    /// @notice Cents `spender` may still move for `owner`; 0 once the key that allowed it was taken away, for good,
    ///         and while it is suspended.
    function allowance(address owner, address spender) external view returns (uint256) {
        AccountWord word = _ledger().words[owner];
        bool counts = !word.keyRevoked() && _suspendedUntil(owner, word, owner) == 0;
        return counts ? _allowancesOf(owner)[spender] : 0;
    }

    /// @notice Moves `value` cents of `from` within the caller's allowance, or reverts with the reason. The caller is a
    ///         member in order, as whoever moves money is.
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        _checkSpender(msg.sender);
        mapping(address spender => uint256) storage allowances = _allowancesOf(from);
        uint256 allowed = allowances[msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < value) revert ERC20InsufficientAllowance(msg.sender, allowed, value);
            unchecked {
                allowances[msg.sender] = allowed - value;
            }
        }
        _transfer(from, to, value);
        return true;
    }

    /// @notice Lets `spender` move up to `value` cents of the caller; the highest value means without end.
    function approve(address spender, uint256 value) external returns (bool) {
        _requireOwnKey(msg.sender, _ledger().words[msg.sender]);
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        _allowancesOf(msg.sender)[spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    /// @dev A freeze would be worth little if its owner could go on with other people's money.
    function _checkSpender(address spender) private view {
        AccountWord word = _ledger().words[spender];
        if (word.tier() == 0) revert NotMember(spender);
        if (word.expiredOn(_today())) revert IdentityExpired(spender);
        if (_frozen(spender, word.frozenOut())) revert FrozenOutgoing(spender);
        _requireOwnKey(spender, word);
    }
}
