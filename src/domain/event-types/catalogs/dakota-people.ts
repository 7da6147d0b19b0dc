/** Dakota: users and customers of the platform, their access, and what they are told. */
import type { CatalogEntry } from './entry.ts';

const customerId = '31TgvufZK3gDXBcA3BnSeLWiSn7';
const user = { id: '2zQ8nVb5kW1cYx7RmT4hJd9LpGe', email: 'ada@example.com', name: 'Ada Obi' };
const organizationId = '2zP7mSa4jV0bXw6QlS3gIc8KoFd';
const apiKey = { id: '2zR1tKc8mX3dZy9SnU6jLf2NrHg', organizationId, name: 'Back office' };
const target = { id: '1NFHrqBHb3cTfLVkFSGmHZqdDPi', organizationId, name: 'Orders', urlHost: 'hooks.example.com' };
const link = { id: '31ThB2qXw7LmRk4vNd8sYc1ZpEf', customer_id: customerId, url: 'https://kyb.example.com/s/8f3c2a' };
const exception = { id: '31TkP9aBc2DeFg3HiJk4LmN5oPq', customer_id: customerId, code: 'document_unreadable' };
const onboarding = { id: '31TmQ7rSt6UvWx5YzAb4CdE3fGh', customer_id: customerId };

export const dakotaPeople: readonly CatalogEntry[] = [
  {
    name: 'user.created',
    category: 'security',
    displayName: 'User created',
    description: 'A user was added to your organization.',
    example: { ...user, role: 'member' },
  },
  {
    name: 'user.updated',
    category: 'security',
    displayName: 'User updated',
    description: 'The details or the role of a user changed.',
    example: { ...user, role: 'admin' },
  },
  {
    name: 'user.deleted',
    category: 'security',
    displayName: 'User deleted',
    description: 'A user was removed from your organization.',
    example: { id: user.id },
  },
  {
    name: 'api_key.created',
    category: 'security',
    displayName: 'API key created',
    description: 'An API key was created.',
    example: { ...apiKey, scopes: ['EVENTS_PUBLISH'], expiresAt: null },
  },
  {
    name: 'api_key.deleted',
    category: 'security',
    displayName: 'API key deleted',
    description: 'An API key was deleted and no longer authenticates.',
    example: apiKey,
  },
  {
    name: 'customer.created',
    category: 'customer',
    displayName: 'Customer created',
    description: 'A new customer was created.',
    example: { id: customerId, name: 'Acme Trading Ltd', customer_type: 'business' },
  },
  {
    name: 'customer.updated',
    category: 'customer',
    displayName: 'Customer updated',
    description: 'The information about a customer was updated.',
    example: { id: customerId, name: 'Acme Trading International Ltd', customer_type: 'business' },
  },
  {
    name: 'customer.kyb_link.created',
    category: 'compliance',
    displayName: 'Customer KYB link created',
    description: 'A link was created through which a customer submits its KYB documents.',
    example: { ...link, status: 'open' },
  },
  {
    name: 'customer.kyb_link.updated',
    category: 'compliance',
    displayName: 'Customer KYB link updated',
    description: 'The KYB link of a customer was used, renewed or expired.',
    example: { ...link, status: 'completed' },
  },
  {
    name: 'customer.kyb_status.created',
    category: 'compliance',
    displayName: 'Customer KYB status created',
    description: 'The KYB review of a customer started, so that it has a status for the first time.',
    example: { id: customerId, kyb_status: 'pending' },
  },
  {
    name: 'customer.kyb_status.updated',
    category: 'compliance',
    displayName: 'Customer KYB status updated',
    description: 'The KYB status of a customer changed, e.g. from pending to approved.',
    example: { id: customerId, kyb_status: 'approved', previous_status: 'pending' },
  },
  {
    name: 'target.created',
    category: 'webhook',
    displayName: 'Webhook target created',
    description: 'A webhook target was registered.',
    example: { ...target, status: 'ACTIVE', global: false, eventTypes: ['customer.created'] },
  },
  {
    name: 'target.updated',
    category: 'webhook',
    displayName: 'Webhook target updated',
    description: 'The URL, the subscriptions or another setting of a webhook target changed.',
    example: {
      ...target,
      status: 'ACTIVE',
      global: false,
      eventTypes: ['customer.created', 'customer.updated'],
      changed: ['eventTypes'],
    },
  },
  {
    name: 'target.deleted',
    category: 'webhook',
    displayName: 'Webhook target deleted',
    description: 'A webhook target was deleted and receives nothing more.',
    example: target,
  },
  {
    name: 'exception.created',
    category: 'compliance',
    displayName: 'Exception created',
    description: 'Something about a customer or a transaction needs attention before it can go on.',
    example: { ...exception, message: 'The certificate of incorporation cannot be read.', status: 'open' },
  },
  {
    name: 'exception.cleared',
    category: 'compliance',
    displayName: 'Exception cleared',
    description: 'An exception was resolved, and what it held up goes on.',
    example: { ...exception, status: 'cleared' },
  },
  {
    name: 'bvnk.onboarding.created',
    category: 'compliance',
    displayName: 'BVNK onboarding created',
    description: 'The onboarding of a customer with the payment provider BVNK started.',
    example: { ...onboarding, status: 'pending' },
  },
  {
    name: 'bvnk.onboarding.updated',
    category: 'compliance',
    displayName: 'BVNK onboarding updated',
    description: 'The onboarding of a customer with the payment provider BVNK changed its status.',
    example: { ...onboarding, status: 'approved', previous_status: 'pending' },
  },
];
