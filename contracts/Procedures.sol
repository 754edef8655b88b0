// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {Delegation} from "./Delegation.sol";
import {Domain} from "./Domain.sol";
import {ForcedTransfers} from "./ForcedTransfers.sol";
import {Issuance} from "./Issuance.sol";
import {Recovery} from "./Recovery.sol";

/// @title The ledger's third part: what goes by steps and second looks.
/// @dev Reached through RegionalCurrency and Administration, on the ledger's state. Alone it is an empty ledger without
///      authority.
contract Procedures is Issuance, Recovery, ForcedTransfers, Delegation {
    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    /// @param extensions the deployed Extensions
    constructor(string memory domainName, address extensions) Domain(domainName) Delegation(extensions) {
        _disableInitializers();
    }

    /// @notice The contract whose code runs for what this part does not hold.
    function extensionsCode() external view returns (address) {
        return _nextPart();
    }
}
