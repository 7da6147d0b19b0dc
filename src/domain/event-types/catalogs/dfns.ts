/** Dfns: policies, keys, and what happens to a wallet itself. Its movements are in dfns-wallets.ts. */
import type { CatalogEntry } from './entry.ts';

const key = { id: 'key-4a9rt-5g2kq-8n1cx7w3e5m9b2fd', scheme: 'ECDSA', curve: 'secp256k1', status: 'Active' };
const wallet = {
  id: 'wa-1f04s-lqc9q-8h2v4t6m1k3p5r7w',
  network: 'EthereumSepolia',
  address: '0x00e3495cf6af59008f22ffaf32d4c92ac33dac47',
  status: 'Active',
};
const approval = { id: 'ap-2a9in-tt2a1-8e4r2t6y1u3i5o7p', activity: { kind: 'Wallets:Sign', walletId: wallet.id } };

export const dfns: readonly CatalogEntry[] = [
  {
    name: 'policy.triggered',
    category: 'security',
    displayName: 'Policy triggered',
    description: 'An activity met the rule of a policy, whatever the policy then does.',
    example: {
      policy: { id: 'plc-3b7jk-9s1mw-6d2f4g8h1j3k5l7z', rule: 'TransactionAmountLimit' },
      walletId: wallet.id,
    },
  },
  {
    name: 'policy.approval.pending',
    category: 'security',
    displayName: 'Policy approval pending',
    description: 'A policy holds an activity until somebody approves or denies it.',
    example: { approval: { ...approval, status: 'Pending' } },
  },
  {
    name: 'policy.approval.resolved',
    category: 'security',
    displayName: 'Policy approval resolved',
    description: 'An activity that a policy held was approved, denied, or waited too long.',
    example: { approval: { ...approval, status: 'Approved' } },
  },
  {
    name: 'key.created',
    category: 'security',
    displayName: 'Key created',
    description: 'A signing key was created.',
    example: { key },
  },
  {
    name: 'key.deleted',
    category: 'security',
    displayName: 'Key deleted',
    description: 'A signing key was deleted; the wallets that use it can no longer sign.',
    example: { key: { ...key, status: 'Archived' } },
  },
  {
    name: 'key.delegated',
    category: 'security',
    displayName: 'Key delegated',
    description: 'A signing key was handed over to an end user.',
    example: { key: { ...key, delegatedTo: 'us-6k2mn-3p8qr-1s5t7u9v2w4x6y8z' } },
  },
  {
    name: 'key.exported',
    category: 'security',
    displayName: 'Key exported',
    description: 'The private part of a signing key left the service.',
    example: { key: { ...key, exported: true } },
  },
  {
    name: 'wallet.created',
    category: 'wallet',
    displayName: 'Wallet created',
    description: 'A wallet was created.',
    example: { wallet },
  },
  {
    name: 'wallet.activated',
    category: 'wallet',
    displayName: 'Wallet activated',
    description: 'A wallet became usable on a network that asks for an activation first.',
    example: { wallet: { ...wallet, network: 'XrpLedgerTestnet', address: 'rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe' } },
  },
  {
    name: 'wallet.delegated',
    category: 'wallet',
    displayName: 'Wallet delegated',
    description: 'A wallet was handed over to an end user.',
    example: { wallet: { ...wallet, delegatedTo: 'us-6k2mn-3p8qr-1s5t7u9v2w4x6y8z' } },
  },
  {
    name: 'wallet.exported',
    category: 'wallet',
    displayName: 'Wallet exported',
    description: 'The private key of a wallet left the service.',
    example: { wallet: { ...wallet, exported: true } },
  },
  {
    name: 'wallet.tags.modified',
    category: 'wallet',
    displayName: 'Wallet tags modified',
    description: 'Tags were added to a wallet or taken from it.',
    example: { wallet: { ...wallet, tags: ['treasury', 'eu'] } },
  },
];
