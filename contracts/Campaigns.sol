// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {
    CampaignTerms,
    CampaignView,
    KIND_MERCHANT,
    STOP_PAYMENTS,
    TIER_PROFESSIONAL,
    TIER_VISITOR
} from "./interfaces/LedgerTypes.sol";
import {AccountWord} from "./AccountWord.sol";
import {CampaignRules} from "./CampaignRules.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";
import {Movements} from "./Movements.sol";
import {Nonces} from "./Nonces.sol";
import {Signing} from "./Signing.sol";
import {Domain, TypedData} from "./TypedData.sol";

/// @title Campaigns: plain money a funder puts in escrow for others to spend on their terms, and gets back unspent.
/// @dev The escrow is one account of the ledger, so balances always add up to the supply. What a campaign pays out never
///      passes what its funder put in; there is no other way out of the escrow.
abstract contract Campaigns is CampaignRules, Movements, Nonces, Signing, Domain, LedgerAuthorized {
    /// @notice The most accounts one `listForCampaign` takes.
    uint256 public constant MAX_LISTED = 200;

    bytes32 private constant CAMPAIGN_TYPEHASH = keccak256(
        "CampaignTerms(address funder,uint256 amount,bytes32 ref,uint256 startsAt,uint256 endsAt,uint256 perPersonCap,uint256 shareBasisPoints,uint256 payerTiers,uint256 payeeSectors,bool payersListed,bool payeesListed,uint256 validBefore,uint256 nonce)"
    );
    /// @dev Members of CampaignTerms, each a word.
    uint256 private constant TERMS_BYTES = 13 * 32;
    /// @dev Money is in escrow no longer than that.
    uint256 private constant MAX_CAMPAIGN_S = 1_096 days;
    /// @dev One halt keeps money from its owners no longer than that; who must go on says so again.
    uint256 private constant MAX_HALT_S = 90 days;

    /// @dev Bits of the four tiers.
    uint256 private constant ALL_TIERS = (1 << (TIER_PROFESSIONAL + 1)) - (1 << TIER_VISITOR);
    // ---- a campaign's life

    /// @notice Escrows the amount of signed terms; the campaign is known by their reference, which begins with the funder's
    ///         address. Anybody may relay it.
    /// @dev Putting money in escrow is not spending: no spending limit applies. Only professionals fund, so nobody can
    ///      lend a stranger money around the limits of persons.
    function openCampaign(CampaignTerms calldata terms, bytes calldata signature) external {
        Ledger storage $ = _ledger();
        address funder = terms.funder;
        uint256 amount = terms.amount;
        AccountWord word = $.words[funder];
        uint256 kind = _kindSignedFor(funder, word, signature, campaignDigest(terms));
        if (block.timestamp >= terms.validBefore) revert Expired(terms.validBefore);
        if (_nonceUsed(funder, word, terms.nonce)) revert NonceUsed(funder, terms.nonce);
        _checkFunder(funder, word, amount);
        _checkPasskeyFloors(funder, word, amount, kind);
        _requireOwnReference(funder, terms.ref);
        if ($.campaigns[terms.ref].funder != address(0)) revert ReferenceUsed(terms.ref);
        if (!_validTerms(terms)) revert InvalidCampaign(terms.ref);
        _record(terms);
        _recordLeftUnspent(funder, amount);
        $.words[funder] = _useNonce(funder, word, terms.nonce).debit(amount);
        $.words[CAMPAIGN_ESCROW] = $.words[CAMPAIGN_ESCROW].credit(amount);
        emit Transfer(funder, CAMPAIGN_ESCROW, amount);
        emit CampaignOpened(terms.ref, funder, amount, terms);
    }

    /// @notice Puts accounts on a campaign's list of payers or payees, or takes them off.
    function listForCampaign(bytes32 campaign, address[] calldata accounts, bool asPayers, bool listed)
        external
        restricted
    {
        Ledger storage $ = _ledger();
        uint256 count = accounts.length;
        if (count > MAX_LISTED) revert TooManyItems(count, MAX_LISTED);
        if ($.campaigns[campaign].funder == address(0)) revert CampaignNotOpen(campaign);
        uint8 bit = asPayers ? LISTED_AS_PAYER : LISTED_AS_PAYEE;
        for (uint256 i = 0; i < count; ++i) {
            address account = accounts[i];
            if ($.words[account].tier() == 0) revert NotMember(account);
            uint8 lists = $.campaignLists[campaign][account];
            $.campaignLists[campaign][account] = listed ? lists | bit : lists & ~bit;
            emit CampaignListed(campaign, account, asPayers, listed);
        }
    }

    /// @notice Nothing is spent of the campaign, and nothing goes back to its funder, before `until` (unix seconds). A
    ///         further halt replaces the one before. `groundHash` stands for why.
    function haltCampaign(bytes32 campaign, uint64 until, bytes32 groundHash) external restricted {
        _requireOpened(campaign);
        if (until <= block.timestamp || until > block.timestamp + MAX_HALT_S) revert InvalidHalt(campaign, until);
        _ledger().campaignHaltedUntil[campaign] = until;
        emit CampaignHalted(campaign, until, groundHash);
    }

    /// @notice Ends a halt before its end.
    function releaseCampaign(bytes32 campaign, bytes32 groundHash) external restricted {
        _requireOpened(campaign);
        delete _ledger().campaignHaltedUntil[campaign];
        emit CampaignReleased(campaign, groundHash);
    }

    /// @notice Gives the funder back what nobody spent, once the campaign is over and not halted. Anybody may send it.
    /// @dev Passes every stop, freeze and holding limit, as a returned redemption does: it is the funder's own money.
    function closeCampaign(bytes32 campaign) external {
        Ledger storage $ = _ledger();
        CampaignRecord storage record = _requireOpened(campaign);
        address funder = record.funder;
        if (block.timestamp < record.endsAt) revert CampaignNotOver(campaign, record.endsAt);
        uint256 haltedUntil = $.campaignHaltedUntil[campaign];
        if (block.timestamp < haltedUntil) revert CampaignOnHalt(campaign, haltedUntil);
        record.closed = true;
        uint256 unspent = record.funded - record.spent;
        if (unspent != 0) {
            $.words[CAMPAIGN_ESCROW] = $.words[CAMPAIGN_ESCROW].debit(unspent);
            $.words[funder] = $.words[funder].credit(unspent);
            emit Transfer(CAMPAIGN_ESCROW, funder, unspent);
        }
        emit CampaignClosed(campaign, funder, unspent);
    }

    // ---- asking

    /// @notice A campaign by its reference; all zero when there is none.
    function campaignOf(bytes32 campaign) external view returns (CampaignView memory) {
        CampaignRecord storage record = _ledger().campaigns[campaign];
        return CampaignView({
            funder: record.funder,
            startsAt: record.startsAt,
            endsAt: record.endsAt,
            funded: record.funded,
            spent: record.spent,
            perPersonCap: record.perPersonCap,
            shareBasisPoints: record.shareBasisPoints,
            payerTiers: record.payerTiers,
            payeeSectors: record.payeeSectors,
            payersListed: record.payersListed,
            payeesListed: record.payeesListed,
            closed: record.closed
        });
    }

    /// @notice Until when the campaign is halted (unix seconds); past or 0 when it is not.
    function campaignHaltedUntil(bytes32 campaign) external view returns (uint64) {
        return _ledger().campaignHaltedUntil[campaign];
    }

    /// @notice Whether `account` is on a campaign's list of payers, and of payees.
    function campaignListing(bytes32 campaign, address account)
        external
        view
        returns (bool asPayer, bool asPayee)
    {
        uint8 lists = _ledger().campaignLists[campaign][account];
        return (lists & LISTED_AS_PAYER != 0, lists & LISTED_AS_PAYEE != 0);
    }

    /// @notice The account that holds what campaigns have not spent.
    function campaignEscrow() external pure returns (address) {
        return CAMPAIGN_ESCROW;
    }

    /// @notice The 32 bytes a funder signs.
    /// @dev All members are static words, so the struct is hashed straight from calldata.
    function campaignDigest(CampaignTerms calldata terms) public view returns (bytes32) {
        bytes32 typeHash = CAMPAIGN_TYPEHASH;
        uint256 length = TERMS_BYTES;
        bytes32 hashOfStruct;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typeHash)
            calldatacopy(add(buffer, 0x20), terms, length)
            hashOfStruct := keccak256(buffer, add(length, 0x20))
        }
        return TypedData.digest(_separator(), hashOfStruct);
    }

    // ---- opening

    /// @dev Whether the terms are within their bounds at this block.
    function _validTerms(CampaignTerms calldata terms) internal view returns (bool) {
        return terms.endsAt > terms.startsAt && terms.endsAt > block.timestamp
            && terms.endsAt <= block.timestamp + MAX_CAMPAIGN_S && terms.shareBasisPoints != 0
            && terms.shareBasisPoints <= ALL_BASIS_POINTS && terms.perPersonCap <= type(uint64).max
            && terms.payerTiers & ~ALL_TIERS == 0;
    }

    /// @dev The record of a campaign that was opened and not closed, or revert.
    function _requireOpened(bytes32 campaign) private view returns (CampaignRecord storage record) {
        record = _ledger().campaigns[campaign];
        if (record.funder == address(0) || record.closed) revert CampaignNotOpen(campaign);
    }

    function _checkFunder(address funder, AccountWord word, uint256 amount) private view {
        if (_ledger().stops & STOP_PAYMENTS != 0) revert PaymentsStopped();
        if (amount == 0) revert ZeroValue();
        if (word.tier() == 0) revert NotMember(funder);
        if (word.tier() != TIER_PROFESSIONAL || word.kind() < KIND_MERCHANT) revert NotProfessional(funder);
        if (word.expiredOn(_today())) revert IdentityExpired(funder);
        if (_frozen(funder, word.frozenOut())) revert FrozenOutgoing(funder);
        _checkBalance(funder, word, amount);
    }

    /// @dev The caller has checked every bound: nothing is cut off here.
    function _record(CampaignTerms calldata terms) private {
        CampaignRecord storage record = _ledger().campaigns[terms.ref];
        record.funder = terms.funder;
        // forge-lint: disable-start(unsafe-typecast)
        record.startsAt = uint48(terms.startsAt);
        record.endsAt = uint48(terms.endsAt);
        record.funded = uint64(terms.amount);
        record.perPersonCap = uint64(terms.perPersonCap);
        record.shareBasisPoints = uint16(terms.shareBasisPoints);
        record.payerTiers = uint8(terms.payerTiers);
        // forge-lint: disable-end(unsafe-typecast)
        record.payersListed = terms.payersListed;
        record.payeesListed = terms.payeesListed;
        record.payeeSectors = terms.payeeSectors;
    }
}
