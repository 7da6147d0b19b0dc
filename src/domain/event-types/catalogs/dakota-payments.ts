/** Dakota: accounts, transactions, the people and places money goes to, and wallets. */
import type { CatalogEntry } from './entry.ts';

const customer = { customer_id: '31TgvufZK3gDXBcA3BnSeLWiSn7' };
const account = { id: '31TgwHn2Kp5RsTv8XyZa1BcD4eF', ...customer, type: 'onramp', source_currency: 'USD' };
const transaction = { id: '31TgvvnYkN6edEJUTmF1LzTj2ug', ...customer, amount: { value: '1000.00', currency: 'USD' } };
const recipient = { id: '31TgxJq4Lr7TuVx0ZaBc3DeF6gH', ...customer };
const destination = { id: '31TgyKs6Mt9VwXz2BcDe5FgH8iJ', recipient_id: recipient.id, network: 'ethereum' };
const wallet = { id: '31TgzLu8Nv1XyZb4DeFg7HiJ0kL', ...customer, family: 'evm' };
const address = '0x52908400098527886E0F7030069857D2E4169EE7';
const signers = { id: '31Th0Mw0Px3ZaBd6FgHi9JkL2mN', name: 'Treasury' };
const policy = { id: '31Th1Ny2Rz5BcDf8HiJk1LmN4oP', wallet_id: wallet.id, name: 'Two of three above 10,000 USD' };
const walletTransaction = { id: '31Th2Pa4Tb7DeFh0JkLm3NoP6qR', wallet_id: wallet.id, network: 'ethereum' };

export const dakotaPayments: readonly CatalogEntry[] = [
  {
    name: 'auto_account.created',
    category: 'account',
    displayName: 'Auto account created',
    description: 'An auto account was opened: money that arrives in it is converted and passed on.',
    example: { ...account, destination_id: destination.id, status: 'active' },
  },
  {
    name: 'auto_account.updated',
    category: 'account',
    displayName: 'Auto account updated',
    description: 'The details or the status of an auto account changed.',
    example: { ...account, destination_id: destination.id, status: 'suspended' },
  },
  {
    name: 'auto_account.deleted',
    category: 'account',
    displayName: 'Auto account deleted',
    description: 'An auto account was closed.',
    example: { id: account.id, ...customer },
  },
  {
    name: 'transaction.auto.created',
    category: 'transaction',
    displayName: 'Auto account transaction created',
    description: 'Money arrived in an auto account, and a transaction was created for it.',
    example: { ...transaction, auto_account_id: account.id, type: 'onramp', status: 'pending' },
  },
  {
    name: 'transaction.auto.updated',
    category: 'transaction',
    displayName: 'Auto account transaction updated',
    description: 'A transaction of an auto account changed its status.',
    example: { ...transaction, type: 'onramp', status: 'completed', previous_status: 'processing' },
  },
  {
    name: 'transaction.one_off.created',
    category: 'transaction',
    displayName: 'One-off transaction created',
    description: 'A one-off transaction was requested.',
    example: { ...transaction, destination_id: destination.id, type: 'offramp', status: 'pending' },
  },
  {
    name: 'transaction.one_off.updated',
    category: 'transaction',
    displayName: 'One-off transaction updated',
    description: 'A one-off transaction changed its status.',
    example: { ...transaction, type: 'offramp', status: 'processing', previous_status: 'pending' },
  },
  {
    name: 'recipient.created',
    category: 'recipient',
    displayName: 'Recipient created',
    description: 'A recipient of payments was added to a customer.',
    example: { ...recipient, name: 'Globex GmbH' },
  },
  {
    name: 'recipient.updated',
    category: 'recipient',
    displayName: 'Recipient updated',
    description: 'The details of a recipient changed.',
    example: { ...recipient, name: 'Globex Europe GmbH' },
  },
  {
    name: 'recipient.deleted',
    category: 'recipient',
    displayName: 'Recipient deleted',
    description: 'A recipient was removed and can no longer be paid.',
    example: recipient,
  },
  {
    name: 'destination.created',
    category: 'recipient',
    displayName: 'Destination created',
    description: 'A bank account or crypto address was added to a recipient.',
    example: { ...destination, type: 'crypto', address },
  },
  {
    name: 'destination.deleted',
    category: 'recipient',
    displayName: 'Destination deleted',
    description: 'A bank account or crypto address was removed from a recipient.',
    example: { id: destination.id, recipient_id: recipient.id },
  },
  {
    name: 'wallet.created',
    category: 'wallet',
    displayName: 'Wallet created',
    description: 'A wallet was created.',
    example: { ...wallet, address },
  },
  {
    name: 'wallet.updated',
    category: 'wallet',
    displayName: 'Wallet updated',
    description: 'The details or the status of a wallet changed.',
    example: { ...wallet, address, status: 'frozen' },
  },
  {
    name: 'wallet.signer_group.created',
    category: 'wallet',
    displayName: 'Wallet signer group created',
    description: 'A group of keys that may sign for wallets was created.',
    example: { ...signers, signer_count: 3 },
  },
  {
    name: 'wallet.signer_group.updated',
    category: 'wallet',
    displayName: 'Wallet signer group updated',
    description: 'A signer group gained or lost a key, or was renamed.',
    example: { ...signers, signer_count: 4 },
  },
  {
    name: 'wallet.policy.created',
    category: 'wallet',
    displayName: 'Wallet policy created',
    description: 'A rule for what a wallet may sign was created.',
    example: { ...policy, status: 'active' },
  },
  {
    name: 'wallet.policy.updated',
    category: 'wallet',
    displayName: 'Wallet policy updated',
    description: 'A rule for what a wallet may sign changed.',
    example: { ...policy, status: 'disabled' },
  },
  {
    name: 'wallet.transaction.created',
    category: 'wallet',
    displayName: 'Wallet transaction created',
    description: 'A transaction from a wallet was requested.',
    example: { ...walletTransaction, to: address, amount: { value: '250.00', currency: 'USDC' }, status: 'pending' },
  },
  {
    name: 'wallet.transaction.updated',
    category: 'wallet',
    displayName: 'Wallet transaction updated',
    description: 'A transaction from a wallet changed its status.',
    example: { ...walletTransaction, status: 'confirmed', previous_status: 'broadcast' },
  },
  {
    name: 'wallet.deposit',
    category: 'wallet',
    displayName: 'Wallet deposit',
    description: 'A deposit to a wallet was seen on its network.',
    example: { wallet_id: wallet.id, network: 'ethereum', address, amount: { value: '250.00', currency: 'USDC' } },
  },
];
