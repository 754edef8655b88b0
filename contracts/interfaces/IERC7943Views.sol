// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @title The questions of ERC-7943 (uRWA), without its enforcement half.
/// @dev The ledger has neither `setFrozenTokens` nor `forcedTransfer`, so it does not claim the whole interface.
interface IERC7943Views {
    /// @notice May `account` send at all now.
    function canSend(address account) external view returns (bool);

    /// @notice May `account` receive at all now.
    function canReceive(address account) external view returns (bool);

    /// @notice May `account` both send and receive now (the name of earlier drafts).
    function canTransact(address account) external view returns (bool);

    /// @notice Would a transfer of `value` cents from `from` to `to` be accepted now.
    function canTransfer(address from, address to, uint256 value) external view returns (bool);

    /// @notice How many cents of `account` cannot move because of an outgoing freeze: all or nothing.
    function getFrozenTokens(address account) external view returns (uint256);
}
