// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {
    SafeguardSettings, TierLimits, TIER_VISITOR, TIER_DECLARED, TIER_VERIFIED, TIER_PROFESSIONAL
} from "./interfaces/LedgerTypes.sol";
import {Authorizations} from "./Authorizations.sol";
import {BenefitPayments} from "./BenefitPayments.sol";
import {Campaigns} from "./Campaigns.sol";
import {ForcedTransfers} from "./ForcedTransfers.sol";
import {Freezes} from "./Freezes.sol";
import {Issuance} from "./Issuance.sol";
import {Members} from "./Members.sol";
import {PaymentArrays} from "./Payments.sol";
import {Permit} from "./Permit.sol";
import {Recovery} from "./Recovery.sol";
import {RedemptionOutcomes} from "./RedemptionOutcomes.sol";
import {RedemptionRequests} from "./RedemptionRequests.sol";
import {FallbackDelegate} from "./RegionalCurrency.sol";
import {Rules} from "./Rules.sol";
import {Safeguards} from "./Safeguards.sol";
import {Signers} from "./Signers.sol";
import {Suspensions} from "./Suspensions.sol";
import {Domain} from "./TypedData.sol";
import {Views} from "./Views.sol";

/// @title Who is a member, the rules for everybody and the settings behind them, and what anybody may ask.
/// @dev RegionalCurrency runs this code on its own state by delegatecall, as each facet does the next. Called at its own
///      address a facet is an empty ledger without authority: nobody can do anything.
contract AdministrationFacet is Domain, Members, Rules, Safeguards, Views, FallbackDelegate {
    /// @dev A statement of a Thursday evening still serves through the weekend.
    uint64 private constant DEFAULT_ATTESTATION_MAX_AGE_S = 4 days;
    uint64 private constant DEFAULT_DAILY_MINT_QUOTA_CENTS = 500_000_00;
    uint64 private constant DEFAULT_SECOND_OFFICER_FROM_CENTS = 100_000_00;
    uint32 private constant DEFAULT_DELAY_S = 3 days;
    uint8 private constant DEFAULT_RESUME_APPROVALS = 1;

    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    /// @param issuanceFacet the deployed IssuanceFacet
    constructor(string memory domainName, address issuanceFacet)
        Domain(domainName)
        FallbackDelegate(issuanceFacet)
    {
        _disableInitializers();
    }

    /// @notice The contract whose code runs for what this facet does not hold.
    function issuanceCode() external view returns (address) {
        return _nextFacet();
    }

    /// @notice Sets up a new ledger behind its proxy, once.
    /// @param authority the AccessManager that keeps the roles
    function initialize(address authority, string calldata tokenName, string calldata tokenSymbol)
        external
        initializer
    {
        __AccessManaged_init(authority);
        _ledger().name = tokenName;
        _ledger().symbol = tokenSymbol;
        _setIssuance(DEFAULT_ATTESTATION_MAX_AGE_S, DEFAULT_DAILY_MINT_QUOTA_CENTS);
        _setSafeguards(
            SafeguardSettings(
                DEFAULT_SECOND_OFFICER_FROM_CENTS, DEFAULT_DELAY_S, DEFAULT_DELAY_S, DEFAULT_RESUME_APPROVALS
            )
        );
        // Cents: held, a payment, a day, thirty days; 0 = without limit. Visitors: CMF R561-16-1.
        _setTierLimits(TIER_VISITOR, TierLimits(150_00, 150_00, 150_00, 150_00));
        _setTierLimits(TIER_DECLARED, TierLimits(1_000_00, 250_00, 500_00, 1_000_00));
        _setTierLimits(TIER_VERIFIED, TierLimits(3_000_00, 1_000_00, 1_500_00, 5_000_00));
        _setTierLimits(TIER_PROFESSIONAL, TierLimits(0, 50_000_00, 0, 0));
        _compile();
    }
}

/// @title What issuers and the attester do, and what compliance officers do: freezes, holds, forced transfers.
contract IssuanceFacet is Domain, Issuance, RedemptionOutcomes, Freezes, ForcedTransfers, FallbackDelegate {
    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    /// @param campaignFacet the deployed CampaignFacet
    constructor(string memory domainName, address campaignFacet)
        Domain(domainName)
        FallbackDelegate(campaignFacet)
    {
        _disableInitializers();
    }

    /// @notice The contract whose code runs for what this facet does not hold.
    function campaignCode() external view returns (address) {
        return _nextFacet();
    }
}

/// @title What leaves an account without being spent: euros asked back, campaigns.
contract CampaignFacet is RedemptionRequests, Campaigns, FallbackDelegate {
    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    /// @param benefitFacet the deployed BenefitFacet
    constructor(string memory domainName, address benefitFacet)
        Domain(domainName)
        FallbackDelegate(benefitFacet)
    {
        _disableInitializers();
    }

    /// @notice The contract whose code runs for what this facet does not hold.
    function benefitCode() external view returns (address) {
        return _nextFacet();
    }
}

/// @title The payments that spend campaigns.
contract BenefitFacet is BenefitPayments, FallbackDelegate {
    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    /// @param standardsFacet the deployed StandardsFacet
    constructor(string memory domainName, address standardsFacet)
        Domain(domainName)
        FallbackDelegate(standardsFacet)
    {}

    /// @notice The contract whose code runs for what this facet does not hold.
    function standardsCode() external view returns (address) {
        return _nextFacet();
    }
}

/// @title What tools that know only the standards call: authorizations, permits, batches in the ABI's own form.
contract StandardsFacet is Authorizations, Permit, PaymentArrays, FallbackDelegate {
    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    /// @param keysFacet the deployed KeysFacet
    constructor(string memory domainName, address keysFacet) Domain(domainName) FallbackDelegate(keysFacet) {}

    /// @notice The contract whose code runs for what this facet does not hold.
    function keysCode() external view returns (address) {
        return _nextFacet();
    }
}

/// @title Which keys sign for an account: added on the word of one that does, recovered where none does. Rare, so last.
contract KeysFacet is Signers, Suspensions, Recovery {
    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    constructor(string memory domainName) Domain(domainName) {
        _disableInitializers();
    }
}
