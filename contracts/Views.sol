// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC3009, IERC3009Cancel} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {AccountView, Payment, Redemption} from "./interfaces/LedgerTypes.sol";
import {IERC7943} from "./interfaces/IERC7943.sol";
import {AccountWord} from "./AccountWord.sol";
import {Movements} from "./Movements.sol";
import {Nonces} from "./Nonces.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";
import {Domain, TypedData} from "./TypedData.sol";

/// @title What may be asked about accounts, possible transfers, nonces and the signing domain.
/// @dev Asks the same functions the movements ask, so an answer here is what a transaction would meet.
abstract contract Views is Movements, Nonces, Domain, IERC165, IERC5267 {
    /// @notice The currency's name.
    function name() external view returns (string memory) {
        return _ledger().name;
    }

    /// @notice The currency's short name.
    function symbol() external view returns (string memory) {
        return _ledger().symbol;
    }

    /// @notice Two: values are cents.
    function decimals() external pure returns (uint8) {
        return 2;
    }

    /// @notice The account as it stands at this block; all zero for a stranger.
    function accountOf(address account) external view returns (AccountView memory) {
        Ledger storage $ = _ledger();
        AccountWord word = $.words[account];
        uint256 today = _today();
        return AccountView({
            balance: word.balance(),
            kind: uint8(word.kind()),
            tier: uint8(word.tier()),
            sector: uint16(word.sector()),
            expiresAtDay: uint32(word.expiresAtDay()),
            frozenIn: _frozen(account, word.frozenIn()),
            frozenOut: _frozen(account, word.frozenOut()),
            spentToday: word.spentOn(today),
            spentInWindow: _spentIn30Days(account, word, today),
            lockedForRedemption: $.locked[account]
        });
    }

    /// @notice ERC-7943: may `account` send at all now.
    function canSend(address account) public view returns (bool) {
        AccountWord word = _ledger().words[account];
        return _mayTakePart(word) && !_frozen(account, word.frozenOut());
    }

    /// @notice ERC-7943: may `account` receive at all now.
    function canReceive(address account) public view returns (bool) {
        AccountWord word = _ledger().words[account];
        return _mayTakePart(word) && !_frozen(account, word.frozenIn());
    }

    /// @notice ERC-7943 of earlier drafts: may `account` both send and receive now.
    function canTransact(address account) external view returns (bool) {
        return canSend(account) && canReceive(account);
    }

    /// @notice ERC-7943: would a transfer of `value` cents from `from` to `to` be accepted now.
    function canTransfer(address from, address to, uint256 value) external view returns (bool) {
        Ledger storage $ = _ledger();
        AccountWord payer = $.words[from];
        return !payer.keyRevoked() && _suspendedUntil(from, payer, from) == 0
            && _reasonAgainst(from, to, value, payer, $.words[to], SignatureEnvelope.SECP256K1) == 0;
    }

    /// @notice ERC-7943: how many cents cannot leave `account`: what is held, or all under an outgoing freeze. What is held
    ///         may be more than there is.
    function getFrozenTokens(address account) external view returns (uint256) {
        AccountWord word = _ledger().words[account];
        uint256 held = word.held() ? _ledger().heldAmounts[account] : 0;
        return _frozen(account, word.frozenOut()) && word.balance() > held ? word.balance() : held;
    }

    /// @notice Whether a signature of `account` with this nonce can no longer be used.
    function nonceUsed(address account, uint256 nonce) external view returns (bool) {
        return _nonceUsed(account, _ledger().words[account], nonce);
    }

    /// @notice The nonce to sign next: one above the highest small nonce used; past the small ones the first that is free.
    function nextNonce(address account) external view returns (uint256 nonce) {
        AccountWord word = _ledger().words[account];
        nonce = word.nonceNext();
        while (_nonceUsed(account, word, nonce)) ++nonce;
    }

    /// @notice The EIP-712 domain separator on this chain, at this address.
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _separator();
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (hex"0f", _domainName(), "1", block.chainid, address(this), bytes32(0), new uint256[](0));
    }

    /// @notice The 32 bytes a payer signs for this payment.
    function paymentDigest(Payment calldata payment) external view returns (bytes32) {
        return TypedData.digest(_separator(), TypedData.structHash(payment));
    }

    /// @notice The 32 bytes a professional signs for this redemption.
    function redemptionDigest(Redemption calldata redemption) external view returns (bytes32) {
        return TypedData.digest(_separator(), TypedData.structHash(redemption));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC20).interfaceId
            || interfaceId == type(IERC20Metadata).interfaceId || interfaceId == type(IERC3009).interfaceId
            || interfaceId == type(IERC3009Cancel).interfaceId || interfaceId == type(IERC5267).interfaceId
            || interfaceId == type(IERC7943).interfaceId;
    }

    function _mayTakePart(AccountWord word) private view returns (bool) {
        uint256 tier = word.tier();
        return tier != 0 && !word.expiredOn(_today()) && !_ledger().rules[tier].paymentsStopped();
    }
}
