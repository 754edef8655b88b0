package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ava-labs/avalanchego/genesis"
	"github.com/ava-labs/avalanchego/ids"
	"github.com/ava-labs/avalanchego/staking"
	"github.com/ava-labs/avalanchego/utils/constants"
	"github.com/ava-labs/avalanchego/utils/crypto/bls/signer/localsigner"
	"github.com/ava-labs/avalanchego/utils/crypto/secp256k1"
	"github.com/ava-labs/avalanchego/utils/formatting/address"
	"github.com/ava-labs/avalanchego/utils/units"
	"github.com/ava-labs/avalanchego/vms/platformvm/signer"
)

const (
	ownerKeyFile = "keys/owner.key"
	stakeKeyFile = "keys/stake.key"
	genesisFile  = "genesis.json"
	secondsADay  = 24 * 60 * 60
	ownersAmount = 1 * units.MegaAvax
	stakeOfOne   = 1 * units.MegaAvax
	// The engine's contract chain, which every node carries and nobody uses here.
	unusedChainGenesis = `{"config":{"chainId":43112},"nonce":"0x0","timestamp":"0x5FCB13D0","extraData":"0x00",` +
		`"gasLimit":"0x5F5E100","difficulty":"0x0","alloc":{},"number":"0x0","gasUsed":"0x0",` +
		`"mixHash":"0x0000000000000000000000000000000000000000000000000000000000000000",` +
		`"coinbase":"0x0000000000000000000000000000000000000000",` +
		`"parentHash":"0x0000000000000000000000000000000000000000000000000000000000000000"}`
)

// writeKeys makes each node's keys, those of the list's owner, and the network's first state.
func writeKeys(folder string, nodes []string, networkID uint32, seconds, apart uint64) error {
	if err := os.MkdirAll(filepath.Join(folder, "keys"), 0o700); err != nil {
		return err
	}
	owner, err := makeAddress(folder, ownerKeyFile, networkID)
	if err != nil {
		return err
	}
	stake, err := makeAddress(folder, stakeKeyFile, networkID)
	if err != nil {
		return err
	}
	identities := map[string]string{}
	stakers := make([]genesis.UnparsedStaker, 0, len(nodes))
	for _, name := range nodes {
		staker, err := makeNode(filepath.Join(folder, name, "staking"), owner)
		if err != nil {
			return fmt.Errorf("keys of %s: %w", name, err)
		}
		stakers = append(stakers, staker)
		identities[name] = staker.NodeID.String()
	}
	now := uint64(time.Now().Unix())
	nobody := "0x0000000000000000000000000000000000000000"
	first := genesis.UnparsedConfig{
		NetworkID: networkID,
		Allocations: []genesis.UnparsedAllocation{
			{ETHAddr: nobody, AVAXAddr: stake, UnlockSchedule: []genesis.LockedAmount{
				{Amount: uint64(len(nodes)) * stakeOfOne, Locktime: now + secondsADay},
			}},
			{ETHAddr: nobody, AVAXAddr: owner, InitialAmount: ownersAmount, UnlockSchedule: []genesis.LockedAmount{
				{Amount: ownersAmount},
			}},
		},
		StartTime:                  now,
		InitialStakeDuration:       seconds,
		InitialStakeDurationOffset: apart,
		InitialStakedFunds:         []string{stake},
		InitialStakers:             stakers,
		CChainGenesis:              unusedChainGenesis,
		Message:                    "alba",
	}
	text, err := json.MarshalIndent(first, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, genesisFile), text, 0o600); err != nil {
		return err
	}
	return say(map[string]any{"nodes": identities, "owner": owner})
}

// writeIdentity makes one validator's keys, on the machine that keeps them, and says what is public of them.
func writeIdentity(folder string) error {
	staker, err := makeNode(filepath.Join(folder, "staking"), "")
	if err != nil {
		return err
	}
	return say(map[string]string{
		"node_id":       staker.NodeID.String(),
		"signing_key":   "0x" + hex.EncodeToString(staker.Signer.PublicKey[:]),
		"signing_proof": "0x" + hex.EncodeToString(staker.Signer.ProofOfPossession[:]),
	})
}

// writeOwner makes the keys of the list's owner and of what is staked.
func writeOwner(folder string, networkID uint32) error {
	if err := os.MkdirAll(filepath.Join(folder, "keys"), 0o700); err != nil {
		return err
	}
	said := map[string]string{}
	for name, file := range map[string]string{"owner": ownerKeyFile, "stake": stakeKeyFile} {
		made, err := makeAddress(folder, file, networkID)
		if err != nil {
			return err
		}
		said[name] = made
	}
	return say(said)
}

func makeAddress(folder, file string, networkID uint32) (string, error) {
	key, err := secp256k1.NewPrivateKey()
	if err != nil {
		return "", err
	}
	text := hex.EncodeToString(key.Bytes()) + "\n"
	if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
		return "", err
	}
	return address.Format("X", constants.GetHRP(networkID), key.Address().Bytes())
}

func makeNode(folder, rewards string) (genesis.UnparsedStaker, error) {
	none := genesis.UnparsedStaker{}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return none, err
	}
	certificate, key, err := staking.NewCertAndKeyBytes()
	if err != nil {
		return none, err
	}
	signing, err := localsigner.New()
	if err != nil {
		return none, err
	}
	files := map[string][]byte{"staker.crt": certificate, "staker.key": key, "signer.key": signing.ToBytes()}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return none, err
		}
	}
	loaded, err := staking.LoadTLSCertFromBytes(key, certificate)
	if err != nil {
		return none, err
	}
	parsed, err := staking.ParseCertificate(loaded.Leaf.Raw)
	if err != nil {
		return none, err
	}
	proof, err := signer.NewProofOfPossession(signing)
	if err != nil {
		return none, err
	}
	return genesis.UnparsedStaker{
		NodeID: ids.NodeIDFromCert(parsed), RewardAddress: rewards, DelegationFee: 20_000, Signer: proof,
	}, nil
}
