// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Payments} from "./Payments.sol";
import {Token} from "./Token.sol";
import {Domain} from "./TypedData.sol";

/// @title Handing what this facet does not know to the next one, on the same state.
/// @dev One contract may not exceed 24 576 bytes (EIP-170), so the ledger's code is a chain of facets. Each one's address
///      is part of the code before it: an upgrade of the first replaces all.
abstract contract FallbackDelegate {
    address private immutable NEXT_FACET;

    constructor(address nextFacet) {
        NEXT_FACET = nextFacet;
    }

    /// @dev Runs the next facet on this state and hands back its answer or its error as they are.
    fallback() external {
        address code = NEXT_FACET;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, 0, calldatasize())
            let done := delegatecall(gas(), code, buffer, calldatasize(), 0, 0)
            returndatacopy(buffer, 0, returndatasize())
            switch done
            case 0 { revert(buffer, returndatasize()) }
            default { return(buffer, returndatasize()) }
        }
    }

    function _nextFacet() internal view returns (address) {
        return NEXT_FACET;
    }
}

/// @title The regional currency: a ledger in euro cents that only its members hold and spend.
/// @dev Stands behind an ERC-1967 proxy and holds what members do with their money; any other call goes on to the facets
///      of Facets.sol, on the same state. Roles are kept by an AccessManager, asked on administration only, never on a
///      payment. contracts/README.md is the map.
contract RegionalCurrency is
    Token,
    Payments,
    AccessManagedUpgradeable,
    UUPSUpgradeable,
    FallbackDelegate
{
    /// @param administration the deployed AdministrationFacet; the EIP-712 name is taken from it
    constructor(address administration) Domain(_nameOf(administration)) FallbackDelegate(administration) {
        _disableInitializers();
    }

    /// @notice The contract whose code runs for what this one does not hold.
    function administrationCode() external view returns (address) {
        return _nextFacet();
    }

    /// @dev Only governors replace the code.
    function _authorizeUpgrade(address) internal override restricted {}

    function _nameOf(address administration) private view returns (string memory domainName) {
        (, domainName,,,,,) = IERC5267(administration).eip712Domain();
    }
}
