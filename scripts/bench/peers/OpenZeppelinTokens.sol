// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {ERC20TransferAuthorization} from
    "@openzeppelin/contracts/token/ERC20/extensions/ERC20TransferAuthorization.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

/// @title OpenZeppelin's tokens as they are, for the gas benchmark: no rule, no proxy, no role.
contract OpenZeppelinERC20 is ERC20("Peer", "PEER") {
    constructor() {
        _mint(msg.sender, type(uint128).max);
    }
}

/// @title With EIP-3009 (a flag for every nonce) and calls in batches.
contract OpenZeppelinERC3009 is ERC3009, Multicall {
    constructor() ERC20("Peer", "PEER") EIP712("Peer", "1") {
        _mint(msg.sender, type(uint128).max);
    }
}

/// @title With the same authorizations over counting nonces: the cheaper sort once an account is in use.
contract OpenZeppelinTransferAuthorization is ERC20TransferAuthorization, Multicall {
    constructor() ERC20("Peer", "PEER") EIP712("Peer", "1") {
        _mint(msg.sender, type(uint128).max);
    }
}
