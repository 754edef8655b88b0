// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {SafeguardSettings} from "./interfaces/LedgerTypes.sol";
import {IDelayFloors} from "./interfaces/IDelayFloors.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";

/// @title The settings that stand between one officer's key and harm: issuing, second officers, delays.
/// @dev How long a governor's own change must be announced is not here but in the AccessManager (execution delays).
abstract contract Safeguards is LedgerAuthorized {
    /// @dev A longer delay would be a refusal in disguise.
    uint32 private constant MAX_DELAY_S = 90 days;
    uint8 private constant MAX_RESUME_APPROVALS = 8;
    uint8 private constant FLOOR_APPROVALS = 2;
    /// @dev Its number in the authority (scripts/ledger/roles.py).
    uint64 private constant RULES_ROLE = 6;

    /// @notice Sets how old an attestation may be (seconds) and how many cents one issuer may mint a day.
    function setIssuance(uint64 attestationMaxAge, uint64 dailyMintQuota) external restricted {
        _setIssuance(attestationMaxAge, dailyMintQuota);
    }

    /// @notice Sets second officer, delays and approvals; proposals already made keep the delay they were made under.
    /// @dev Where rules are announced at all, none of them can be set to nothing: the authority has that floor in its code.
    function setSafeguards(SafeguardSettings calldata settings) external restricted {
        uint256 floor = _rulesFloor();
        bool lax = settings.recoveryDelay < floor || settings.forcedTransferDelay < floor
            || settings.resumeApprovals < FLOOR_APPROVALS || settings.secondOfficerFrom == 0;
        if (floor != 0 && lax) _refuse(settings);
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

    /// @dev The shortest announcement of a change of rules, seconds; 0 by an authority that knows none.
    function _rulesFloor() private view returns (uint256) {
        (bool answered, bytes memory floor) =
            authority().staticcall(abi.encodeCall(IDelayFloors.delayFloor, (RULES_ROLE)));
        return answered && floor.length == 32 ? abi.decode(floor, (uint256)) : 0;
    }

    function _refuse(SafeguardSettings memory settings) private pure {
        revert InvalidSafeguards(settings.recoveryDelay, settings.forcedTransferDelay, settings.resumeApprovals);
    }

    function _setIssuance(uint64 attestationMaxAge, uint64 dailyMintQuota) internal {
        _ledger().attestationMaxAge = attestationMaxAge;
        _ledger().dailyMintQuota = dailyMintQuota;
        emit IssuanceChanged(attestationMaxAge, dailyMintQuota);
    }

    function _setSafeguards(SafeguardSettings memory settings) internal {
        bool bounded = settings.recoveryDelay <= MAX_DELAY_S && settings.forcedTransferDelay <= MAX_DELAY_S
            && settings.resumeApprovals != 0 && settings.resumeApprovals <= MAX_RESUME_APPROVALS;
        if (!bounded) _refuse(settings);
        _ledger().safeguards = settings;
        emit SafeguardsChanged(settings);
    }
}
