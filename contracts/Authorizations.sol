// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {IERC3009, IERC3009Cancel} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {AccountWord} from "./AccountWord.sol";
import {Movements} from "./Movements.sol";
import {Nonces} from "./Nonces.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";
import {SignerWord, SignerWordLibrary} from "./SignerWord.sol";
import {Signing} from "./Signing.sol";
import {Domain, TypedData} from "./TypedData.sol";

/// @title EIP-3009: transfers by signed authorization, for tools that know the standard.
/// @dev The nonces are the same space as the payments'. The types differ from Payment, so a payment's signature can
///      never be submitted here without its reference. Who signs needs the account's full power: a limited key pays by
///      `pay` and `settle` only.
///
///      Signatures come as v, r, s or as bytes. Bytes are, in this order: what an account with code answers for
///      (ERC-1271); 65 bytes r, s, v of a secp256k1 key; an envelope as in SignatureEnvelope.
abstract contract Authorizations is Movements, Nonces, Signing, Domain, IERC3009, IERC3009Cancel {
    uint256 private constant RSV_BYTES = 65;

    /// @inheritdoc IERC3009
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return _nonceUsed(authorizer, _ledger().words[authorizer], uint256(nonce));
    }

    /// @inheritdoc IERC3009
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 digest = _digestOf(
            TypedData.TRANSFER_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce
        );
        _execute(from, to, value, nonce, _powerOfVrs(from, digest, v, r, s));
    }

    /// @notice The same with the signature as bytes.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 digest = _digestOf(
            TypedData.TRANSFER_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce
        );
        _execute(from, to, value, nonce, _powerOfBytes(from, digest, signature));
    }

    /// @inheritdoc IERC3009
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (msg.sender != to) revert CallerNotPayee(msg.sender, to);
        bytes32 digest = _digestOf(
            TypedData.RECEIVE_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce
        );
        _execute(from, to, value, nonce, _powerOfVrs(from, digest, v, r, s));
    }

    /// @notice The same with the signature as bytes.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        if (msg.sender != to) revert CallerNotPayee(msg.sender, to);
        bytes32 digest = _digestOf(
            TypedData.RECEIVE_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce
        );
        _execute(from, to, value, nonce, _powerOfBytes(from, digest, signature));
    }

    /// @inheritdoc IERC3009Cancel
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        _cancel(authorizer, nonce, _powerOfVrs(authorizer, _cancelDigest(authorizer, nonce), v, r, s));
    }

    /// @notice The same with the signature as bytes.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        _cancel(authorizer, nonce, _powerOfBytes(authorizer, _cancelDigest(authorizer, nonce), signature));
    }

    function _execute(address from, address to, uint256 value, bytes32 nonce, SignerWord power) private {
        AccountWord payer = _authorize(from, nonce, power);
        _moveOrRevert(from, to, value, payer, _currentRules(payer), power.kind());
        emit AuthorizationUsed(from, nonce);
    }

    function _cancel(address authorizer, bytes32 nonce, SignerWord power) private {
        _ledger().words[authorizer] = _authorize(authorizer, nonce, power);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    /// @dev Checks power and nonce; the word that comes back carries the nonce and is stored by the caller.
    function _authorize(address account, bytes32 nonce, SignerWord power) private returns (AccountWord) {
        AccountWord word = _ledger().words[account];
        if (SignerWord.unwrap(power) == 0 || power.isLimited()) revert BadSignature(account);
        if (_nonceUsed(account, word, uint256(nonce))) revert NonceUsed(account, uint256(nonce));
        return _useNonce(account, word, uint256(nonce));
    }

    /// @dev What was signed, once its time is checked.
    function _digestOf(
        bytes32 typeHash,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private view returns (bytes32) {
        if (block.timestamp <= validAfter) revert NotYetValid(validAfter);
        if (block.timestamp >= validBefore) revert Expired(validBefore);
        return TypedData.digest(
            _separator(), keccak256(abi.encode(typeHash, from, to, value, validAfter, validBefore, nonce))
        );
    }

    function _cancelDigest(address authorizer, bytes32 nonce) private view returns (bytes32) {
        return TypedData.digest(
            _separator(), keccak256(abi.encode(TypedData.CANCEL_AUTHORIZATION_TYPEHASH, authorizer, nonce))
        );
    }

    function _powerOfVrs(address account, bytes32 digest, uint8 v, bytes32 r, bytes32 s)
        private
        view
        returns (SignerWord)
    {
        address signer = SignatureEnvelope.recoverSecp256k1(digest, v, r, s);
        return _powerOfSigner(account, _ledger().words[account], signer, SignatureEnvelope.SECP256K1);
    }

    function _powerOfBytes(address account, bytes32 digest, bytes calldata signature)
        private
        view
        returns (SignerWord power)
    {
        AccountWord word = _ledger().words[account];
        if (account.code.length != 0) {
            bool agreed = SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
            return agreed
                ? _powerOfSigner(account, word, account, SignatureEnvelope.CONTRACT)
                : SignerWordLibrary.NONE;
        }
        if (signature.length == RSV_BYTES) {
            return _powerOfVrs(
                account, digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64])
            );
        }
        (power,) = _powerOfEither(account, word, signature, digest);
    }
}
