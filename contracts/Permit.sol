// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {SignatureEnvelope} from "./SignatureEnvelope.sol";
import {Domain, TypedData} from "./TypedData.sol";

/// @title EIP-2612: an allowance given by signature, for tools that know the standard.
/// @dev Only by the owner's own secp256k1 key, as `approve` is. What moves under it obeys `transferFrom`'s rules.
abstract contract Permit is LedgerStorage, Domain {
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    /// @notice ERC-20's record of an allowance.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice Sets the allowance that `owner` has signed. `deadline`: the last second (unix) at which it may be sent.
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (block.timestamp > deadline) revert Expired(deadline);
        Ledger storage $ = _ledger();
        AccountWord word = $.words[owner];
        _requireOwnKey(owner, word);
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        uint256 nonce = $.permitNonces[owner];
        bytes32 structHash = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, nonce, deadline));
        bytes32 digest = TypedData.digest(_separator(), structHash);
        address signer = SignatureEnvelope.recoverSecp256k1(digest, v, r, s);
        if (signer == address(0) || signer != owner) revert BadSignature(owner);
        $.permitNonces[owner] = nonce + 1;
        _allowancesOf(owner)[spender] = value;
        emit Approval(owner, spender, value);
    }

    /// @notice The nonce the next permit of `owner` must carry.
    function nonces(address owner) external view returns (uint256) {
        return _ledger().permitNonces[owner];
    }
}
