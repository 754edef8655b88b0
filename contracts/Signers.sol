// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";
import {Nonces} from "./Nonces.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";
import {SignerWord, SignerWordLibrary} from "./SignerWord.sol";
import {Signing} from "./Signing.sol";
import {Domain, TypedData} from "./TypedData.sol";

/// @title Which keys may sign for an account: its own (the account's address is that key's) and further ones.
/// @dev A registrar adds a key on the word of one that signs already: its own key alone spends from nobody's account. Where
///      no key signs any more, recovery is the way (Recovery.sol), with its delay and its veto. A further key is registered
///      for one kind of envelope: a key kept in an authenticator cannot be used without it. Removing the account's own key
///      is how a lost phone is cut off; the account and its money stay.
abstract contract Signers is Nonces, Signing, Domain, LedgerAuthorized {
    bytes32 private constant SIGNER_ADDITION_TYPEHASH = keccak256(
        "SignerAddition(address account,address signer,uint8 signerKind,uint256 maxPayment,uint256 maxPerDay,uint256 expiresAt,uint256 validBefore,uint256 nonce)"
    );

    /// @notice Lets `signer` sign for `account` with envelopes of kind `signerKind` (1 secp256k1, 2 P-256, 3 passkey,
    ///         4 contract), with all of the account's power. For the account's own key it says whether that is a passkey:
    ///         until it was said, what it signs meets the passkey floors whatever its shape.
    /// @param validBefore unix seconds: from then on the account's word counts no more
    /// @param nonce of the account's own, used up here
    /// @param signature an envelope over SignerAddition, without limits, by a key of the account that has its full power
    function addSigner(
        address account,
        address signer,
        uint8 signerKind,
        uint256 validBefore,
        uint256 nonce,
        bytes calldata signature
    ) external restricted {
        Ledger storage $ = _ledger();
        AccountWord word = _checkSigner(account, signer, signerKind);
        bytes32 hashOfStruct = _additionHash(account, signer, signerKind, 0, 0, 0, validBefore, nonce);
        AccountWord after_ = _agreed(account, word, hashOfStruct, validBefore, nonce, signature);
        if (signer == account) {
            // What the key allowed before it was taken away stays dead.
            if (word.keyRevoked()) ++$.allowanceEpochs[account];
            after_ = after_.withKeyRevoked(false).withOwnPasskey(signerKind == SignatureEnvelope.PASSKEY);
        } else {
            $.signers[account][signer] = SignerWordLibrary.full(signerKind, word.generation());
        }
        $.words[account] = after_;
        emit SignerAdded(account, signer, signerKind);
    }

    /// @notice Lets `signer` sign payments of `account`, and nothing else, within limits of its own: a child's or a
    ///         helper's key. Cents and unix seconds; 0 = no such limit, but not all three. `validBefore`, `nonce` and
    ///         `signature` as in `addSigner`, the limits signed with the rest.
    function addLimitedSigner(
        address account,
        address signer,
        uint8 signerKind,
        uint256 maxPayment,
        uint256 maxPerDay,
        uint256 expiresAt,
        uint256 validBefore,
        uint256 nonce,
        bytes calldata signature
    ) external restricted {
        AccountWord word = _checkSigner(account, signer, signerKind);
        bool bounded = maxPayment <= SignerWordLibrary.MAX_LIMIT && maxPerDay <= SignerWordLibrary.MAX_LIMIT
            && expiresAt <= SignerWordLibrary.MAX_EXPIRES_AT && (expiresAt == 0 || expiresAt > block.timestamp);
        if (!bounded || maxPayment | maxPerDay | expiresAt == 0 || signer == account) {
            revert InvalidSigner(account, signer, signerKind);
        }
        bytes32 hashOfStruct =
            _additionHash(account, signer, signerKind, maxPayment, maxPerDay, expiresAt, validBefore, nonce);
        _ledger().words[account] = _agreed(account, word, hashOfStruct, validBefore, nonce, signature);
        _ledger().signers[account][signer] =
            SignerWordLibrary.limitedTo(signerKind, word.generation(), maxPayment, maxPerDay, expiresAt);
        emit LimitedSignerAdded(account, signer, signerKind, maxPayment, maxPerDay, expiresAt);
    }

    /// @notice Takes the right to sign for `account` from `signer`, which may be the account's own key.
    function removeSigner(address account, address signer) external restricted {
        Ledger storage $ = _ledger();
        AccountWord word = $.words[account];
        if (!_isSigner(account, word, signer)) revert InvalidSigner(account, signer, 0);
        if (signer == account) $.words[account] = word.withKeyRevoked(true);
        else $.signers[account][signer] = SignerWordLibrary.NONE;
        emit SignerRemoved(account, signer);
    }

    /// @notice Whether `signer` may sign for the member `account` now, with limits or without.
    function isSigner(address account, address signer) external view returns (bool) {
        AccountWord word = _ledger().words[account];
        return _isSigner(account, word, signer) && _suspendedUntil(account, word, signer) == 0;
    }

    /// @notice What a further key of `account` may do: its kind of envelope (0 = no key), its limits in cents and its end
    ///         in unix seconds (0 = none), and what it spent today.
    function signerOf(address account, address signer)
        external
        view
        returns (uint8 signerKind, uint256 maxPayment, uint256 maxPerDay, uint256 expiresAt, uint256 spentToday)
    {
        SignerWord word = _ledger().signers[account][signer];
        return (word.kind(), word.maxPayment(), word.maxPerDay(), word.expiresAt(), word.spentOn(_today()));
    }

    function _checkSigner(address account, address signer, uint8 signerKind) private view returns (AccountWord word) {
        word = _ledger().words[account];
        if (word.tier() == 0) revert NotMember(account);
        bool kindKnown = signerKind >= SignatureEnvelope.SECP256K1 && signerKind <= SignatureEnvelope.CONTRACT;
        if (signer == address(0) || !kindKnown) revert InvalidSigner(account, signer, signerKind);
    }

    /// @dev The word with the nonce used up, once a key of the account with its full power has agreed; or revert.
    function _agreed(
        address account,
        AccountWord word,
        bytes32 hashOfStruct,
        uint256 validBefore,
        uint256 nonce,
        bytes calldata signature
    ) private returns (AccountWord) {
        _kindSignedFor(account, word, signature, TypedData.digest(_separator(), hashOfStruct));
        if (block.timestamp >= validBefore) revert Expired(validBefore);
        if (_nonceUsed(account, word, nonce)) revert NonceUsed(account, nonce);
        return _useNonce(account, word, nonce);
    }

    function _additionHash(
        address account,
        address signer,
        uint8 signerKind,
        uint256 maxPayment,
        uint256 maxPerDay,
        uint256 expiresAt,
        uint256 validBefore,
        uint256 nonce
    ) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SIGNER_ADDITION_TYPEHASH,
                account,
                signer,
                signerKind,
                maxPayment,
                maxPerDay,
                expiresAt,
                validBefore,
                nonce
            )
        );
    }

    function _isSigner(address account, AccountWord word, address signer) private view returns (bool) {
        if (word.tier() == 0) return false;
        if (signer == account) return !word.keyRevoked();
        SignerWord power = _ledger().signers[account][signer];
        return power.kind() != 0 && _alive(power, word);
    }
}
