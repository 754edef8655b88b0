// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {STOP_ISSUING} from "./interfaces/LedgerTypes.sol";
import {AccountWord, AccountWordLibrary} from "./AccountWord.sol";
import {LedgerAuthorized} from "./LedgerAuthorized.sol";
import {Movements} from "./Movements.sol";

/// @title Attesting the reserve and minting within it.
/// @dev Supply never passes what the attester last said the segregated account holds, said recently enough, by a key
///      that is no issuer's. A burn opens no room before a statement shows that its euros were paid out: until then they are
///      counted in that statement's balance and gone from the account, or about to be. Each euro credit carries one
///      reference, accepted once. From the safeguards' threshold on, one issuer proposes and another approves.
abstract contract Issuance is Movements, LedgerAuthorized {
    /// @dev How far the attester's clock may run ahead of the block's.
    uint256 private constant MAX_CLOCK_LEAD_S = 300;

    /// @notice How long a proposed mint waits for its second issuer (seconds).
    uint256 public constant MINT_PROPOSAL_LIFE = 1 days;

    /// @notice States that the segregated account held `amount` cents at `asOf` (unix seconds) per that statement, and that
    ///         by then it had paid out the euros of `paidOut` cents of units, all redemptions since the beginning together.
    /// @dev May be lower than the supply: it is then a shortfall everybody can read, and nothing can be minted. A redemption
    ///      counts whole in `paidOut` once its payout is booked, whatever fee the issuer kept of it, and no more when the units
    ///      went back to their account.
    function attestReserve(uint256 amount, uint64 asOf, bytes32 statementHash, uint256 paidOut) external restricted {
        address attester = _officer();
        if (_mayMint(attester)) revert IssuerMayNotAttest(attester);
        Reserve storage last = _ledger().reserve;
        if (asOf < last.asOf) revert AttestationOutOfOrder(asOf, last.asOf);
        if (asOf > block.timestamp + MAX_CLOCK_LEAD_S) {
            revert AttestationInFuture(asOf, block.timestamp + MAX_CLOCK_LEAD_S);
        }
        if (amount > type(uint128).max) revert LimitTooLarge(amount, type(uint128).max);
        if (paidOut > type(uint96).max) revert LimitTooLarge(paidOut, type(uint96).max);
        _ledger().reserve =
        // forge-lint: disable-next-line(unsafe-typecast)
            Reserve(uint128(amount), asOf, uint64(block.timestamp), statementHash, attester, uint96(paidOut));
        emit ReserveAttested(amount, asOf, statementHash, attester, _supply());
        emit PayoutsAttested(paidOut);
    }

    /// @notice Issues `value` cents to `to` against the euro credit that `ref` stands for.
    function mint(address to, uint256 value, bytes32 ref) external restricted {
        (bool needed, uint256 valueWith) = _needsSecond(to, value);
        if (needed) revert SecondOfficerNeeded(valueWith, _ledger().safeguards.secondOfficerFrom);
        _mint(to, value, ref, _officer());
        _recordMintedAlone(to, value);
    }

    /// @notice Proposes a mint too large for one issuer; another one has `MINT_PROPOSAL_LIFE` to approve it.
    function proposeMint(address to, uint256 value, bytes32 ref) external restricted {
        Ledger storage $ = _ledger();
        (bool needed, uint256 valueWith) = _needsSecond(to, value);
        if (!needed) revert SecondOfficerNotNeeded(valueWith, $.safeguards.secondOfficerFrom);
        if ($.mintRefs[ref]) revert ReferenceUsed(ref);
        if (value > AccountWordLibrary.MAX_BALANCE) {
            revert SupplyTooLarge(value, AccountWordLibrary.MAX_BALANCE);
        }
        MintProposal storage pending = $.mintProposals[ref];
        if (block.timestamp < pending.expiresAt) revert MintProposalPending(ref, pending.expiresAt);
        uint64 expiresAt = uint64(block.timestamp + MINT_PROPOSAL_LIFE);
        // forge-lint: disable-next-line(unsafe-typecast)
        $.mintProposals[ref] = MintProposal(_officer(), expiresAt, to, uint96(value));
        emit MintProposed(to, ref, value, msg.sender, expiresAt);
    }

    /// @notice Makes the mint another issuer proposed. Receiver and value are repeated: what is approved is what was read.
    /// @dev All of `mint`'s rules hold at this moment; it counts against both issuers' quotas.
    function approveMint(address to, uint256 value, bytes32 ref) external restricted {
        Ledger storage $ = _ledger();
        MintProposal memory proposal = $.mintProposals[ref];
        if (proposal.issuer == address(0) || proposal.to != to || proposal.value != value) {
            revert MintNotProposed(ref, to, value);
        }
        if (proposal.issuer == _officer()) revert SecondOfficerIsFirst(msg.sender);
        if (!_mayMint(proposal.issuer)) revert MintNotProposed(ref, to, value);
        if (block.timestamp >= proposal.expiresAt) revert MintProposalExpired(ref, proposal.expiresAt);
        delete $.mintProposals[ref];
        _mint(to, value, ref, proposal.issuer);
    }

    /// @notice Takes a proposed mint back; any issuer may.
    function withdrawMint(bytes32 ref) external restricted {
        MintProposal storage proposal = _ledger().mintProposals[ref];
        if (proposal.issuer == address(0)) revert MintNotProposed(ref, address(0), 0);
        delete _ledger().mintProposals[ref];
        emit MintWithdrawn(ref, _officer());
    }

    /// @notice The last attestation: cents, the moment it speaks of, when it was made, the statement, and by whom.
    function reserve()
        external
        view
        returns (uint256 amount, uint64 asOf, uint64 attestedAt, bytes32 statementHash, address attester)
    {
        Reserve storage last = _ledger().reserve;
        return (last.amount, last.asOf, last.attestedAt, last.statementHash, last.attester);
    }

    /// @notice A proposed mint by its reference; all zero when there is none.
    function mintProposalOf(bytes32 ref)
        external
        view
        returns (address issuer, address to, uint256 value, uint64 expiresAt)
    {
        MintProposal storage proposal = _ledger().mintProposals[ref];
        return (proposal.issuer, proposal.to, proposal.value, proposal.expiresAt);
    }

    /// @notice Whether a mint with this reference was made.
    function mintRefUsed(bytes32 ref) external view returns (bool) {
        return _ledger().mintRefs[ref];
    }

    /// @notice Cents `issuer` has minted today (UTC).
    function mintedToday(address issuer) public view returns (uint256) {
        Minting storage minting = _ledger().mintings[issuer];
        return minting.day == _today() ? minting.value : 0;
    }

    /// @notice Cents ever minted.
    function mintedTotal() external view returns (uint256) {
        return _ledger().mintedTotal;
    }

    /// @notice Cents ever burned.
    function burnedTotal() external view returns (uint256) {
        return _ledger().burnedTotal;
    }

    /// @notice Cents of units whose euros had been paid out by the last statement, as its attester said.
    function paidOutTotal() external view returns (uint256) {
        return _ledger().reserve.paidOut;
    }

    /// @notice Cents of burned units of which the last statement does not yet show that their euros were paid out. They leave
    ///         no room under it.
    function burnedUnshown() public view returns (uint256) {
        Ledger storage $ = _ledger();
        uint256 paidOut = $.reserve.paidOut;
        return $.burnedTotal > paidOut ? $.burnedTotal - paidOut : 0;
    }

    /// @dev `first` is who proposed; the caller when nobody else did.
    function _mint(address to, uint256 value, bytes32 ref, address first) private {
        Ledger storage $ = _ledger();
        if ($.stops & STOP_ISSUING != 0) revert IssuingStopped();
        if (value == 0) revert ZeroValue();
        if ($.mintRefs[ref]) revert ReferenceUsed(ref);
        $.mintRefs[ref] = true;
        _checkReserve(value);
        _useQuota(msg.sender, value);
        if (first != msg.sender) _useQuota(first, value);
        $.words[to] = _checkReceiver(to, value).credit(value);
        // The supply was just checked against a bound far below 2^128.
        // forge-lint: disable-next-line(unsafe-typecast)
        $.mintedTotal += uint128(value);
        emit Transfer(address(0), to, value);
        emit Minted(to, ref, value, msg.sender);
    }

    /// @dev Whether a mint takes a second issuer, and what is held against the threshold: the value with all that single
    ///      issuers minted to this receiver today and yesterday. Whatever 24 hours one looks at lie within two days of the
    ///      calendar, so pieces never pass a threshold; up to 48 hours are counted.
    function _needsSecond(address to, uint256 value) private view returns (bool needed, uint256 valueWith) {
        uint256 threshold = _ledger().safeguards.secondOfficerFrom;
        valueWith = value;
        // A larger value is bounded by nothing yet.
        if (value <= AccountWordLibrary.MAX_BALANCE) {
            (uint256 onDay, uint256 dayBefore) = _mintedAlone(to);
            valueWith += onDay + dayBefore;
        }
        needed = threshold != 0 && valueWith >= threshold;
    }

    /// @dev Cents that single issuers minted to a receiver today and yesterday (UTC).
    function _mintedAlone(address to) private view returns (uint256 onDay, uint256 dayBefore) {
        MintedAlone storage minted = _ledger().mintedAlone[to];
        uint256 today = _today();
        if (minted.day == today) return (minted.onDay, minted.dayBefore);
        if (minted.day + 1 == today) return (0, minted.onDay);
    }

    function _recordMintedAlone(address to, uint256 value) private {
        (uint256 onDay, uint256 dayBefore) = _mintedAlone(to);
        // Sums of what was minted, which the supply's bound holds far below 2^96.
        // forge-lint: disable-next-line(unsafe-typecast)
        _ledger().mintedAlone[to] = MintedAlone(uint64(_today()), uint96(onDay + value), uint96(dayBefore));
    }

    /// @dev Asked of the authority, not of a list: a key that was given both powers by mistake has neither use.
    function _mayMint(address account) private view returns (bool) {
        return _mayCall(account, this.mint.selector);
    }

    /// @dev Freshness counts from the moment the statement speaks of, not from when it was handed in. What is held against the
    ///      statement is the supply with what was burned and not yet shown as paid out: the same sum whether statement, payout
    ///      or burn comes first.
    function _checkReserve(uint256 value) private view {
        Ledger storage $ = _ledger();
        Reserve storage last = $.reserve;
        if (_mayMint(last.attester)) revert AttesterMayNotMint(last.attester);
        if (block.timestamp > uint256(last.asOf) + $.attestationMaxAge) {
            revert AttestationStale(last.asOf, $.attestationMaxAge);
        }
        if (!_mayCall(last.attester, this.attestReserve.selector)) revert AttesterRevoked(last.attester);
        uint256 supplyWith = _supply() + value;
        uint256 neededWith = supplyWith + burnedUnshown();
        if (neededWith > last.amount) revert ReserveExceeded(neededWith, last.amount);
        if (supplyWith > AccountWordLibrary.MAX_BALANCE) {
            revert SupplyTooLarge(supplyWith, AccountWordLibrary.MAX_BALANCE);
        }
    }

    function _useQuota(address issuer, uint256 value) private {
        Ledger storage $ = _ledger();
        uint256 mintedWith = mintedToday(issuer) + value;
        if (mintedWith > $.dailyMintQuota) revert MintQuotaExceeded(issuer, mintedWith, $.dailyMintQuota);
        // At most a 64-bit quota.
        // forge-lint: disable-next-line(unsafe-typecast)
        $.mintings[issuer] = Minting(uint64(_today()), uint128(mintedWith));
    }

    function _checkReceiver(address to, uint256 value) private view returns (AccountWord payee) {
        Ledger storage $ = _ledger();
        payee = $.words[to];
        uint256 tier = payee.tier();
        if (tier == 0) revert NotMember(to);
        if (payee.expiredOn(_today())) revert IdentityExpired(to);
        if (_frozen(to, payee.frozenIn())) revert FrozenIncoming(to);
        uint256 limit = $.tierLimits[tier].maxBalance;
        if (_exceedsLimit(payee.balance() + value, limit)) revert HoldingLimit(to, payee.balance() + value, limit);
    }
}
