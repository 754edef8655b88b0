// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {World} from "./World.sol";

/// @title Proofs, for every account word, rule word, freeze, amount and signature: money is conserved, and only who may
///        moves it.
contract Proofs is World {
    // ---- transfer

    function check_a_transfer_conserves_money(State memory world, uint256 value) public {
        _build(world);
        if (_transfer(PAYEE, value)) assert(_moved(world, value, SPENDING) == 1);
        else assert(_untouched(world) == 1);
    }

    function check_a_transfer_happens_only_between_those_who_may(State memory world, uint256 value) public {
        _build(world);
        if (_transfer(PAYEE, value)) assert(_gated(world, value) == 1);
    }

    function check_nothing_is_transferred_to_oneself(State memory world, uint256 value) public {
        _build(world);
        assert(!_transfer(PAYER, value));
    }

    function check_nothing_is_transferred_to_the_ledger_itself(State memory world, uint256 value) public {
        _build(world);
        _path.setWord(address(_path), world.payee);
        assert(!_transfer(address(_path), value));
    }

    // ---- one step of a batch

    function check_a_settled_payment_conserves_money(State memory world, Item memory item) public {
        _build(world);
        if (_settle(item)) assert(_moved(world, item.value, SPENT_AND_NONCES) == 1);
        else assert(_onlyNonces(world) == 1);
    }

    /// @dev What is left out uses up one nonce at most, and of a member's only.
    function check_a_skipped_payment_of_a_stranger_touches_nothing(State memory world, Item memory item) public {
        _build(world);
        VM.assume(_field(world.payer, TIER_AT, 3) == 0);
        if (!_settle(item)) assert(_untouched(world) == 1);
    }

    function check_a_payment_is_settled_only_between_those_who_may(State memory world, Item memory item) public {
        _build(world);
        if (!_settle(item)) return;
        assert(_gated(world, item.value) & _isTrue(item.value != 0) & _isTrue(NOW < item.validBefore) == 1);
    }

    /// @dev With the next two: a nonce is marked when it is settled, stays marked, and what is marked is not settled. So
    ///      none is settled twice, however many payments lie between.
    function check_a_settled_nonce_is_marked(State memory world, Item memory item) public {
        _build(world);
        if (_settle(item)) assert(_used(_path.word(PAYER), item.nonce) == 1);
    }

    function check_a_marked_nonce_stays_marked(State memory world, Item memory item) public {
        _build(world);
        _settle(item);
        assert(_marksKept(world.payer, _path.word(PAYER)) == 1);
    }

    function check_a_marked_nonce_is_not_settled(State memory world, Item memory item) public {
        _build(world);
        VM.assume(_used(world.payer, item.nonce) == 1);
        assert(!_settle(item));
    }
}
