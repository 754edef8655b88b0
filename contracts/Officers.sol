// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {LedgerStorage} from "./LedgerStorage.sol";

/// @title Who the officer is, where it matters that two are not one.
/// @dev A call carried by the AccessManager's `execute` comes from the AccessManager's address, whoever sent it: one key
///      would have two names, and with them two approvals and two quotas.
abstract contract Officers is LedgerStorage, AccessManagedUpgradeable {
    /// @dev The caller; refuses the AccessManager in its stead.
    function _officer() internal view returns (address) {
        if (msg.sender == authority()) revert OfficerHidden(msg.sender);
        return msg.sender;
    }
}
