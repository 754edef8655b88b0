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
///      251       ownPasskey     1      the account's first key is kept in an authenticator: its assertions count as such
///      252       held           1      an amount of the account is held (LedgerStorage.heldAmounts)
///      253       keySuspended   1      one of the account's keys may be suspended (LedgerStorage.keySuspensions)
///      254..255  spare          2
///
///      A Solidity struct with the same fields costs thousands of gas more a payment: the compiler reads and masks the
///      slot once per field and writes it back once per field.
type AccountWord is uint256;

using AccountWordLibrary for AccountWord global;

// The layout above in numbers, for the functions below and for every block of Yul: a field's lowest bit, and its mask
// once it is shifted down. At file level, because a block in another file sees no library's constants. Literals only,
// because Yul takes no constant that is computed from another.
uint256 constant ACCOUNT_BALANCE_MASK = (1 << 44) - 1;
uint256 constant ACCOUNT_SPENT_TODAY_AT = 44;
uint256 constant ACCOUNT_SPENT_IN_WINDOW_AT = 76;
uint256 constant ACCOUNT_SPENT_MASK = (1 << 32) - 1;
uint256 constant ACCOUNT_LAST_SPEND_DAY_AT = 108;
uint256 constant ACCOUNT_DAY_MASK = (1 << 16) - 1;
uint256 constant ACCOUNT_WINDOW_AGE_AT = 124;
uint256 constant ACCOUNT_WINDOW_AGE_MASK = (1 << 5) - 1;
uint256 constant ACCOUNT_NONCE_BITS_AT = 129;
uint256 constant ACCOUNT_NONCE_BITS_MASK = (1 << 32) - 1;
uint256 constant ACCOUNT_NONCE_NEXT_AT = 161;
uint256 constant ACCOUNT_NONCE_NEXT_MASK = (1 << 41) - 1;
uint256 constant ACCOUNT_EXPIRES_AT_DAY_AT = 202;
uint256 constant ACCOUNT_SECTOR_AT = 218;
uint256 constant ACCOUNT_SECTOR_MASK = (1 << 16) - 1;
uint256 constant ACCOUNT_TIER_AT = 234;
uint256 constant ACCOUNT_TIER_MASK = (1 << 3) - 1;
uint256 constant ACCOUNT_KIND_AT = 237;
uint256 constant ACCOUNT_KIND_MASK = (1 << 3) - 1;
uint256 constant ACCOUNT_FROZEN_IN_BIT = 1 << 240;
uint256 constant ACCOUNT_FROZEN_OUT_BIT = 1 << 241;
uint256 constant ACCOUNT_KEY_REVOKED_BIT = 1 << 242;
uint256 constant ACCOUNT_GENERATION_AT = 243;
uint256 constant ACCOUNT_GENERATION_MASK = (1 << 8) - 1;
uint256 constant ACCOUNT_OWN_PASSKEY_BIT = 1 << 251;
uint256 constant ACCOUNT_HELD_BIT = 1 << 252;
uint256 constant ACCOUNT_KEY_SUSPENDED_BIT = 1 << 253;

// Fields that stand side by side and are written as one: from spentToday to windowAge, nonceBits and nonceNext, from
// expiresAtDay to kind.
uint256 constant ACCOUNT_SPENDING_MASK = (1 << 85) - 1;
uint256 constant ACCOUNT_NONCES_MASK = (1 << 73) - 1;
uint256 constant ACCOUNT_MEMBERSHIP_MASK = (1 << 38) - 1;

/// @dev Where sums of spending stop: one bit less than the field, so that a full sum passes no limit that is set.
uint256 constant MAX_SPENT = (1 << 31) - 1;
uint256 constant SPENDING_WINDOW_DAYS = 30;
/// @dev Nonces of that many bits live in the word, and of these the 32 highest are told apart.
uint256 constant SMALL_NONCE_BITS = 40;
uint256 constant NONCE_WINDOW = 32;
/// @dev How far ahead of the next one a small nonce may lie. Without this one payment of a cent, by a child's key, would make
///      every nonce below 2^40 useless for ever.
uint256 constant MAX_NONCE_STEP = 4_096;

