// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {Authorizations} from "./Authorizations.sol";
import {Delegation} from "./Delegation.sol";
import {Domain} from "./Domain.sol";
import {Payments} from "./Payments.sol";
import {RedemptionRequests} from "./RedemptionRequests.sol";
import {Token} from "./Token.sol";

/// @title The regional currency: a ledger in euro cents that only its members hold and spend.
/// @dev Stands behind an ERC-1967 proxy. This half holds what members do with their money; any other call runs the
///      code of Administration on the same state, because one contract may not exceed 24 576 bytes (EIP-170). An upgrade replaces both halves at once, since the second one's address is
///      part of the first one's code. Roles are kept by an AccessManager, asked on administration only, never on a
///      payment. contracts/README.md is the map.
contract RegionalCurrency is
    Token,
    Payments,
    Authorizations,
    RedemptionRequests,
    AccessManagedUpgradeable,
    UUPSUpgradeable,
    Delegation
{
    /// @param administration the deployed Administration; the EIP-712 name is taken from it
    constructor(address administration) Domain(_nameOf(administration)) Delegation(administration) {
        _disableInitializers();
    }

    /// @notice The contract whose code runs for what this one does not hold.
    function administrationCode() external view returns (address) {
        return _nextPart();
    }

    /// @dev Only governors replace the code.
    function _authorizeUpgrade(address) internal override restricted {}

    function _nameOf(address administration) private view returns (string memory domainName) {
        (, domainName,,,,,) = IERC5267(administration).eip712Domain();
    }
}
