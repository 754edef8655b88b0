"""What is signed: addresses, digests, signatures and from which amount only a passkey signs."""
