// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord, AccountWordLibrary} from "../AccountWord.sol";
import {FastPath} from "../FastPath.sol";
import {MovementRules} from "../MovementRules.sol";
import {Reasons} from "../Reasons.sol";
import {RuleWord} from "../RuleWord.sol";
import {SignerWord, SignerWordLibrary} from "../SignerWord.sol";
import {VisitorSpending} from "../VisitorSpending.sol";
import {PaymentPreimage, TypedData} from "../TypedData.sol";
import {Payment, TierLimits} from "../interfaces/LedgerTypes.sol";

/// @title The packed words as callable functions, for tests only. Never deployed beside a ledger.
contract WordHarness {
    struct Fields {
        uint256 balance;
        uint256 nonceNext;
        uint256 expiresAtDay;
        uint256 sector;
        uint256 tier;
        uint256 kind;
        bool frozenIn;
        bool frozenOut;
        bool keyRevoked;
        uint256 generation;
        bool ownPasskey;
        bool keySuspended;
    }

    function fields(uint256 raw) external pure returns (Fields memory) {
        AccountWord word = AccountWord.wrap(raw);
        return Fields(
            word.balance(),
            word.nonceNext(),
            word.expiresAtDay(),
            word.sector(),
            word.tier(),
            word.kind(),
            word.frozenIn(),
            word.frozenOut(),
            word.keyRevoked(),
            word.generation(),
            word.ownPasskey(),
            word.keySuspended()
        );
    }

    function spentOn(uint256 raw, uint256 day) external pure returns (uint256 today, uint256 inWindow) {
        AccountWord word = AccountWord.wrap(raw);
        return (word.spentOn(day), word.spentInWindowOn(day));
    }

    function expiredOn(uint256 raw, uint256 day) external pure returns (bool) {
        return AccountWord.wrap(raw).expiredOn(day);
    }

    function smallNonceUsed(uint256 raw, uint256 nonce) external pure returns (bool) {
        return AccountWord.wrap(raw).smallNonceUsed(nonce);
    }

    function debit(uint256 raw, uint256 value) external pure returns (uint256) {
        return AccountWord.unwrap(AccountWord.wrap(raw).debit(value));
    }

    function credit(uint256 raw, uint256 value) external pure returns (uint256) {
        return AccountWord.unwrap(AccountWord.wrap(raw).credit(value));
    }

    function judge(
        address from,
        address to,
        uint256 value,
        uint256 payer,
        uint256 payee,
        uint256 rules_,
        uint256 today
    ) external view returns (uint256 reasons, uint256 payerAfter, uint256 payeeAfter) {
        AccountWord payerWord;
        AccountWord payeeWord;
        (reasons, payerWord, payeeWord) = MovementRules.judge(
            from, to, value, AccountWord.wrap(payer), AccountWord.wrap(payee), RuleWord.wrap(rules_), today
        );
        return (reasons, AccountWord.unwrap(payerWord), AccountWord.unwrap(payeeWord));
    }

    function checkFastPath(
        Payment calldata payment,
        uint256 payer,
        uint256 payee,
        uint256 rules_,
        address signedBy,
        uint256 today
    ) external view returns (uint256 mustCheckFully, uint256 payerAfter, uint256 payeeAfter) {
        PaymentPreimage preimage = TypedData.newPreimage(0);
        preimage.fill(payment);
        AccountWord payerWord;
        AccountWord payeeWord;
        (mustCheckFully, payerWord, payeeWord) = FastPath.check(
            preimage, AccountWord.wrap(payer), AccountWord.wrap(payee), RuleWord.wrap(rules_), signedBy, today
        );
        return (mustCheckFully, AccountWord.unwrap(payerWord), AccountWord.unwrap(payeeWord));
    }

    function firstReason(uint256 reasons) external pure returns (bytes4) {
        return Reasons.firstOf(reasons);
    }

    function useSmallNonce(uint256 raw, uint256 nonce) external pure returns (uint256) {
        (, AccountWord word) = AccountWord.wrap(raw).takeSmallNonce(nonce);
        return AccountWord.unwrap(word);
    }

    function withMembership(uint256 raw, uint8 kind, uint8 tier, uint16 sector, uint32 expiresAtDay)
        external
        pure
        returns (uint256)
    {
        return AccountWord.unwrap(AccountWord.wrap(raw).withMembership(kind, tier, sector, expiresAtDay));
    }

    function withFreeze(uint256 raw, bool incoming, bool outgoing) external pure returns (uint256) {
        return AccountWord.unwrap(AccountWord.wrap(raw).withFreeze(incoming, outgoing));
    }

    function withKeySuspended(uint256 raw, bool suspended) external pure returns (uint256) {
        return AccountWord.unwrap(AccountWord.wrap(raw).withKeySuspended(suspended));
    }

    function withKeyRevoked(uint256 raw, bool revoked) external pure returns (uint256) {
        return AccountWord.unwrap(AccountWord.wrap(raw).withKeyRevoked(revoked));
    }

    function withOwnPasskey(uint256 raw, bool passkey) external pure returns (uint256) {
        return AccountWord.unwrap(AccountWord.wrap(raw).withOwnPasskey(passkey));
    }

    function recompiled(uint256 raw, TierLimits[5] calldata limits, uint256 tier, uint8 stops, bool passkeyFloors)
        external
        pure
        returns (uint256)
    {
        return RuleWord.unwrap(RuleWord.wrap(raw).recompiled(limits, tier, stops, passkeyFloors));
    }

    function marks(uint256 raw) external pure returns (bool superseded, bool passkeyFloors) {
        RuleWord word = RuleWord.wrap(raw);
        return (word.superseded(), word.hasPasskeyFloors());
    }

    function withSuperseded(uint256 raw) external pure returns (uint256) {
        return RuleWord.unwrap(RuleWord.wrap(raw).withSuperseded());
    }

    function signer(uint256 kind, uint256 generation, uint256 maxPayment, uint256 maxPerDay, uint256 expiresAt)
        external
        pure
        returns (uint256)
    {
        return SignerWord.unwrap(SignerWordLibrary.limitedTo(kind, generation, maxPayment, maxPerDay, expiresAt));
    }

    function signerFields(uint256 raw, uint256 timestamp, uint256 day)
        external
        pure
        returns (
            uint256 kind,
            uint256 generation,
            uint256 maxPayment,
            uint256 maxPerDay,
            uint256 expiresAt,
            uint256 spentToday,
            bool limited,
            bool ended
        )
    {
        SignerWord word = SignerWord.wrap(raw);
        return (
            word.kind(),
            word.generation(),
            word.maxPayment(),
            word.maxPerDay(),
            word.expiresAt(),
            word.spentOn(day),
            word.isLimited(),
            word.endedAt(timestamp)
        );
    }

    function visitorSpentOn(uint256 raw, uint256 day) external pure returns (uint256) {
        return VisitorSpending.wrap(raw).sumOn(day);
    }

    function visitorSpends(uint256 raw, uint256 value, uint256 day) external pure returns (uint256) {
        return VisitorSpending.unwrap(VisitorSpending.wrap(raw).spend(value, day));
    }

    function signerSpends(uint256 raw, uint256 value, uint256 day) external pure returns (uint256) {
        return SignerWord.unwrap(SignerWord.wrap(raw).spend(value, day));
    }

    function rules(uint256 raw, uint256 payeeTier)
        external
        pure
        returns (uint256 holding, uint256 payment, uint256 day, uint256 window, bool stopped)
    {
        RuleWord word = RuleWord.wrap(raw);
        return (
            word.holdingLimit(payeeTier),
            word.maxPayment(),
            word.maxPerDay(),
            word.maxPer30Days(),
            word.paymentsStopped()
        );
    }

    function withNextGeneration(uint256 raw) external pure returns (uint256) {
        return AccountWord.unwrap(AccountWord.wrap(raw).withNextGeneration());
    }
}
