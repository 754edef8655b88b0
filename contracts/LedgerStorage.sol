// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {PasskeyFloors, SafeguardSettings, TierLimits} from "./interfaces/LedgerTypes.sol";
import {ILedgerErrors} from "./interfaces/ILedgerErrors.sol";
import {ILedgerEvents} from "./interfaces/ILedgerEvents.sol";
import {AccountWord, ACCOUNT_TIER_MASK} from "./AccountWord.sol";
import {RuleWord, RULES_SUPERSEDED_BIT} from "./RuleWord.sol";
import {SignerWord} from "./SignerWord.sol";
import {VisitorSpending} from "./VisitorSpending.sol";

/// @title The ledger's state, in one ERC-7201 namespace.
/// @dev New fields go to the end, existing ones never move: an upgrade keeps what is stored.
abstract contract LedgerStorage is ILedgerErrors, ILedgerEvents {
    /// @dev The last thing the attester said the segregated account holds, and how many units' payouts had left it by then.
    struct Reserve {
        uint128 amount;
        uint64 asOf;
        uint64 attestedAt;
        bytes32 statementHash;
        address attester;
        uint96 paidOut;
    }

    struct Minting {
        uint64 day;
        uint128 value;
    }

    /// @dev Cents that single issuers minted to a receiver on a day (UTC) and on the day before it.
    struct MintedAlone {
        uint64 day;
        uint96 onDay;
        uint96 dayBefore;
    }

    /// @dev Cents that left an account on a day (UTC) and are no spending: asked back in euros, put in a campaign's escrow.
    struct LeftUnspent {
        uint64 day;
        uint128 value;
    }

    /// @dev `value`: cents, and above them when it was locked (REDEMPTION_LOCKED_AT). `paid`: what `attester` said of it last.
    struct RedemptionRecord {
        address account;
        uint88 value;
        uint8 state;
        bytes32 payeeHash;
        address attester;
        bool paid;
    }

    struct MintProposal {
        address issuer;
        uint64 expiresAt;
        address to;
        uint96 value;
    }

    /// @dev Which governors asked to resume the same stops since the last stop. `count` and `given` are of the first code.
    struct ResumeApprovals {
        uint256 count;
        mapping(address governor => bool) given;
        address[] governors;
    }

    /// @dev The open proposal of an account; signer 0 = none.
    struct RecoveryRecord {
        address signer;
        uint8 signerKind;
        uint40 executableAt;
        uint40 number;
    }

    struct ForcedTransferRecord {
        address from;
        uint96 value;
        address to;
        uint40 executableAt;
        uint8 state;
        bytes32 groundHash;
    }

    struct CampaignRecord {
        address funder;
        uint48 startsAt;
        uint48 endsAt;
        uint64 funded;
        uint64 spent;
        uint64 perPersonCap;
        uint16 shareBasisPoints;
        uint8 payerTiers;
        bool payersListed;
        bool payeesListed;
        bool closed;
        uint256 payeeSectors;
    }

    /// @dev A key of an account whose signatures count for nothing before `until` (unix seconds).
    struct KeySuspension {
        address signer;
        uint64 until;
    }

    /// @custom:storage-location erc7201:alba.ledger
    struct Ledger {
        // Read and written by payments.
        mapping(address account => AccountWord) words;
        RuleWord[5] rules;
        mapping(address account => mapping(uint256 nonce => bool)) wideNonces;
        // Of a generation each: a recovery makes all of an account's further keys at once worthless.
        mapping(address account => mapping(address signer => SignerWord)) signers;
        mapping(address account => uint64) frozenUntil;
        mapping(address owner => mapping(address spender => uint256)) allowances;
        // Rules as governors set them; `rules` above is compiled from these two.
        TierLimits[5] tierLimits;
        uint8 stops;
        // Issuance.
        uint64 attestationMaxAge;
        uint64 dailyMintQuota;
        uint128 mintedTotal;
        uint128 burnedTotal;
        Reserve reserve;
        mapping(bytes32 ref => bool) mintRefs;
        mapping(address issuer => Minting) mintings;
        // Redemptions.
        mapping(bytes32 ref => RedemptionRecord) redemptions;
        mapping(address account => uint256) locked;
        // Metadata.
        string name;
        string symbol;
        // Safeguards.
        SafeguardSettings safeguards;
        uint64 stopCount;
        mapping(uint256 stopCount => mapping(uint8 what => ResumeApprovals)) resumeApprovals;
        mapping(bytes32 ref => MintProposal) mintProposals;
        // Recovery and forced transfers; both count from 1.
        uint40 recoveryCount;
        uint40 forcedTransferCount;
        mapping(address account => RecoveryRecord) recoveries;
        mapping(uint256 number => ForcedTransferRecord) forcedTransfers;
        // EIP-2612.
        mapping(address owner => uint256) permitNonces;
        // Campaigns.
        mapping(bytes32 ref => CampaignRecord) campaigns;
        mapping(bytes32 campaign => mapping(address payer => uint256)) benefitSpent;
        mapping(bytes32 campaign => mapping(address account => uint8)) campaignLists;
        // Rules again: read by a payment only when bit 255 of the tier's rule word says so.
        PasskeyFloors[5] passkeyFloors;
        // How often the account's own key was registered again: what it allowed before counts no more.
        mapping(address owner => uint256) allowanceEpochs;
        mapping(address owner => mapping(uint256 epoch => mapping(address spender => uint256))) laterAllowances;
        // Unix seconds; 0 = never halted, or released.
        mapping(bytes32 campaign => uint64) campaignHaltedUntil;
        mapping(address receiver => MintedAlone) mintedAlone;
        mapping(address account => LeftUnspent) leftUnspent;
        // Of payers of the visitors' tier only: the thirty days the law speaks of.
        mapping(address account => VisitorSpending) visitorSpending;
        // Cents that do not leave the account, by a compliance officer's word; read only when bit 252 of the word says so.
        mapping(address account => uint256) heldAmounts;
        // The latest forced transfer announced with these parties and amount, by keccak256(abi.encode(from, to, value)).
        mapping(bytes32 announced => uint256 number) forcedTransferNumbers;
        // Unix seconds: before then nobody stops anything.
        uint64 stopsRefusedUntil;
        // One an account; read only when bit 253 of its word says so.
        mapping(address account => KeySuspension) keySuspensions;
    }

    /// @dev Holds what campaigns have not spent. Nobody has its key, and it is never a member.
    address internal constant CAMPAIGN_ESCROW = address(uint160(uint256(keccak256("alba.ledger.campaigns"))));

    uint256 internal constant SECONDS_PER_DAY = 86_400;

    // keccak256(abi.encode(uint256(keccak256("alba.ledger")) - 1)) & ~bytes32(uint256(0xff)), checked by a test
    bytes32 private constant LEDGER_SLOT = 0xab7e5cdf62fb464cc7bdfef9ad30e3c9819936910d8fcdb53a0d3119177b8300;
    /// @dev `words` is the namespace's first slot, `rules` begin at the next (storage_layout.json).
    uint256 private constant RULES_FIELD = 1;

    function _ledger() internal pure returns (Ledger storage $) {
        assembly ("memory-safe") {
            $.slot := LEDGER_SLOT
        }
    }

    /// @dev Where the word of `account` stands: `words` is the namespace's first field. A payment works this out once
    ///      for reading and writing, which the compiler does not do by itself.
    function _wordSlot(address account) internal pure returns (bytes32 slot) {
        assembly ("memory-safe") {
            mstore(0x00, account)
            mstore(0x20, LEDGER_SLOT)
            slot := keccak256(0x00, 0x40)
        }
    }

    function _wordAt(bytes32 slot) internal view returns (AccountWord word) {
        assembly ("memory-safe") {
            word := sload(slot)
        }
    }

    function _setWordAt(bytes32 slot, AccountWord word) internal {
        assembly ("memory-safe") {
            sstore(slot, word)
        }
    }

    /// @dev The rule word of a payer's tier; of no tier for a stranger. `rules` is the field after `words`.
    function _rulesOf(AccountWord payer) internal view returns (RuleWord rules) {
        uint256 tier = payer.tier();
        assembly ("memory-safe") {
            rules := sload(add(add(LEDGER_SLOT, RULES_FIELD), tier))
        }
    }

    /// @dev Marks the rule word of every tier that an account word can name, and word 0, which strangers' and batches' calls
    ///      read. Behind the last rule word lie the places of three mappings, which Solidity leaves empty
    ///      (storage_layout.json): marked too, they send a payer of a tier that only later code knows on to that code.
    function _markSuperseded() internal {
        assembly ("memory-safe") {
            for { let tier := 0 } iszero(gt(tier, ACCOUNT_TIER_MASK)) { tier := add(tier, 1) } {
                let slot := add(add(LEDGER_SLOT, RULES_FIELD), tier)
                sstore(slot, or(sload(slot), RULES_SUPERSEDED_BIT))
            }
        }
    }

    /// @dev What `owner` allows by the key it has now. Those of its first time stand in a field of their own.
    function _allowancesOf(address owner) internal view returns (mapping(address spender => uint256) storage) {
        Ledger storage $ = _ledger();
        uint256 epoch = $.allowanceEpochs[owner];
        if (epoch == 0) return $.allowances[owner];
        return $.laterAllowances[owner][epoch];
    }

    /// @dev A reference that is recorded begins with the address of the account that signs it, so that nobody else can take
    ///      it first: a rival's cent would otherwise keep a shop from its euros.
    function _requireOwnReference(address account, bytes32 ref) internal pure {
        if (address(bytes20(ref)) != account) revert ReferenceNotOwn(account, ref);
    }

    /// @dev Until when a key of the account is suspended (unix seconds); 0 when it is not.
    function _suspendedUntil(address account, AccountWord word, address signer) internal view returns (uint256) {
        if (!word.keySuspended()) return 0;
        KeySuspension storage suspension = _ledger().keySuspensions[account];
        return suspension.signer == signer && block.timestamp < suspension.until ? suspension.until : 0;
    }

    /// @dev What an account does by sending it itself takes its own key: not taken away, not suspended.
    function _requireOwnKey(address account, AccountWord word) internal view {
        if (word.keyRevoked()) revert KeyRevoked(account);
        uint256 until = _suspendedUntil(account, word, account);
        if (until != 0) revert KeyOnHold(account, until);
    }

    /// @dev Whole UTC days since 1970, from the block's time.
    function _today() internal view returns (uint256) {
        return block.timestamp / SECONDS_PER_DAY;
    }

    function _supply() internal view returns (uint256) {
        Ledger storage $ = _ledger();
        return $.mintedTotal - $.burnedTotal;
    }
}
