// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ERC20} from "solady/src/tokens/ERC20.sol";
import {Multicallable} from "solady/src/utils/Multicallable.sol";

/// @title Solady's token as it is, with calls in batches. It has no EIP-3009: what a payer signs is a permit.
contract SoladyERC20 is ERC20, Multicallable {
    constructor() {
        _mint(msg.sender, type(uint128).max);
    }

    function name() public pure override returns (string memory) {
        return "Peer";
    }

    function symbol() public pure override returns (string memory) {
        return "PEER";
    }
}
