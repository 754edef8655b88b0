// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "../../contracts/AccountWord.sol";
import {Payments} from "../../contracts/Payments.sol";
import {PasskeyFloors} from "../../contracts/interfaces/LedgerTypes.sol";
import {RuleWord} from "../../contracts/RuleWord.sol";
import {SignerWord} from "../../contracts/SignerWord.sol";
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

    function setSigner(address account, address signer, uint256 raw) external {
        _ledger().signers[account][signer] = SignerWord.wrap(raw);
    }

    function setFloors(uint256 tier, uint64 perPayment, uint64 perDay) external {
        _ledger().passkeyFloors[tier] = PasskeyFloors(perPayment, perDay);
    }

    function setLeftUnspent(address account, uint64 day, uint128 value) external {
        _ledger().leftUnspent[account] = LeftUnspent(day, value);
    }

    function signer(address account, address key) external view returns (uint256) {
        return SignerWord.unwrap(_ledger().signers[account][key]);
    }

    function word(address account) external view returns (uint256) {
        return AccountWord.unwrap(_ledger().words[account]);
    }
}
