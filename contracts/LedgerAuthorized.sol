// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {LedgerStorage} from "./LedgerStorage.sol";

/// @title The ledger's state for what only officers may change: `restricted` asks the AccessManager who may call.
/// @dev The base of every officer's act. Where two officers must not be one, `_officer` says who it is: a call carried by
///      the AccessManager's `execute` comes from the AccessManager's address, whoever sent it. One key would have two
///      names, and with them two approvals and two quotas.
abstract contract LedgerAuthorized is LedgerStorage, AccessManagedUpgradeable {
    /// @dev The caller; refuses the AccessManager in its stead.
    function _officer() internal view returns (address) {
        if (msg.sender == authority()) revert OfficerHidden(msg.sender);
        return msg.sender;
    }
}
