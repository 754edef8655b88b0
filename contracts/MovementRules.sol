// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {RuleWord} from "./RuleWord.sol";

/// @title What two account words and a rule word say about a movement, and what becomes of the words.
/// @dev The heart of every payment, in one block of Yul without a branch: the same rules through the words' own functions
///      cost 1 000 gas more, because the compiler shifts and masks each field where it is named and jumps at each
///      condition. tests/contracts/test_movement_rules.py holds it against those functions and against a model, field
///      by field at every bound. The numbers are those of AccountWord, RuleWord and Reasons.
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
            // Receiver invalid: 4. Payer and payee the same: 5.
            reasons := or(shl(4, or(iszero(to), eq(to, address()))), shl(5, eq(from, to)))
            // Not a member (tier 0): 6. Payments stopped (bit 253 of the rules): 7. Visitor (tier 1) to person (kind 1): 11.
            let payeeTier := and(shr(234, payee), 7)
            let payerTier := and(shr(234, payer), 7)
            reasons := or(reasons, shl(6, or(iszero(payerTier), iszero(payeeTier))))
            reasons := or(reasons, and(shr(246, rules), 0x80))
            reasons := or(reasons, shl(11, and(eq(payerTier, 1), eq(and(shr(237, payee), 7), 1))))
            // Insufficient balance: 12. A payment over the tier's limit: 13.
            reasons := or(reasons, shl(12, gt(value, and(payer, 0xfffffffffff))))
            reasons := or(reasons, shl(13, gt(value, and(shr(160, rules), 0x7fffffff))))
            // Holding limit of the payee's tier: 16. Tier 0 has none and is refused above.
            payeeAfter := add(payee, value)
            reasons := or(
                reasons,
                shl(
                    16,
                    gt(and(payeeAfter, 0xfffffffffff), and(shr(sub(mul(40, payeeTier), 40), rules), 0xffffffffff))
                )
            )
            // Identity expired: 8. An expiry of 0 is none: less one it is a day that never comes.
            reasons := or(
                reasons,
                shl(
                    8,
                    or(
                        gt(today, sub(and(shr(202, payer), 0xffff), 1)),
                        gt(today, sub(and(shr(202, payee), 0xffff), 1))
                    )
                )
            )
            // Spending: what was spent on another day or in a closed window counts as 0. Sums stop at 31 bits.
            let lastDay := and(shr(108, payer), 0xffff)
            let age := sub(add(today, and(shr(124, payer), 0x1f)), lastDay)
            let open := lt(age, 30)
            let spent := add(mul(and(shr(44, payer), 0xffffffff), eq(lastDay, today)), value)
            let inWindow := add(mul(and(shr(76, payer), 0xffffffff), open), value)
            spent := and(or(spent, sub(0, gt(spent, 0x7fffffff))), 0x7fffffff)
            inWindow := and(or(inWindow, sub(0, gt(inWindow, 0x7fffffff))), 0x7fffffff)
            // Over the day's limit: 14. Over the window's limit: 15.
            reasons := or(reasons, shl(14, gt(spent, and(shr(191, rules), 0x7fffffff))))
            reasons := or(reasons, shl(15, gt(inWindow, and(shr(222, rules), 0x7fffffff))))
            payerAfter := sub(
                or(
                    and(payer, not(shl(44, 0x1fffffffffffffffffffff))),
                    or(or(shl(44, spent), shl(76, inWindow)), or(shl(108, today), shl(124, mul(age, open))))
                ),
                value
            )
        }
    }
}
