// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {PasskeyFloors, TIER_PROFESSIONAL, TIER_VISITOR} from "./interfaces/LedgerTypes.sol";
import {
    AccountWord,
    ACCOUNT_FROZEN_IN_BIT,
    ACCOUNT_FROZEN_OUT_BIT,
    ACCOUNT_HELD_BIT,
    ACCOUNT_TIER_AT,
    ACCOUNT_TIER_MASK
} from "./AccountWord.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {MovementRules} from "./MovementRules.sol";
import {
    Reasons,
    REASON_FROZEN_OUTGOING,
    REASON_FROZEN_INCOMING,
    REASON_AMOUNT_HELD,
    REASON_WINDOW_LIMIT,
    REASON_PASSKEY_REQUIRED
} from "./Reasons.sol";
import {RuleWord, RULES_PASSKEY_FLOORS_BIT} from "./RuleWord.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";

/// @title The rules every movement between members obeys, checked on both sides, and the movement itself.
/// @dev One function decides (`_judge`); transfers, payments, authorizations and the ERC-7943 views all ask it,
///      so they cannot disagree. It answers and does not revert, because a batch must skip.
abstract contract Movements is LedgerStorage {
    /// @notice ERC-20's record of every change of balance.
    event Transfer(address indexed from, address indexed to, uint256 value);

    // ---- deciding

    /// @dev The rules for a payer's tier. The proxy's own copy of the payment path asks here first, before anything is
    ///      changed, and leaves for the implementation when an upgrade has superseded it (LedgerProxy).
    function _currentRules(AccountWord payer) internal virtual returns (RuleWord) {
        return _rulesOf(payer);
    }

    /// @dev What speaks against `from` paying `to` that many cents now (Reasons; 0 = nothing), and both words as they
    ///      would stand after. The words after mean nothing when something speaks against it: sums of an unbounded
    ///      value may have left their fields. `kind` is the envelope's by which the payer agreed.
    function _judge(
        address from,
        address to,
        uint256 value,
        AccountWord payer,
        AccountWord payee,
        RuleWord rules,
        uint256 kind,
        uint256 today
    ) internal view returns (uint256 reasons, AccountWord payerAfter, AccountWord payeeAfter) {
        (reasons, payerAfter, payeeAfter) = MovementRules.judge(from, to, value, payer, payee, rules, today);
        // These read further slots: asked only where one look says that there is something to ask.
        if (_anythingRare(payer, payee, rules) != 0) {
            reasons |= _reasonsOfRare(from, to, value, payer, payee, rules, payerAfter.spentToday(), kind, today);
        }
    }

    /// @dev Whether the payer has an outgoing freeze or an amount held, is a visitor or of a tier with passkey floors, or the
    ///      payee has an incoming freeze: one look for all five.
    function _anythingRare(AccountWord payer, AccountWord payee, RuleWord rules)
        private
        pure
        returns (uint256 rare)
    {
        assembly ("memory-safe") {
            rare := or(
                or(and(payer, or(ACCOUNT_FROZEN_OUT_BIT, ACCOUNT_HELD_BIT)), and(payee, ACCOUNT_FROZEN_IN_BIT)),
                or(
                    and(rules, RULES_PASSKEY_FLOORS_BIT),
                    eq(and(shr(ACCOUNT_TIER_AT, payer), ACCOUNT_TIER_MASK), TIER_VISITOR)
                )
            )
        }
    }

    /// @dev Freezes, held amounts, passkey floors, and a visitor's thirty days as they roll.
    function _reasonsOfRare(
        address from,
        address to,
        uint256 value,
        AccountWord payer,
        AccountWord payee,
        RuleWord rules,
        uint256 spentWith,
        uint256 kind,
        uint256 today
    ) private view returns (uint256 reasons) {
        reasons = Reasons.toUint(_frozen(from, payer.frozenOut())) << REASON_FROZEN_OUTGOING
            | Reasons.toUint(_frozen(to, payee.frozenIn())) << REASON_FROZEN_INCOMING
            | Reasons.toUint(value > _unheld(from, payer)) << REASON_AMOUNT_HELD;
        if (rules.hasPasskeyFloors()) {
            reasons |= _needsPasskey(from, payer.tier(), value, spentWith, kind) << REASON_PASSKEY_REQUIRED;
        }
        if (payer.tier() != TIER_VISITOR) return reasons;
        unchecked {
            // A value no balance covers may wrap the sum: the balance speaks before.
            uint256 within30Days = _ledger().visitorSpending[from].sumOn(today) + value;
            reasons |= Reasons.toUint(within30Days > rules.maxPer30Days()) << REASON_WINDOW_LIMIT;
        }
    }

    /// @dev 0 when nothing speaks against it now, else the selector of the error for the first reason.
    function _reasonAgainst(
        address from,
        address to,
        uint256 value,
        AccountWord payer,
        AccountWord payee,
        uint256 kind
    ) internal view returns (bytes4) {
        (uint256 reasons,,) = _judge(from, to, value, payer, payee, _rulesOf(payer), kind, _today());
        return reasons == 0 ? bytes4(0) : Reasons.firstOf(reasons);
    }

    /// @dev 0 is no floor. A day's sum stops at 2^31 - 1, which no floor of a day reaches. Nothing of one's own needs no passkey,
    ///      whatever was spent today: a campaign pays all of it. The day's floor counts whatever left the account, in
    ///      whatever form: `spentWith`, and what left it unspent.
    function _needsPasskey(address account, uint256 tier, uint256 value, uint256 spentWith, uint256 kind)
        internal
        view
        returns (uint256)
    {
        if (kind == SignatureEnvelope.PASSKEY || value == 0) return 0;
        PasskeyFloors memory floors = _ledger().passkeyFloors[tier];
        unchecked {
            // A value no balance covers may wrap the sum: the balance speaks before.
            if (floors.perDay != 0) spentWith += _leftUnspentToday(account, tier);
        }
        return Reasons.exceedsLimit(value, floors.perPayment) | Reasons.exceedsLimit(spentWith, floors.perDay);
    }

    /// @dev The same question for money that leaves an account without being spent: what is asked back in euros, what
    ///      goes into a campaign's escrow. `_recordLeftUnspent` then counts it. The caller has checked that the balance
    ///      bounds `value`.
    function _checkPasskeyFloors(address account, AccountWord word, uint256 value, uint256 kind) internal view {
        uint256 spentWith = word.spentOn(_today()) + value;
        if (_needsPasskey(account, word.tier(), value, spentWith, kind) != 0) {
            revert PasskeyRequired(account, value, spentWith + _leftUnspentToday(account, word.tier()));
        }
    }

    /// @dev Cents that left the account today and are no spending. Only professionals redeem and fund: nobody else's slot is
    ///      read.
    function _leftUnspentToday(address account, uint256 tier) internal view returns (uint256) {
        if (tier != TIER_PROFESSIONAL) return 0;
        LeftUnspent storage left = _ledger().leftUnspent[account];
        return left.day == _today() ? left.value : 0;
    }

    /// @dev Counts it towards the day's floor. What is given back later in the day stays counted.
    function _recordLeftUnspent(address account, uint256 value) internal {
        // Sums of what was debited in a day: each at most the supply.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint128 leftWith = uint128(_leftUnspentToday(account, TIER_PROFESSIONAL) + value);
        // forge-lint: disable-next-line(unsafe-typecast)
        _ledger().leftUnspent[account] = LeftUnspent(uint64(_today()), leftWith);
    }

    /// @dev Cents that count against the limit of thirty days: those of the word's window, of a visitor also those of the
    ///      periods that roll, whichever are more.
    function _spentIn30Days(address account, AccountWord word, uint256 today) internal view returns (uint256 spent) {
        spent = word.spentInWindowOn(today);
        if (word.tier() != TIER_VISITOR) return spent;
        uint256 rolling = _ledger().visitorSpending[account].sumOn(today);
        if (rolling > spent) spent = rolling;
    }

    /// @dev A limit of 0 is no limit.
    function _exceedsLimit(uint256 value, uint256 limit) internal pure returns (bool) {
        return Reasons.exceedsLimit(value, limit) != 0;
    }

    /// @dev A freeze with an end is over when its end has come, without a transaction. `flag` is the word's bit.
    function _frozen(address account, bool flag) internal view returns (bool) {
        if (!flag) return false;
        // No end is 0: less one it is a moment that never comes.
        unchecked {
            return block.timestamp <= uint256(_ledger().frozenUntil[account]) - 1;
        }
    }

    /// @dev Cents of the balance that may leave: all of it where nothing is held. What is held may be more than there is.
    function _unheld(address account, AccountWord word) internal view returns (uint256 unheld) {
        unheld = word.balance();
        if (!word.held()) return unheld;
        uint256 held = _ledger().heldAmounts[account];
        return unheld > held ? unheld - held : 0;
    }

    /// @dev The balance, and what of it may leave, for money that leaves without being spent.
    function _checkBalance(address account, AccountWord word, uint256 value) internal view {
        if (value > word.balance()) revert ERC20InsufficientBalance(account, word.balance(), value);
        if (value > _unheld(account, word)) {
            revert ERC7943InsufficientUnfrozenBalance(account, value, _unheld(account, word));
        }
    }

    // ---- moving

    /// @dev Moves `value` or reverts with the reason. `payer` may carry a nonce just used; it is stored here.
    function _moveOrRevert(address from, address to, uint256 value, AccountWord payer, RuleWord rules, uint256 kind)
        internal
    {
        bytes32 payeeSlot = _wordSlot(to);
        AccountWord payee = _wordAt(payeeSlot);
        (uint256 reasons, AccountWord payerAfter, AccountWord payeeAfter) =
            _judge(from, to, value, payer, payee, rules, kind, _today());
        if (reasons != 0) _refuse(Reasons.firstOf(reasons), from, to, value, payer, payee);
        _move(from, to, value, payerAfter, payeeAfter, _wordSlot(from), payeeSlot);
    }

    /// @dev Writes both words, and a visitor's periods. The caller has asked `_judge`; what the fast path passes, which no
    ///      visitor's payment does, Payments._settleFast writes.
    function _move(
        address from,
        address to,
        uint256 value,
        AccountWord payerAfter,
        AccountWord payeeAfter,
        bytes32 payerSlot,
        bytes32 payeeSlot
    ) internal {
        _setWordAt(payerSlot, payerAfter);
        _setWordAt(payeeSlot, payeeAfter);
        if (payerAfter.tier() == TIER_VISITOR) {
            Ledger storage $ = _ledger();
            $.visitorSpending[from] = $.visitorSpending[from].spend(value, _today());
        }
        emit Transfer(from, to, value);
    }

    /// @dev Reverts with the error behind `reason` and the values that explain it.
    function _refuse(
        bytes4 reason,
        address from,
        address to,
        uint256 value,
        AccountWord payer,
        AccountWord payee
    ) internal view {
        uint256 today = _today();
        RuleWord rules = _ledger().rules[payer.tier()];
        if (reason == ERC20InvalidReceiver.selector) revert ERC20InvalidReceiver(to);
        if (reason == SamePayerPayee.selector) revert SamePayerPayee(from);
        if (reason == PaymentsStopped.selector) revert PaymentsStopped();
        if (reason == NotMember.selector) revert NotMember(payer.tier() == 0 ? from : to);
        if (reason == IdentityExpired.selector) revert IdentityExpired(payer.expiredOn(today) ? from : to);
        if (reason == FrozenOutgoing.selector) revert FrozenOutgoing(from);
        if (reason == FrozenIncoming.selector) revert FrozenIncoming(to);
        if (reason == VisitorToPerson.selector) revert VisitorToPerson(from, to);
        if (reason == ERC20InsufficientBalance.selector) revert ERC20InsufficientBalance(from, payer.balance(), value);
        if (reason == ERC7943InsufficientUnfrozenBalance.selector) {
            revert ERC7943InsufficientUnfrozenBalance(from, value, _unheld(from, payer));
        }
        if (reason == PaymentLimit.selector) revert PaymentLimit(from, value, rules.maxPayment());
        if (reason == DailyLimit.selector) {
            revert DailyLimit(from, payer.spentOn(today) + value, rules.maxPerDay());
        }
        if (reason == WindowLimit.selector) {
            revert WindowLimit(from, _spentIn30Days(from, payer, today) + value, rules.maxPer30Days());
        }
        if (reason == HoldingLimit.selector) {
            revert HoldingLimit(to, payee.balance() + value, rules.holdingLimit(payee.tier()));
        }
        revert PasskeyRequired(from, value, payer.spentOn(today) + value + _leftUnspentToday(from, payer.tier()));
    }
}
