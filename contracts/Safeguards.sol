// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {SafeguardSettings} from "./interfaces/LedgerTypes.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";

/// @title The settings that stand between one officer's key and harm: issuing, second officers, delays.
/// @dev How long a governor's own change must be announced is not here but in the AccessManager (execution delays).
abstract contract Safeguards is LedgerAuthorized {
    /// @dev A longer delay would be a refusal in disguise.
    uint32 private constant MAX_DELAY_S = 90 days;
    uint8 private constant MAX_RESUME_APPROVALS = 8;

    /// @notice Sets how old an attestation may be (seconds) and how many cents one issuer may mint a day.
    function setIssuance(uint64 attestationMaxAge, uint64 dailyMintQuota) external restricted {
        _setIssuance(attestationMaxAge, dailyMintQuota);
    }

    /// @notice Sets second officer, delays and approvals; proposals already made keep the delay they were made under.
    function setSafeguards(SafeguardSettings calldata settings) external restricted {
        _setSafeguards(settings);
    }

    /// @notice The settings of `setIssuance`.
    function issuance() external view returns (uint64 attestationMaxAge, uint64 dailyMintQuota) {
        return (_ledger().attestationMaxAge, _ledger().dailyMintQuota);
    }

    /// @notice The settings of `setSafeguards`.
    function safeguards() external view returns (SafeguardSettings memory) {
        return _ledger().safeguards;
    }

    function _setIssuance(uint64 attestationMaxAge, uint64 dailyMintQuota) internal {
        _ledger().attestationMaxAge = attestationMaxAge;
        _ledger().dailyMintQuota = dailyMintQuota;
        emit IssuanceChanged(attestationMaxAge, dailyMintQuota);
    }

    function _setSafeguards(SafeguardSettings memory settings) internal {
        bool bounded = settings.recoveryDelay <= MAX_DELAY_S && settings.forcedTransferDelay <= MAX_DELAY_S
            && settings.resumeApprovals != 0 && settings.resumeApprovals <= MAX_RESUME_APPROVALS;
        if (!bounded) {
            revert InvalidSafeguards(
                settings.recoveryDelay, settings.forcedTransferDelay, settings.resumeApprovals
            );
        }
        _ledger().safeguards = settings;
        emit SafeguardsChanged(settings);
    }
}
