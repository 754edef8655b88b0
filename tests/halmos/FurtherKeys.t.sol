// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {World} from "./World.sol";

/// @title Proofs about a further key, limited or not: every word of it, every state of the verified account it signs for.
/// @dev The account's own key is taken away, so whatever is settled was signed by KEY, the only further one.
contract FurtherKeys is World {
    address private constant KEY = address(0x4E7);
    uint256 private constant VERIFIED = 3;
    uint256 private constant KEY_REVOKED = 1 << 242;
    /// @dev Of a key's word what a payment may change: what it spent and when.
    uint256 private constant KEY_SPENDING = ((1 << 48) - 1) << 118;
    uint256 private constant MAX_SPENT = (1 << 32) - 1;

    /// @dev In one proof, for the cases are the same: it conserves money, pays only between those who may and within its own
    ///      limits, of this kind, of this generation, not past its end; what it spent is recorded. What it may not pay changes
    ///      no more than nonces.
    function check_a_further_key_keeps_to_the_rules_and_to_its_own(State memory world, Item memory item, uint256 key)
        public
    {
        _buildWithKey(world, key);
        if (_settle(item)) {
            uint256 good = _moved(world, item.value, SPENT_AND_NONCES) & _inOrder(world, item.value);
            good &= _keptTo(key, world.payer, item.value) & _isTrue(item.value != 0) & _isTrue(NOW < item.validBefore);
            assert(good & _same(_path.signer(PAYER, KEY), _recorded(key, item.value)) == 1);
        } else {
            assert(_onlyNonces(world) & _same(_path.signer(PAYER, KEY), key) == 1);
        }
    }

    function _buildWithKey(State memory world, uint256 key) private {
        world.payer = (world.payer & ~TIER) | (VERIFIED << TIER_AT) | KEY_REVOKED;
        _build(world);
        _path.setSigner(PAYER, KEY, key);
    }

    function _keptTo(uint256 key, uint256 payer, uint256 value) private pure returns (uint256) {
        (uint256 perPayment, uint256 perDay, uint256 end) = (_field(key, 16, 31), _field(key, 47, 31), _field(key, 78, 40));
        uint256 bad = _isTrue(perPayment != 0) & _isTrue(value > perPayment);
        unchecked {
            bad |= _isTrue(perDay != 0) & _isTrue(_spentToday(key) + value > perDay);
        }
        bad |= _isTrue(end != 0) & _isTrue(NOW >= end);
        return (1 - bad) & _same(_field(key, 0, 8), 1) & _same(_field(key, 8, 8), _field(payer, 243, 8));
    }

    /// @dev The key's word after a payment; that of a key without limits stays.
    function _recorded(uint256 key, uint256 value) private pure returns (uint256) {
        unchecked {
            uint256 spent = _spentToday(key) + value;
            uint256 over = _isTrue(spent > MAX_SPENT);
            spent = spent * (1 - over) + MAX_SPENT * over;
            uint256 limited = _isTrue(key >> 16 != 0);
            return key * (1 - limited) + ((key & ~KEY_SPENDING) | (spent << 118) | (TODAY << 150)) * limited;
        }
    }

    function _spentToday(uint256 key) private pure returns (uint256) {
        return _same(_field(key, 150, 16), TODAY) * _field(key, 118, 32);
    }
}
