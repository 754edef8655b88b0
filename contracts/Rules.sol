// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {
    PasskeyFloors,
    TierLimits,
    TIER_VISITOR,
    TIER_PROFESSIONAL,
    STOP_PAYMENTS,
    STOP_ISSUING,
    STOP_REDEEMING
} from "./interfaces/LedgerTypes.sol";
import {MAX_SPENT} from "./AccountWord.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";
import {RuleWordLibrary} from "./RuleWord.sol";

/// @title What applies to everybody: the tiers' limits and the three stops.
/// @dev One officer stops, at once; governors resume, as many together as the safeguards say. Each change recompiles the
///      words that payments read.
abstract contract Rules is LedgerAuthorized {
    uint8 private constant ALL_STOPS = STOP_PAYMENTS | STOP_ISSUING | STOP_REDEEMING;

    /// @dev Beside the stops, in what is resumed: and from now on nobody stops anything, long enough for the role to be
    ///      revoked after its announcement.
    uint8 private constant REFUSE_STOPS = 8;
    uint256 private constant STOPS_REFUSED_S = 8 days;
    uint256 private constant APPROVALS_TO_REFUSE_STOPS = 2;

    /// @notice Stops what the bits of `what` name: 1 payments, 2 issuing, 4 redeeming.
    function stop(uint8 what) external restricted {
        _checkStop(what);
        Ledger storage $ = _ledger();
        if (block.timestamp < $.stopsRefusedUntil) revert StoppingRefused($.stopsRefusedUntil);
        uint8 stops_ = $.stops | what;
        $.stops = stops_;
        ++$.stopCount;
        _compile();
        emit Stopped(what, stops_);
    }

    /// @notice Asks to resume what the bits of `what` name; resumes it when enough governors have asked for the same. With
    ///         bit 8 the pauser is shut out besides, for eight days: a stolen key would stop again at once. It takes two.
    /// @dev A new stop of anything voids what was asked before: those who ask have then not seen its reason. Only who may
    ///      still resume counts, and who asked already may complete a number that has been lowered since.
    function resume(uint8 what) external restricted {
        _checkStop(what & ~REFUSE_STOPS);
        address governor = _officer();
        Ledger storage $ = _ledger();
        if ($.stops & what == 0) revert NotStopped(what, $.stops);
        address[] storage governors = $.resumeApprovals[$.stopCount][what].governors;
        (uint256 given, bool again) = _standing(governors, governor);
        if (!again) {
            governors.push(governor);
            ++given;
        }
        uint256 needed = $.safeguards.resumeApprovals;
        if (what & REFUSE_STOPS != 0 && needed < APPROVALS_TO_REFUSE_STOPS) needed = APPROVALS_TO_REFUSE_STOPS;
        if (again && given < needed) revert AlreadyApproved(governor, what);
        emit ResumeApproved(what, governor, given, needed);
        if (given < needed) return;
        uint8 stops_ = $.stops & ~what;
        $.stops = stops_;
        if (what & REFUSE_STOPS != 0) {
            $.stopsRefusedUntil = uint64(block.timestamp + STOPS_REFUSED_S);
            emit StopsRefused($.stopsRefusedUntil);
        }
        _compile();
        emit Resumed(what, stops_);
    }

    /// @notice Sets the limits of `tier` (cents, 0 = without limit).
    function setTierLimits(uint8 tier, TierLimits calldata limits) external restricted {
        _setTierLimits(tier, limits);
        _compile();
    }

    /// @notice Sets the amounts above which members of `tier` need a passkey (cents, 0 = never).
    /// @dev A day's sum stops at MAX_SPENT: a day's floor as high would ask nothing, and is refused.
    function setPasskeyFloors(uint8 tier, PasskeyFloors calldata floors) external restricted {
        _checkTier(tier);
        _checkLimit(floors.perPayment, RuleWordLibrary.MAX_SPENDING_LIMIT);
        _checkLimit(floors.perDay, MAX_SPENT - 1);
        _ledger().passkeyFloors[tier] = floors;
        _compile();
        emit PasskeyFloorsChanged(tier, floors);
    }

    /// @notice The stops in force, as bits.
    function stops() external view returns (uint8) {
        return _ledger().stops;
    }

    /// @notice The limits of `tier`.
    function tierLimits(uint8 tier) external view returns (TierLimits memory) {
        _checkTier(tier);
        return _ledger().tierLimits[tier];
    }

    /// @notice The amounts above which members of `tier` need a passkey.
    function passkeyFloors(uint8 tier) external view returns (PasskeyFloors memory) {
        _checkTier(tier);
        return _ledger().passkeyFloors[tier];
    }

    function _setTierLimits(uint8 tier, TierLimits memory limits) internal {
        _checkTier(tier);
        _checkLimit(limits.maxBalance, RuleWordLibrary.MAX_HOLDING_LIMIT);
        _checkLimit(limits.maxPayment, RuleWordLibrary.MAX_SPENDING_LIMIT);
        _checkLimit(limits.maxPerDay, RuleWordLibrary.MAX_SPENDING_LIMIT);
        _checkLimit(limits.maxPer30Days, RuleWordLibrary.MAX_SPENDING_LIMIT);
        _ledger().tierLimits[tier] = limits;
        emit TierLimitsChanged(tier, limits);
    }

    /// @dev Brings the words that payments read in line with the limits and the stops.
    function _compile() internal {
        Ledger storage $ = _ledger();
        TierLimits[5] memory limits = $.tierLimits;
        for (uint256 tier = TIER_VISITOR; tier <= TIER_PROFESSIONAL; ++tier) {
            PasskeyFloors memory floors = $.passkeyFloors[tier];
            bool hasFloors = floors.perPayment | floors.perDay != 0;
            $.rules[tier] = $.rules[tier].recompiled(limits, tier, $.stops, hasFloors);
        }
    }

    /// @dev How many of them may still resume, and whether `governor` is one of them. As many as governors at most.
    function _standing(address[] storage governors, address governor)
        private
        view
        returns (uint256 standing, bool among)
    {
        uint256 count = governors.length;
        for (uint256 i = 0; i < count; ++i) {
            address one = governors[i];
            if (_mayCall(one, this.resume.selector)) ++standing;
            if (one == governor) among = true;
        }
    }

    function _checkStop(uint8 what) private pure {
        if (what == 0 || what > ALL_STOPS) revert InvalidStop(what);
    }

    function _checkTier(uint8 tier) private pure {
        if (tier < TIER_VISITOR || tier > TIER_PROFESSIONAL) revert InvalidTier(tier);
    }

    function _checkLimit(uint256 given, uint256 maximum) private pure {
        if (given > maximum) revert LimitTooLarge(given, maximum);
    }
}
