// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IDelayFloors} from "../interfaces/IDelayFloors.sol";

/// @title Who may do what: OpenZeppelin's AccessManager, and three things it does not say.
/// @dev 1. Nobody withdraws the revocation of a role of their own: a stolen governor's key would otherwise stay for ever.
///      2. The pauser may withdraw what governors announce about roles, as it may announced rules and upgrades.
///      3. Announcement times have floors in code: no key gets a role that is announced with less, and no function goes to
///         a role with a lower floor than the one that has it.
contract LedgerAuthority is AccessManager, IDelayFloors {
    /// @notice The roles whose numbers this code knows (scripts/ledger/roles.py).
    uint64 public constant PAUSER_ROLE = 5;
    uint64 public constant RULES_ROLE = 6;
    uint64 public constant CODE_ROLE = 7;

    /// @dev Seconds; 0 where somebody must see everything happen at once.
    uint32 private immutable RULES_FLOOR;
    uint32 private immutable CODE_FLOOR;

    /// @dev `revokeRole(uint64,address)`: the selector, then two words.
    uint256 private constant REVOCATION_BYTES = 68;
    uint256 private constant SELECTOR_BYTES = 4;

    error DelayBelowFloor(uint64 roleId, uint32 delay, uint32 floor);

    /// @param rulesFloor the shortest announcement of a change of rules, seconds
    /// @param codeFloor the shortest announcement of a change of roles or code, seconds
    constructor(address initialAdmin, uint32 rulesFloor, uint32 codeFloor) AccessManager(initialAdmin) {
        RULES_FLOOR = rulesFloor;
        CODE_FLOOR = codeFloor;
    }

    /// @inheritdoc IDelayFloors
    function delayFloor(uint64 roleId) public view returns (uint32) {
        if (roleId == ADMIN_ROLE || roleId == CODE_ROLE) return CODE_FLOOR;
        return roleId == RULES_ROLE ? RULES_FLOOR : 0;
    }

    /// @inheritdoc AccessManager
    function grantRole(uint64 roleId, address account, uint32 executionDelay) public override {
        _checkFloor(roleId, executionDelay);
        super.grantRole(roleId, account, executionDelay);
    }

    /// @inheritdoc AccessManager
    /// @dev What nobody was given is the admin role's, and may be given to any: the admin announces it as long as code.
    function setTargetFunctionRole(address target, bytes4[] calldata selectors, uint64 roleId) public override {
        for (uint256 i = 0; i < selectors.length; ++i) {
            uint64 held = getTargetFunctionRole(target, selectors[i]);
            if (held != ADMIN_ROLE && delayFloor(roleId) < delayFloor(held)) {
                revert DelayBelowFloor(roleId, delayFloor(roleId), delayFloor(held));
            }
        }
        super.setTargetFunctionRole(target, selectors, roleId);
    }

    /// @inheritdoc AccessManager
    function getRoleGuardian(uint64 roleId) public view override returns (uint64) {
        return roleId == ADMIN_ROLE ? PAUSER_ROLE : super.getRoleGuardian(roleId);
    }

    /// @dev Also where the caller announced it.
    function _canCancel(address caller, address target, bytes calldata data) internal view override returns (bool) {
        if (target == address(this) && data.length >= REVOCATION_BYTES && bytes4(data) == this.revokeRole.selector) {
            (, address revoked) = abi.decode(data[SELECTOR_BYTES:], (uint64, address));
            if (revoked == _msgSender()) return false;
        }
        return super._canCancel(caller, target, data);
    }

    function _checkFloor(uint64 roleId, uint32 executionDelay) private view {
        uint32 floor = delayFloor(roleId);
        if (executionDelay < floor) revert DelayBelowFloor(roleId, executionDelay, floor);
    }
}
