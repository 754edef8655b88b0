// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @title What an authority says of the floors under announcement times (deployment/LedgerAuthority.sol).
interface IDelayFloors {
    /// @notice The shortest time (seconds) for which a holder of that role announces what the role does.
    function delayFloor(uint64 roleId) external view returns (uint32);
}
