// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {
    Redemption,
    KIND_MERCHANT,
    TIER_PROFESSIONAL,
    STOP_REDEEMING,
    REDEMPTION_NONE,
    REDEMPTION_LOCKED,
    REDEMPTION_LOCKED_AT
} from "./interfaces/LedgerTypes.sol";
import {AccountWord} from "./AccountWord.sol";
import {Movements} from "./Movements.sol";
import {Nonces} from "./Nonces.sol";
import {Signing} from "./Signing.sol";
import {Domain, TypedData} from "./TypedData.sol";

/// @title Asking for euros back: signed by a professional for an amount and a payee, then locked.
/// @dev The ledger's own address holds what is locked, so balances always add up to the supply.
abstract contract RedemptionRequests is Movements, Nonces, Signing, Domain {
    /// @notice Locks the value of a signed redemption. Anybody may relay it. Its reference begins with the account's address.
    function requestRedemption(Redemption calldata redemption, bytes calldata signature) external {
        Ledger storage $ = _ledger();
        address account = redemption.from;
        uint256 value = redemption.value;
        AccountWord word = $.words[account];
        bytes32 digest = TypedData.digest(_separator(), TypedData.structHash(redemption));
        uint256 kind = _kindSignedFor(account, word, signature, digest);
        if (block.timestamp >= redemption.validBefore) revert Expired(redemption.validBefore);
        if (_nonceUsed(account, word, redemption.nonce)) revert NonceUsed(account, redemption.nonce);
        _checkRedeemer(account, word, value);
        _checkPasskeyFloors(account, word, value, kind);
        _requireOwnReference(account, redemption.ref);
        if ($.redemptions[redemption.ref].state != REDEMPTION_NONE) revert ReferenceUsed(redemption.ref);

        RedemptionRecord storage record = $.redemptions[redemption.ref];
        record.account = account;
        // The balance bounds the value, to 44 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        record.value = uint88(value | block.timestamp << REDEMPTION_LOCKED_AT);
        record.state = REDEMPTION_LOCKED;
        record.payeeHash = redemption.payeeHash;
        $.locked[account] += value;
        _recordLeftUnspent(account, value);
        $.words[account] = _useNonce(account, word, redemption.nonce).debit(value);
        $.words[address(this)] = $.words[address(this)].credit(value);
        emit Transfer(account, address(this), value);
        emit RedemptionRequested(account, redemption.ref, value, redemption.payeeHash);
    }

    function _checkRedeemer(address account, AccountWord word, uint256 value) private view {
        if (_ledger().stops & STOP_REDEEMING != 0) revert RedeemingStopped();
        if (value == 0) revert ZeroValue();
        if (word.tier() == 0) revert NotMember(account);
        if (word.tier() != TIER_PROFESSIONAL || word.kind() < KIND_MERCHANT) revert NotProfessional(account);
        if (word.expiredOn(_today())) revert IdentityExpired(account);
        if (_frozen(account, word.frozenOut())) revert FrozenOutgoing(account);
        _checkBalance(account, word, value);
    }
}
