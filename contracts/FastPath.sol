// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {TIER_VISITOR} from "./interfaces/LedgerTypes.sol";
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
    ACCOUNT_NONCE_BITS_AT,
    ACCOUNT_NONCE_BITS_MASK,
    ACCOUNT_NONCE_NEXT_AT,
    ACCOUNT_NONCE_NEXT_MASK,
    ACCOUNT_EXPIRES_AT_DAY_AT,
    ACCOUNT_TIER_AT,
    ACCOUNT_TIER_MASK,
    ACCOUNT_FROZEN_IN_BIT,
    ACCOUNT_FROZEN_OUT_BIT,
    ACCOUNT_HELD_BIT,
    ACCOUNT_KEY_SUSPENDED_BIT,
    ACCOUNT_KEY_REVOKED_BIT,
    ACCOUNT_SPENDING_MASK,
    SPENDING_WINDOW_DAYS,
    SMALL_NONCE_BITS
} from "./AccountWord.sol";
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
import {
    PaymentPreimage,
    PREIMAGE_FROM_AT,
    PREIMAGE_TO_AT,
    PREIMAGE_VALUE_AT,
    PREIMAGE_VALID_BEFORE_AT,
    PREIMAGE_NONCE_AT
} from "./TypedData.sol";

/// @title The fast path of nearly every payment: nothing speaks against it, nothing about it is rare.
/// @dev Says yes or "check fully", never why. What it does not pass is judged again by the full rules
///      (Payments._settleFully, MovementRules), which find the reason or see that the payment is good all the same; so
///      this block may only ever be stricter than they are. It asks every question they ask, without their bookkeeping
///      of reasons and rare cases, which is worth 950 gas a payment (docs/decisions/0007).
///
///      It passes what is signed by the account's own key, which was not taken away, of an account none of whose keys is
///      suspended, and has the next nonce of the account word, no freeze flag on either side, no amount held, and sums below
///      their fields' ends, and of no visitor's. Everything else, further and limited keys, nonces out of order, freezes that
///      are over, is for the full rules. A tier's passkey floors are the caller's to ask.
///
///      tests/contracts/test_fast_path.py holds it against the full rules, field by field at every bound.
library FastPath {
    /// @param signer who signed the payment, address(0) for nobody
    /// @param today whole UTC days since 1970
    /// @return mustCheckFully 0 when the payment is good and passes. The words mean nothing unless it is 0
    /// @return payerAfter the payer's word: value taken, spending recorded, nonce used
    /// @return payeeAfter the payee's word: value added
    function check(
        PaymentPreimage payment,
        AccountWord payer,
        AccountWord payee,
        RuleWord rules,
        address signer,
        uint256 today
    ) internal view returns (uint256 mustCheckFully, AccountWord payerAfter, AccountWord payeeAfter) {
        assembly ("memory-safe") {
            let value := mload(add(payment, PREIMAGE_VALUE_AT))
            // Nothing is paid, the payer is no member or a visitor (whom he may pay, and what he spent in thirty days, is for
            // the full rules), more than the balance, more than one payment may be.
            mustCheckFully := or(
                or(iszero(value), iszero(gt(and(shr(ACCOUNT_TIER_AT, payer), ACCOUNT_TIER_MASK), TIER_VISITOR))),
                gt(value, and(payer, ACCOUNT_BALANCE_MASK))
            )
            mustCheckFully := or(mustCheckFully, gt(value, and(shr(RULES_MAX_PAYMENT_AT, rules), RULES_SPENDING_MASK)))
            // The payer is frozen, an amount of his held, his own key taken away or one of his suspended; the payee is frozen.
            mustCheckFully := or(
                mustCheckFully,
                or(
                    and(
                        payer,
                        or(
                            or(ACCOUNT_HELD_BIT, ACCOUNT_KEY_SUSPENDED_BIT),
                            or(ACCOUNT_FROZEN_OUT_BIT, ACCOUNT_KEY_REVOKED_BIT)
                        )
                    ),
                    and(payee, ACCOUNT_FROZEN_IN_BIT)
                )
            )
            // Payments stopped. Whoever runs a superseded path has left it before (Movements._currentRules).
            mustCheckFully := or(mustCheckFully, and(rules, shl(RULES_STOPPED_AT, 1)))
            // Another nonce than the next, or one that does not live in the word.
            {
                let nonce := mload(add(payment, PREIMAGE_NONCE_AT))
                mustCheckFully := or(
                    mustCheckFully,
                    or(
                        xor(and(shr(ACCOUNT_NONCE_NEXT_AT, payer), ACCOUNT_NONCE_NEXT_MASK), nonce),
                        shr(SMALL_NONCE_BITS, nonce)
                    )
                )
            }
            {
                let from := mload(add(payment, PREIMAGE_FROM_AT))
                let to := mload(add(payment, PREIMAGE_TO_AT))
                mustCheckFully := or(mustCheckFully, xor(signer, from))
                mustCheckFully := or(mustCheckFully, or(eq(from, to), or(iszero(to), eq(to, address()))))
            }
            // Too late.
            mustCheckFully := or(mustCheckFully, iszero(gt(mload(add(payment, PREIMAGE_VALID_BEFORE_AT)), timestamp())))
            // More than the payee's tier may hold. A payee of tier 0 may hold nothing: a shift past the word is 0.
            payeeAfter := add(payee, value)
            mustCheckFully := or(
                mustCheckFully,
                gt(
                    and(payeeAfter, ACCOUNT_BALANCE_MASK),
                    and(
                        shr(
                            sub(
                                mul(RULES_HOLDING_WIDTH, and(shr(ACCOUNT_TIER_AT, payee), ACCOUNT_TIER_MASK)),
                                RULES_HOLDING_WIDTH
                            ),
                            rules
                        ),
                        RULES_HOLDING_MASK
                    )
                )
            )
            // Identity expired. An expiry of 0 is none: less one it is a day that never comes.
            mustCheckFully := or(
                mustCheckFully,
                or(
                    gt(today, sub(and(shr(ACCOUNT_EXPIRES_AT_DAY_AT, payer), ACCOUNT_DAY_MASK), 1)),
                    gt(today, sub(and(shr(ACCOUNT_EXPIRES_AT_DAY_AT, payee), ACCOUNT_DAY_MASK), 1))
                )
            )
            // Spending. Two branches instead of products: the compiler would work out a product's parts again for the
            // word after. A sum past its field's end is above every limit.
            let lastDay := and(shr(ACCOUNT_LAST_SPEND_DAY_AT, payer), ACCOUNT_DAY_MASK)
            let spent := value
            if eq(lastDay, today) {
                spent := add(spent, and(shr(ACCOUNT_SPENT_TODAY_AT, payer), ACCOUNT_SPENT_MASK))
            }
            let inWindow := value
            let age := sub(add(today, and(shr(ACCOUNT_WINDOW_AGE_AT, payer), ACCOUNT_WINDOW_AGE_MASK)), lastDay)
            switch lt(age, SPENDING_WINDOW_DAYS)
            case 0 { age := 0 }
            default {
                inWindow := add(inWindow, and(shr(ACCOUNT_SPENT_IN_WINDOW_AT, payer), ACCOUNT_SPENT_MASK))
            }
            mustCheckFully := or(mustCheckFully, gt(spent, and(shr(RULES_MAX_PER_DAY_AT, rules), RULES_SPENDING_MASK)))
            mustCheckFully := or(mustCheckFully, gt(inWindow, and(shr(RULES_MAX_PER_30_DAYS_AT, rules), RULES_SPENDING_MASK)))
            // The marks of used nonces move up by one, and the lowest is this one's; spending is written anew.
            payerAfter := or(
                and(
                    payer,
                    not(
                        or(
                            shl(ACCOUNT_SPENT_TODAY_AT, ACCOUNT_SPENDING_MASK),
                            shl(ACCOUNT_NONCE_BITS_AT, ACCOUNT_NONCE_BITS_MASK)
                        )
                    )
                ),
                shl(
                    ACCOUNT_NONCE_BITS_AT,
                    or(and(shr(sub(ACCOUNT_NONCE_BITS_AT, 1), payer), sub(ACCOUNT_NONCE_BITS_MASK, 1)), 1)
                )
            )
            payerAfter := or(
                payerAfter,
                or(
                    or(shl(ACCOUNT_SPENT_TODAY_AT, spent), shl(ACCOUNT_SPENT_IN_WINDOW_AT, inWindow)),
                    or(shl(ACCOUNT_LAST_SPEND_DAY_AT, today), shl(ACCOUNT_WINDOW_AGE_AT, age))
                )
            )
            payerAfter := add(payerAfter, sub(shl(ACCOUNT_NONCE_NEXT_AT, 1), value))
        }
    }
}
