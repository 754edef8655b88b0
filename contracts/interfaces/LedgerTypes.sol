// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @dev The shapes that cross the ledger's edge. Money is integer cents, days are whole UTC days since 1970.

/// @dev What a payer signs. `ref` is made by the client before the first attempt; `validBefore` is unix seconds.
struct Payment {
    address from;
    address to;
    uint256 value;
    bytes32 ref;
    uint256 validBefore;
    uint256 nonce;
}

/// @dev Where the moment of locking stands in a redemption's value field, above 44 bits of cents: records of the first code
///      have 0 there.
uint256 constant REDEMPTION_LOCKED_AT = 44;
uint256 constant REDEMPTION_VALUE_MASK = (1 << 44) - 1;

/// @dev What a professional signs to get euros back. `payeeHash` binds the bank account without naming it. `ref` begins with
///      the account's address.
struct Redemption {
    address from;
    uint256 value;
    bytes32 payeeHash;
    bytes32 ref;
    uint256 validBefore;
    uint256 nonce;
}

/// @dev Limits of one tier in cents; 0 means without limit.
struct TierLimits {
    uint64 maxBalance;
    uint64 maxPayment;
    uint64 maxPerDay;
    uint64 maxPer30Days;
}

/// @dev Above these a tier's members need a passkey, cents; 0 means never. `perPayment`: one payment of more.
///      `perDay`: any payment with which the day's spending would be more.
struct PasskeyFloors {
    uint64 perPayment;
    uint64 perDay;
}

/// @dev One line of `enrolMany`.
struct Enrolment {
    address account;
    uint8 kind;
    uint8 tier;
    uint16 sector;
    uint32 expiresAtDay;
}

/// @dev An account as the outside sees it; freezes and sums are those in force at this block.
struct AccountView {
    uint256 balance;
    uint8 kind;
    uint8 tier;
    uint16 sector;
    uint32 expiresAtDay;
    bool frozenIn;
    bool frozenOut;
    uint256 spentToday;
    uint256 spentInWindow;
    uint256 lockedForRedemption;
}

/// @dev What stands between one officer's key and harm. Cents and seconds.
struct SafeguardSettings {
    // A mint of this many cents or more needs two issuers; 0 = none does.
    uint64 secondOfficerFrom;
    // From a recovery's proposal to the first moment it may be executed.
    uint32 recoveryDelay;
    // The same for a forced transfer.
    uint32 forcedTransferDelay;
    // How many governors must ask for a resumption before it happens.
    uint8 resumeApprovals;
}

/// @dev What a funder signs to escrow money for others to spend. Moments are unix seconds.
struct CampaignTerms {
    address funder;
    // All that will ever be in it.
    uint256 amount;
    bytes32 ref;
    uint256 startsAt;
    uint256 endsAt;
    // The most one payer may spend of it; 0 = without.
    uint256 perPersonCap;
    // Which part of a payment it pays: 10 000 = all of it first.
    uint256 shareBasisPoints;
    // Bit t set: payers of tier t; 0 = of any.
    uint256 payerTiers;
    // Up to sixteen sectors of payees, 16 bits each; 0 = any.
    uint256 payeeSectors;
    // Only payers, only payees whom the registrar has listed.
    bool payersListed;
    bool payeesListed;
    uint256 validBefore;
    uint256 nonce;
}

/// @dev What a payer signs to spend a campaign's money first and at most `maxOwn` of their own.
struct BenefitPayment {
    address from;
    address to;
    uint256 value;
    bytes32 ref;
    uint256 validBefore;
    uint256 nonce;
    bytes32 campaign;
    uint256 maxOwn;
}

/// @dev A campaign as the outside sees it; `spent` of `funded` cents went to payees.
struct CampaignView {
    address funder;
    uint64 startsAt;
    uint64 endsAt;
    uint256 funded;
    uint256 spent;
    uint256 perPersonCap;
    uint16 shareBasisPoints;
    uint8 payerTiers;
    uint256 payeeSectors;
    bool payersListed;
    bool payeesListed;
    bool closed;
}

uint8 constant TIER_VISITOR = 1;
uint8 constant TIER_DECLARED = 2;
uint8 constant TIER_VERIFIED = 3;
uint8 constant TIER_PROFESSIONAL = 4;

uint8 constant KIND_RESIDENT = 1;
uint8 constant KIND_MERCHANT = 2;
uint8 constant KIND_ASSOCIATION = 3;
uint8 constant KIND_TREASURY = 4;

uint8 constant STOP_PAYMENTS = 1;
uint8 constant STOP_ISSUING = 2;
uint8 constant STOP_REDEEMING = 4;

uint8 constant REDEMPTION_NONE = 0;
uint8 constant REDEMPTION_LOCKED = 1;
uint8 constant REDEMPTION_BURNED = 2;
uint8 constant REDEMPTION_RETURNED = 3;

uint8 constant FORCED_TRANSFER_NONE = 0;
uint8 constant FORCED_TRANSFER_PROPOSED = 1;
uint8 constant FORCED_TRANSFER_EXECUTED = 2;
uint8 constant FORCED_TRANSFER_CANCELED = 3;
