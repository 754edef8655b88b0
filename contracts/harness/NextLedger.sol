// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {RegionalCurrency} from "../RegionalCurrency.sol";

/// @title A later implementation, for the upgrade test only: the same ledger that also says its generation.
contract NextLedger is RegionalCurrency {
    constructor(address administration) RegionalCurrency(administration) {}

    function generation() external pure returns (uint256) {
        return 2;
    }
}
