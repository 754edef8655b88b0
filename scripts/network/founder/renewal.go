package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/ava-labs/avalanchego/api/info"
	"github.com/ava-labs/avalanchego/ids"
	"github.com/ava-labs/avalanchego/utils/constants"
	"github.com/ava-labs/avalanchego/vms/platformvm"
	"github.com/ava-labs/avalanchego/vms/platformvm/txs"
	"github.com/ava-labs/avalanchego/vms/secp256k1fx"
	"github.com/ava-labs/avalanchego/wallet/subnet/primary"
	"github.com/ava-labs/avalanchego/wallet/subnet/primary/common"
)

const (
	allShares     = 1_000_000
	neededOfAStep = "the validation of the network itself"
)

// renewValidator stakes a node whose validation has ended, until endUnixS, and lists it for the chain again.
// The engine does not prolong a validation that runs. The node proves its signing key itself: no key of it is
// read here.
func renewValidator(ctx context.Context, folder, uri, nodeURI, subnet, validator string, endUnixS uint64) error {
	list, err := ids.FromString(subnet)
	if err != nil {
		return err
	}
	node, err := ids.NodeIDFromString(validator)
	if err != nil {
		return err
	}
	owner, err := readKey(filepath.Join(folder, ownerKeyFile))
	if err != nil {
		return err
	}
	stake, err := readKey(filepath.Join(folder, stakeKeyFile))
	if err != nil {
		return err
	}
	client := platformvm.NewClient(uri)
	known, err := client.GetCurrentValidators(ctx, constants.PrimaryNetworkID, []ids.NodeID{node})
	if err != nil {
		return err
	}
	if len(known) == 1 && known[0].EndTime > uint64(time.Now().Unix()) {
		listed, err := client.GetCurrentValidators(ctx, list, []ids.NodeID{node})
		if err != nil {
			return err
		}
		if len(listed) == 1 {
			return fmt.Errorf("%s still validates, until %s", node, time.Unix(int64(known[0].EndTime), 0).UTC())
		}
	}
	opened, err := primary.MakePWallet(
		ctx, uri, secp256k1fx.NewKeychain(owner, stake), primary.WalletConfig{SubnetIDs: []ids.ID{list}})
	if err != nil {
		return err
	}
	options := []common.Option{common.WithContext(ctx), common.WithPollFrequency(pollFrequency)}
	if len(known) == 1 {
		endUnixS = known[0].EndTime // staked already by a renewal that was interrupted
	} else {
		named, proof, err := info.NewClient(nodeURI).GetNodeID(ctx)
		if err != nil {
			return fmt.Errorf("%s does not answer: %w", nodeURI, err)
		}
		if named != node {
			return fmt.Errorf("%s is %s, not %s", nodeURI, named, node)
		}
		rewards := &secp256k1fx.OutputOwners{Threshold: 1, Addrs: []ids.ShortID{stake.Address()}}
		_, err = opened.IssueAddPermissionlessValidatorTx(
			&txs.SubnetValidator{
				Validator: txs.Validator{NodeID: node, End: endUnixS, Wght: stakeOfOne},
				Subnet:    constants.PrimaryNetworkID,
			},
			proof, opened.Builder().Context().AVAXAssetID, rewards, rewards, allShares, options...)
		if err != nil {
			return fmt.Errorf("%s: %w", neededOfAStep, err)
		}
	}
	if err := addValidator(opened, list, node, endUnixS, options...); err != nil {
		return err
	}
	return say(map[string]any{"renewed": node.String(), "end_unix_s": endUnixS})
}
