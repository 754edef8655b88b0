// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {Payment, VM} from "./Interfaces.sol";
import {Model} from "./Model.sol";

/// @title Envelopes and packed batches for the invariant tests, written from contracts/README.md.
library Signer {
    uint256 private constant P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;

    function accountOf(uint256 secret, Model.Key key) internal pure returns (address) {
        if (key == Model.Key.SECP256K1) return VM.addr(secret);
        (uint256 x, uint256 y) = VM.publicKeyP256(secret);
        return address(uint160(uint256(keccak256(abi.encode(x, y)))));
    }

    function envelope(uint256 secret, Model.Key key, bytes32 digest) internal pure returns (bytes memory) {
        if (key == Model.Key.SECP256K1) {
            (uint8 v, bytes32 r, bytes32 s) = VM.sign(secret, digest);
            return abi.encodePacked(uint8(1), r, s, v);
        }
        (bytes32 pr, bytes32 ps) = VM.signP256(secret, sha256(abi.encode(digest)));
        (uint256 x, uint256 y) = VM.publicKeyP256(secret);
        uint256 low = uint256(ps) > P256_ORDER / 2 ? P256_ORDER - uint256(ps) : uint256(ps);
        return abi.encodePacked(uint8(2), x, y, pr, low);
    }

    /// @dev The batch as `settlePacked` takes it; every item names a payee of its own.
    function packed(Payment[] memory payments, bytes[] memory envelopes) internal pure returns (bytes memory batch) {
        uint256 count = payments.length;
        batch = abi.encodePacked(uint8(1), uint8(count), uint8(count));
        for (uint256 i = 0; i < count; ++i) {
            batch = bytes.concat(batch, bytes20(payments[i].to));
        }
        for (uint256 i = 0; i < count; ++i) {
            Payment memory one = payments[i];
            batch = bytes.concat(
                batch,
                abi.encodePacked(uint8(i), one.from, uint48(one.value), uint40(one.validBefore), one.ref),
                abi.encodePacked(uint40(one.nonce), uint16(envelopes[i].length), envelopes[i])
            );
        }
    }
}
