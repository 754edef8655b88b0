// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {AccountWord} from "../AccountWord.sol";
import {Movements} from "../Movements.sol";
import {Payments} from "../Payments.sol";
import {RuleWord} from "../RuleWord.sol";
import {Transfers} from "../Token.sol";
import {Domain} from "../TypedData.sol";

/// @title The address everybody knows: an ERC-1967 proxy that carries the first payment path itself.
/// @dev `transfer`, `pay` and `settlePacked` run here, without the 4 900 gas of reading the implementation's address and
///      calling it, as long as no upgrade has happened. A bit of the rule word they read anyway says so. The first
///      call that leaves another implementation behind sets that bit for good, in the same call: from then on these
///      three go to the implementation like every other function. docs/decisions/0007 weighs this.
contract LedgerProxy is Transfers, Payments {
    uint256 private immutable DEPLOYMENT_CHAIN_ID;
    bytes32 private immutable DEPLOYMENT_SEPARATOR;

    /// @dev A ledger that nobody set up would be anybody's to set up.
    error InitializationMissing();

    /// @param implementation a deployed RegionalCurrency; the EIP-712 name is taken from it
    /// @param initialization the call of `initialize`
    constructor(address implementation, bytes memory initialization) Domain(_nameOf(implementation)) {
        DEPLOYMENT_CHAIN_ID = block.chainid;
        DEPLOYMENT_SEPARATOR = super._separator();
        if (initialization.length == 0) revert InitializationMissing();
        ERC1967Utils.upgradeToAndCall(implementation, initialization);
    }

    fallback() external {
        _runImplementation();
    }

    /// @dev The payment path asks this before it changes anything. Leaves for good when superseded.
    function _currentRules(AccountWord payer) internal override returns (RuleWord rules) {
        rules = super._currentRules(payer);
        if (rules.superseded()) _runImplementation();
    }

    /// @dev This code runs at its own address only, so what was computed at deployment holds until the chain id changes,
    ///      as it does on a copy of the chain.
    function _separator() internal view override returns (bytes32) {
        return block.chainid == DEPLOYMENT_CHAIN_ID ? DEPLOYMENT_SEPARATOR : super._separator();
    }

    /// @dev Runs the implementation on this state and hands back its answer or its error as they are; does not return.
    function _runImplementation() private {
        address code = ERC1967Utils.getImplementation();
        bool done;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, 0, calldatasize())
            done := delegatecall(gas(), code, buffer, calldatasize(), 0, 0)
        }
        // Asked here and not in the implementation: none, however it upgrades, can forget it.
        if (done && ERC1967Utils.getImplementation() != code) _markSuperseded();
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            returndatacopy(buffer, 0, returndatasize())
            if done { return(buffer, returndatasize()) }
            revert(buffer, returndatasize())
        }
    }

    function _nameOf(address implementation) private view returns (string memory domainName) {
        (, domainName,,,,,) = IERC5267(implementation).eip712Domain();
    }
}
