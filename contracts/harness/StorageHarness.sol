// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {LedgerStorage} from "../LedgerStorage.sol";

/// @title The ledger's namespace as an ordinary variable, so that the compiler says where each field lies. Never deployed.
contract StorageHarness is LedgerStorage {
    Ledger private ledger;

    /// @notice The slot of the real namespace.
    function namespaceSlot() external pure returns (uint256 slot) {
        Ledger storage $ = _ledger();
        assembly {
            slot := $.slot
        }
    }
}
