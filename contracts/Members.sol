// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {
    Enrolment,
    TIER_PROFESSIONAL,
    TIER_VISITOR,
    KIND_RESIDENT,
    KIND_TREASURY
} from "./interfaces/LedgerTypes.sol";
import {AccountWord, AccountWordLibrary} from "./AccountWord.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";

/// @title Who is a member: kind, tier, sector and until when the identity holds. Nothing personal is stored.
abstract contract Members is LedgerAuthorized {
    /// @notice The most lines one `enrolMany` takes.
    uint256 public constant MAX_ENROLMENTS = 200;

    /// @notice Makes `account` a member. `expiresAtDay`: first UTC day since 1970 without valid identity, 0 = none.
    function enrol(address account, uint8 kind, uint8 tier, uint16 sector, uint32 expiresAtDay)
        external
        restricted
    {
        _enrol(Enrolment(account, kind, tier, sector, expiresAtDay));
    }

    /// @notice Makes each line's account a member; one bad line refuses all.
    function enrolMany(Enrolment[] calldata enrolments) external restricted {
        uint256 count = enrolments.length;
        if (count > MAX_ENROLMENTS) revert TooManyItems(count, MAX_ENROLMENTS);
        for (uint256 i = 0; i < count; ++i) {
            _enrol(enrolments[i]);
        }
    }

    /// @notice Changes what `enrol` set for a member; the balance and the rest of the account stay. An identity is not ended
    ///         here: an expiry of today or before is refused unless it stands already. Who must stop an account at once
    ///         freezes it.
    function setMember(address account, uint8 kind, uint8 tier, uint16 sector, uint32 expiresAtDay)
        external
        restricted
    {
        AccountWord word = _ledger().words[account];
        if (word.tier() == 0) revert NotMember(account);
        if (expiresAtDay != 0 && expiresAtDay <= _today() && expiresAtDay != word.expiresAtDay()) {
            revert InvalidMember(account, kind, tier, expiresAtDay);
        }
        _write(Enrolment(account, kind, tier, sector, expiresAtDay));
        emit MemberChanged(account, kind, tier, sector, expiresAtDay);
    }

    function _enrol(Enrolment memory line) private {
        if (_ledger().words[line.account].tier() != 0) revert AlreadyMember(line.account);
        _write(line);
        emit MemberEnrolled(line.account, line.kind, line.tier, line.sector, line.expiresAtDay);
    }

    /// @dev The zero address, the ledger itself and the campaigns' escrow are never members: what they hold is nobody's to
    ///      spend.
    function _write(Enrolment memory line) private {
        bool known = line.kind >= KIND_RESIDENT && line.kind <= KIND_TREASURY && line.tier >= TIER_VISITOR
            && line.tier <= TIER_PROFESSIONAL && line.expiresAtDay <= AccountWordLibrary.MAX_DAY;
        address account = line.account;
        if (!known || account == address(0) || account == address(this) || account == CAMPAIGN_ESCROW) {
            revert InvalidMember(line.account, line.kind, line.tier, line.expiresAtDay);
        }
        Ledger storage $ = _ledger();
        $.words[line.account] =
            $.words[line.account].withMembership(line.kind, line.tier, line.sector, line.expiresAtDay);
    }
}
