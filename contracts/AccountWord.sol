// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @dev One account in one storage slot: a fully checked payment writes two of these and nothing else.
///
///      bits      field          width  meaning
///      0..43     balance        44     cents; the supply is bounded so that no sum of balances can pass it
///      44..75    spentToday     32     cents spent on lastSpendDay, saturating
///      76..107   spentInWindow  32     cents spent since the window's first day, saturating
///      108..123  lastSpendDay   16     days since 1970
///      124..128  windowAge      5      lastSpendDay minus the window's first day, 0..29
///      129..160  nonceBits      32     bit i: nonce nonceNext - 1 - i was used
///      161..201  nonceNext      41     highest small nonce used, plus one
///      202..217  expiresAtDay   16     first day on which the identity no longer holds, 0 = none
///      218..233  sector         16
///      234..236  tier           3
///      237..239  kind           3
///      240       frozenIn       1
///      241       frozenOut      1
///      242       keyRevoked     1      the account's first key may no longer sign
///      243..250  generation     8      how often the account was recovered: further keys of earlier ones are dead
///      251..255  spare          5
///
///      A Solidity struct with the same fields costs thousands of gas more a payment: the compiler reads and masks the
///      slot once per field and writes it back once per field.
type AccountWord is uint256;

using AccountWordLibrary for AccountWord global;

