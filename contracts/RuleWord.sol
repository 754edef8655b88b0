// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {TierLimits, STOP_PAYMENTS} from "./interfaces/LedgerTypes.sol";

/// @dev All a payment must know of the rules for its payer's tier, in one slot: whether payments are stopped, what
///      that tier may spend, and what each receiving tier may hold. It is compiled from the tier limits and the stops
///      each time a governor changes one of them, so a payment reads one slot instead of three (4 200 gas).
///
///      bits      field          width
///      0..39     holding limit of tier 1   40  cents; then tiers 2, 3, 4 at 40, 80, 120
///      160..190  maxPayment     31
///      191..221  maxPerDay      31
///      222..252  maxPer30Days   31
///      253       payments stopped  1
///      254       superseded        1  the proxy's: an upgrade has replaced the payment path it carries
///      255       passkey floors    1  this tier has amounts above which only a passkey will do
///
///      A limit that is not set is the highest its field can hold, so that a payment compares and does not ask twice.
///      Sums of spending stop there, so they never pass it; one payment of more than 2^31 - 1 cents is never made.
///
///      Word 0 belongs to no tier; only its bit 254 is used.
type RuleWord is uint256;

using RuleWordLibrary for RuleWord global;

// The layout above in numbers, as AccountWord has its own. The holding limit of tier t stands at (t - 1) times the width.
uint256 constant RULES_HOLDING_WIDTH = 40;
uint256 constant RULES_HOLDING_MASK = (1 << 40) - 1;
uint256 constant RULES_MAX_PAYMENT_AT = 160;
uint256 constant RULES_MAX_PER_DAY_AT = 191;
uint256 constant RULES_MAX_PER_30_DAYS_AT = 222;
uint256 constant RULES_SPENDING_MASK = (1 << 31) - 1;
uint256 constant RULES_STOPPED_AT = 253;
uint256 constant RULES_SUPERSEDED_BIT = 1 << 254;
uint256 constant RULES_PASSKEY_FLOORS_BIT = 1 << 255;

/// @title Compiling and reading a rule word.
library RuleWordLibrary {
    uint256 internal constant MAX_HOLDING_LIMIT = RULES_HOLDING_MASK;
    uint256 internal constant MAX_SPENDING_LIMIT = RULES_SPENDING_MASK;

    uint256 private constant STOPPED_BIT = 1 << RULES_STOPPED_AT;

    function holdingLimit(RuleWord word, uint256 tier) internal pure returns (uint256) {
        unchecked {
            return (RuleWord.unwrap(word) >> (RULES_HOLDING_WIDTH * (tier - 1))) & RULES_HOLDING_MASK;
        }
    }

    function maxPayment(RuleWord word) internal pure returns (uint256) {
        return (RuleWord.unwrap(word) >> RULES_MAX_PAYMENT_AT) & RULES_SPENDING_MASK;
    }

    function maxPerDay(RuleWord word) internal pure returns (uint256) {
        return (RuleWord.unwrap(word) >> RULES_MAX_PER_DAY_AT) & RULES_SPENDING_MASK;
    }

    function maxPer30Days(RuleWord word) internal pure returns (uint256) {
        return (RuleWord.unwrap(word) >> RULES_MAX_PER_30_DAYS_AT) & RULES_SPENDING_MASK;
    }

    function paymentsStopped(RuleWord word) internal pure returns (bool) {
        return RuleWord.unwrap(word) & STOPPED_BIT != 0;
    }

    function superseded(RuleWord word) internal pure returns (bool) {
        return RuleWord.unwrap(word) & RULES_SUPERSEDED_BIT != 0;
    }

    function hasPasskeyFloors(RuleWord word) internal pure returns (bool) {
        return word.passkeyFloorsMark() != 0;
    }

    /// @dev The mark where it stands: 0 for a tier without floors.
    function passkeyFloorsMark(RuleWord word) internal pure returns (uint256) {
        return RuleWord.unwrap(word) & RULES_PASSKEY_FLOORS_BIT;
    }

    /// @dev Once set, never cleared: `recompiled` keeps it.
    function withSuperseded(RuleWord word) internal pure returns (RuleWord) {
        return RuleWord.wrap(RuleWord.unwrap(word) | RULES_SUPERSEDED_BIT);
    }

    /// @dev The word of `tier` from the limits of all tiers (index 0 unused), the stops in force and whether the tier
    ///      has passkey floors. Of the word that stood there it keeps what an upgrade has marked.
    function recompiled(RuleWord word, TierLimits[5] memory limits, uint256 tier, uint8 stops, bool passkeyFloors)
        internal
        pure
        returns (RuleWord)
    {
        uint256 raw = RuleWord.unwrap(word) & RULES_SUPERSEDED_BIT;
        raw |= _spending(limits[tier].maxPayment) << RULES_MAX_PAYMENT_AT
            | _spending(limits[tier].maxPerDay) << RULES_MAX_PER_DAY_AT
            | _spending(limits[tier].maxPer30Days) << RULES_MAX_PER_30_DAYS_AT;
        for (uint256 other = 1; other < limits.length; ++other) {
            uint256 holding = limits[other].maxBalance == 0 ? MAX_HOLDING_LIMIT : limits[other].maxBalance;
            raw |= holding << (RULES_HOLDING_WIDTH * (other - 1));
        }
        if (stops & STOP_PAYMENTS != 0) raw |= STOPPED_BIT;
        if (passkeyFloors) raw |= RULES_PASSKEY_FLOORS_BIT;
        return RuleWord.wrap(raw);
    }

    function _spending(uint256 limit) private pure returns (uint256) {
        return limit == 0 ? MAX_SPENDING_LIMIT : limit;
    }
}
