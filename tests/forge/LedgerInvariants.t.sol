// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ILedger, VM} from "./Interfaces.sol";
import {Handler} from "./Handler.sol";
import {Model} from "./Model.sol";

/// @title Invariants 1, 2, 6 and 7 of the design, over random lives of twelve people and five officers.
/// @dev Run by `make forge`: the ledger is the one scripts/deploy.py has deployed, loaded with its code and storage.
contract LedgerInvariants {
    uint256 private constant STEPS = 2500;
    uint256 private constant ENOUGH = 10;

    Handler private _handler;
    ILedger private _ledger;

    function setUp() external {
        string memory json = VM.readFile("../../build/forge/deployment.json");
        VM.loadAllocs("../../build/forge/genesis.json");
        VM.warp(VM.parseJsonUint(json, ".time"));
        _ledger = ILedger(VM.parseJsonAddress(json, ".ledger"));
        _handler = new Handler(
            _ledger,
            VM.parseJsonUint(json, ".maxBalance"),
            VM.parseJsonUint(json, ".maxPayment"),
            Handler.Officers(
                VM.parseJsonAddress(json, ".ISSUER"),
                VM.parseJsonAddress(json, ".ATTESTER"),
                VM.parseJsonAddress(json, ".REGISTRAR"),
                VM.parseJsonAddress(json, ".COMPLIANCE"),
                VM.parseJsonAddress(json, ".PAUSER")
            )
        );
    }

    /// @dev forge asks which contracts it may call.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev After every act. One function, because forge repeats the same acts for each one.
    function invariant_money_adds_up_is_covered_and_moved_only_as_allowed() external view {
        _conserved();
        _covered();
        _asModelled();
    }

    /// @dev The handler at work without forge's choice: every act both succeeds and is refused often enough to count.
    function test_the_handler_reaches_both_outcomes_of_every_act() external {
        uint256 chance = 1;
        for (uint256 i = 0; i < STEPS; ++i) {
            chance = uint256(keccak256(abi.encode(chance)));
            _act(chance % 13, chance >> 8, chance >> 72, chance >> 136);
        }
        string[5] memory acts = ["mint", "transfer", "pay", "redeem", "item"];
        for (uint256 i = 0; i < acts.length; ++i) {
            require(_handler.done(acts[i]) >= ENOUGH, string.concat(acts[i], " was hardly ever done"));
            require(_handler.refused(acts[i]) >= ENOUGH, string.concat(acts[i], " was hardly ever refused"));
        }
        _conserved();
        _covered();
        _asModelled();
    }

    function _act(uint256 which, uint256 a, uint256 b, uint256 c) private {
        if (which == 0) _handler.changeMember(a, uint8(b), uint8(c), b >> 16);
        else if (which == 1) _handler.freeze(a, b % 3 == 0, b % 5 == 0, c);
        else if (which < 4) _handler.unfreeze(a);
        else if (which == 4) _handler.mint(a, b, c);
        else if (which == 5) _handler.waitSome(a);
        else if (which == 6) _handler.transfer(a, b, c);
        else if (which == 7) _handler.pay(a, b, c, a >> 32);
        else if (which == 8) _handler.payMany(a, b, c % 2 == 0);
        else if (which == 9) _handler.redeem(a, b);
        else if (which == 10) _handler.endRedemption(a, b % 2 == 0);
        else if (which == 11) _handler.payOut(a);
        else _handler.attest(a);
    }

    /// @dev 1: the balances add up to the supply, and the supply is what was minted and not burned.
    function _conserved() private view {
        uint256 sum = _ledger.balanceOf(address(_ledger));
        for (uint256 i = 0; i < _handler.memberCount(); ++i) {
            sum += _ledger.balanceOf(_handler.member(i).account);
        }
        _same(sum, _ledger.totalSupply(), "the sum of the balances");
        _same(_ledger.totalSupply(), _ledger.mintedTotal() - _ledger.burnedTotal(), "the supply");
    }

    /// @dev 2: no unit without its euro, in whatever order the bank pays, the issuer burns and statements are handed in: the
    ///      units whose euros were not paid out are at most what the bank holds. With what was paid out on both sides: no
    ///      more was ever minted than was ever credited.
    function _covered() private view {
        require(_ledger.mintedTotal() <= _handler.credited(), "more was minted than the bank received");
    }

    /// @dev 6 and 7: money has moved only where the model, which knows who may, has moved it, alone or in a batch.
    function _asModelled() private view {
        for (uint256 i = 0; i < _handler.memberCount(); ++i) {
            Model.Member memory one = _handler.member(i);
            _same(_ledger.balanceOf(one.account), one.balance, "a balance");
            _same(_ledger.nextNonce(one.account), one.nextNonce, "a nonce");
        }
        _same(_ledger.balanceOf(address(_ledger)), _handler.locked(), "what is locked");
        _same(_ledger.mintedTotal(), _handler.minted(), "what was minted");
        _same(_ledger.burnedTotal(), _handler.burned(), "what was burned");
    }

    function _same(uint256 found, uint256 expected, string memory what) private pure {
        require(found == expected, string.concat(what, " is not what it should be"));
    }
}
