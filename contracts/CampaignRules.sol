// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {KIND_RESIDENT} from "./interfaces/LedgerTypes.sol";
import {AccountWord} from "./AccountWord.sol";
import {LedgerStorage} from "./LedgerStorage.sol";

/// @title Who may spend of a campaign, with whom, when, and how much of a payment it pays.
abstract contract CampaignRules is LedgerStorage {
    uint256 internal constant ALL_BASIS_POINTS = 10_000;
    uint8 internal constant LISTED_AS_PAYER = 1;
    uint8 internal constant LISTED_AS_PAYEE = 2;

    uint256 private constant SECTOR_WIDTH = 16;
    uint256 private constant MASK_16 = 0xffff;

    /// @dev 0 when `payer` may spend of the campaign with `payee` now, else the selector that says why not.
    function _reasonAgainstBenefit(bytes32 campaign, address from, address to) internal view returns (bytes4) {
        Ledger storage $ = _ledger();
        CampaignRecord storage record = $.campaigns[campaign];
        bool open = record.funder != address(0) && !record.closed && block.timestamp >= record.startsAt
            && block.timestamp < record.endsAt && block.timestamp >= $.campaignHaltedUntil[campaign];
        if (!open) return CampaignNotOpen.selector;
        if (!_payerEligible(record, $.words[from], $.campaignLists[campaign][from])) {
            return PayerNotEligible.selector;
        }
        if (!_payeeEligible(record, $.words[to], $.campaignLists[campaign][to])) {
            return PayeeNotEligible.selector;
        }
        return 0;
    }

    /// @dev Cents the campaign pays of a payment of `value` by `from`: its share, within the person's cap and what is left.
    function _benefitOf(bytes32 campaign, address from, uint256 value) internal view returns (uint256 benefit) {
        Ledger storage $ = _ledger();
        CampaignRecord storage record = $.campaigns[campaign];
        uint256 left = record.funded - record.spent;
        // A value above what is left pays what is left, and cannot overflow the product.
        benefit = value > type(uint128).max ? left : value * record.shareBasisPoints / ALL_BASIS_POINTS;
        uint256 cap = record.perPersonCap;
        if (cap != 0) {
            uint256 capLeft = cap - $.benefitSpent[campaign][from];
            if (benefit > capLeft) benefit = capLeft;
        }
        if (benefit > left) benefit = left;
    }

    function _payerEligible(CampaignRecord storage record, AccountWord payer, uint8 lists)
        private
        view
        returns (bool)
    {
        uint256 tiers = record.payerTiers;
        if (tiers != 0 && (tiers >> payer.tier()) & 1 == 0) return false;
        return !record.payersListed || lists & LISTED_AS_PAYER != 0;
    }

    /// @dev Never a resident, whatever the terms: friends would turn a benefit into cash among themselves.
    function _payeeEligible(CampaignRecord storage record, AccountWord payee, uint8 lists)
        private
        view
        returns (bool)
    {
        if (payee.kind() <= KIND_RESIDENT) return false;
        if (record.payeesListed && lists & LISTED_AS_PAYEE == 0) return false;
        uint256 sectors = record.payeeSectors;
        if (sectors == 0) return true;
        uint256 sector = payee.sector();
        if (sector == 0) return false;
        for (; sectors != 0; sectors >>= SECTOR_WIDTH) {
            if (sectors & MASK_16 == sector) return true;
        }
        return false;
    }
}
