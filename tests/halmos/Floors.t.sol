// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {World} from "./World.sol";

/// @title Proofs where the payer's tier has passkey floors, any of them: what is no passkey's stays below. It conserves money and
///        obeys the other rules as well.
/// @dev The payer is a professional, of whom most is asked: what left the account without being spent counts too.
contract Floors is World {
    uint256 private constant HAS_FLOORS = 1 << 255;
    uint256 private constant PROFESSIONAL = 4;

    /// @dev What is asked besides: the floors of every tier, what left the payer's account unspent and on which day.
    struct Asked {
        uint64 perPayment;
        uint64 perDay;
        uint64 leftOn;
        uint128 left;
    }

    function check_a_plain_key_pays_below_the_floors_only(State memory world, Item memory item, Asked memory asked)
        public
    {
        _buildWithFloors(world, asked);
        if (_settle(item)) {
            uint256 good = _moved(world, item.value, SPENT_AND_NONCES) & _gated(world, item.value);
            assert(good & _below(world, asked, item.value) == 1);
        } else {
            assert(_onlyNonces(world) == 1);
        }
    }

    function check_a_transfer_is_below_the_floors_only(State memory world, uint256 value, Asked memory asked) public {
        _buildWithFloors(world, asked);
        if (_transfer(PAYEE, value)) {
            uint256 good = _moved(world, value, SPENDING) & _gated(world, value);
            assert(good & (_isTrue(value == 0) | _below(world, asked, value)) == 1);
        } else {
            assert(_untouched(world) == 1);
        }
    }

    function _buildWithFloors(State memory world, Asked memory asked) private {
        world.payer = (world.payer & ~TIER) | (PROFESSIONAL << TIER_AT);
        _buildMarked(world, HAS_FLOORS);
        // No more left the account than there are units; `setPasskeyFloors` takes no higher floors. One for the day at that
        // very bound is none: there the sum of a day stops.
        VM.assume(
            _isTrue(asked.left <= BALANCE) & _isTrue(asked.perPayment <= NO_LIMIT) & _isTrue(asked.perDay < NO_LIMIT) == 1
        );
        for (uint256 tier = 1; tier < 5; ++tier) {
            _path.setFloors(tier, asked.perPayment, asked.perDay);
        }
        _path.setLeftUnspent(PAYER, asked.leftOn, asked.left);
    }

    function _below(State memory world, Asked memory asked, uint256 value) private pure returns (uint256) {
        uint256 payer = world.payer;
        unchecked {
            uint256 left = _same(asked.leftOn, TODAY) * asked.left;
            uint256 today = _same(_field(payer, 108, 16), TODAY) * _field(payer, 44, 32) + left + value;
            uint256 bad = _isTrue(asked.perPayment != 0) & _isTrue(value > asked.perPayment);
            bad |= _isTrue(asked.perDay != 0) & _isTrue(today > asked.perDay);
            return 1 - bad;
        }
    }
}