/// @title Reading and changing an account word. Pure: it knows the layout, never a rule about who may pay whom.
library AccountWordLibrary {
    uint256 internal constant MAX_BALANCE = ACCOUNT_BALANCE_MASK;
    uint256 internal constant MAX_DAY = ACCOUNT_DAY_MASK;
    /// @dev Nonces below this live in the word; any other value belongs in a mapping.
    uint256 internal constant SMALL_NONCES = 1 << SMALL_NONCE_BITS;
    /// @dev An account can be recovered that many times.
    uint256 internal constant MAX_GENERATION = ACCOUNT_GENERATION_MASK;

    // ---- reading

    function balance(AccountWord word) internal pure returns (uint256) {
        return AccountWord.unwrap(word) & ACCOUNT_BALANCE_MASK;
    }

    function tier(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> ACCOUNT_TIER_AT) & ACCOUNT_TIER_MASK;
    }

    function kind(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> ACCOUNT_KIND_AT) & ACCOUNT_KIND_MASK;
    }

    function sector(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> ACCOUNT_SECTOR_AT) & ACCOUNT_SECTOR_MASK;
    }

    function expiresAtDay(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> ACCOUNT_EXPIRES_AT_DAY_AT) & ACCOUNT_DAY_MASK;
    }

    function frozenIn(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & ACCOUNT_FROZEN_IN_BIT != 0;
    }

    function frozenOut(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & ACCOUNT_FROZEN_OUT_BIT != 0;
    }

    /// @dev An amount of the account is held: how much stands in a slot of its own.
    function held(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & ACCOUNT_HELD_BIT != 0;
    }

    function keyRevoked(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & ACCOUNT_KEY_REVOKED_BIT != 0;
    }

    /// @dev The account's first key was registered as a passkey.
    function ownPasskey(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & ACCOUNT_OWN_PASSKEY_BIT != 0;
    }

    /// @dev The own key was taken away, or it or another is suspended: one look for both.
    function keyInDoubt(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & (ACCOUNT_KEY_REVOKED_BIT | ACCOUNT_KEY_SUSPENDED_BIT) != 0;
    }

    function keySuspended(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & ACCOUNT_KEY_SUSPENDED_BIT != 0;
    }

    /// @dev How often the account was recovered. A further key counts only with the generation it was registered in.
    function generation(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> ACCOUNT_GENERATION_AT) & ACCOUNT_GENERATION_MASK;
    }

    /// @dev Highest small nonce used, plus one: the next a client should take.
    function nonceNext(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> ACCOUNT_NONCE_NEXT_AT) & ACCOUNT_NONCE_NEXT_MASK;
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
        return (AccountWord.unwrap(word) >> ACCOUNT_SPENT_TODAY_AT) & ACCOUNT_SPENT_MASK;
    }

    /// @dev Cents spent in the window of lastSpendDay.
    function spentInWindow(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> ACCOUNT_SPENT_IN_WINDOW_AT) & ACCOUNT_SPENT_MASK;
    }

    /// @dev Cents spent on `day`; 0 when the last spending was on another day.
    function spentOn(AccountWord word, uint256 day) internal pure returns (uint256) {
        uint256 raw = AccountWord.unwrap(word);
        return ((raw >> ACCOUNT_LAST_SPEND_DAY_AT) & ACCOUNT_DAY_MASK) == day
            ? (raw >> ACCOUNT_SPENT_TODAY_AT) & ACCOUNT_SPENT_MASK
            : 0;
    }

    /// @dev Cents spent in the window that is open on `day`; 0 when none is open.
    function spentInWindowOn(AccountWord word, uint256 day) internal pure returns (uint256) {
        return windowAgeOn(word, day) < SPENDING_WINDOW_DAYS
            ? (AccountWord.unwrap(word) >> ACCOUNT_SPENT_IN_WINDOW_AT) & ACCOUNT_SPENT_MASK
            : 0;
    }

    /// @dev Days since the window's first day. Block time never goes back, so `day` is not before lastSpendDay.
    function windowAgeOn(AccountWord word, uint256 day) internal pure returns (uint256) {
        uint256 raw = AccountWord.unwrap(word);
        unchecked {
            return day + ((raw >> ACCOUNT_WINDOW_AGE_AT) & ACCOUNT_WINDOW_AGE_MASK)
                - ((raw >> ACCOUNT_LAST_SPEND_DAY_AT) & ACCOUNT_DAY_MASK);
        }
    }

    /// @dev Whether a small nonce can no longer be used: it was, or the window has left it behind.
    function smallNonceUsed(AccountWord word, uint256 nonce) internal pure returns (bool) {
        (uint256 used,) = word.takeSmallNonce(nonce);
        return used != 0;
    }

    /// @dev 1 for a small nonce that lies too far ahead to be used now, else 0.
    function nonceTooFar(AccountWord word, uint256 nonce) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            let next := and(shr(ACCOUNT_NONCE_NEXT_AT, word), ACCOUNT_NONCE_NEXT_MASK)
            answer := and(gt(nonce, add(next, MAX_NONCE_STEP)), iszero(shr(SMALL_NONCE_BITS, nonce)))
        }
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
        uint256 others = ~(ACCOUNT_NONCES_MASK << ACCOUNT_NONCE_BITS_AT);
        assembly ("memory-safe") {
            let next := and(shr(ACCOUNT_NONCE_NEXT_AT, word), ACCOUNT_NONCE_NEXT_MASK)
            switch lt(nonce, next)
            case 0 {
                // A slide of the window's width or more shifts every bit out of the mask.
                let bits := or(
                    and(
                        shl(
                            sub(add(nonce, 1), next),
                            and(shr(ACCOUNT_NONCE_BITS_AT, word), ACCOUNT_NONCE_BITS_MASK)
                        ),
                        ACCOUNT_NONCE_BITS_MASK
                    ),
                    1
                )
                after_ := or(
                    and(word, others),
                    or(shl(ACCOUNT_NONCE_BITS_AT, bits), shl(ACCOUNT_NONCE_NEXT_AT, add(nonce, 1)))
                )
            }
            default {
                let back := sub(sub(next, 1), nonce)
                let mark := shl(back, shl(ACCOUNT_NONCE_BITS_AT, 1))
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
            (AccountWord.unwrap(word) & ~(ACCOUNT_MEMBERSHIP_MASK << ACCOUNT_EXPIRES_AT_DAY_AT))
                | (uint256(expiresAtDay_) << ACCOUNT_EXPIRES_AT_DAY_AT) | (uint256(sector_) << ACCOUNT_SECTOR_AT)
                | (uint256(tier_) << ACCOUNT_TIER_AT) | (uint256(kind_) << ACCOUNT_KIND_AT)
        );
    }

    function withFreeze(AccountWord word, bool incoming, bool outgoing) internal pure returns (AccountWord) {
        return AccountWord.wrap(
            (AccountWord.unwrap(word) & ~(ACCOUNT_FROZEN_IN_BIT | ACCOUNT_FROZEN_OUT_BIT))
                | (incoming ? ACCOUNT_FROZEN_IN_BIT : 0) | (outgoing ? ACCOUNT_FROZEN_OUT_BIT : 0)
        );
    }

    function withKeyRevoked(AccountWord word, bool revoked) internal pure returns (AccountWord) {
        return AccountWord.wrap(
            (AccountWord.unwrap(word) & ~ACCOUNT_KEY_REVOKED_BIT) | (revoked ? ACCOUNT_KEY_REVOKED_BIT : 0)
        );
    }

    function withOwnPasskey(AccountWord word, bool passkey) internal pure returns (AccountWord) {
        return AccountWord.wrap(
            (AccountWord.unwrap(word) & ~ACCOUNT_OWN_PASSKEY_BIT) | (passkey ? ACCOUNT_OWN_PASSKEY_BIT : 0)
        );
    }

    function withHeld(AccountWord word, bool held_) internal pure returns (AccountWord) {
        return AccountWord.wrap(
            (AccountWord.unwrap(word) & ~ACCOUNT_HELD_BIT) | (held_ ? ACCOUNT_HELD_BIT : 0)
        );
    }

    function withKeySuspended(AccountWord word, bool suspended) internal pure returns (AccountWord) {
        return AccountWord.wrap(
            (AccountWord.unwrap(word) & ~ACCOUNT_KEY_SUSPENDED_BIT) | (suspended ? ACCOUNT_KEY_SUSPENDED_BIT : 0)
        );
    }

    /// @dev Kills every key the account has: its own by the flag, further ones by a new generation; a suspension is over with
    ///      them. The caller has checked that the generation is below MAX_GENERATION.
    function withNextGeneration(AccountWord word) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(
                (AccountWord.unwrap(word.withKeySuspended(false)) | ACCOUNT_KEY_REVOKED_BIT) + (1 << ACCOUNT_GENERATION_AT)
            );
        }
    }
}
