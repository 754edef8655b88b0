// Command founder does what only the engine's own library can: keys of validators, the first state of their
// network, and the transactions that say which of them validate which chain. It starts no process and keeps
// nothing in memory; scripts/network decides when it is called. Keys are read from files of mode 600 and
// written to such files, never taken as arguments. What was done is said as one line of JSON.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ava-labs/avalanchego/ids"
	"github.com/ava-labs/avalanchego/utils/constants"
	"github.com/ava-labs/avalanchego/utils/crypto/secp256k1"
	"github.com/ava-labs/avalanchego/vms/platformvm"
	"github.com/ava-labs/avalanchego/vms/platformvm/txs"
	"github.com/ava-labs/avalanchego/vms/secp256k1fx"
	"github.com/ava-labs/avalanchego/wallet/chain/p/wallet"
	"github.com/ava-labs/avalanchego/wallet/subnet/primary"
	"github.com/ava-labs/avalanchego/wallet/subnet/primary/common"
)

const (
	deadline      = 90 * time.Second
	pollFrequency = 100 * time.Millisecond
	// Every validator counts the same, in as many parts as a vote asks for: see consensus_settings.
	weight = 20
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "founder:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("say keys, identity, owner, chain, add, remove or renew")
	}
	flags := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	folder := flags.String("folder", "", "the network's folder")
	nodes := flags.String("nodes", "", "names of the nodes' folders, with commas")
	networkID := flags.Uint("network-id", 0, "number of the network")
	seconds := flags.Uint64("seconds", 0, "how long the last of the first validations lasts")
	apart := flags.Uint64("apart-seconds", 0, "how much sooner each before it ends")
	nodeURI := flags.String("node-uri", "", "address of the node that is renewed")
	end := flags.Uint64("end", 0, "until when a validation is renewed, seconds since 1970")
	uri := flags.String("uri", "", "address of a node")
	genesis := flags.String("genesis", "", "file with the chain's first state")
	subnet := flags.String("subnet", "", "the validators' list")
	validator := flags.String("validator", "", "identity of a node")
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	switch arguments[0] {
	case "keys":
		return writeKeys(*folder, strings.Split(*nodes, ","), uint32(*networkID), *seconds, *apart)
	case "chain":
		return createChain(ctx, *folder, *uri, *genesis)
	case "add":
		return changeValidator(ctx, *folder, *uri, *subnet, *validator, true)
	case "remove":
		return changeValidator(ctx, *folder, *uri, *subnet, *validator, false)
	case "identity":
		return writeIdentity(*folder)
	case "owner":
		return writeOwner(*folder, uint32(*networkID))
	case "renew":
		return renewValidator(ctx, *folder, *uri, *nodeURI, *subnet, *validator, *end)
	}
	return fmt.Errorf("there is no command %q", arguments[0])
}

func say(result any) error {
	return json.NewEncoder(os.Stdout).Encode(result)
}

func readKey(path string) (*secp256k1.PrivateKey, error) {
	found, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if found.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s is open to others; it must have mode 0600", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s holds no key", path)
	}
	return secp256k1.ToPrivateKey(raw)
}

// openWallet speaks for the owner of the validators' list.
func openWallet(ctx context.Context, folder, uri string, subnets ...ids.ID) (wallet.Wallet, *secp256k1.PrivateKey, error) {
	owner, err := readKey(filepath.Join(folder, ownerKeyFile))
	if err != nil {
		return nil, nil, err
	}
	keychain := secp256k1fx.NewKeychain(owner)
	opened, err := primary.MakePWallet(ctx, uri, keychain, primary.WalletConfig{SubnetIDs: subnets})
	return opened, owner, err
}

// createChain lists every validator of the network as a validator of a new chain.
func createChain(ctx context.Context, folder, uri, genesisFile string) error {
	first, err := os.ReadFile(genesisFile)
	if err != nil {
		return err
	}
	opened, owner, err := openWallet(ctx, folder, uri)
	if err != nil {
		return err
	}
	options := []common.Option{common.WithContext(ctx), common.WithPollFrequency(pollFrequency)}
	list, err := opened.IssueCreateSubnetTx(
		&secp256k1fx.OutputOwners{Threshold: 1, Addrs: []ids.ShortID{owner.Address()}}, options...)
	if err != nil {
		return fmt.Errorf("the validators' list: %w", err)
	}
	opened, _, err = openWallet(ctx, folder, uri, list.ID())
	if err != nil {
		return err
	}
	validators, err := platformvm.NewClient(uri).GetCurrentValidators(ctx, constants.PrimaryNetworkID, nil)
	if err != nil {
		return err
	}
	for _, one := range validators {
		if err := addValidator(opened, list.ID(), one.NodeID, one.EndTime, options...); err != nil {
			return err
		}
	}
	chain, err := opened.IssueCreateChainTx(list.ID(), first, constants.SubnetEVMID, nil, "alba", options...)
	if err != nil {
		return fmt.Errorf("the chain: %w", err)
	}
	return say(map[string]string{"subnet_id": list.ID().String(), "blockchain_id": chain.ID().String()})
}

func addValidator(
	opened wallet.Wallet, list ids.ID, node ids.NodeID, end uint64, options ...common.Option,
) error {
	_, err := opened.IssueAddSubnetValidatorTx(&txs.SubnetValidator{
		Validator: txs.Validator{NodeID: node, End: end, Wght: weight},
		Subnet:    list,
	}, options...)
	if err != nil {
		return fmt.Errorf("validator %s: %w", node, err)
	}
	return nil
}

func changeValidator(ctx context.Context, folder, uri, subnet, validator string, isAdded bool) error {
	list, err := ids.FromString(subnet)
	if err != nil {
		return err
	}
	node, err := ids.NodeIDFromString(validator)
	if err != nil {
		return err
	}
	opened, _, err := openWallet(ctx, folder, uri, list)
	if err != nil {
		return err
	}
	options := []common.Option{common.WithContext(ctx), common.WithPollFrequency(pollFrequency)}
	if !isAdded {
		if _, err := opened.IssueRemoveSubnetValidatorTx(node, list, options...); err != nil {
			return err
		}
		return say(map[string]string{"removed": node.String()})
	}
	known, err := platformvm.NewClient(uri).GetCurrentValidators(ctx, constants.PrimaryNetworkID, []ids.NodeID{node})
	if err != nil {
		return err
	}
	if len(known) != 1 {
		return fmt.Errorf("%s does not validate the network itself", node)
	}
	if err := addValidator(opened, list, node, known[0].EndTime, options...); err != nil {
		return err
	}
	return say(map[string]string{"added": node.String()})
}
