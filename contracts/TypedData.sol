// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {Payment, Redemption} from "./interfaces/LedgerTypes.sol";

/// @dev Where in memory a payment stands as EIP-712 hashes it: its type's hash and its six members, then what is hashed
///      with the result. Reading a payment and preparing its hashes are one, and one place serves a whole batch. A
///      pointer and not a memory struct, which Solidity would fill with zeros first.
///
///      0x00 type's hash   0x20 from   0x40 to   0x60 value   0x80 ref   0xa0 validBefore   0xc0 nonce
///      0xfe 0x1901   0x100 domain separator   0x120 hash of 0x00..0xe0
type PaymentPreimage is uint256;

using TypedData for PaymentPreimage global;

/// @title EIP-712 hashing of what members sign.
/// @dev The domain separator is computed at each use from the running chain id and address, never cached: a fork or a
///      copy of the chain changes it at once. Hashing writes behind the free memory pointer without moving it, so a
///      batch of 200 does not grow memory.
library TypedData {
    bytes32 internal constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 internal constant PAYMENT_TYPEHASH = keccak256(
        "Payment(address from,address to,uint256 value,bytes32 ref,uint256 validBefore,uint256 nonce)"
    );
    bytes32 internal constant REDEMPTION_TYPEHASH = keccak256(
        "Redemption(address from,uint256 value,bytes32 payeeHash,bytes32 ref,uint256 validBefore,uint256 nonce)"
    );
    bytes32 internal constant TRANSFER_AUTHORIZATION_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant RECEIVE_AUTHORIZATION_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant CANCEL_AUTHORIZATION_TYPEHASH =
        keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    function domainSeparator(bytes32 nameHash, bytes32 versionHash) internal view returns (bytes32 separator) {
        bytes32 typeHash = DOMAIN_TYPEHASH;
        // abi.encode would do the same for 150 gas more.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typeHash)
            mstore(add(buffer, 0x20), nameHash)
            mstore(add(buffer, 0x40), versionHash)
            mstore(add(buffer, 0x60), chainid())
            mstore(add(buffer, 0x80), address())
            separator := keccak256(buffer, 0xa0)
        }
    }

    /// @dev Payment's six members are static words, so the struct is hashed straight from calldata. Reading its
    ///      addresses elsewhere makes Solidity refuse dirty upper bits.
    function structHash(Payment calldata payment) internal pure returns (bytes32 result) {
        bytes32 typeHash = PAYMENT_TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typeHash)
            calldatacopy(add(buffer, 0x20), payment, 0xc0)
            result := keccak256(buffer, 0xe0)
        }
    }

    /// @dev A place for payments under this domain; its members are still to be filled in.
    function newPreimage(bytes32 separator) internal pure returns (PaymentPreimage payment) {
        bytes32 typeHash = PAYMENT_TYPEHASH;
        assembly ("memory-safe") {
            payment := mload(0x40)
            mstore(0x40, add(payment, 0x140))
            mstore(payment, typeHash)
            mstore(add(payment, 0xe0), 0x1901)
            mstore(add(payment, 0x100), separator)
        }
    }

    /// @dev Payment's six members are static words: they are copied as they stand. Addresses with dirty upper bits, which
    ///      would be hashed as they are, are refused as Solidity refuses them.
    function fill(PaymentPreimage payment, Payment calldata given) internal pure {
        assembly ("memory-safe") {
            calldatacopy(add(payment, 0x20), given, 0xc0)
            if shr(160, or(mload(add(payment, 0x20)), mload(add(payment, 0x40)))) { revert(0, 0) }
        }
    }

    function from(PaymentPreimage payment) internal pure returns (address member) {
        assembly ("memory-safe") {
            member := mload(add(payment, 0x20))
        }
    }

    function to(PaymentPreimage payment) internal pure returns (address member) {
        assembly ("memory-safe") {
            member := mload(add(payment, 0x40))
        }
    }

    function value(PaymentPreimage payment) internal pure returns (uint256 member) {
        assembly ("memory-safe") {
            member := mload(add(payment, 0x60))
        }
    }

    function ref(PaymentPreimage payment) internal pure returns (bytes32 member) {
        assembly ("memory-safe") {
            member := mload(add(payment, 0x80))
        }
    }

    function validBefore(PaymentPreimage payment) internal pure returns (uint256 member) {
        assembly ("memory-safe") {
            member := mload(add(payment, 0xa0))
        }
    }

    function nonce(PaymentPreimage payment) internal pure returns (uint256 member) {
        assembly ("memory-safe") {
            member := mload(add(payment, 0xc0))
        }
    }

    /// @dev Logs ERC-20's `Transfer(from, to, value)`, then `PaymentSettled(ref, nonce)`, whose first topics are given: their
    ///      data stand in memory already.
    function logSettled(PaymentPreimage payment, bytes32 transferTopic, bytes32 settledTopic) internal {
        assembly ("memory-safe") {
            log3(add(payment, 0x60), 0x20, transferTopic, mload(add(payment, 0x20)), mload(add(payment, 0x40)))
            log2(add(payment, 0xc0), 0x20, settledTopic, mload(add(payment, 0x80)))
        }
    }

    /// @dev What the payer signs.
    function digest(PaymentPreimage payment) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(add(payment, 0x120), keccak256(payment, 0xe0))
            result := keccak256(add(payment, 0xfe), 0x42)
        }
    }

    function structHash(Redemption calldata redemption) internal pure returns (bytes32 result) {
        bytes32 typeHash = REDEMPTION_TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typeHash)
            calldatacopy(add(buffer, 0x20), redemption, 0xc0)
            result := keccak256(buffer, 0xe0)
        }
    }

    function digest(bytes32 separator, bytes32 hashOfStruct) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, hex"1901")
            mstore(add(buffer, 0x02), separator)
            mstore(add(buffer, 0x22), hashOfStruct)
            result := keccak256(buffer, 0x42)
        }
    }
}
