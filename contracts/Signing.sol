// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {AccountWord} from "./AccountWord.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Reasons} from "./Reasons.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";
import {SignerWord, SignerWordLibrary} from "./SignerWord.sol";

/// @title Whether a signature was made by a key that may act for an account, and with which power.
/// @dev The account's own key unless it was taken away, or a further one registered for that kind of envelope.
abstract contract Signing is LedgerStorage {
    /// @dev By which kind of envelope a key with the account's full power signed, or a contract agreed; or revert. For what
    ///      stands alone in its transaction.
    function _kindSignedFor(address account, AccountWord word, bytes calldata envelope, bytes32 digest)
        internal
        view
        returns (uint256 kind)
    {
        (SignerWord power,) = _powerOfEither(account, word, envelope, digest);
        if (SignerWord.unwrap(power) == 0 || power.isLimited()) revert BadSignature(account);
        return power.kind();
    }

    /// @dev The power of the key that signed, else of the contract the envelope names.
    function _powerOfEither(address account, AccountWord word, bytes calldata envelope, bytes32 digest)
        internal
        view
        returns (SignerWord power, address signer)
    {
        (power, signer) = _powerOf(account, word, envelope, digest);
        if (SignerWord.unwrap(power) == 0) (power, signer) = _powerOfContract(account, word, envelope, digest);
    }

    /// @dev Who signed and with which power over `account`; power 0 when nobody who may did. Calls nothing but precompiles.
    function _powerOf(address account, AccountWord word, bytes calldata envelope, bytes32 digest)
        internal
        view
        returns (SignerWord power, address signer)
    {
        uint8 kind;
        (signer, kind) = SignatureEnvelope.recover(envelope, digest);
        power = _powerOfSigner(account, word, signer, kind);
    }

    /// @dev Whether a contract agrees (ERC-1271), which is asked only where one message stands alone: the caller pays for
    ///      whatever that contract does, and nobody else's payment waits behind it. The question is a static call.
    function _powerOfContract(address account, AccountWord word, bytes calldata envelope, bytes32 digest)
        internal
        view
        returns (SignerWord power, address signer)
    {
        if (!SignatureEnvelope.isContracts(envelope)) return (power, signer);
        signer = SignatureEnvelope.contractOf(envelope);
        power = _powerOfSigner(account, word, signer, SignatureEnvelope.CONTRACT);
        if (SignerWord.unwrap(power) == 0) return (power, signer);
        bytes calldata signature = SignatureEnvelope.contractSignatureOf(envelope);
        if (!SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature)) {
            power = SignerWordLibrary.NONE;
        }
    }

    /// @dev The power of a signer whose signature of that kind was checked; address(0) stands for none. A key whose
    ///      time is over has none: what it signs must look like a stranger's.
    function _powerOfSigner(address account, AccountWord word, address signer, uint8 kind)
        internal
        view
        returns (SignerWord power)
    {
        if (_suspendedUntil(account, word, signer) != 0) return SignerWordLibrary.NONE;
        if (signer == account) return _ownPower(signer, word, kind);
        if (signer == address(0)) return SignerWordLibrary.NONE;
        power = _ledger().signers[account][signer];
        if (power.kind() != kind || !_alive(power, word)) power = SignerWordLibrary.NONE;
    }

    /// @dev The power of an account's own key: none when it was taken away. The zero address has no key, and is also what
    ///      an envelope without a good signature answers.
    function _ownPower(address signer, AccountWord word, uint256 kind) private pure returns (SignerWord) {
        unchecked {
            return SignerWordLibrary.full(
                _provenKind(word, kind) * (Reasons.isZero(Reasons.equal(signer, address(0))) & Reasons.toUint(!word.keyRevoked())), 0
            );
        }
    }

    /// @dev What an envelope of that kind by the account's own key proves. Any P-256 key can sign bytes that are shaped like
    ///      an assertion: only one that was registered as a passkey says that a person was verified.
    function _provenKind(AccountWord word, uint256 kind) internal pure returns (uint256) {
        return kind == SignatureEnvelope.PASSKEY && !word.ownPasskey() ? SignatureEnvelope.P256_KEY : kind;
    }

    /// @dev Whether a further key's time and generation have not passed.
    function _alive(SignerWord power, AccountWord word) internal view returns (bool) {
        return power.generation() == word.generation() && !power.endedAt(block.timestamp);
    }
}
