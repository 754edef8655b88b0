// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @dev What one further key of an account may do, in one storage slot. Without limits and end it is a key with the full
///      power of the account's own; with any of them it is a limited key: it signs payments, nothing else.
///
///      bits      field         width
///      0..7      kind          8    the envelope it signs with: 1 secp256k1, 2 P-256, 3 passkey, 4 contract; 0 = no key
///      8..15     generation    8    the account's when the key was registered; a recovery makes it another
///      16..46    maxPayment    31   cents, 0 = without limit
///      47..77    maxPerDay     31   cents, 0 = without limit
///      78..117   expiresAt     40   unix seconds, 0 = without end
///      118..149  spentToday    32   cents this key spent on lastSpendDay, saturating
///      150..165  lastSpendDay  16   days since 1970
type SignerWord is uint256;

using SignerWordLibrary for SignerWord global;

/// @title Reading and changing a signer word. Pure: it knows the layout, never a rule.
library SignerWordLibrary {
    uint256 internal constant MAX_LIMIT = (1 << 31) - 1;
    uint256 internal constant MAX_EXPIRES_AT = (1 << 40) - 1;
    SignerWord internal constant NONE = SignerWord.wrap(0);

    uint256 private constant MAX_SPENT = (1 << 32) - 1;
    uint256 private constant MASK_8 = 0xff;
    uint256 private constant MASK_16 = 0xffff;
    uint256 private constant GENERATION_AT = 8;
    uint256 private constant PAYMENT_AT = 16;
    uint256 private constant DAY_AT = 47;
    uint256 private constant EXPIRES_AT = 78;
    uint256 private constant SPENT_TODAY_AT = 118;
    uint256 private constant LAST_SPEND_DAY_AT = 150;
    /// @dev spentToday and lastSpendDay stand side by side.
    uint256 private constant SPENDING_MASK = ((1 << 48) - 1) << SPENT_TODAY_AT;

    /// @dev A key with the account's full power.
    function full(uint256 kind_, uint256 generation_) internal pure returns (SignerWord) {
        return SignerWord.wrap(kind_ | (generation_ << GENERATION_AT));
    }

    /// @dev A limited key; the caller has checked every bound.
    function limitedTo(
        uint256 kind_,
        uint256 generation_,
        uint256 maxPayment_,
        uint256 maxPerDay_,
        uint256 expiresAt_
    ) internal pure returns (SignerWord) {
        return SignerWord.wrap(
            SignerWord.unwrap(full(kind_, generation_)) | (maxPayment_ << PAYMENT_AT) | (maxPerDay_ << DAY_AT)
                | (expiresAt_ << EXPIRES_AT)
        );
    }

    function kind(SignerWord word) internal pure returns (uint8) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint8(SignerWord.unwrap(word) & MASK_8);
    }

    function generation(SignerWord word) internal pure returns (uint256) {
        return (SignerWord.unwrap(word) >> GENERATION_AT) & MASK_8;
    }

    /// @dev Anything above kind and generation: spending is recorded for limited keys only.
    function isLimited(SignerWord word) internal pure returns (bool) {
        return SignerWord.unwrap(word) >> PAYMENT_AT != 0;
    }

    function maxPayment(SignerWord word) internal pure returns (uint256) {
        return (SignerWord.unwrap(word) >> PAYMENT_AT) & MAX_LIMIT;
    }

    function maxPerDay(SignerWord word) internal pure returns (uint256) {
        return (SignerWord.unwrap(word) >> DAY_AT) & MAX_LIMIT;
    }

    function expiresAt(SignerWord word) internal pure returns (uint256) {
        return (SignerWord.unwrap(word) >> EXPIRES_AT) & MAX_EXPIRES_AT;
    }

    /// @dev The key's time is over at that moment.
    function endedAt(SignerWord word, uint256 timestamp) internal pure returns (bool) {
        uint256 end = word.expiresAt();
        return end != 0 && timestamp >= end;
    }

    /// @dev Cents this key spent on `day`; 0 when its last spending was on another day.
    function spentOn(SignerWord word, uint256 day) internal pure returns (uint256) {
        uint256 raw = SignerWord.unwrap(word);
        return ((raw >> LAST_SPEND_DAY_AT) & MASK_16) == day ? (raw >> SPENT_TODAY_AT) & MAX_SPENT : 0;
    }

    /// @dev Records spending of `value` cents on `day`. `value` is bounded by a balance.
    function spend(SignerWord word, uint256 value, uint256 day) internal pure returns (SignerWord) {
        uint256 today;
        unchecked {
            today = word.spentOn(day) + value;
        }
        if (today > MAX_SPENT) today = MAX_SPENT;
        return SignerWord.wrap(
            (SignerWord.unwrap(word) & ~SPENDING_MASK) | (today << SPENT_TODAY_AT) | (day << LAST_SPEND_DAY_AT)
        );
    }
}
