// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {ILedger, Payment, Redemption, VM} from "./Interfaces.sol";
import {Model} from "./Model.sol";
import {Signer} from "./Signer.sol";

/// @title What members and officers do at random. Each act is tried on the ledger and predicted by the model; a
///        difference reverts, and a revert fails the run (fail_on_revert).
contract Handler is Model {
    struct Officers {
        address issuer;
        address attester;
        address registrar;
        address compliance;
        address pauser;
    }

    struct Claim {
        uint256 place;
        uint256 value;
        bytes32 ref;
        bool isPaid;
    }

    error Unpredicted(string what, bool predicted, bool happened);
    error Differs(string what, uint256 predicted, uint256 found);

    uint256 private constant MEMBERS = 12;
    uint256 private constant MAX_VALUE = 1_500_00;
    uint256 private constant MAX_BATCH = 6;
    uint256 private constant MAX_WAIT_S = 2 days;
    uint8 private constant STOP_PAYMENTS = 1;
    uint256 private constant NO_FLAW = 4;

    /// @dev How often each act went through and how often it was refused: a run that only refuses proves nothing.
    mapping(string what => uint256) public done;
    mapping(string what => uint256) public refused;

    Officers private _officers;
    Claim[] private _claims;
    /// @dev Burned before the bank paid.
    uint256 private _owed;
    /// @dev Taken from the bank, perhaps to be handed in later.
    Statement private _kept;
    uint256 private _refs;

    constructor(ILedger ledger, uint256 maxBalance, uint256 maxPayment, Officers memory officers)
        Model(ledger, maxBalance, maxPayment)
    {
        _officers = officers;
        for (uint256 i = 0; i < MEMBERS; ++i) {
            Member storage one = _members.push();
            one.key = i % 3 == 2 ? Key.P256 : Key.SECP256K1;
            one.secret = uint256(keccak256(abi.encode("invariants", i))) >> 8;
            one.account = Signer.accountOf(one.secret, one.key);
            // Most begin as members, so that money moves from the first step on.
            if (i < 9) {
                (one.kind, one.tier) = i % 3 == 0 ? (MERCHANT, PROFESSIONAL) : (RESIDENT, 3);
                VM.prank(officers.registrar);
                ledger.enrol(one.account, one.kind, one.tier, 0, 0);
            }
        }
    }

    // ---- officers

    function changeMember(uint256 who, uint8 kind, uint8 tier, uint256 lastsDays) external {
        Member storage one = _pick(who);
        bool known = one.tier != 0;
        one.kind = 1 + kind % 4;
        one.tier = 1 + tier % 4;
        // One in three identities ends, a new member's perhaps today; a registrar ends none that holds.
        uint256 soonest = block.timestamp / DAY_S + (known ? 1 : 0);
        one.expiresAtDay = lastsDays % 3 != 0 ? 0 : soonest + lastsDays % 5;
        VM.prank(_officers.registrar);
        if (known) LEDGER.setMember(one.account, one.kind, one.tier, 7, uint32(one.expiresAtDay));
        else LEDGER.enrol(one.account, one.kind, one.tier, 7, uint32(one.expiresAtDay));
    }

    function freeze(uint256 who, bool incoming, bool outgoing, uint256 lastsS) external {
        Member storage one = _pick(who);
        if (one.tier == 0) return;
        if (!incoming && !outgoing) incoming = true;
        (one.frozenIn, one.frozenOut) = (incoming, outgoing);
        one.frozenUntil = lastsS % 2 == 0 ? 0 : block.timestamp + 1 + lastsS % MAX_WAIT_S;
        VM.prank(_officers.compliance);
        LEDGER.freeze(one.account, incoming, outgoing, bytes32(lastsS), uint64(one.frozenUntil));
    }

    function unfreeze(uint256 who) external {
        Member storage one = _pick(who);
        if (one.tier == 0) return;
        (one.frozenIn, one.frozenOut, one.frozenUntil) = (false, false, 0);
        VM.prank(_officers.compliance);
        LEDGER.unfreeze(one.account, 0);
    }

    function mint(uint256 who, uint256 value, uint256 more) external {
        Member storage one = _pick(who);
        value = _between(value, 1, MAX_VALUE);
        // For two mints in three the euros have come and a statement of now shows them. The third tries its luck.
        if (more % 3 != 0) {
            if (minted + value > credited) credited = minted + value;
            _handIn(_statement());
        }
        bool predicted = _mayBePaid(one) && _mayHold(one, value) && _isCovered(value);
        VM.prank(_officers.issuer);
        (bool happened,) = address(LEDGER).call(abi.encodeCall(LEDGER.mint, (one.account, value, _newRef())));
        _check("mint", predicted, happened);
        if (!happened) return;
        minted += value;
        one.balance += value;
    }

    /// @dev The bank's statement is taken, or one taken before is handed in, whatever has been paid or burned since.
    function attest(uint256 which) external {
        if (which % 2 == 0) _kept = _statement();
        else if (_kept.asOf >= _attested.asOf && _kept.asOf != 0) _handIn(_kept);
    }

    /// @dev The bank pays a redemption out: before its units are burned, or what was burned before.
    function payOut(uint256 which) external {
        if (which % 2 == 0) {
            paidOut += _owed;
            _owed = 0;
        } else if (_claims.length != 0) {
            Claim storage claim = _claims[(which >> 1) % _claims.length];
            if (claim.isPaid) return;
            claim.isPaid = true;
            paidOut += claim.value;
        }
    }

    function waitSome(uint256 seconds_) external {
        VM.warp(block.timestamp + seconds_ % MAX_WAIT_S);
    }

    // ---- members

    function transfer(uint256 from, uint256 to, uint256 value) external {
        (Member storage payer, Member storage payee) = (_pick(from), _pick(to));
        value = _between(value, 0, MAX_VALUE);
        bool predicted = _mayMove(payer, payee, value);
        _check("canTransfer", predicted, LEDGER.canTransfer(payer.account, payee.account, value));
        VM.prank(payer.account);
        (bool happened,) = address(LEDGER).call(abi.encodeCall(LEDGER.transfer, (payee.account, value)));
        _check("transfer", predicted, happened);
        if (happened) _moved(payer, payee, value);
    }

    function pay(uint256 from, uint256 to, uint256 value, uint256 flaw) external {
        (Member storage payer, Member storage payee) = (_pick(from), _pick(to));
        (Payment memory payment, bytes memory envelope, bool signed) = _payment(payer, payee, value, flaw);
        bool predicted = signed && _mayMove(payer, payee, payment.value);
        (bool happened,) = address(LEDGER).call(abi.encodeCall(LEDGER.pay, (payment, envelope)));
        _check("pay", predicted, happened);
        if (!happened) return;
        _moved(payer, payee, payment.value);
        ++payer.nextNonce;
    }

    /// @dev A batch decides item by item, in order: the model applies each before it predicts the next.
    function payMany(uint256 seed, uint256 size, bool isPacked) external {
        uint256 count = 1 + size % MAX_BATCH;
        Payment[] memory payments = new Payment[](count);
        bytes[] memory envelopes = new bytes[](count);
        uint256 predicted;
        for (uint256 i = 0; i < count; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            (Member storage payer, Member storage payee) = (_pick(seed), _pick(seed >> 64));
            bool good;
            (payments[i], envelopes[i], good) = _payment(payer, payee, (seed >> 128) % MAX_VALUE, seed >> 192);
            if (!good || !_mayMove(payer, payee, payments[i].value)) {
                // What a member truly signed and was left out uses its nonce up.
                if (payer.tier != 0 && (good || payments[i].value == 0)) ++payer.nextNonce;
                continue;
            }
            _moved(payer, payee, payments[i].value);
            ++payer.nextNonce;
            ++predicted;
        }
        uint256 settled = isPacked
            ? LEDGER.settlePacked(Signer.packed(payments, envelopes))
            : LEDGER.settle(payments, envelopes);
        if (settled != predicted) revert Differs("settled", predicted, settled);
        done["item"] += settled;
        refused["item"] += count - settled;
    }

    /// @dev While payments are stopped nobody moves anything, whoever they are; then all is as it was.
    function payWhileStopped(uint256 from, uint256 to, uint256 value) external {
        (Member storage payer, Member storage payee) = (_pick(from), _pick(to));
        (Payment memory payment, bytes memory envelope,) = _payment(payer, payee, value, NO_FLAW);
        uint256 before = VM.snapshotState();
        VM.prank(_officers.pauser);
        LEDGER.stop(STOP_PAYMENTS);
        (bool happened,) = address(LEDGER).call(abi.encodeCall(LEDGER.pay, (payment, envelope)));
        _check("pay while stopped", false, happened);
        VM.revertToState(before);
    }

    function redeem(uint256 who, uint256 value) external {
        Member storage one = _pick(who);
        value = _between(value, 1, MAX_VALUE);
        bytes32 ref = _ownRef(one.account);
        Redemption memory asked =
            Redemption(one.account, value, keccak256("a bank account"), ref, block.timestamp + 1, one.nextNonce);
        bytes memory envelope = Signer.envelope(one.secret, one.key, LEDGER.redemptionDigest(asked));
        bool predicted =
            _mayPay(one) && one.tier == PROFESSIONAL && one.kind >= MERCHANT && value <= one.balance;
        (bool happened,) =
            address(LEDGER).call(abi.encodeCall(LEDGER.requestRedemption, (asked, envelope)));
        _check("redeem", predicted, happened);
        if (!happened) return;
        one.balance -= value;
        ++one.nextNonce;
        locked += value;
        _claims.push(Claim(_placeOf(who), value, ref, false));
    }

    /// @dev What the bank has paid is burned; what it has not is given back, or burned too early and paid later.
    function endRedemption(uint256 which, bool isBurned) external {
        if (_claims.length == 0) return;
        which %= _claims.length;
        Claim memory claim = _claims[which];
        bool isPaid = claim.isPaid || isBurned;
        if (isPaid && !claim.isPaid) _owed += claim.value;
        VM.prank(_officers.attester);
        LEDGER.attestOutcome(claim.ref, isPaid);
        VM.prank(_officers.issuer);
        if (isPaid) LEDGER.completeRedemption(claim.ref);
        else LEDGER.returnRedemption(claim.ref, "the bank said no");
        locked -= claim.value;
        if (isPaid) burned += claim.value;
        else _members[claim.place].balance += claim.value;
        _claims[which] = _claims[_claims.length - 1];
        _claims.pop();
    }

    // ---- inside

    function _handIn(Statement memory statement) private {
        VM.prank(_officers.attester);
        LEDGER.attestReserve(statement.balance, uint64(statement.asOf), keccak256(abi.encode(statement)), statement.paidOut);
        _attested = statement;
    }

    /// @dev A payment of the payer, one in four with a flaw that must stop it: forged, expired, used, worth nothing.
    function _payment(Member storage payer, Member storage payee, uint256 value, uint256 flaw)
        private
        returns (Payment memory payment, bytes memory envelope, bool good)
    {
        payment = Payment(
            payer.account,
            payee.account,
            _between(value, 1, MAX_VALUE),
            _newRef(),
            block.timestamp + 1,
            payer.nextNonce
        );
        uint256 kind = flaw % 16;
        if (kind == 1) payment.validBefore = block.timestamp;
        if (kind == 2) payment.value = 0;
        if (kind == 3 && payer.nextNonce != 0) payment.nonce = payer.nextNonce - 1;
        envelope = Signer.envelope(payer.secret, payer.key, LEDGER.paymentDigest(payment));
        if (kind == 0) ++payment.value;
        good = kind > 2 && !(kind == 3 && payer.nextNonce != 0);
    }

    function _pick(uint256 who) private view returns (Member storage) {
        return _members[_placeOf(who)];
    }

    function _placeOf(uint256 who) private pure returns (uint256) {
        return who % MEMBERS;
    }

    function _newRef() private returns (bytes32) {
        return keccak256(abi.encode("reference", ++_refs));
    }

    /// @dev Begins with the account's address, as those of redemptions must.
    function _ownRef(address account) private returns (bytes32) {
        return bytes32(bytes20(account)) | (_newRef() >> 160);
    }

    function _between(uint256 value, uint256 low, uint256 high) private pure returns (uint256) {
        return low + value % (high - low + 1);
    }

    function _check(string memory what, bool predicted, bool happened) private {
        if (predicted != happened) revert Unpredicted(what, predicted, happened);
        if (happened) ++done[what];
        else ++refused[what];
    }
}
