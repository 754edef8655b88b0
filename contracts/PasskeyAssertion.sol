// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Base64Digits} from "./Base64Digits.sol";

/// @title What a WebAuthn assertion says, and the hash its signature covers (W3C WebAuthn level 2, section 7.2).
/// @dev Checks the ceremony's type, the challenge, user presence, user verification and the backup flags. Origin and
///      relying party are the authenticator's and the browser's matter: a key of another site never signs our digest.
///      Reads calldata with its bounds checked by hand, so a malformed assertion answers false instead of reverting.
library PasskeyAssertion {
    uint256 private constant HEAD_BYTES = 0x80;
    uint256 private constant MIN_AUTHENTICATOR_DATA_BYTES = 37;
    uint256 private constant FLAGS_AT = 32;
    uint256 private constant USER_PRESENT = 0x01;
    uint256 private constant USER_VERIFIED = 0x04;
    uint256 private constant BACKUP_ELIGIBLE = 0x08;
    uint256 private constant BACKED_UP = 0x10;

    bytes21 private constant TYPE_MEMBER = '"type":"webauthn.get"';
    bytes13 private constant CHALLENGE_OPENING = '"challenge":"';
    uint256 private constant ENCODED_DIGEST_CHARS = 43;

    /// @param assertion abi.encode(bytes authenticatorData, string clientDataJSON, uint256 challengeIndex, uint256 typeIndex)
    /// @return proper whether it is an assertion about `digest` with the user verified
    /// @return signed SHA-256 of authenticatorData and SHA-256 of clientDataJSON: what the key has signed
    function signedHash(bytes calldata assertion, bytes32 digest)
        internal
        pure
        returns (bool proper, bytes32 signed)
    {
        if (assertion.length < HEAD_BYTES) return (false, 0);
        (bool dataFound, bytes calldata authenticatorData) = _member(assertion, uint256(bytes32(assertion[0x00:0x20])));
        (bool jsonFound, bytes calldata clientData) = _member(assertion, uint256(bytes32(assertion[0x20:0x40])));
        if (!dataFound || !jsonFound || !_flagsHold(authenticatorData)) return (false, 0);
        uint256 challengeIndex = uint256(bytes32(assertion[0x40:0x60]));
        uint256 typeIndex = uint256(bytes32(assertion[0x60:0x80]));
        if (!_typeHolds(clientData, typeIndex) || !_challengeHolds(clientData, challengeIndex, digest)) {
            return (false, 0);
        }
        return (true, sha256(bytes.concat(authenticatorData, sha256(clientData))));
    }

    /// @dev The same of a compact assertion: nothing of it is padded, and what the digest says is not said again. Browsers
    ///      write type and challenge first (WebAuthn level 2, 5.8.1.1), so clientDataJSON is put together here and hashed: one
    ///      whose beginning is another has another hash, which the key did not sign.
    /// @param compact authenticatorData's length 1 | authenticatorData | clientDataJSON from behind the challenge, whose end
    ///        must be its first byte: a challenge longer than the digest is none
    function signedHashOfCompact(bytes calldata compact, bytes32 digest)
        internal
        view
        returns (bool proper, bytes32 signed)
    {
        bytes32 first = Base64Digits.ofFirst24(digest);
        bytes32 rest = Base64Digits.ofLast8(digest);
        // Literals, because Yul takes no constant of a library: the opening is 36 characters, the challenge 43.
        assembly ("memory-safe") {
            let dataLength := byte(0, calldataload(compact.offset))
            let data := add(compact.offset, 1)
            let tail := add(data, dataLength)
            let tailLength := sub(sub(compact.length, 1), dataLength)
            let flags := byte(0, calldataload(add(data, 32)))
            // A length of 37 or more, a quotation mark behind the challenge and inside, present and verified, and backed up
            // only what may be.
            proper := and(
                and(
                    and(gt(dataLength, 36), gt(compact.length, add(dataLength, 1))),
                    eq(byte(0, calldataload(tail)), 0x22)
                ),
                and(eq(and(flags, 0x05), 0x05), or(iszero(and(flags, 0x10)), shr(3, and(flags, 0x08))))
            )
            if proper {
                let buffer := mload(0x40)
                mstore(buffer, '{"type":"webauthn.get","challeng')
                mstore(add(buffer, 32), 'e":"')
                mstore(add(buffer, 36), first)
                mstore(add(buffer, 68), rest)
                calldatacopy(add(buffer, 79), tail, tailLength)
                if iszero(staticcall(gas(), 2, buffer, add(tailLength, 79), 0x00, 0x20)) { revert(0, 0) }
                calldatacopy(buffer, data, dataLength)
                mstore(add(buffer, dataLength), mload(0x00))
                if iszero(staticcall(gas(), 2, buffer, add(dataLength, 0x20), 0x00, 0x20)) { revert(0, 0) }
                signed := mload(0x00)
            }
        }
    }

    /// @dev The bytes whose length word stands at `offset`, if they lie inside.
    function _member(bytes calldata whole, uint256 offset) private pure returns (bool, bytes calldata) {
        uint256 size = whole.length;
        if (offset > size || size - offset < 0x20) return (false, whole[:0]);
        uint256 length = uint256(bytes32(whole[offset:offset + 0x20]));
        if (length > size - offset - 0x20) return (false, whole[:0]);
        return (true, whole[offset + 0x20:offset + 0x20 + length]);
    }

    function _flagsHold(bytes calldata authenticatorData) private pure returns (bool) {
        if (authenticatorData.length < MIN_AUTHENTICATOR_DATA_BYTES) return false;
        uint256 flags = uint8(authenticatorData[FLAGS_AT]);
        if (flags & USER_PRESENT == 0 || flags & USER_VERIFIED == 0) return false;
        return flags & BACKED_UP == 0 || flags & BACKUP_ELIGIBLE != 0;
    }

    function _typeHolds(bytes calldata clientData, uint256 index) private pure returns (bool) {
        uint256 size = clientData.length;
        if (index > size || size - index < 21) return false;
        return bytes21(clientData[index:index + 21]) == TYPE_MEMBER;
    }

    function _challengeHolds(bytes calldata clientData, uint256 index, bytes32 digest) private pure returns (bool) {
        uint256 size = clientData.length;
        uint256 whole = 13 + ENCODED_DIGEST_CHARS + 1;
        if (index > size || size - index < whole) return false;
        if (bytes13(clientData[index:index + 13]) != CHALLENGE_OPENING || clientData[index + whole - 1] != '"') return false;
        bytes32 given = keccak256(clientData[index + 13:index + 13 + ENCODED_DIGEST_CHARS]);
        return given == keccak256(bytes(Base64.encodeURL(abi.encode(digest))));
    }
}
