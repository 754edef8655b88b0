// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {PaymentPath} from "./PaymentPath.sol";

interface Vm {
    function assume(bool condition) external pure;
    function warp(uint256 time) external;
    function prank(address sender) external;
}

/// @title What the proofs speak of: three accounts in any state, rules, freezes, one payment, and what may become of them.
/// @dev Run by `make halmos`. The fields are read here at the bits contracts/README.md names, not by the library whose
///      use is proved. Fixed are the addresses (the ledger knows an account only by its word's slot) and the moment: every
///      rule about time compares it with something that is free here.
abstract contract World {
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address internal constant PAYER = address(0xA11CE);
    address internal constant PAYEE = address(0xB0B);
    address internal constant THIRD = address(0x7417D);

    uint256 internal constant BALANCE = (1 << 44) - 1;
    /// @dev What a payment may change of the payer's word besides the balance: what was spent, when, and the nonces.
    uint256 internal constant SPENT_AND_NONCES = ((1 << 202) - 1) ^ BALANCE;
    uint256 internal constant SPENDING = ((1 << 129) - 1) ^ BALANCE;
    uint256 internal constant NONCES = SPENT_AND_NONCES ^ SPENDING;
    /// @dev A daily limit that is not set.
    uint256 internal constant NO_LIMIT = (1 << 31) - 1;
    uint256 internal constant DAY_S = 86_400;
    uint256 internal constant TODAY = 20_000;
    uint256 internal constant NOW = TODAY * DAY_S + 43_210;
    uint256 internal constant TIER_AT = 234;
    uint256 internal constant TIER = 7 << TIER_AT;
    uint256 internal constant KEY_SUSPENDED = 1 << 253;

    /// @dev Everything a movement between PAYER and PAYEE reads.
    struct State {
        uint256 payer;
        uint256 payee;
        uint256 third;
        uint256 rules;
        uint64 payerFrozenUntil;
        uint64 payeeFrozenUntil;
    }

    PaymentPath internal _path;

    function setUp() public {
        _path = new PaymentPath();
    }

    /// @dev One item of a packed batch, everything but the two accounts and the kind of key free.
    struct Item {
        uint48 value;
        uint40 validBefore;
        bytes32 ref;
        uint40 nonce;
        bytes32 r;
        bytes32 s;
        uint8 v;
    }

    /// @dev Any state the ledger can be in, without passkey floors and with no key suspended. Cut off rather than assumed: the prover must see without
    ///      asking its solver that they are never read.
    function _build(State memory world) internal {
        _buildMarked(world, 0);
    }

    /// @dev The same with these bits of the rule words set. No upgrade has superseded this path.
    function _buildMarked(State memory world, uint256 marks) internal {
        uint256 payerTier = _field(world.payer, TIER_AT, 3);
        VM.assume(_canBe(world.payer, world.payee) == 1);
        VM.warp(NOW);
        world.rules = (world.rules & ((1 << 254) - 1)) | marks;
        world.payer = _splitByTier(world.payer & ~KEY_SUSPENDED, payerTier);
        _path.setWord(PAYER, world.payer);
        _path.setWord(PAYEE, world.payee);
        _path.setWord(THIRD, world.third);
        _path.setFrozenUntil(PAYER, world.payerFrozenUntil);
        _path.setFrozenUntil(PAYEE, world.payeeFrozenUntil);
        for (uint256 tier = 1; tier < 5; ++tier) {
            _path.setRules(tier, world.rules);
        }
    }

    /// @dev One case for each tier there is: the payer's chooses the slot of the rules, which must be a number.
    function _splitByTier(uint256 word, uint256 tier) internal pure returns (uint256) {
        for (uint256 one = 0; one < 4; ++one) {
            if (tier == one) return (word & ~TIER) | (one << TIER_AT);
        }
        return (word & ~TIER) | (uint256(4) << TIER_AT);
    }

    function _transfer(address to, uint256 value) internal returns (bool done) {
        VM.prank(PAYER);
        (done,) = address(_path).call(abi.encodeCall(_path.transfer, (to, value)));
    }

    function _settle(Item memory item) internal returns (bool) {
        bytes memory batch = abi.encodePacked(
            abi.encodePacked(uint8(1), uint8(1), uint8(1), PAYEE, uint8(0), PAYER, item.value, item.validBefore),
            abi.encodePacked(item.ref, item.nonce, uint16(66), uint8(1), item.r, item.s, item.v)
        );
        return _path.settlePacked(batch) == 1;
    }

    // What follows answers 1 or 0 and never branches: each branch would double the cases to prove.

    /// @dev Whether these are words of a ledger: the supply's bound holds of any two balances; tiers above four are not given
    ///      out; block time never goes back, so no spending is recorded for a day to come; recorded sums stop at the highest
    ///      limit.
    function _canBe(uint256 payer, uint256 payee) internal pure returns (uint256) {
        return _isTrue((payer & BALANCE) + (payee & BALANCE) <= BALANCE) & _isTrue(_field(payer, TIER_AT, 3) < 5)
            & _isTrue(_field(payee, TIER_AT, 3) < 5) & _isTrue(_field(payer, 108, 16) <= TODAY)
            & _isTrue(_field(payer, 44, 32) <= NO_LIMIT) & _isTrue(_field(payer, 76, 32) <= NO_LIMIT);
    }

    /// @dev Exactly `value` went over, and nothing else changed but what a payment records.
    function _moved(State memory world, uint256 value, uint256 mayChange) internal view returns (uint256) {
        (uint256 payer, uint256 payee) = (_path.word(PAYER), _path.word(PAYEE));
        uint256 kept = ~(mayChange | BALANCE);
        unchecked {
            return _isTrue(value <= world.payer & BALANCE) & _same(payer & BALANCE, (world.payer & BALANCE) - value)
                & _same(payee & BALANCE, (world.payee & BALANCE) + value) & _same(payer & kept, world.payer & kept)
                & _same(payee & ~BALANCE, world.payee & ~BALANCE) & _same(_path.word(THIRD), world.third);
        }
    }

    function _onlyNonces(State memory world) internal view returns (uint256) {
        return _same(_path.word(PAYER) & ~NONCES, world.payer & ~NONCES) & _same(_path.word(PAYEE), world.payee)
            & _same(_path.word(THIRD), world.third);
    }

    function _untouched(State memory world) internal view returns (uint256) {
        return _same(_path.word(PAYER), world.payer) & _same(_path.word(PAYEE), world.payee)
            & _same(_path.word(THIRD), world.third);
    }

    /// @dev What must be true of both accounts when money went from one to the other by the payer's own key.
    function _gated(State memory world, uint256 value) internal pure returns (uint256) {
        return _inOrder(world, value) & (1 - _field(world.payer, 242, 1));
    }

    /// @dev The same whatever key signed.
    function _inOrder(State memory world, uint256 value) internal pure returns (uint256) {
        (uint256 payer, uint256 payee, uint256 rules) = (world.payer, world.payee, world.rules);
        uint256 payeeTier = _field(payee, TIER_AT, 3);
        uint256 bad = _same(_field(payer, TIER_AT, 3), 0) | _same(payeeTier, 0);
        bad |= _field(rules, 253, 1) | _expired(payer) | _expired(payee);
        bad |= _frozen(_field(payer, 241, 1), world.payerFrozenUntil);
        bad |= _frozen(_field(payee, 240, 1), world.payeeFrozenUntil);
        bad |= _same(_field(payer, TIER_AT, 3), 1) & _same(_field(payee, 237, 3), 1);
        unchecked {
            bad |= _isTrue(value > _field(rules, 160, 31));
            bad |= _isTrue((payee & BALANCE) + value > _field(rules, 40 * (payeeTier - 1), 40));
            uint256 isToday = _same(_field(payer, 108, 16), TODAY);
            uint256 perDay = _field(rules, 191, 31);
            bad |= _isTrue(perDay != NO_LIMIT) & _isTrue(isToday * _field(payer, 44, 32) + value > perDay);
        }
        return 1 - bad;
    }

    /// @dev Whether a nonce below 2^40 is used: below the next one, and behind the window or marked in it.
    function _used(uint256 word, uint256 nonce) internal pure returns (uint256) {
        uint256 next = _field(word, 161, 41);
        unchecked {
            uint256 back = next - 1 - nonce;
            return _isTrue(nonce < next) & (_isTrue(back >= 32) | ((word >> (129 + back)) & 1));
        }
    }

    /// @dev The next nonce never goes back, and each mark stands as far below it as its nonce does, or has left the window.
    function _marksKept(uint256 before, uint256 later) internal pure returns (uint256) {
        (uint256 next, uint256 nextLater) = (_field(before, 161, 41), _field(later, 161, 41));
        unchecked {
            uint256 moved = _field(_field(before, 129, 32) << (nextLater - next), 0, 32);
            return _isTrue(nextLater >= next) & _same(moved & ~_field(later, 129, 32), 0);
        }
    }

    function _expired(uint256 word) internal pure returns (uint256) {
        uint256 day = _field(word, 202, 16);
        return _isTrue(day != 0) & _isTrue(TODAY >= day);
    }

    function _frozen(uint256 flag, uint256 until) internal pure returns (uint256) {
        return flag & (_same(until, 0) | _isTrue(NOW < until));
    }

    function _field(uint256 word, uint256 at, uint256 width) internal pure returns (uint256) {
        return (word >> at) & ((1 << width) - 1);
    }

    function _same(uint256 one, uint256 other) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := eq(one, other)
        }
    }

    function _isTrue(bool condition) internal pure returns (uint256 answer) {
        assembly ("memory-safe") {
            answer := condition
        }
    }
}
