// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @title Handing what this part does not know to the next part, on the same state.
/// @dev One contract may not exceed 24 576 bytes (EIP-170), so the ledger's code is a chain of parts. Each one's address
///      is part of the code before it: an upgrade of the first replaces all.
abstract contract Delegation {
    address private immutable NEXT_PART;

    constructor(address nextPart) {
        NEXT_PART = nextPart;
    }

    /// @dev Runs the next part on this state and hands back its answer or its error as they are.
    fallback() external {
        address code = NEXT_PART;
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

    function _nextPart() internal view returns (address) {
        return NEXT_PART;
    }
}
