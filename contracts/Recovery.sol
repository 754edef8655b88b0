// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord, AccountWordLibrary} from "./AccountWord.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";
import {SignerWordLibrary} from "./SignerWord.sol";
import {Signing} from "./Signing.sol";
import {Domain, TypedData} from "./TypedData.sol";

/// @title A lost phone is not lost money: new keys for an account, after a delay in which an old one with full power can object.
/// @dev The address and all it holds stay. Whatever the number of old keys, they die together by one step of the account's
///      generation (AccountWord), so the cost is constant.
abstract contract Recovery is Signing, Domain, LedgerAuthorized {
    /// @notice How long a recovery may be executed once its delay has passed (seconds).
    uint256 public constant RECOVERY_LIFE = 30 days;

    bytes32 private constant RECOVERY_VETO_TYPEHASH = keccak256("RecoveryVeto(address account,uint256 number)");

    /// @notice Proposes that `newSigner` becomes the only key of `account`. `groundHash` stands for the identity check.
    /// @return number what a veto or a cancellation names
    function proposeRecovery(address account, address newSigner, uint8 signerKind, bytes32 groundHash)
        external
        restricted
        returns (uint256 number)
    {
        Ledger storage $ = _ledger();
        AccountWord word = $.words[account];
        if (word.tier() == 0) revert NotMember(account);
        bool kindKnown = signerKind >= SignatureEnvelope.SECP256K1 && signerKind <= SignatureEnvelope.PASSKEY;
        // The account's own key cannot come back by this way: it is the one that was lost.
        if (newSigner == address(0) || newSigner == account || !kindKnown) {
            revert InvalidSigner(account, newSigner, signerKind);
        }
        if (word.generation() == AccountWordLibrary.MAX_GENERATION) revert RecoveriesExhausted(account);
        RecoveryRecord storage pending = $.recoveries[account];
        bool lapsed = block.timestamp >= pending.executableAt + RECOVERY_LIFE;
        if (pending.signer != address(0) && !lapsed) revert RecoveryPending(account, pending.number);
        number = ++$.recoveryCount;
        uint256 executableAt = block.timestamp + $.safeguards.recoveryDelay;
        // forge-lint: disable-next-line(unsafe-typecast)
        $.recoveries[account] = RecoveryRecord(newSigner, signerKind, uint40(executableAt), uint40(number));
        // forge-lint: disable-next-line(unsafe-typecast)
        emit RecoveryProposed(account, number, newSigner, signerKind, groundHash, uint64(executableAt));
    }

    /// @notice Ends the recovery that a key of `account` with full power, living and not suspended, objects to. Anybody may relay it.
    /// @param signature an envelope over RecoveryVeto(account, number)
    function vetoRecovery(address account, uint256 number, bytes calldata signature) external {
        _requirePending(account, number);
        _kindSignedFor(account, _ledger().words[account], signature, recoveryVetoDigest(account, number));
        delete _ledger().recoveries[account];
        emit RecoveryVetoed(account, number);
    }

    /// @notice The registrar withdraws the recovery.
    function cancelRecovery(address account, uint256 number, bytes32 groundHash) external restricted {
        _cancelRecovery(account, number, groundHash);
    }

    /// @notice The pauser halts the recovery: a stolen registrar's key replaces nobody's while somebody watches.
    function haltRecovery(address account, uint256 number, bytes32 groundHash) external restricted {
        _cancelRecovery(account, number, groundHash);
    }

    /// @notice Replaces every key of `account` by the proposed one. Anybody may send it once the delay has passed.
    function executeRecovery(address account, uint256 number) external {
        _requirePending(account, number);
        Ledger storage $ = _ledger();
        RecoveryRecord memory recovery = $.recoveries[account];
        uint256 lapsesAt = recovery.executableAt + RECOVERY_LIFE;
        if (block.timestamp < recovery.executableAt) revert RecoveryNotDue(account, recovery.executableAt);
        if (block.timestamp >= lapsesAt) revert RecoveryLapsed(account, lapsesAt);
        AccountWord word = $.words[account].withNextGeneration();
        $.words[account] = word;
        $.signers[account][recovery.signer] = SignerWordLibrary.full(recovery.signerKind, word.generation());
        delete $.recoveries[account];
        delete $.keySuspensions[account];
        emit RecoveryExecuted(account, number, recovery.signer, recovery.signerKind);
    }

    /// @notice The open recovery of `account`; all zero when there is none. Moments are unix seconds.
    function recoveryOf(address account)
        external
        view
        returns (uint256 number, address newSigner, uint8 signerKind, uint64 executableAt)
    {
        RecoveryRecord storage pending = _ledger().recoveries[account];
        return (pending.number, pending.signer, pending.signerKind, pending.executableAt);
    }

    /// @notice The 32 bytes a key of the account signs to object.
    function recoveryVetoDigest(address account, uint256 number) public view returns (bytes32) {
        return TypedData.digest(_separator(), keccak256(abi.encode(RECOVERY_VETO_TYPEHASH, account, number)));
    }

    function _cancelRecovery(address account, uint256 number, bytes32 groundHash) private {
        _requirePending(account, number);
        delete _ledger().recoveries[account];
        emit RecoveryCanceled(account, number, _officer(), groundHash);
    }

    function _requirePending(address account, uint256 number) private view {
        RecoveryRecord storage pending = _ledger().recoveries[account];
        if (pending.signer == address(0) || pending.number != number) revert RecoveryNotPending(account, number);
    }
}
