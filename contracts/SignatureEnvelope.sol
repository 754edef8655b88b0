// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {PasskeyAssertion} from "./PasskeyAssertion.sol";

/// @title From an envelope of signature bytes and a digest to the address of who signed.
/// @dev Answers address(0) for whatever is not a whole, proper, low-s signature; never reverts on its content and
///      calls nothing but precompiles (ecrecover, SHA-256, P-256 at 0x100 or OpenZeppelin's Solidity where the chain has
///      none). Whether that signer may act for an account is not decided here.
///
///      0x01 r(32) s(32) v(1)                         secp256k1 over the digest
///      0x02 x(32) y(32) r(32) s(32)                  P-256 over SHA-256(digest), as WebCrypto signs
///      0x03 x(32) y(32) r(32) s(32) assertion        P-256 over a WebAuthn assertion whose challenge is the digest
///      0x05 x(32) y(32) r(32) s(32) compact          the same, without what can be put together again; in batches only
///      0x04 contract(20) signature                   that contract answers for it (ERC-1271); never by `recover`
library SignatureEnvelope {
    uint8 internal constant SECP256K1 = 1;
    uint8 internal constant P256_KEY = 2;
    uint8 internal constant PASSKEY = 3;
    uint8 internal constant CONTRACT = 4;
    /// @dev Only a form: what it proves is a passkey's.
    uint8 private constant COMPACT_PASSKEY = 5;
    /// @dev Bounds the work one item of a batch can cause. A passkey's envelope is about 550 bytes.
    uint256 internal constant MAX_ENVELOPE_BYTES = 2048;

    uint256 private constant SECP256K1_BYTES = 66;
    uint256 private constant P256_BYTES = 129;
    uint256 private constant CONTRACT_HEAD_BYTES = 21;
    uint256 private constant P256_HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8;
    uint256 private constant SECP256K1_HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @return signer who signed `digest`, or address(0)
    /// @return kind the envelope's first byte, a passkey's for both its forms; meaningless when signer is address(0)
    function recover(bytes calldata envelope, bytes32 digest) internal view returns (address signer, uint8 kind) {
        uint256 length = envelope.length;
        // What stands behind a shorter envelope may be read here, but each kind asks for its own length first.
        kind = uint8(bytes1(_word(envelope, 0)));
        if (kind == SECP256K1) {
            if (length == SECP256K1_BYTES) {
                uint8 v = uint8(bytes1(_word(envelope, 65)));
                signer = recoverSecp256k1(digest, v, _word(envelope, 1), _word(envelope, 33));
            }
        } else if (kind == P256_KEY) {
            if (length == P256_BYTES) signer = _recoverP256(envelope, _sha256(digest));
        } else if (kind == PASSKEY) {
            if (length > P256_BYTES && length <= MAX_ENVELOPE_BYTES) {
                (bool proper, bytes32 signedHash) = PasskeyAssertion.signedHash(envelope[P256_BYTES:], digest);
                if (proper) signer = _recoverP256(envelope, signedHash);
            }
        }
    }

    /// @dev The same for an item of a batch, whose envelope may also be the short form of a passkey's. It is the relay that
    ///      shortens it: what members sign and send has one form.
    function recoverInBatch(bytes calldata envelope, bytes32 digest)
        internal
        view
        returns (address signer, uint8 kind)
    {
        (signer, kind) = recover(envelope, digest);
        if (kind == COMPACT_PASSKEY) return (_recoverCompact(envelope, digest), PASSKEY);
    }

    /// @dev Whether the envelope names a contract that is to be asked.
    function isContracts(bytes calldata envelope) internal pure returns (bool) {
        uint256 length = envelope.length;
        return length >= CONTRACT_HEAD_BYTES && length <= MAX_ENVELOPE_BYTES && uint8(envelope[0]) == CONTRACT;
    }

    /// @dev The contract named by an envelope that `isContracts`.
    function contractOf(bytes calldata envelope) internal pure returns (address) {
        return address(bytes20(envelope[1:CONTRACT_HEAD_BYTES]));
    }

    /// @dev What that contract is asked about.
    function contractSignatureOf(bytes calldata envelope) internal pure returns (bytes calldata) {
        return envelope[CONTRACT_HEAD_BYTES:];
    }

    /// @dev The address of a P-256 key: the same rule as for secp256k1 keys.
    function addressOfKey(bytes32 x, bytes32 y) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(x, y)))));
    }

    /// @dev ecrecover with v in {27, 28} and low s; address(0) otherwise.
    function recoverSecp256k1(bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal view returns (address signer) {
        uint256 highest = SECP256K1_HALF_ORDER;
        // Solidity's ecrecover does the same for 150 gas more. A failed recovery returns no data: the word stays 0.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, digest)
            mstore(add(buffer, 0x20), and(v, 0xff))
            mstore(add(buffer, 0x40), r)
            mstore(add(buffer, 0x60), s)
            mstore(0x00, 0)
            pop(staticcall(gas(), 1, buffer, 0x80, 0x00, 0x20))
            signer := mul(mload(0x00), iszero(gt(s, highest)))
        }
    }

    /// @dev SHA-256 of one word, without the copies of Solidity's `sha256(abi.encode(...))`.
    function _sha256(bytes32 word) private view returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(0x00, word)
            if iszero(staticcall(gas(), 2, 0x00, 0x20, 0x00, 0x20)) { revert(0, 0) }
            result := mload(0x00)
        }
    }

    function _recoverCompact(bytes calldata envelope, bytes32 digest) private view returns (address) {
        uint256 length = envelope.length;
        if (length <= P256_BYTES || length > MAX_ENVELOPE_BYTES) return address(0);
        (bool proper, bytes32 signedHash) = PasskeyAssertion.signedHashOfCompact(envelope[P256_BYTES:], digest);
        return proper ? _recoverP256(envelope, signedHash) : address(0);
    }

    /// @dev The key whose signature of `signedHash` stands in the envelope, or address(0). The precompile asks of r, s, x and y
    ///      what OpenZeppelin's library asks before it calls it, low s aside; asking twice costs 800 gas a payment. Where the
    ///      precompile does not say yes, because it is not there or the signature is bad, the library decides.
    function _recoverP256(bytes calldata envelope, bytes32 signedHash) private view returns (address signer) {
        uint256 highest = P256_HALF_ORDER;
        bool proper;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, signedHash)
            // r and s, then x and y, which come first in the envelope.
            calldatacopy(add(buffer, 0x20), add(envelope.offset, 65), 0x40)
            calldatacopy(add(buffer, 0x60), add(envelope.offset, 1), 0x40)
            mstore(0x00, 0)
            pop(staticcall(gas(), 0x100, buffer, 0xa0, 0x00, 0x20))
            proper := and(eq(mload(0x00), 1), iszero(gt(mload(add(buffer, 0x40)), highest)))
            // As addressOfKey.
            signer := shr(96, shl(96, keccak256(add(buffer, 0x60), 0x40)))
        }
        if (!proper && !_verifiedByLibrary(envelope, signedHash)) signer = address(0);
    }

    function _verifiedByLibrary(bytes calldata envelope, bytes32 signedHash) private view returns (bool) {
        return P256.verify(
            signedHash, _word(envelope, 65), _word(envelope, 97), _word(envelope, 1), _word(envelope, 33)
        );
    }

    /// @dev 32 bytes at `offset`; the caller has checked that the envelope is that long.
    function _word(bytes calldata envelope, uint256 offset) private pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := calldataload(add(envelope.offset, offset))
        }
    }
}
