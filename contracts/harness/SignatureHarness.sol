// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {Base64Digits} from "../Base64Digits.sol";
import {Payment, Redemption} from "../interfaces/LedgerTypes.sol";
import {SignatureEnvelope} from "../SignatureEnvelope.sol";
import {TypedData} from "../TypedData.sol";

/// @title Hashing and signatures as callable functions, for tests only. Never deployed beside a ledger.
contract SignatureHarness {
    function recover(bytes calldata envelope, bytes32 digest) external view returns (address signer, uint8 kind) {
        return SignatureEnvelope.recover(envelope, digest);
    }

    function recoverInBatch(bytes calldata envelope, bytes32 digest)
        external
        view
        returns (address signer, uint8 kind)
    {
        return SignatureEnvelope.recoverInBatch(envelope, digest);
    }

    function base64Of(bytes32 digest_) external pure returns (bytes memory) {
        return bytes.concat(Base64Digits.ofFirst24(digest_), bytes11(Base64Digits.ofLast8(digest_)));
    }

    function paymentHash(Payment calldata payment) external pure returns (bytes32) {
        return TypedData.structHash(payment);
    }

    function redemptionHash(Redemption calldata redemption) external pure returns (bytes32) {
        return TypedData.structHash(redemption);
    }

    function digest(bytes32 separator, bytes32 structHash) external pure returns (bytes32) {
        return TypedData.digest(separator, structHash);
    }
}
