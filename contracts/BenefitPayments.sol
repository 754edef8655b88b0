// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {BenefitPayment} from "./interfaces/LedgerTypes.sol";
import {AccountWord, MAX_NONCE_STEP} from "./AccountWord.sol";
import {CampaignRules} from "./CampaignRules.sol";
import {Movements} from "./Movements.sol";
import {Nonces} from "./Nonces.sol";
import {RuleWord} from "./RuleWord.sol";
import {SignerWord} from "./SignerWord.sol";
import {Signing} from "./Signing.sol";
import {Domain, TypedData} from "./TypedData.sol";

/// @title Signed payments that spend a campaign's money first and the payer's own for the rest.
/// @dev A type and entry points of their own: a plain payment pays nothing for campaigns it does not use. The payer's own
///      part obeys every rule of a payment; the payee's holding limit counts the whole.
abstract contract BenefitPayments is CampaignRules, Movements, Nonces, Signing, Domain {
    /// @notice The most items one `settleWithBenefits` takes.
    uint256 public constant MAX_BENEFIT_ITEMS = 100;

    bytes32 private constant BENEFIT_PAYMENT_TYPEHASH = keccak256(
        "BenefitPayment(address from,address to,uint256 value,bytes32 ref,uint256 validBefore,uint256 nonce,bytes32 campaign,uint256 maxOwn)"
    );
    /// @dev Members of BenefitPayment, each a word.
    uint256 private constant PAYMENT_BYTES = 8 * 32;

    /// @notice Executes one payment with a campaign's money first, or reverts with the reason. The only such payment by
    ///         which a contract may agree (ERC-1271).
    function payWithBenefit(BenefitPayment calldata payment, bytes calldata signature) external {
        AccountWord payer = _ledger().words[payment.from];
        (SignerWord power,) = _powerOfEither(payment.from, payer, signature, benefitDigest(payment));
        bytes4 reason = _settleBenefit(payment, payer, power);
        if (reason != 0) _refuseBenefit(reason, payment);
    }

    /// @notice Executes such payments in order; a bad one is skipped and reported by `BenefitSkipped`, as `settle` skips.
    /// @return settledCount how many were executed
    function settleWithBenefits(BenefitPayment[] calldata payments, bytes[] calldata signatures)
        external
        returns (uint256 settledCount)
    {
        uint256 count = payments.length;
        if (count > MAX_BENEFIT_ITEMS) revert TooManyItems(count, MAX_BENEFIT_ITEMS);
        if (count != signatures.length) revert LengthMismatch(count, signatures.length);
        for (uint256 i = 0; i < count; ++i) {
            BenefitPayment calldata payment = payments[i];
            AccountWord payer = _ledger().words[payment.from];
            (SignerWord power,) = _powerOf(payment.from, payer, signatures[i], benefitDigest(payment));
            bytes4 reason = _settleBenefit(payment, payer, power);
            if (reason == 0) {
                ++settledCount;
                continue;
            }
            _useUpNonce(reason, payment, payer);
            emit BenefitSkipped(i, payment.from, payment.ref, reason);
        }
    }

    /// @notice Cents the campaign would pay now of a payment of `value`, and 0 or the selector of the reason against it.
    function benefitFor(bytes32 campaign, address from, address to, uint256 value)
        external
        view
        returns (uint256 benefit, bytes4 reason)
    {
        reason = _reasonAgainstBenefit(campaign, from, to);
        if (reason == 0) benefit = _benefitOf(campaign, from, value);
    }

    /// @notice Cents of the campaign `payer` has spent.
    function benefitSpentBy(bytes32 campaign, address payer) external view returns (uint256) {
        return _ledger().benefitSpent[campaign][payer];
    }

    /// @notice The 32 bytes a payer signs for this payment.
    function benefitDigest(BenefitPayment calldata payment) public view returns (bytes32) {
        bytes32 typeHash = BENEFIT_PAYMENT_TYPEHASH;
        uint256 length = PAYMENT_BYTES;
        bytes32 hashOfStruct;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typeHash)
            calldatacopy(add(buffer, 0x20), payment, length)
            hashOfStruct := keccak256(buffer, add(length, 0x20))
        }
        return TypedData.digest(_separator(), hashOfStruct);
    }

    /// @dev Executes the payment and answers 0, or changes nothing and answers why. The signature comes first, as in
    ///      `settle`.
    function _settleBenefit(BenefitPayment calldata payment, AccountWord payer, SignerWord power)
        private
        returns (bytes4)
    {
        if (SignerWord.unwrap(power) == 0 || power.isLimited()) return BadSignature.selector;
        if (block.timestamp >= payment.validBefore) return Expired.selector;
        if (_nonceUsed(payment.from, payer, payment.nonce)) return NonceUsed.selector;
        if (payer.nonceTooFar(payment.nonce) != 0) return NonceTooFar.selector;
        if (payment.value == 0) return ZeroValue.selector;
        bytes4 reason = _reasonAgainstBenefit(payment.campaign, payment.from, payment.to);
        if (reason != 0) return reason;
        uint256 benefit = _benefitOf(payment.campaign, payment.from, payment.value);
        uint256 own = payment.value - benefit;
        if (own > payment.maxOwn) return OwnShareExceeded.selector;
        AccountWord payee = _ledger().words[payment.to];
        reason = _reasonAgainst(payment.from, payment.to, own, payer, payee, power.kind());
        if (reason != 0) return reason;
        if (_exceedsLimit(payee.balance() + payment.value, _holdingLimit(payer, payee))) return HoldingLimit.selector;
        _moveBoth(payment, own, benefit, payer, power.kind());
        return 0;
    }

    /// @dev What a member truly signed and saw left out never happens later, as in `settle`.
    function _useUpNonce(bytes4 reason, BenefitPayment calldata payment, AccountWord payer) private {
        bool keeps = reason == BadSignature.selector || reason == Expired.selector || reason == NonceUsed.selector
            || reason == NonceTooFar.selector;
        if (keeps || payer.tier() == 0) return;
        _ledger().words[payment.from] = _useNonce(payment.from, payer, payment.nonce);
    }

    function _moveBoth(
        BenefitPayment calldata payment,
        uint256 own,
        uint256 benefit,
        AccountWord payer,
        uint256 kind
    ) private {
        Ledger storage $ = _ledger();
        (address from, address to, bytes32 campaign) = (payment.from, payment.to, payment.campaign);
        AccountWord marked = _useNonce(from, payer, payment.nonce);
        if (own != 0) _moveOrRevert(from, to, own, marked, _rulesOf(payer), kind);
        else $.words[from] = marked;
        emit BenefitPaymentSettled(from, to, payment.ref, own, payment.nonce, campaign);
        if (benefit == 0) return;
        // At most what was funded, which has 64 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        $.campaigns[campaign].spent += uint64(benefit);
        $.benefitSpent[campaign][from] += benefit;
        $.words[CAMPAIGN_ESCROW] = $.words[CAMPAIGN_ESCROW].debit(benefit);
        $.words[to] = $.words[to].credit(benefit);
        emit Transfer(CAMPAIGN_ESCROW, to, benefit);
        emit BenefitSpent(campaign, from, payment.ref, benefit, to);
    }

    function _holdingLimit(AccountWord payer, AccountWord payee) private view returns (uint256) {
        RuleWord rules = _ledger().rules[payer.tier()];
        return rules.holdingLimit(payee.tier());
    }

    /// @dev Reverts with the error behind `reason` and the values that explain it. Nothing has changed since it was found.
    function _refuseBenefit(bytes4 reason, BenefitPayment calldata payment) private view {
        Ledger storage $ = _ledger();
        (address from, address to, bytes32 campaign) = (payment.from, payment.to, payment.campaign);
        if (reason == BadSignature.selector) revert BadSignature(from);
        if (reason == Expired.selector) revert Expired(payment.validBefore);
        if (reason == NonceUsed.selector) revert NonceUsed(from, payment.nonce);
        if (reason == NonceTooFar.selector) {
            revert NonceTooFar(from, payment.nonce, $.words[from].nonceNext() + MAX_NONCE_STEP);
        }
        if (reason == ZeroValue.selector) revert ZeroValue();
        if (reason == CampaignNotOpen.selector) revert CampaignNotOpen(campaign);
        if (reason == PayerNotEligible.selector) revert PayerNotEligible(campaign, from);
        if (reason == PayeeNotEligible.selector) revert PayeeNotEligible(campaign, to);
        uint256 own = payment.value - _benefitOf(campaign, from, payment.value);
        if (reason == OwnShareExceeded.selector) revert OwnShareExceeded(own, payment.maxOwn);
        AccountWord payer = $.words[from];
        AccountWord payee = $.words[to];
        if (reason == HoldingLimit.selector) {
            revert HoldingLimit(to, payee.balance() + payment.value, _holdingLimit(payer, payee));
        }
        _refuse(reason, from, to, own, payer, payee);
    }
}
