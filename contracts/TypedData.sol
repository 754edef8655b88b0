// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {Payment, Redemption} from "./interfaces/LedgerTypes.sol";

/// @dev Where in memory a payment stands as EIP-712 hashes it: its type's hash and its six members, then what is hashed
///      with the result. Reading a payment and preparing its hashes are one, and one place serves a whole batch. A
///      pointer and not a memory struct, which Solidity would fill with zeros first.
///
///      0x00 type's hash   0x20 from   0x40 to   0x60 value   0x80 ref   0xa0 validBefore   0xc0 nonce
///      0xfe 0x1901   0x100 domain separator   0x120 hash of 0x00..0xe0
type PaymentPreimage is uint256;

using TypedData for PaymentPreimage global;

// The layout above in numbers, for every block of Yul that reads or fills a payment.
uint256 constant PREIMAGE_FROM_AT = 0x20;
uint256 constant PREIMAGE_TO_AT = 0x40;
uint256 constant PREIMAGE_VALUE_AT = 0x60;
uint256 constant PREIMAGE_REF_AT = 0x80;
uint256 constant PREIMAGE_VALID_BEFORE_AT = 0xa0;
uint256 constant PREIMAGE_NONCE_AT = 0xc0;
// EIP-712's two bytes 0x1901 end the word before the separator, so what is signed begins two bytes before that.
uint256 constant PREIMAGE_PREFIX_AT = 0xe0;
uint256 constant PREIMAGE_SIGNED_AT = 0xfe;
uint256 constant PREIMAGE_SEPARATOR_AT = 0x100;
uint256 constant PREIMAGE_STRUCT_HASH_AT = 0x120;
uint256 constant PREIMAGE_BYTES = 0x140;
// The six words of a Payment, and of a Redemption; with their type's hash, what EIP-712 hashes.
uint256 constant FIELDS_BYTES = 0xc0;
uint256 constant STRUCT_BYTES = 0xe0;
// 0x1901, the separator and the struct's hash.
uint256 constant SIGNED_BYTES = 0x42;
uint256 constant EIP712_PREFIX = 0x1901;
uint256 constant ADDRESS_BITS = 160;

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
            calldatacopy(add(buffer, 0x20), payment, FIELDS_BYTES)
            result := keccak256(buffer, STRUCT_BYTES)
        }
    }

    /// @dev A place for payments under this domain; its members are still to be filled in.
    function newPreimage(bytes32 separator) internal pure returns (PaymentPreimage payment) {
        bytes32 typeHash = PAYMENT_TYPEHASH;
        assembly ("memory-safe") {
            payment := mload(0x40)
            mstore(0x40, add(payment, PREIMAGE_BYTES))
            mstore(payment, typeHash)
            mstore(add(payment, PREIMAGE_PREFIX_AT), EIP712_PREFIX)
            mstore(add(payment, PREIMAGE_SEPARATOR_AT), separator)
        }
    }

    /// @dev Payment's six members are static words: they are copied as they stand. Addresses with dirty upper bits, which
    ///      would be hashed as they are, are refused as Solidity refuses them.
    function fill(PaymentPreimage payment, Payment calldata given) internal pure {
        assembly ("memory-safe") {
            calldatacopy(add(payment, PREIMAGE_FROM_AT), given, FIELDS_BYTES)
            let either := or(mload(add(payment, PREIMAGE_FROM_AT)), mload(add(payment, PREIMAGE_TO_AT)))
            if shr(ADDRESS_BITS, either) { revert(0, 0) }
        }
    }

    function from(PaymentPreimage payment) internal pure returns (address member) {
        assembly ("memory-safe") {
            member := mload(add(payment, PREIMAGE_FROM_AT))
        }
    }

    function to(PaymentPreimage payment) internal pure returns (address member) {
        assembly ("memory-safe") {
            member := mload(add(payment, PREIMAGE_TO_AT))
        }
    }

    function value(PaymentPreimage payment) internal pure returns (uint256 member) {
        assembly ("memory-safe") {
            member := mload(add(payment, PREIMAGE_VALUE_AT))
        }
    }

    function ref(PaymentPreimage payment) internal pure returns (bytes32 member) {
        assembly ("memory-safe") {
            member := mload(add(payment, PREIMAGE_REF_AT))
        }
    }

    function validBefore(PaymentPreimage payment) internal pure returns (uint256 member) {
        assembly ("memory-safe") {
            member := mload(add(payment, PREIMAGE_VALID_BEFORE_AT))
        }
    }

    function nonce(PaymentPreimage payment) internal pure returns (uint256 member) {
        assembly ("memory-safe") {
            member := mload(add(payment, PREIMAGE_NONCE_AT))
        }
    }

    /// @dev Logs ERC-20's `Transfer(from, to, value)`, then `PaymentSettled(ref, nonce)`, whose first topics are given: their
    ///      data stand in memory already.
    function logSettled(PaymentPreimage payment, bytes32 transferTopic, bytes32 settledTopic) internal {
        assembly ("memory-safe") {
            log3(
                add(payment, PREIMAGE_VALUE_AT),
                0x20,
                transferTopic,
                mload(add(payment, PREIMAGE_FROM_AT)),
                mload(add(payment, PREIMAGE_TO_AT))
            )
            log2(add(payment, PREIMAGE_NONCE_AT), 0x20, settledTopic, mload(add(payment, PREIMAGE_REF_AT)))
        }
    }

    /// @dev What the payer signs.
    function digest(PaymentPreimage payment) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(add(payment, PREIMAGE_STRUCT_HASH_AT), keccak256(payment, STRUCT_BYTES))
            result := keccak256(add(payment, PREIMAGE_SIGNED_AT), SIGNED_BYTES)
        }
    }

    function structHash(Redemption calldata redemption) internal pure returns (bytes32 result) {
        bytes32 typeHash = REDEMPTION_TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typeHash)
            calldatacopy(add(buffer, 0x20), redemption, FIELDS_BYTES)
            result := keccak256(buffer, STRUCT_BYTES)
        }
    }

    function digest(bytes32 separator, bytes32 hashOfStruct) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, hex"1901")
            mstore(add(buffer, 0x02), separator)
            mstore(add(buffer, 0x22), hashOfStruct)
            result := keccak256(buffer, SIGNED_BYTES)
        }
    }
}

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
