// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {TIER_PROFESSIONAL} from "../interfaces/LedgerTypes.sol";
import {AccountWord} from "../AccountWord.sol";
import {RegionalCurrency} from "../RegionalCurrency.sol";
import {RuleWord} from "../RuleWord.sol";

/// @title A later implementation, for the upgrade test only: the same ledger that also says its generation.
contract NextLedger is RegionalCurrency {
    constructor(address administration) RegionalCurrency(administration) {}

    function generation() external pure returns (uint256) {
        return 2;
    }
}

/// @title A later implementation that makes no payment at all, for the upgrade test only: whoever still pays does it by
///        the path that the upgrade should have ended.
contract SilentLedger is RegionalCurrency {
    constructor(address administration) RegionalCurrency(administration) {}

    /// @dev Gives the account a tier that the first code does not know.
    function lift(address account) external {
        _ledger().words[account] = _ledger().words[account].withMembership(1, TIER_PROFESSIONAL + 1, 0, 0);
    }

    function _currentRules(AccountWord) internal pure override returns (RuleWord) {
        revert PaymentsStopped();
    }
}
