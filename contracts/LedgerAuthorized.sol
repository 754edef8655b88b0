// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {LedgerStorage} from "./LedgerStorage.sol";

/// @title The ledger's state for what only officers may change: `restricted` asks the AccessManager who may call.
/// @dev The base of every officer's act. Where two officers must not be one, `_officer` says who it is: a call carried by
///      the AccessManager's `execute` comes from the AccessManager's address, whoever sent it. One key would have two
///      names, and with them two approvals and two quotas.
abstract contract LedgerAuthorized is LedgerStorage, AccessManagedUpgradeable {
    /// @dev Whether the authority lets `account` call that function of the ledger. Who must announce the call first may make
    ///      it too.
    function _mayCall(address account, bytes4 selector) internal view returns (bool) {
        (bool immediate, uint32 delay) = IAccessManager(authority()).canCall(account, address(this), selector);
        return immediate || delay != 0;
    }

    /// @dev The caller; refuses the AccessManager in its stead.
    function _officer() internal view returns (address) {
        if (msg.sender == authority()) revert OfficerHidden(msg.sender);
        return msg.sender;
    }
}
