/** Dfns: what wallets sign, send and receive. */
import type { CatalogEntry } from './entry.ts';

const walletId = 'wa-1f04s-lqc9q-8h2v4t6m1k3p5r7w';
const network = 'EthereumSepolia';
const txHash = '0x8e88793607610a83798eb5ec6dde861f3e459c7e4a22e78b0d2e675b86d0d1e7';
const to = '0xc42754e6f79f15082613b2b4ebead83dcf8116b6';
const signature = { id: 'sig-7h3jk-2l9mn-4p6q8r1s3t5u7v9w', walletId, network, hash: txHash };
const transaction = { id: 'tx-5d1fg-8h3jk-2l4m6n8p1q3r5s7t', walletId, network, to };
const transfer = { id: 'xfr-9r2st-4u6vw-8x1y3z5a7b9c2d4e', walletId, network, kind: 'Native', to, amount: '1000000' };
const offer = { id: 'of-1c3de-5f7gh-9j2k4l6m8n1p3q5r', walletId, network: 'CantonTestnet', amount: '25.00' };

export const dfnsWallets: readonly CatalogEntry[] = [
  {
    name: 'wallet.blockchainevent.detected',
    category: 'wallet',
    displayName: 'Blockchain event detected',
    description: 'Something that concerns a wallet was seen on its network, such as a deposit.',
    example: {
      blockchainEvent: {
        kind: 'NativeTransfer',
        direction: 'In',
        walletId,
        network,
        blockNumber: 19036906,
        txHash,
        to,
        value: '1000000',
        timestamp: '2024-01-18T23:03:59.000Z',
      },
    },
  },
  {
    name: 'wallet.signature.requested',
    category: 'wallet',
    displayName: 'Wallet signature requested',
    description: 'A signature by the key of a wallet was requested.',
    example: { signatureRequest: { ...signature, status: 'Pending' } },
  },
  {
    name: 'wallet.signature.signed',
    category: 'wallet',
    displayName: 'Wallet signature signed',
    description: 'A requested signature was made.',
    example: { signatureRequest: { ...signature, status: 'Signed' } },
  },
  {
    name: 'wallet.signature.rejected',
    category: 'wallet',
    displayName: 'Wallet signature rejected',
    description: 'A policy or an approver refused a requested signature.',
    example: { signatureRequest: { ...signature, status: 'Rejected', reason: 'Denied by an approver.' } },
  },
  {
    name: 'wallet.signature.failed',
    category: 'wallet',
    displayName: 'Wallet signature failed',
    description: 'A requested signature could not be made.',
    example: { signatureRequest: { ...signature, status: 'Failed', reason: 'The message cannot be parsed.' } },
  },
  {
    name: 'wallet.transaction.requested',
    category: 'wallet',
    displayName: 'Wallet transaction requested',
    description: 'A transaction from a wallet was requested.',
    example: { transactionRequest: { ...transaction, status: 'Pending' } },
  },
  {
    name: 'wallet.transaction.broadcasted',
    category: 'wallet',
    displayName: 'Wallet transaction broadcasted',
    description: 'A transaction was signed and sent to its network.',
    example: { transactionRequest: { ...transaction, status: 'Broadcasted', txHash } },
  },
  {
    name: 'wallet.transaction.confirmed',
    category: 'wallet',
    displayName: 'Wallet transaction confirmed',
    description: 'A transaction was included in a block and succeeded.',
    example: { transactionRequest: { ...transaction, status: 'Confirmed', txHash, fee: '1542993669053672' } },
  },
  {
    name: 'wallet.transaction.rejected',
    category: 'wallet',
    displayName: 'Wallet transaction rejected',
    description: 'A policy or an approver refused a transaction.',
    example: { transactionRequest: { ...transaction, status: 'Rejected', reason: 'Denied by an approver.' } },
  },
  {
    name: 'wallet.transaction.failed',
    category: 'wallet',
    displayName: 'Wallet transaction failed',
    description: 'A transaction could not be sent, or failed on its network.',
    example: { transactionRequest: { ...transaction, status: 'Failed', reason: 'Insufficient funds for gas.' } },
  },
  {
    name: 'wallet.transfer.requested',
    category: 'wallet',
    displayName: 'Wallet transfer requested',
    description: 'A transfer of an asset from a wallet was requested.',
    example: { transferRequest: { ...transfer, status: 'Pending' } },
  },
  {
    name: 'wallet.transfer.broadcasted',
    category: 'wallet',
    displayName: 'Wallet transfer broadcasted',
    description: 'A transfer was signed and sent to its network.',
    example: { transferRequest: { ...transfer, status: 'Broadcasted', txHash } },
  },
  {
    name: 'wallet.transfer.confirmed',
    category: 'wallet',
    displayName: 'Wallet transfer confirmed',
    description: 'A transfer was included in a block and succeeded.',
    example: { transferRequest: { ...transfer, status: 'Confirmed', txHash, fee: '441000000000000' } },
  },
  {
    name: 'wallet.transfer.rejected',
    category: 'wallet',
    displayName: 'Wallet transfer rejected',
    description: 'A policy or an approver refused a transfer.',
    example: { transferRequest: { ...transfer, status: 'Rejected', reason: 'Denied by an approver.' } },
  },
  {
    name: 'wallet.transfer.failed',
    category: 'wallet',
    displayName: 'Wallet transfer failed',
    description: 'A transfer could not be sent, or failed on its network.',
    example: { transferRequest: { ...transfer, status: 'Failed', reason: 'Insufficient balance.' } },
  },
  {
    name: 'wallet.offer.received',
    category: 'wallet',
    displayName: 'Wallet offer received',
    description: 'Somebody offered an asset to a wallet on a network where transfers are accepted or rejected.',
    example: { offer: { ...offer, status: 'Pending' } },
  },
  {
    name: 'wallet.offer.accepted',
    category: 'wallet',
    displayName: 'Wallet offer accepted',
    description: 'An offer was accepted, and its asset moves to the wallet.',
    example: { offer: { ...offer, status: 'Accepted' } },
  },
  {
    name: 'wallet.offer.rejected',
    category: 'wallet',
    displayName: 'Wallet offer rejected',
    description: 'An offer was turned down, and its asset stays with the sender.',
    example: { offer: { ...offer, status: 'Rejected' } },
  },
  {
    name: 'wallet.offer.withdrawn',
    category: 'wallet',
    displayName: 'Wallet offer withdrawn',
    description: 'The sender took an offer back before it was accepted or rejected.',
    example: { offer: { ...offer, status: 'Withdrawn' } },
  },
];
