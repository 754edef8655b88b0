// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @title ERC-7943 (uRWA) for fungible tokens, as far as its interface id 0x3edbb4c4 speaks: six functions, two events.
/// @dev The ledger answers all six at one address by several facets, so none of them can name this as its base; a test holds
///      the merged ABI to it.
interface IERC7943 {
    /// @notice `amount` moved from `from` to `to` by enforcement.
    event ForcedTransfer(address indexed from, address indexed to, uint256 amount);
    /// @notice From here on `amount` of the account's tokens is frozen: all of the figure, not what was added.
    event Frozen(address indexed account, uint256 amount);

    /// @notice May `account` send at all now.
    function canSend(address account) external view returns (bool);

    /// @notice May `account` receive at all now.
    function canReceive(address account) external view returns (bool);

    /// @notice Would a transfer of `amount` from `from` to `to` be accepted now.
    function canTransfer(address from, address to, uint256 amount) external view returns (bool);

    /// @notice How much of `account` cannot leave it; may be more than it has.
    function getFrozenTokens(address account) external view returns (uint256);

    /// @notice Sets how much of `account` is frozen.
    function setFrozenTokens(address account, uint256 amount) external returns (bool);

    /// @notice Moves `amount` from `from` to `to` by enforcement.
    function forcedTransfer(address from, address to, uint256 amount) external returns (bool);
}
