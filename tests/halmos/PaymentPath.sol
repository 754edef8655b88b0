// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "../../contracts/AccountWord.sol";
import {Payments} from "../../contracts/Payments.sol";
import {RuleWord} from "../../contracts/RuleWord.sol";
import {Transfers} from "../../contracts/Token.sol";
import {Domain} from "../../contracts/TypedData.sol";

/// @title The payment path as the proxy carries it, with doors that set and show the state. For proofs only.
contract PaymentPath is Transfers, Payments {
    constructor() Domain("proofs") {}

    function setWord(address account, uint256 raw) external {
        _ledger().words[account] = AccountWord.wrap(raw);
    }

    function setRules(uint256 tier, uint256 raw) external {
        _ledger().rules[tier] = RuleWord.wrap(raw);
    }

    function setFrozenUntil(address account, uint64 until) external {
        _ledger().frozenUntil[account] = until;
    }

    function word(address account) external view returns (uint256) {
        return AccountWord.unwrap(_ledger().words[account]);
    }
}
