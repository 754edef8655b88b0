// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @title Every reason the ledger gives for a refusal.
/// @dev The selectors of the first group are also the reasons in `PaymentSkipped`. Values are cents.
interface ILedgerErrors {
    // Movements: payments, transfers, authorizations. Where ERC-6093 has the case, the name and the values are its own.
    error ERC20InvalidReceiver(address receiver);
    error SamePayerPayee(address account);
    error ZeroValue();
    error PaymentsStopped();
    error NotMember(address account);
    error IdentityExpired(address account);
    error FrozenOutgoing(address account);
    error FrozenIncoming(address account);
    error VisitorToPerson(address visitor, address receiver);
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    /// @dev ERC-7943's: a part of the balance is held.
    error ERC7943InsufficientUnfrozenBalance(address account, uint256 amount, uint256 unfrozen);
    error PaymentLimit(address account, uint256 value, uint256 limit);
    error DailyLimit(address account, uint256 spentWith, uint256 limit);
    error WindowLimit(address account, uint256 spentWith, uint256 limit);
    error HoldingLimit(address account, uint256 heldWith, uint256 limit);
    error Expired(uint256 validBefore);
    error NonceUsed(address account, uint256 nonce);
    error NonceTooFar(address account, uint256 nonce, uint256 furthest);
    error BadSignature(address account);
    error PasskeyRequired(address account, uint256 value, uint256 spentWith);
    error SignerPaymentLimit(address account, address signer, uint256 value, uint256 limit);
    error SignerDailyLimit(address account, address signer, uint256 spentWith, uint256 limit);

    // Around movements.
    error TooManyItems(uint256 count, uint256 maximum);
    error LengthMismatch(uint256 payments, uint256 signatures);
    error BatchMalformed(uint256 position);
    error NotYetValid(uint256 validAfter);
    error CallerNotPayee(address caller, address payee);
    error KeyRevoked(address account);
    error KeyOnHold(address account, uint256 until);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InvalidSpender(address spender);

    // Issuance and redemption.
    error IssuingStopped();
    error RedeemingStopped();
    error ReferenceUsed(bytes32 ref);
    error ReferenceNotOwn(address account, bytes32 ref);
    error AttestationStale(uint256 asOf, uint256 maxAge);
    error AttestationOutOfOrder(uint256 asOf, uint256 lastAsOf);
    error AttestationInFuture(uint256 asOf, uint256 latestAllowed);
    error AttesterMayNotMint(address account);
    error AttesterRevoked(address account);
    error IssuerMayNotAttest(address account);
    error SecondOfficerNeeded(uint256 value, uint256 threshold);
    error SecondOfficerNotNeeded(uint256 value, uint256 threshold);
    error SecondOfficerIsFirst(address issuer);
    error MintProposalPending(bytes32 ref, uint256 expiresAt);
    error MintNotProposed(bytes32 ref, address to, uint256 value);
    error MintProposalExpired(bytes32 ref, uint256 expiresAt);
    error ReserveExceeded(uint256 neededWith, uint256 reserve);
    error MintQuotaExceeded(address issuer, uint256 mintedWith, uint256 quota);
    error SupplyTooLarge(uint256 supplyWith, uint256 maximum);
    error NotProfessional(address account);
    error RedemptionNotLocked(bytes32 ref, uint8 state);
    error RedemptionNotDue(bytes32 ref, uint256 lapsesAt);
    error RedemptionPaid(bytes32 ref);
    error OutcomeNotAttested(bytes32 ref, bool paid);

    // Administration.
    error AlreadyMember(address account);
    error InvalidMember(address account, uint8 kind, uint8 tier, uint32 expiresAtDay);
    error InvalidSigner(address account, address signer, uint8 signerKind);
    error InvalidSuspension(address account, address signer, uint64 until);
    error InvalidFreeze(address account, uint64 until);
    error InvalidStop(uint8 what);
    error StoppingRefused(uint256 until);
    error InvalidTier(uint8 tier);
    error LimitTooLarge(uint256 given, uint256 maximum);
    error OfficerHidden(address caller);
    error NotStopped(uint8 what, uint8 stops);
    error AlreadyApproved(address governor, uint8 what);
    error InvalidSafeguards(uint32 recoveryDelay, uint32 forcedTransferDelay, uint8 resumeApprovals);

    // Recovery and forced transfers.
    error RecoveryPending(address account, uint256 number);
    error RecoveryNotPending(address account, uint256 number);
    error RecoveryNotDue(address account, uint256 executableAt);
    error RecoveryLapsed(address account, uint256 lapsedAt);
    error RecoveriesExhausted(address account);
    error ForcedTransferNotPending(uint256 number, uint8 state);
    error ForcedTransferNotDue(uint256 number, uint256 executableAt);
    error ForcedTransferLapsed(uint256 number, uint256 lapsedAt);

    // Campaigns. The first four are also reasons in `BenefitSkipped`.
    error CampaignNotOpen(bytes32 campaign);
    error PayerNotEligible(bytes32 campaign, address payer);
    error PayeeNotEligible(bytes32 campaign, address payee);
    error OwnShareExceeded(uint256 own, uint256 maxOwn);
    error InvalidCampaign(bytes32 campaign);
    error CampaignNotOver(bytes32 campaign, uint256 endsAt);
    error CampaignOnHalt(bytes32 campaign, uint256 haltedUntil);
    error InvalidHalt(bytes32 campaign, uint64 until);
}
