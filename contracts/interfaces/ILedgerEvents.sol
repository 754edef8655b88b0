// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {CampaignTerms, PasskeyFloors, SafeguardSettings, TierLimits} from "./LedgerTypes.sol";

/// @title Everything an indexer needs to rebuild its copy from block 0.
/// @dev Beside these: ERC-20's Transfer and Approval, EIP-3009's AuthorizationUsed and AuthorizationCanceled.
interface ILedgerEvents {
    /// @notice A signed payment moved its value. Payer, payee and value are in the Transfer just before it in the same
    ///         receipt; they are not said twice.
    event PaymentSettled(bytes32 indexed ref, uint256 nonce);
    /// @notice Item `index` of a batch was left out; `reason` is the selector of the error `pay` would have raised.
    /// @dev When reason is not BadSignature's the payer truly signed this payment; unless it is NonceTooFar's either, the
    ///      payment can never happen any more: its nonce is used up. With BadSignature nothing in the event is
    ///      authenticated: anybody can cause it, so it must never decide over a payment by its `ref`.
    event PaymentSkipped(uint256 indexed index, address indexed from, bytes32 indexed ref, bytes4 reason);

    event Minted(address indexed to, bytes32 indexed ref, uint256 value, address issuer);
    event ReserveAttested(
        uint256 amount, uint64 asOf, bytes32 statementHash, address indexed attester, uint256 supply
    );
    /// @notice By the statement just attested, the euros of `paidOut` cents of units had been paid out since the beginning.
    event PayoutsAttested(uint256 paidOut);
    /// @notice A mint that needs a second issuer was proposed; it lapses at `expiresAt` (unix seconds).
    event MintProposed(address indexed to, bytes32 indexed ref, uint256 value, address issuer, uint64 expiresAt);
    event MintWithdrawn(bytes32 indexed ref, address issuer);
    event IssuanceChanged(uint64 attestationMaxAge, uint64 dailyMintQuota);

    event RedemptionRequested(address indexed account, bytes32 indexed ref, uint256 value, bytes32 payeeHash);
    /// @notice The attester says of a locked redemption whether the bank paid it. It moves nothing; the last word counts.
    event OutcomeAttested(bytes32 indexed ref, bool paid, address indexed attester);
    event RedemptionCompleted(bytes32 indexed ref, address indexed account, uint256 value);
    event RedemptionReturned(bytes32 indexed ref, address indexed account, uint256 value, bytes32 reason);

    event MemberEnrolled(address indexed account, uint8 kind, uint8 tier, uint16 sector, uint32 expiresAtDay);
    event MemberChanged(address indexed account, uint8 kind, uint8 tier, uint16 sector, uint32 expiresAtDay);
    event SignerAdded(address indexed account, address indexed signer, uint8 signerKind);
    event LimitedSignerAdded(
        address indexed account,
        address indexed signer,
        uint8 signerKind,
        uint256 maxPayment,
        uint256 maxPerDay,
        uint256 expiresAt
    );
    event SignerRemoved(address indexed account, address indexed signer);

    event Frozen(address indexed account, bool incoming, bool outgoing, bytes32 groundHash, uint64 until);
    event Unfrozen(address indexed account, bytes32 groundHash);
    /// @notice What `signer` signs for `account` counts for nothing before `until` (unix seconds), or until it is released.
    event KeySuspended(address indexed account, address indexed signer, uint64 until, bytes32 groundHash);
    event KeyReleased(address indexed account, address indexed signer, bytes32 groundHash);
    event Stopped(uint8 what, uint8 stops);
    event Resumed(uint8 what, uint8 stops);
    /// @notice Governors together shut the pauser out: nobody stops anything before `until` (unix seconds).
    event StopsRefused(uint64 until);
    /// @notice A governor asked for a resumption; it happens with the approval that makes `given` equal `needed`.
    event ResumeApproved(uint8 what, address indexed governor, uint256 given, uint256 needed);
    event SafeguardsChanged(SafeguardSettings settings);
    event TierLimitsChanged(uint8 indexed tier, TierLimits limits);

    /// @notice A registrar proposes to replace every key of `account`; executable from `executableAt` (unix seconds).
    event RecoveryProposed(
        address indexed account,
        uint256 indexed number,
        address newSigner,
        uint8 signerKind,
        bytes32 groundHash,
        uint64 executableAt
    );
    /// @notice A key of the account with its full power said no.
    event RecoveryVetoed(address indexed account, uint256 indexed number);
    /// @notice An officer called it off.
    event RecoveryCanceled(address indexed account, uint256 indexed number, address officer, bytes32 groundHash);
    /// @notice From here on `newSigner` is the account's only key; address and balance stay.
    event RecoveryExecuted(
        address indexed account, uint256 indexed number, address newSigner, uint8 signerKind
    );

    event ForcedTransferProposed(
        uint256 indexed number,
        address indexed from,
        address indexed to,
        uint256 value,
        bytes32 groundHash,
        uint64 executableAt
    );
    event ForcedTransferCanceled(uint256 indexed number, address officer, bytes32 groundHash);
    /// @notice The Transfer stands just before it in the same receipt.
    event ForcedTransferExecuted(
        uint256 indexed number, address indexed from, address indexed to, uint256 value, bytes32 groundHash
    );

    /// @notice The funder's money is in escrow; the Transfer to the escrow stands just before.
    event CampaignOpened(bytes32 indexed ref, address indexed funder, uint256 value, CampaignTerms terms);
    event CampaignListed(bytes32 indexed campaign, address indexed account, bool asPayer, bool listed);
    /// @notice `value` cents of the payer's own money went to the payee; 0 when the campaign paid all.
    event BenefitPaymentSettled(
        address indexed from, address indexed to, bytes32 indexed ref, uint256 value, uint256 nonce, bytes32 campaign
    );
    /// @notice `value` cents of the campaign went to the payee; the Transfer from the escrow stands just before.
    event BenefitSpent(
        bytes32 indexed campaign, address indexed payer, bytes32 indexed ref, uint256 value, address payee
    );
    /// @notice Item `index` of a batch was left out; see `PaymentSkipped`.
    event BenefitSkipped(uint256 indexed index, address indexed from, bytes32 indexed ref, bytes4 reason);
    /// @notice `value` cents nobody spent went back to the funder; the Transfer stands just before when it is not 0.
    event CampaignClosed(bytes32 indexed ref, address indexed funder, uint256 value);
    /// @notice Nothing leaves the campaign's escrow before `until` (unix seconds).
    event CampaignHalted(bytes32 indexed campaign, uint64 until, bytes32 groundHash);
    event CampaignReleased(bytes32 indexed campaign, bytes32 groundHash);
    event PasskeyFloorsChanged(uint8 indexed tier, PasskeyFloors floors);
}
