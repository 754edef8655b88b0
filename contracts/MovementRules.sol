// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {TIER_VISITOR, KIND_RESIDENT} from "./interfaces/LedgerTypes.sol";
import {
    AccountWord,
    ACCOUNT_BALANCE_MASK,
    ACCOUNT_SPENT_TODAY_AT,
    ACCOUNT_SPENT_IN_WINDOW_AT,
    ACCOUNT_SPENT_MASK,
    ACCOUNT_LAST_SPEND_DAY_AT,
    ACCOUNT_DAY_MASK,
    ACCOUNT_WINDOW_AGE_AT,
    ACCOUNT_WINDOW_AGE_MASK,
    ACCOUNT_EXPIRES_AT_DAY_AT,
    ACCOUNT_TIER_AT,
    ACCOUNT_TIER_MASK,
    ACCOUNT_KIND_AT,
    ACCOUNT_KIND_MASK,
    ACCOUNT_SPENDING_MASK,
    MAX_SPENT,
    SPENDING_WINDOW_DAYS
} from "./AccountWord.sol";
import {
    REASON_RECEIVER_INVALID,
    REASON_SAME_PAYER_PAYEE,
    REASON_NOT_MEMBER,
    REASON_PAYMENTS_STOPPED,
    REASON_IDENTITY_EXPIRED,
    REASON_VISITOR_TO_PERSON,
    REASON_INSUFFICIENT_BALANCE,
    REASON_PAYMENT_LIMIT,
    REASON_DAILY_LIMIT,
    REASON_WINDOW_LIMIT,
    REASON_HOLDING_LIMIT
} from "./Reasons.sol";
import {
    RuleWord,
    RULES_HOLDING_WIDTH,
    RULES_HOLDING_MASK,
    RULES_MAX_PAYMENT_AT,
    RULES_MAX_PER_DAY_AT,
    RULES_MAX_PER_30_DAYS_AT,
    RULES_SPENDING_MASK,
    RULES_STOPPED_AT
} from "./RuleWord.sol";

/// @title What two account words and a rule word say about a movement, and what becomes of the words.
/// @dev The heart of every payment, in one block of Yul without a branch: the same rules through the words' own functions
///      cost 1 000 gas more, because the compiler shifts and masks each field where it is named and jumps at each
///      condition. tests/contracts/test_movement_rules.py holds it against those functions and against a model, field
///      by field at every bound.
library MovementRules {
    /// @return reasons what speaks against it, a set of Reasons; freezes and passkeys are the caller's to ask
    /// @return payerAfter the payer's word with the spending recorded and the value taken
    /// @return payeeAfter the payee's word with the value added
    function judge(
        address from,
        address to,
        uint256 value,
        AccountWord payer,
        AccountWord payee,
        RuleWord rules,
        uint256 today
    ) internal view returns (uint256 reasons, AccountWord payerAfter, AccountWord payeeAfter) {
        assembly ("memory-safe") {
            reasons := or(
                shl(REASON_RECEIVER_INVALID, or(iszero(to), eq(to, address()))),
                shl(REASON_SAME_PAYER_PAYEE, eq(from, to))
            )
            // Tier 0 is no member. The bit that stops payments is moved to its reason's place.
            let payeeTier := and(shr(ACCOUNT_TIER_AT, payee), ACCOUNT_TIER_MASK)
            let payerTier := and(shr(ACCOUNT_TIER_AT, payer), ACCOUNT_TIER_MASK)
            reasons := or(reasons, shl(REASON_NOT_MEMBER, or(iszero(payerTier), iszero(payeeTier))))
            reasons := or(
                reasons,
                and(shr(sub(RULES_STOPPED_AT, REASON_PAYMENTS_STOPPED), rules), shl(REASON_PAYMENTS_STOPPED, 1))
            )
            let payeeKind := and(shr(ACCOUNT_KIND_AT, payee), ACCOUNT_KIND_MASK)
            reasons := or(
                reasons, shl(REASON_VISITOR_TO_PERSON, and(eq(payerTier, TIER_VISITOR), eq(payeeKind, KIND_RESIDENT)))
            )
            reasons := or(reasons, shl(REASON_INSUFFICIENT_BALANCE, gt(value, and(payer, ACCOUNT_BALANCE_MASK))))
            reasons := or(
                reasons,
                shl(REASON_PAYMENT_LIMIT, gt(value, and(shr(RULES_MAX_PAYMENT_AT, rules), RULES_SPENDING_MASK)))
            )
            // The holding limit of the payee's tier. Tier 0 has none and is refused above.
            payeeAfter := add(payee, value)
            reasons := or(
                reasons,
                shl(
                    REASON_HOLDING_LIMIT,
                    gt(
                        and(payeeAfter, ACCOUNT_BALANCE_MASK),
                        and(
                            shr(sub(mul(RULES_HOLDING_WIDTH, payeeTier), RULES_HOLDING_WIDTH), rules),
                            RULES_HOLDING_MASK
                        )
                    )
                )
            )
            // An expiry of 0 is none: less one it is a day that never comes.
            reasons := or(
                reasons,
                shl(
                    REASON_IDENTITY_EXPIRED,
                    or(
                        gt(today, sub(and(shr(ACCOUNT_EXPIRES_AT_DAY_AT, payer), ACCOUNT_DAY_MASK), 1)),
                        gt(today, sub(and(shr(ACCOUNT_EXPIRES_AT_DAY_AT, payee), ACCOUNT_DAY_MASK), 1))
                    )
                )
            )
            // Spending: what was spent on another day or in a closed window counts as 0. Sums stop at MAX_SPENT.
            let lastDay := and(shr(ACCOUNT_LAST_SPEND_DAY_AT, payer), ACCOUNT_DAY_MASK)
            let age := sub(add(today, and(shr(ACCOUNT_WINDOW_AGE_AT, payer), ACCOUNT_WINDOW_AGE_MASK)), lastDay)
            let open := lt(age, SPENDING_WINDOW_DAYS)
            let spent := add(
                mul(and(shr(ACCOUNT_SPENT_TODAY_AT, payer), ACCOUNT_SPENT_MASK), eq(lastDay, today)), value
            )
            let inWindow := add(mul(and(shr(ACCOUNT_SPENT_IN_WINDOW_AT, payer), ACCOUNT_SPENT_MASK), open), value)
            spent := and(or(spent, sub(0, gt(spent, MAX_SPENT))), MAX_SPENT)
            inWindow := and(or(inWindow, sub(0, gt(inWindow, MAX_SPENT))), MAX_SPENT)
            reasons := or(
                reasons, shl(REASON_DAILY_LIMIT, gt(spent, and(shr(RULES_MAX_PER_DAY_AT, rules), RULES_SPENDING_MASK)))
            )
            reasons := or(
                reasons,
                shl(REASON_WINDOW_LIMIT, gt(inWindow, and(shr(RULES_MAX_PER_30_DAYS_AT, rules), RULES_SPENDING_MASK)))
            )
            payerAfter := sub(
                or(
                    and(payer, not(shl(ACCOUNT_SPENT_TODAY_AT, ACCOUNT_SPENDING_MASK))),
                    or(
                        or(shl(ACCOUNT_SPENT_TODAY_AT, spent), shl(ACCOUNT_SPENT_IN_WINDOW_AT, inWindow)),
                        or(shl(ACCOUNT_LAST_SPEND_DAY_AT, today), shl(ACCOUNT_WINDOW_AGE_AT, mul(age, open)))
                    )
                ),
                value
            )
        }
    }
}
