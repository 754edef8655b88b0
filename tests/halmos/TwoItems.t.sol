// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {World} from "./World.sol";

/// @title Proofs about more than one item of a batch.
/// @dev Two items have the square of one item's cases. The first proof is therefore the step from any number to one more:
///      what stands after an item is a state all the proofs about one item begin with. The others are about two items of
///      verified residents without freezes.
contract TwoItems is World {
    uint256 private constant VERIFIED = 3 << TIER_AT;
    uint256 private constant FREEZES = 3 << 240;

    function check_what_one_item_leaves_is_a_state_to_begin_with(State memory world, Item memory item) public {
        _build(world);
        _settle(item);
        uint256 same = _same(_path.word(PAYER) >> TIER_AT, world.payer >> TIER_AT);
        assert(_canBe(_path.word(PAYER), _path.word(PAYEE)) & same == 1);
    }

    function check_two_items_conserve_money(State memory world, Item memory one, Item memory other) public {
        _buildVerified(world);
        bytes memory batch = abi.encodePacked(
            abi.encodePacked(uint8(1), uint8(2), uint8(2), PAYEE, THIRD), _item(0, PAYER, one), _item(1, PAYEE, other)
        );
        _path.settlePacked(batch);
        unchecked {
            uint256 before = (world.payer & BALANCE) + (world.payee & BALANCE) + (world.third & BALANCE);
            uint256 later = (_path.word(PAYER) & BALANCE) + (_path.word(PAYEE) & BALANCE) + (_path.word(THIRD) & BALANCE);
            assert(_same(before, later) == 1);
        }
    }

    function check_one_nonce_is_settled_once_in_a_batch(State memory world, Item memory one, Item memory other) public {
        _buildVerified(world);
        other.nonce = one.nonce;
        bytes memory batch = abi.encodePacked(
            abi.encodePacked(uint8(1), uint8(2), uint8(2), PAYEE, THIRD), _item(0, PAYER, one), _item(1, PAYER, other)
        );
        assert(_path.settlePacked(batch) < 2);
    }

    function _buildVerified(State memory world) private {
        world.payer = _verified(world.payer);
        world.payee = _verified(world.payee);
        world.third = _verified(world.third);
        VM.assume(
            _canBe(world.payer, world.payee) & _canBe(world.payee, world.third)
                & _isTrue((world.payer & BALANCE) + (world.payee & BALANCE) + (world.third & BALANCE) <= BALANCE) == 1
        );
        VM.warp(NOW);
        _path.setWord(PAYER, world.payer);
        _path.setWord(PAYEE, world.payee);
        _path.setWord(THIRD, world.third);
        _path.setRules(3, world.rules & ((1 << 254) - 1));
    }

    function _verified(uint256 word) private pure returns (uint256) {
        return (word & ~(TIER | FREEZES)) | VERIFIED;
    }

    function _item(uint8 payee, address payer, Item memory item) private pure returns (bytes memory) {
        return abi.encodePacked(
            abi.encodePacked(payee, payer, item.value, item.validBefore, item.ref, item.nonce),
            abi.encodePacked(uint16(66), uint8(1), item.r, item.s, item.v)
        );
    }
}
