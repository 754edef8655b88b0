// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {TypedData} from "./TypedData.sol";

/// @title The EIP-712 domain: one name per environment, the running chain id, the proxy's own address.
/// @dev The name is part of the implementation's code, so reading it costs no storage access on the payment path. It has
///      at most 31 bytes. An upgrade must carry the same name; the deployment scripts refuse another one.
abstract contract Domain {
    using ShortStrings for ShortString;

    ShortString private immutable DOMAIN_NAME;
    bytes32 private immutable DOMAIN_NAME_HASH;
    bytes32 private constant VERSION_HASH = keccak256("1");

    constructor(string memory domainName) {
        DOMAIN_NAME = ShortStrings.toShortString(domainName);
        DOMAIN_NAME_HASH = keccak256(bytes(domainName));
    }

    function _domainName() internal view returns (string memory) {
        return DOMAIN_NAME.toString();
    }

    function _separator() internal view virtual returns (bytes32) {
        return TypedData.domainSeparator(DOMAIN_NAME_HASH, VERSION_HASH);
    }
}
