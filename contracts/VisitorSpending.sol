// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @dev What a visitor spent in the last ten periods of three days, in one storage slot. Days are cut where whole multiples
///      of three lie, so that nothing is kept of when an account began.
///
///      bits      field    width
///      0..239    periods  10 times 24  cents, the newest lowest; each saturates
///      240..255  newest   16           the newest period: days since 1970, divided by three
///
///      The account word has no room for this: its own window opens with the first spending after the last one closed, so
///      two months' limits fit around its end. This one rolls: a day's spending counts on that day and the 27 to 29 days
///      after it, so the sum of any 28 days never passes a limit. Exact to the day is the service.
type VisitorSpending is uint256;

using VisitorSpendingLibrary for VisitorSpending global;

/// @title Reading and changing it. Pure: it knows the layout, never a rule.
library VisitorSpendingLibrary {
    uint256 private constant PERIODS = 10;
    uint256 private constant DAYS_PER_PERIOD = 3;
    uint256 private constant WIDTH = 24;
    uint256 private constant MASK = (1 << WIDTH) - 1;
    uint256 private constant NEWEST_AT = PERIODS * WIDTH;
    uint256 private constant PERIODS_MASK = (1 << NEWEST_AT) - 1;

    /// @dev Cents spent in the period of `day` and the nine before it.
    function sumOn(VisitorSpending spending, uint256 day) internal pure returns (uint256 sum) {
        unchecked {
            for (uint256 left = _periodsOn(spending, day); left != 0; left >>= WIDTH) {
                sum += left & MASK;
            }
        }
    }

    /// @dev With `value` cents more on `day`.
    function spend(VisitorSpending spending, uint256 value, uint256 day) internal pure returns (VisitorSpending) {
        uint256 periods = _periodsOn(spending, day);
        uint256 newest;
        // A balance bounds the value.
        unchecked {
            newest = (periods & MASK) + value;
        }
        if (newest > MASK) newest = MASK;
        return VisitorSpending.wrap((periods & ~MASK) | newest | ((day / DAYS_PER_PERIOD) << NEWEST_AT));
    }

    /// @dev The ten periods as they stand on `day`: older ones have moved out. Block time never goes back.
    function _periodsOn(VisitorSpending spending, uint256 day) private pure returns (uint256) {
        uint256 raw = VisitorSpending.unwrap(spending);
        unchecked {
            uint256 passed = day / DAYS_PER_PERIOD - (raw >> NEWEST_AT);
            return ((raw & PERIODS_MASK) << (passed * WIDTH)) & PERIODS_MASK;
        }
    }
}
