// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {
    SafeguardSettings, TierLimits, TIER_VISITOR, TIER_DECLARED, TIER_VERIFIED, TIER_PROFESSIONAL
} from "./interfaces/LedgerTypes.sol";
import {Delegation} from "./Delegation.sol";
import {Domain} from "./Domain.sol";
import {Freezes} from "./Freezes.sol";
import {Members} from "./Members.sol";
import {RedemptionOutcomes} from "./RedemptionOutcomes.sol";
import {Rules} from "./Rules.sol";
import {Safeguards} from "./Safeguards.sol";
import {Signers} from "./Signers.sol";
import {Views} from "./Views.sol";

/// @title The ledger's second half: what officers do, and what anybody may ask.
/// @dev RegionalCurrency runs this code on its own state by delegatecall; what it does not hold it hands to Procedures.
///      Called at its own address it is an empty ledger without authority: nobody can do anything.
contract Administration is
    RedemptionOutcomes,
    Members,
    Signers,
    Freezes,
    Rules,
    Safeguards,
    Views,
    Delegation
{
    /// @dev A statement of a Thursday evening still serves through the weekend.
    uint64 private constant DEFAULT_ATTESTATION_MAX_AGE_S = 4 days;
    uint64 private constant DEFAULT_DAILY_MINT_QUOTA_CENTS = 500_000_00;
    uint64 private constant DEFAULT_SECOND_OFFICER_FROM_CENTS = 100_000_00;
    uint32 private constant DEFAULT_DELAY_S = 3 days;
    uint8 private constant DEFAULT_RESUME_APPROVALS = 1;

    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    /// @param procedures the deployed Procedures
    constructor(string memory domainName, address procedures) Domain(domainName) Delegation(procedures) {
        _disableInitializers();
    }

    /// @notice The contract whose code runs for what this part does not hold.
    function proceduresCode() external view returns (address) {
        return _nextPart();
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
