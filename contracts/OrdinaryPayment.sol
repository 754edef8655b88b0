// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {RuleWord} from "./RuleWord.sol";
import {PaymentPreimage} from "./TypedData.sol";

/// @title The payment nearly every payment is: nothing speaks against it, nothing about it is rare.
/// @dev Says yes or "look closer", never why. Whatever it doubts is judged again by the full rules (Payments._settle,
///      MovementRules), which find the reason or see that the payment is good all the same; so this block may only ever
///      be stricter than they are. It asks every question they ask, without their bookkeeping of reasons and rare
///      cases, which is worth 950 gas a payment (docs/decisions/0007).
///
///      Ordinary is: signed by the account's own key, which was not taken away; the next nonce of the account word; no
///      freeze flag on either side; sums below their fields' ends. Everything else, further and limited keys, nonces out
///      of order, freezes that are over, is for the full rules. A tier's passkey floors are the caller's to ask.
///
///      tests/contracts/test_ordinary_payment.py holds it against the full rules, field by field at every bound. The
///      numbers are those of AccountWord and RuleWord.
library OrdinaryPayment {
    /// @param signer who signed the payment, address(0) for nobody
    /// @param today whole UTC days since 1970
    /// @return doubts 0 when the payment is ordinary and good. The words mean nothing unless it is 0
    /// @return payerAfter the payer's word: value taken, spending recorded, nonce used
    /// @return payeeAfter the payee's word: value added
    function judge(
        PaymentPreimage payment,
        AccountWord payer,
        AccountWord payee,
        RuleWord rules,
        address signer,
        uint256 today
    ) internal view returns (uint256 doubts, AccountWord payerAfter, AccountWord payeeAfter) {
        assembly ("memory-safe") {
            let value := mload(add(payment, 0x60))
            // Nothing is paid, the payer is no member, more than the balance, more than one payment may be.
            doubts := or(or(iszero(value), iszero(and(shr(234, payer), 7))), gt(value, and(payer, 0xfffffffffff)))
            doubts := or(doubts, gt(value, and(shr(160, rules), 0x7fffffff)))
            // The payer's own key is taken away or he is frozen (bits 242, 241), the payee is frozen (240).
            doubts := or(doubts, or(and(payer, shl(241, 3)), and(payee, shl(240, 1))))
            // Payments stopped (bit 253). Whoever runs a superseded path has left it before (bit 254,
            // Movements._currentRules).
            doubts := or(doubts, and(rules, shl(253, 1)))
            // Another nonce than the next, or one that does not live in the word (2^40 and above).
            {
                let nonce := mload(add(payment, 0xc0))
                doubts := or(doubts, or(xor(and(shr(161, payer), 0x1ffffffffff), nonce), shr(40, nonce)))
            }
            {
                let from := mload(add(payment, 0x20))
                let to := mload(add(payment, 0x40))
                doubts := or(doubts, xor(signer, from))
                doubts := or(doubts, or(eq(from, to), or(iszero(to), eq(to, address()))))
            }
            // Too late.
            doubts := or(doubts, iszero(gt(mload(add(payment, 0xa0)), timestamp())))
            // Visitor (tier 1) to person (kind 1).
            doubts := or(doubts, and(eq(and(shr(234, payer), 7), 1), eq(and(shr(237, payee), 7), 1)))
            // More than the payee's tier may hold. A payee of tier 0 may hold nothing: a shift past the word is 0.
            payeeAfter := add(payee, value)
            doubts := or(
                doubts,
                gt(
                    and(payeeAfter, 0xfffffffffff),
                    and(shr(sub(mul(40, and(shr(234, payee), 7)), 40), rules), 0xffffffffff)
                )
            )
            // Identity expired. An expiry of 0 is none: less one it is a day that never comes.
            doubts := or(
                doubts,
                or(
                    gt(today, sub(and(shr(202, payer), 0xffff), 1)),
                    gt(today, sub(and(shr(202, payee), 0xffff), 1))
                )
            )
            // Spending. Two branches instead of products: the compiler would work out a product's parts again for the
            // word after. A sum past its field's end is above every limit.
            let lastDay := and(shr(108, payer), 0xffff)
            let spent := value
            if eq(lastDay, today) { spent := add(spent, and(shr(44, payer), 0xffffffff)) }
            let inWindow := value
            let age := sub(add(today, and(shr(124, payer), 0x1f)), lastDay)
            switch lt(age, 30)
            case 0 { age := 0 }
            default { inWindow := add(inWindow, and(shr(76, payer), 0xffffffff)) }
            doubts := or(doubts, gt(spent, and(shr(191, rules), 0x7fffffff)))
            doubts := or(doubts, gt(inWindow, and(shr(222, rules), 0x7fffffff)))
            // The 85 bits of spending anew; the 32 marks of nonces move up by one, and the lowest is this one's.
            payerAfter := or(
                and(payer, not(or(shl(44, 0x1fffffffffffffffffffff), shl(129, 0xffffffff)))),
                shl(129, or(and(shr(128, payer), 0xfffffffe), 1))
            )
            payerAfter := or(
                payerAfter,
                or(or(shl(44, spent), shl(76, inWindow)), or(shl(108, today), shl(124, age)))
            )
            payerAfter := add(payerAfter, sub(shl(161, 1), value))
        }
    }
}