/// @title Reading and changing an account word. Pure: it knows the layout, never a rule about who may pay whom.
library AccountWordLibrary {
    uint256 internal constant MAX_BALANCE = (1 << 44) - 1;
    /// @dev One bit less than the field: no limit is above it, so a full sum passes none that is set.
    uint256 internal constant MAX_SPENT = (1 << 31) - 1;
    uint256 internal constant MAX_DAY = (1 << 16) - 1;
    /// @dev Nonces below this live in the word; any other value belongs in a mapping.
    uint256 internal constant SMALL_NONCES = 1 << 40;
    uint256 internal constant NONCE_WINDOW = 32;
    uint256 internal constant SPENDING_WINDOW_DAYS = 30;

    uint256 private constant SPENT_TODAY_AT = 44;
    uint256 private constant SPENT_IN_WINDOW_AT = 76;
    uint256 private constant LAST_SPEND_DAY_AT = 108;
    uint256 private constant WINDOW_AGE_AT = 124;
    uint256 private constant NONCE_BITS_AT = 129;
    uint256 private constant NONCE_NEXT_AT = 161;
    uint256 private constant EXPIRES_AT_DAY_AT = 202;
    uint256 private constant SECTOR_AT = 218;
    uint256 private constant TIER_AT = 234;
    uint256 private constant KIND_AT = 237;
    uint256 private constant FROZEN_IN_BIT = 1 << 240;
    uint256 private constant FROZEN_OUT_BIT = 1 << 241;
    uint256 private constant KEY_REVOKED_BIT = 1 << 242;
    uint256 private constant GENERATION_AT = 243;
    /// @dev An account can be recovered that many times.
    uint256 internal constant MAX_GENERATION = 255;

    uint256 private constant MASK_3 = 0x7;
    uint256 private constant MASK_5 = 0x1f;
    uint256 private constant MASK_16 = 0xffff;
    uint256 private constant MASK_32 = 0xffffffff;
    uint256 private constant MASK_41 = (1 << 41) - 1;
    /// @dev expiresAtDay, sector, tier and kind stand side by side: membership changes as a whole.
    uint256 private constant MEMBERSHIP_MASK = ((1 << 38) - 1) << EXPIRES_AT_DAY_AT;
    /// @dev spentToday, spentInWindow, lastSpendDay and windowAge stand side by side.
    uint256 private constant SPENDING_MASK = ((1 << 85) - 1) << SPENT_TODAY_AT;
    /// @dev nonceBits and nonceNext stand side by side.
    uint256 private constant NONCES_MASK = ((1 << 73) - 1) << NONCE_BITS_AT;

    // ---- reading

    function balance(AccountWord word) internal pure returns (uint256) {
        return AccountWord.unwrap(word) & MAX_BALANCE;
    }

    function tier(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> TIER_AT) & MASK_3;
    }

    function kind(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> KIND_AT) & MASK_3;
    }

    function sector(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> SECTOR_AT) & MASK_16;
    }

    function expiresAtDay(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> EXPIRES_AT_DAY_AT) & MASK_16;
    }

    function frozenIn(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & FROZEN_IN_BIT != 0;
    }

    function frozenOut(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & FROZEN_OUT_BIT != 0;
    }

    function keyRevoked(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & KEY_REVOKED_BIT != 0;
    }

    /// @dev How often the account was recovered. A further key counts only with the generation it was registered in.
    function generation(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> GENERATION_AT) & MAX_GENERATION;
    }

    /// @dev Highest small nonce used, plus one: the next a client should take.
    function nonceNext(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> NONCE_NEXT_AT) & MASK_41;
    }

    /// @dev The identity no longer holds on that day.
    function expiredOn(AccountWord word, uint256 day) internal pure returns (bool) {
        // 0 wraps to the highest value, which no day passes.
        unchecked {
            return day > word.expiresAtDay() - 1;
        }
    }

    /// @dev Cents spent on lastSpendDay.
    function spentToday(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> SPENT_TODAY_AT) & MASK_32;
    }

    /// @dev Cents spent in the window of lastSpendDay.
    function spentInWindow(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> SPENT_IN_WINDOW_AT) & MASK_32;
    }

    /// @dev Whether the payer has an outgoing freeze or the payee an incoming one: one look for both.
    function anyFrozen(AccountWord payer, AccountWord payee) internal pure returns (bool) {
        return (AccountWord.unwrap(payer) & FROZEN_OUT_BIT) | (AccountWord.unwrap(payee) & FROZEN_IN_BIT) != 0;
    }

    /// @dev Cents spent on `day`; 0 when the last spending was on another day.
    function spentOn(AccountWord word, uint256 day) internal pure returns (uint256) {
        uint256 raw = AccountWord.unwrap(word);
        return ((raw >> LAST_SPEND_DAY_AT) & MASK_16) == day ? (raw >> SPENT_TODAY_AT) & MASK_32 : 0;
    }

    /// @dev Cents spent in the window that is open on `day`; 0 when none is open.
    function spentInWindowOn(AccountWord word, uint256 day) internal pure returns (uint256) {
        return windowAgeOn(word, day) < SPENDING_WINDOW_DAYS
            ? (AccountWord.unwrap(word) >> SPENT_IN_WINDOW_AT) & MASK_32
            : 0;
    }

    /// @dev Days since the window's first day. Block time never goes back, so `day` is not before lastSpendDay.
    function windowAgeOn(AccountWord word, uint256 day) internal pure returns (uint256) {
        uint256 raw = AccountWord.unwrap(word);
        unchecked {
            return day + ((raw >> WINDOW_AGE_AT) & MASK_5) - ((raw >> LAST_SPEND_DAY_AT) & MASK_16);
        }
    }

    /// @dev Whether a small nonce can no longer be used: it was, or the window has left it behind.
    function smallNonceUsed(AccountWord word, uint256 nonce) internal pure returns (bool) {
        (uint256 used,) = word.takeSmallNonce(nonce);
        return used != 0;
    }

    // ---- changing

    /// @dev The caller has checked that the word holds at least `value`.
    function debit(AccountWord word, uint256 value) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(word) - value);
        }
    }

    /// @dev Cannot run into the next field: supply never passes MAX_BALANCE and `value` was debited or minted in it.
    function credit(AccountWord word, uint256 value) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(word) + value);
        }
    }

    /// @dev Marks a small nonce used, and says whether it already was; then the word that comes back means nothing.
    ///      A higher nonce slides the window forward.
    function takeSmallNonce(AccountWord word, uint256 nonce) internal pure returns (uint256 used, AccountWord after_) {
        uint256 others = ~NONCES_MASK;
        assembly ("memory-safe") {
            let next := and(shr(NONCE_NEXT_AT, word), MASK_41)
            switch lt(nonce, next)
            case 0 {
                // A slide of the window's width or more shifts every bit out of the mask.
                let bits := or(and(shl(sub(add(nonce, 1), next), and(shr(NONCE_BITS_AT, word), MASK_32)), MASK_32), 1)
                after_ := or(and(word, others), or(shl(NONCE_BITS_AT, bits), shl(NONCE_NEXT_AT, add(nonce, 1))))
            }
            default {
                let back := sub(sub(next, 1), nonce)
                let mark := shl(back, shl(NONCE_BITS_AT, 1))
                used := or(gt(back, sub(NONCE_WINDOW, 1)), iszero(iszero(and(word, mark))))
                after_ := or(word, mark)
            }
        }
    }

    /// @dev Sets who the account is; the caller has checked every bound.
    function withMembership(AccountWord word, uint8 kind_, uint8 tier_, uint16 sector_, uint32 expiresAtDay_)
        internal
        pure
        returns (AccountWord)
    {
        return AccountWord.wrap(
            (AccountWord.unwrap(word) & ~MEMBERSHIP_MASK) | (uint256(expiresAtDay_) << EXPIRES_AT_DAY_AT)
                | (uint256(sector_) << SECTOR_AT) | (uint256(tier_) << TIER_AT) | (uint256(kind_) << KIND_AT)
        );
    }

    function withFreeze(AccountWord word, bool incoming, bool outgoing) internal pure returns (AccountWord) {
        return AccountWord.wrap(
            (AccountWord.unwrap(word) & ~(FROZEN_IN_BIT | FROZEN_OUT_BIT)) | (incoming ? FROZEN_IN_BIT : 0)
                | (outgoing ? FROZEN_OUT_BIT : 0)
        );
    }

    function withKeyRevoked(AccountWord word, bool revoked) internal pure returns (AccountWord) {
        return AccountWord.wrap((AccountWord.unwrap(word) & ~KEY_REVOKED_BIT) | (revoked ? KEY_REVOKED_BIT : 0));
    }

    /// @dev Kills every key the account has: its own by the flag, further ones by a new generation. The caller has checked
    ///      that the generation is below MAX_GENERATION.
    function withNextGeneration(AccountWord word) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap((AccountWord.unwrap(word) | KEY_REVOKED_BIT) + (1 << GENERATION_AT));
        }
    }
}
